/** The clocks, randomness and timers that the engine uses, so that a test or a simulation can replace them. */
export interface Env {
  /** Returns the time of the wall clock, Unix epoch ms. */
  now(): number
  /** Returns the time of the monotonic clock, ms. */
  monotonic(): number
  /** Returns a random number, uniform in [0, 1). */
  random(): number
  /** Calls `callback` once, after `delayMs`. A pending timer does not keep the process alive. */
  setTimer(callback: () => void, delayMs: number): Timer
  /** Calls `callback` once, in a later turn of the event loop, after the I/O events that are ready now. */
  defer(callback: () => void): void
}

export interface Timer {
  cancel(): void
}

export const systemEnv: Env = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  random: () => Math.random(),
  setTimer: (callback, delayMs) => {
    const timer = setTimeout(callback, delayMs)
    timer.unref()
    return { cancel: () => clearTimeout(timer) }
  },
  defer: (callback) => void setImmediate(callback),
}
