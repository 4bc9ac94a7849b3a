import { type FieldFigures, UNAVOIDABLE } from '../telemetry/usage.ts'

type Reads = Pick<FieldFigures, 'reads' | 'misses'>

export interface ReadRates {
  readonly reads: number
  readonly hits: number
  /** Share of the reads that were hits, 0 to 1; null without reads. */
  readonly hitRate: number | null
  /** Hit rate that remains possible if only unavoidable misses happen (cold, invalidated, not cacheable), 0 to 1; null without reads. */
  readonly reachableHitRate: number | null
}

/** Returns the hit rate and the reachable hit rate of some figures. */
export function ratesOf({ reads, misses }: Reads): ReadRates {
  const all = Object.values(reads).reduce((sum, count) => sum + count, 0)
  const hits = reads.l1 + reads.l2 + reads.stale
  const unavoidable = UNAVOIDABLE.reduce((sum, cause) => sum + misses[cause], 0)
  return {
    reads: all,
    hits,
    hitRate: all === 0 ? null : hits / all,
    reachableHitRate: all === 0 ? null : 1 - unavoidable / all,
  }
}

/** Returns a share from 0 to 1 as a percentage with one decimal. */
export function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`
}

/** Returns by how many points a share fell, with one decimal. It is the difference of the two percentages as they are shown. */
export function pointsBetween(before: number, after: number): string {
  return ((Math.round(1000 * before) - Math.round(1000 * after)) / 10).toFixed(1)
}
