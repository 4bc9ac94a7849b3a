import { hash } from 'node:crypto'
import type { CachePolicy } from '../../engine/cache/model/policy.ts'
import type { Layer } from '../../engine/cache/model/read.ts'
import type { PolicyValues } from './policy-attributes.ts'

/** Arms of an experiment: `control` has the policy that applies anyway, and `trial` has it with the overrides of the experiment. */
export const ARMS = ['control', 'trial'] as const
export type Arm = (typeof ARMS)[number]

/** Number of buckets into which the keys of an experiment are divided. A bucket belongs to one arm as a whole. */
export const BUCKETS = 256

/** Experiment that serves the keys of one coordinate under two policies. */
export interface Experiment {
  /** Number of the experiment. Two experiments on the same keys divide them independently of each other. */
  readonly id: number
  readonly coordinate: string
  /** Overrides of the arm `trial`. */
  readonly values: PolicyValues
  /** Number of buckets of the arm `trial`, which are the first ones. */
  readonly trialBuckets: number
  /** Whether the overrides apply. If not, which is the case in the lead-in, both arms have the same policy. */
  readonly isOnTrial: boolean
  readonly counts: BucketCounts
}

/** Arms of an experiment on one coordinate. */
export interface Arms extends Pick<Experiment, 'id' | 'trialBuckets' | 'counts'> {
  /** Policies that apply now. Their names differ, so that events tell the arms apart: see {@link armOfName}. */
  readonly policies: Readonly<Record<Arm, CachePolicy>>
}

/** Policy of the values of one coordinate, with the experiment that runs on it. */
export interface ArmedPolicy {
  readonly policy: CachePolicy
  /** It is absent if there is none. */
  readonly experiment?: Arms
}

/** Returns the bucket of a key, 0 to 255. All processes and releases compute the same bucket. @param id Number of the experiment. */
export function bucketOf(id: number, key: string): number {
  return Number.parseInt(hash('sha256', `${id}\n${key}`, 'hex').slice(0, 2), 16)
}

/** Returns the arm to which a bucket belongs. */
export function armOf(bucket: number, { trialBuckets }: Pick<Experiment, 'trialBuckets'>): Arm {
  return bucket < trialBuckets ? 'trial' : 'control'
}

/** Returns the policy that applies to a key of the rule. @param key Text of the cache key. */
export function policyOfKey({ policy, experiment }: ArmedPolicy, key: string): CachePolicy {
  return experiment ? experiment.policies[armOf(bucketOf(experiment.id, key), experiment)] : policy
}

/** Returns the name of the policy of an arm, such as `Campaign (trial)`. */
export function nameOfArm(coordinate: string, arm: Arm): string {
  return `${coordinate} (${arm})`
}

/** Returns the coordinate and the arm of the name of a policy. The arm is undefined if the name is that of no arm. */
export function armOfName(name: string): { readonly field: string; readonly arm: Arm | undefined } {
  const arm = name.endsWith(')') ? ARMS.find((one) => name.endsWith(` (${one})`)) : undefined
  return { field: arm === undefined ? name : name.slice(0, -arm.length - 3), arm }
}

/** Returns whether reads that the layer answered are hits. Hits are the same as in the hit rate of a field. */
export function isHit(layer: Layer | undefined): boolean {
  return layer === 'l1' || layer === 'l2' || layer === 'stale'
}

/** Reads and hits of the keys of an experiment, by bucket. */
export class BucketCounts {
  #reads = new Float64Array(BUCKETS)
  #hits = new Float64Array(BUCKETS)
  #isEmpty = true

  count(bucket: number, isAHit: boolean): void {
    this.#isEmpty = false
    this.#reads[bucket] = (this.#reads[bucket] ?? 0) + 1
    if (isAHit) this.#hits[bucket] = (this.#hits[bucket] ?? 0) + 1
  }

  /** Returns what was counted since the last call, and starts again at 0. Returns undefined if nothing was counted. */
  take(): { readonly reads: Float64Array; readonly hits: Float64Array } | undefined {
    if (this.#isEmpty) return undefined
    const taken = { reads: this.#reads, hits: this.#hits }
    this.#reads = new Float64Array(BUCKETS)
    this.#hits = new Float64Array(BUCKETS)
    this.#isEmpty = true
    return taken
  }
}
