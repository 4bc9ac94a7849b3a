import type { ArmsInput, BucketSums } from './bucket-sums.ts'

/** Difference of the hit rates of two arms, as a share (0.01 is one point), adjusted by the lead-in. */
export interface AdjustedDifference {
  /** Hit rate of the trial minus hit rate of the control. */
  readonly value: number
  /** Estimated variance of `value`. It is not finite if one bucket holds all reads of an arm. */
  readonly variance: number
  /** Number of buckets with reads in the smaller arm, minus one. */
  readonly degreesOfFreedom: number
}

/** Sums of an arm: reads, hits, and hits above what the lead-in lets expect. */
export interface ArmSums {
  reads: number
  hits: number
  excess: number
  buckets: number
}

/**
 * Compares the arms by the hits that each bucket has above what its lead-in lets expect (difference in differences). A bucket counts as one
 * observation, because the reads of a key depend on each other, and the hits of an arm are divided by its reads (ratio estimator). Returns
 * `null` for the difference if an arm has no reads.
 */
export function adjustedDifference({ before, during, isTrial }: Omit<ArmsInput, 'look'>): {
  readonly trial: ArmSums
  readonly control: ArmSums
  readonly difference: AdjustedDifference | null
} {
  const trial: ArmSums = { reads: 0, hits: 0, excess: 0, buckets: 0 }
  const control: ArmSums = { reads: 0, hits: 0, excess: 0, buckets: 0 }
  const excess = excessHits(before, during)
  for (let bucket = 0; bucket < excess.length; bucket += 1) {
    const reads = during.reads[bucket] as number
    if (reads === 0) continue
    const arm = isTrial(bucket) ? trial : control
    arm.reads += reads
    arm.hits += during.hits[bucket] as number
    arm.excess += excess[bucket] as number
    arm.buckets += 1
  }
  if (trial.reads === 0 || control.reads === 0) return { trial, control, difference: null }
  let separate = 0
  let squares = 0
  for (let bucket = 0; bucket < excess.length; bucket += 1) {
    const reads = during.reads[bucket] as number
    if (reads === 0) continue
    const arm = isTrial(bucket) ? trial : control
    const deviation = (excess[bucket] as number) - (reads * arm.excess) / arm.reads
    // A bucket pulls the mean of its arm towards itself, so its deviation is divided by what the other buckets hold of the arm's reads (HC3).
    separate += arm.reads === reads ? Number.POSITIVE_INFINITY : (deviation / (arm.reads - reads)) ** 2
    squares += deviation ** 2
  }
  const buckets = trial.buckets + control.buckets
  const reads = trial.reads + control.reads
  // The variance that a random assignment of all buckets has. In a small arm without a heavy bucket it is larger than the one of the arms.
  const pooled = ((squares / (buckets - 2)) * (1 / trial.buckets + 1 / control.buckets)) / (reads / buckets) ** 2
  const hitRate = (trial.hits + control.hits + 1) / (reads + 2)
  const ofIndependentReads = hitRate * (1 - hitRate) * (1 / trial.reads + 1 / control.reads)
  const difference: AdjustedDifference = {
    value: trial.excess / trial.reads - control.excess / control.reads,
    variance: Number.isFinite(separate) ? Math.max(separate, pooled, ofIndependentReads) : separate,
    degreesOfFreedom: Math.min(trial.buckets, control.buckets) - 1,
  }
  return { trial, control, difference }
}

/**
 * Returns the hits of each bucket minus the hits that its lead-in lets expect. If a value lives for the time T, a key that is read r times in T
 * has r hits for each miss. So the odds of a hit grow in proportion to the reads, and the hit rate of the lead-in is corrected by the growth of
 * the bucket's share of all reads. The estimate stays valid where that is wrong, because it is wrong in both arms; it is only less precise.
 * A bucket without reads in the lead-in is expected to have the hit rate of all buckets.
 */
function excessHits(before: BucketSums, during: BucketSums): Float64Array {
  const leadInReads = sum(before.reads)
  const leadInHitRate = leadInReads === 0 ? 0 : sum(before.hits) / leadInReads
  const growthOfAll = leadInReads === 0 ? 0 : sum(during.reads) / leadInReads
  return during.reads.map((reads, bucket) => {
    const earlier = before.reads[bucket] as number
    const hits = during.hits[bucket] as number
    if (earlier === 0) return hits - reads * leadInHitRate
    const hitRate = (before.hits[bucket] as number) / earlier
    // One more read on both sides bounds the growth of a bucket with hardly any reads.
    const growth = (reads + 1) / (earlier * growthOfAll + 1)
    return hits - (reads * hitRate * growth) / (1 - hitRate + hitRate * growth)
  })
}

function sum(values: Float64Array): number {
  let total = 0
  for (const value of values) total += value
  return total
}
