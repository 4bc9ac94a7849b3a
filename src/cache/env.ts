/** Everything the engine takes from the outside world besides its ports, so that a test or a simulation can stand in for it. */
export interface Env {
  /** Wall clock, Unix epoch ms. */
  now(): number
  /** A clock that never goes back, ms. */
  monotonic(): number
  /** Uniform in [0, 1). */
  random(): number
  /** Calls back once after `delayMs`; does not keep the process alive. */
  setTimer(callback: () => void, delayMs: number): Timer
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
}
