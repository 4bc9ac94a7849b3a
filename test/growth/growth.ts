import { median } from '../../bench/cache/measure.ts'

/** State of a gateway at one time of a run. */
export interface Sample {
  /** Time since the start of the run, minutes. */
  readonly minute: number
  /** Heap after garbage collection, bytes. */
  readonly heapUsed: number
  /** Memory of the process, bytes. */
  readonly rss: number
  /** Number of series in /metrics. */
  readonly series: number
  /** Number of requests that were answered since the start of the run. */
  readonly requests: number
}

/** Share of a run in which caches fill and code is compiled: two minutes of ten. */
const WARM_UP = 0.2
/** Number of samples whose median counts, at the end of the warm-up and at the end of the run. */
const COMPARED = 3

/** Returns the growth of the heap from the end of the warm-up to the end of the run, as a share. */
export function growthOf(samples: readonly Sample[]): number {
  const heaps = samples.map(({ heapUsed }) => heapUsed)
  const first = Math.max(0, Math.ceil(WARM_UP * heaps.length) - 1)
  return median(heaps.slice(-COMPARED)) / median(heaps.slice(first, first + COMPARED)) - 1
}
