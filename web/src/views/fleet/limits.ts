/** Durations from which something is slow, whatever is usual, ms. */
export const ALWAYS_SLOW_MS = {
  statement: { p50Ms: 100, p99Ms: 1000 },
  redis: { p50Ms: 20, p99Ms: 200 },
  connection: { p50Ms: 100, p99Ms: 1000 },
} as const

/** Limits of the event loop of a process. Beyond them, the process itself delays its answers. */
export const LOOP_LIMITS = {
  /** Delay at the 99th percentile, ms. */
  delayMs: 100,
  /** Share of the last minute for which it is busy, 0 to 1. */
  utilization: 0.9,
} as const
