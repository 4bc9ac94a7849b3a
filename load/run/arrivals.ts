import type { ScenarioOptions } from './options.ts'

/**
 * Yields the times at which the iterations of a scenario are to start, in ms after the start of the scenario. The times depend only on the
 * options. A slow server does not delay the next iteration, so slow responses are not measured too rarely (no coordinated omission).
 */
export function* arrivals({ executor, startRate, stages, timeUnitMs }: ScenarioOptions): Generator<number> {
  // With a constant rate, the first iteration starts immediately. With a ramp, the first iteration starts when the integral of the rate
  // reaches 1.
  let wanted = executor === 'constant-arrival-rate' ? 0 : 1
  let startMs = 0
  let done = 0
  let from = startRate / timeUnitMs
  for (const { durationMs, target } of stages) {
    const to = target / timeUnitMs
    const end = done + (durationMs * (from + to)) / 2
    // With a constant rate, no iteration starts exactly at the end of the scenario.
    while (executor === 'constant-arrival-rate' ? wanted < end - 1e-9 : wanted <= end + 1e-9) {
      yield startMs + timeToReach(wanted - done, from, (to - from) / durationMs)
      wanted++
    }
    done = end
    startMs += durationMs
    from = to
  }
}

/**
 * Returns the time, ms, after which `count` iterations are due. The rate starts at `rate` and changes by `slope` per ms. The function
 * solves rate·t + slope·t²/2 = count for the time t.
 */
function timeToReach(count: number, rate: number, slope: number): number {
  if (slope === 0) return rate === 0 ? 0 : count / rate
  return (Math.sqrt(Math.max(0, rate * rate + 2 * slope * count)) - rate) / slope
}
