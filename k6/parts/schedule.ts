/** Stage of a ramp: its duration in seconds, and the rate at its end in iterations per second. */
export interface Ramp {
  readonly seconds: number
  readonly rate: number
}

/**
 * Returns the time at which an iteration was scheduled to start, in ms after the start of its scenario. k6 does not provide this time, but
 * in an open model it is a function of the iteration's number. A dropped iteration gets no number, so after a drop the returned times are
 * too early. The reported latencies may then be too long, but never too short.
 */
export type Schedule = (iteration: number) => number

/** Returns the schedule of the executor `constant-arrival-rate`. */
export function constantSchedule(rate: number): Schedule {
  return (iteration) => (iteration * 1000) / rate
}

/** Returns the schedule of the executor `ramping-arrival-rate`: iteration n starts when the integral of the rate reaches n + 1. */
export function rampingSchedule(startRate: number, ramps: readonly Ramp[]): Schedule {
  return (iteration) => {
    let missing = iteration + 1
    let seconds = 0
    let from = startRate
    for (const ramp of ramps) {
      const done = (ramp.seconds * (from + ramp.rate)) / 2
      if (missing <= done) return (seconds + secondsToReach(missing, from, ramp)) * 1000
      missing -= done
      seconds += ramp.seconds
      from = ramp.rate
    }
    return seconds * 1000
  }
}

/**
 * Returns the time after the start of a ramp, s, at which `count` iterations are due. The rate at the start of the ramp is `from`. The
 * function solves from·t + slope·t²/2 = count for the time t.
 */
function secondsToReach(count: number, from: number, { seconds, rate }: Ramp): number {
  const slope = (rate - from) / seconds
  if (slope === 0) return count / from
  return (Math.sqrt(Math.max(0, from * from + 2 * slope * count)) - from) / slope
}
