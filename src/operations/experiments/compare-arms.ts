/** Reads and hits per bucket of keys since the beginning of a phase. */
export interface BucketSums {
  readonly reads: Float64Array
  readonly hits: Float64Array
}

export interface ArmsInput {
  /** Sums of the lead-in, in which both arms had the same policy. */
  readonly before: BucketSums
  /** Sums since the policy of the trial applies to its arm. */
  readonly during: BucketSums
  readonly isTrial: (bucket: number) => boolean
  /** Number of this look at the data, counted from 1. Looks happen at full hours of the experiment. */
  readonly look: number
}

export interface ArmFigures {
  readonly reads: number
  /** Share of the reads that were hits, 0 to 1; null without reads. */
  readonly hitRate: number | null
}

export interface Comparison {
  readonly control: ArmFigures
  readonly trial: ArmFigures
  /** Difference of the hit rates, trial minus control, in percentage points; null if it is unknown. */
  readonly points: number | null
  /** Lower end of the confidence interval of the difference, which holds at all looks at once; null if it is unknown. */
  readonly low: number | null
  /** Upper end of this interval. */
  readonly high: number | null
  readonly verdict: 'trial' | 'control' | 'undecided'
  /** Estimated number of reads that are still needed until the difference is decided; null if it is unknown. */
  readonly readsNeeded: number | null
}

/** Compares the hit rates of the arms. The result has neither a confidence interval nor a verdict. */
export function compareArms({ during, isTrial }: ArmsInput): Comparison {
  const control = figuresOf(during, (bucket) => !isTrial(bucket))
  const trial = figuresOf(during, isTrial)
  const points = control.hitRate === null || trial.hitRate === null ? null : 100 * (trial.hitRate - control.hitRate)
  return { control, trial, points, low: null, high: null, verdict: 'undecided', readsNeeded: null }
}

function figuresOf({ reads, hits }: BucketSums, isIn: (bucket: number) => boolean): ArmFigures {
  let [allReads, allHits] = [0, 0]
  for (const [bucket, count] of reads.entries()) {
    if (!isIn(bucket)) continue
    allReads += count
    allHits += hits[bucket] ?? 0
  }
  return { reads: allReads, hitRate: allReads === 0 ? null : allHits / allReads }
}
