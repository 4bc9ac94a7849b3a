import { type ArmSums, adjustedDifference } from './adjusted-difference.ts'
import { standardErrorsAt } from './boundary.ts'
import type { ArmsInput } from './bucket-sums.ts'

export type { ArmsInput, BucketSums } from './bucket-sums.ts'

/** Result of one look at an experiment. */
export interface Comparison {
  /** Reads since the trial policy applies, and their hit rate from 0 to 1 without any adjustment; `null` without reads. */
  readonly control: { readonly reads: number; readonly hitRate: number | null }
  readonly trial: { readonly reads: number; readonly hitRate: number | null }
  /**
   * Difference of the hit rates, trial minus control, in percentage points, adjusted by the lead-in. So it can differ from the difference of
   * the two rates above. It is `null` if an arm has no reads.
   */
  readonly points: number | null
  /**
   * Ends of the confidence interval of `points`, which holds at all looks at once with a probability of 95 %. They are `null` if an arm has
   * fewer than two buckets with reads.
   */
  readonly low: number | null
  readonly high: number | null
  /** The arm with the higher hit rate, if the confidence interval excludes 0. */
  readonly verdict: 'trial' | 'control' | 'undecided'
  /**
   * Estimated reads of both arms until a difference of the observed size is decided; 0 if it is decided. It is `null` if no number of reads up
   * to a thousand times those so far would do.
   */
  readonly readsNeeded: number | null
}

/** Compares the hit rates of the two arms of an experiment. */
export function compareArms(input: ArmsInput): Comparison {
  const { trial, control, difference } = adjustedDifference(input)
  const arms = { control: described(control), trial: described(trial) }
  if (difference === null) return { ...arms, points: null, low: null, high: null, verdict: 'undecided', readsNeeded: null }
  const { value, variance, degreesOfFreedom } = difference
  if (!Number.isFinite(variance)) {
    return { ...arms, points: inPoints(value), low: null, high: null, verdict: 'undecided', readsNeeded: null }
  }
  const errorAt = (multiple: number) => Math.sqrt(variance / multiple) * standardErrorsAt(input.look * multiple, degreesOfFreedom)
  const error = errorAt(1)
  const isDecided = Math.abs(value) > error
  const winner = value > 0 ? 'trial' : 'control'
  return {
    ...arms,
    points: inPoints(value),
    low: inPoints(value - error),
    high: inPoints(value + error),
    verdict: isDecided ? winner : 'undecided',
    readsNeeded: isDecided ? 0 : readsUntil((multiple) => Math.abs(value) > errorAt(multiple), trial.reads + control.reads),
  }
}

function described({ reads, hits }: ArmSums): { readonly reads: number; readonly hitRate: number | null } {
  return { reads, hitRate: reads === 0 ? null : hits / reads }
}

/** Returns a share in percentage points. No difference of two hit rates is larger than 100 points. */
function inPoints(share: number): number {
  return Math.min(100, Math.max(-100, 100 * share))
}

/** Returns the reads that are missing to the smallest multiple of the reads so far with which a difference is decided. */
function readsUntil(isDecidedWith: (multiple: number) => boolean, reads: number): number | null {
  let tooFew = 1
  let enough = 1000
  if (!isDecidedWith(enough)) return null
  while (enough / tooFew > 1.001) {
    const middle = Math.sqrt(tooFew * enough)
    if (isDecidedWith(middle)) enough = middle
    else tooFew = middle
  }
  return Math.round(reads * (enough - 1))
}
