/** Reads and hits per bucket of keys since the beginning of a phase. */
export interface BucketSums {
  readonly reads: Float64Array
  readonly hits: Float64Array
}

/** Reads and hits of an experiment in which some buckets of keys, chosen by a hash, have another cache policy than the others. */
export interface ArmsInput {
  /** Sums of the lead-in, in which both arms had the same policy. All sums are 0 if there was no lead-in. */
  readonly before: BucketSums
  /** Sums since the trial policy applies to its arm. */
  readonly during: BucketSums
  readonly isTrial: (bucket: number) => boolean
  /** Number of this look at the data, counted from 1. Looks happen at full hours of the experiment. */
  readonly look: number
}
