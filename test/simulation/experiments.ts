import type { Cache, CachePolicy, CacheRequest } from '#src/engine/cache/index.ts'
import type { readByArm } from '#src/gateway/graphql/execution/read-by-arm.ts'
import { type Arm, type ArmedPolicy, armOf, BucketCounts } from '#src/gateway/policies/experiment.ts'
import { Dice, type Scheduler } from './scheduler.ts'

const TRIAL_BUCKETS = 128

type ReadMany = Parameters<typeof readByArm>[0]

/** Experiments of a simulation. Each instance starts and stops them at other times, as processes that hear of them late. */
export class SimulatedExperiments<Instance extends object> {
  readonly #dice: Dice
  readonly #seed: number
  readonly #trials: readonly CachePolicy[]
  readonly #policies: readonly CachePolicy[]
  readonly #running = new Set<Instance>()
  readonly #counts = new BucketCounts()
  readonly #unchecked: WeakMap<Cache, ReadMany> | undefined

  /** @param isUnchecked Whether the arm `trial` keeps its values without asking the invalidation log, which is broken. */
  constructor(seed: number, policies: readonly CachePolicy[], isUnchecked: boolean) {
    // Runs without experiments draw nothing from these dice, so each seed still gives the same run.
    this.#dice = new Dice(seed + 7919)
    this.#seed = seed
    this.#policies = policies
    this.#trials = policies.map((policy) => ({
      ...policy,
      name: `${policy.name} (trial)`,
      l1Ms: this.#dice.between(200, 20_000),
      l2Ms: this.#dice.between(500, 60_000),
      staleWhileRevalidateMs: this.#dice.chance(0.5) ? 5000 : 0,
    }))
    this.#unchecked = isUnchecked ? new WeakMap() : undefined
  }

  /** Starts and stops experiments until the simulation has stopped. */
  async run(instances: readonly Instance[], scheduler: Scheduler, isStopped: () => boolean): Promise<void> {
    while (!isStopped()) {
      await scheduler.sleep(this.#dice.between(100, 2000))
      const instance = this.#dice.pick(instances)
      if (!this.#running.delete(instance)) this.#running.add(instance)
    }
  }

  /** Returns the policy of the values of a key, which an instance reads by `readByArm`. */
  policyOf(instance: Instance, key: number): ArmedPolicy {
    const [policy, trial] = [this.#policies[key], this.#trials[key]] as [CachePolicy, CachePolicy]
    if (!this.#running.has(instance)) return { policy }
    return {
      policy,
      experiment: { id: this.#seed, trialBuckets: TRIAL_BUCKETS, counts: this.#counts, policies: { control: policy, trial } },
    }
  }

  /** Returns the numbers of reads of each arm. */
  reads(): Readonly<Record<Arm, number>> {
    const reads = { control: 0, trial: 0 }
    for (const [bucket, count] of this.#counts.take()?.reads.entries() ?? []) reads[armOf(bucket, { trialBuckets: TRIAL_BUCKETS })] += count
    return reads
  }

  /** Returns what reads through the cache. */
  readerOf(cache: Cache): ReadMany {
    if (!this.#unchecked) return cache
    const known = this.#unchecked.get(cache) ?? unchecked(cache)
    this.#unchecked.set(cache, known)
    return known
  }
}

/** Returns a reader that keeps values of the arm `trial` for 3 s, whatever is written meanwhile. */
function unchecked(cache: Cache): ReadMany {
  const kept = new Map<string, { readonly value: unknown; readonly until: number }>()
  return {
    async getMany<Value>(
      requests: readonly CacheRequest[],
      policy: CachePolicy,
      ...rest: Rest<Value>
    ): Promise<readonly (Value | Error)[]> {
      if (!policy.name.endsWith('(trial)')) return cache.getMany<Value>(requests, policy, ...rest)
      const found = requests.map(({ key }) => kept.get(key.text))
      if (found.every((one) => one !== undefined && one.until > cache.now())) return found.map((one) => one?.value as Value)
      const values = await cache.getMany<Value>(requests, policy, ...rest)
      for (const [index, value] of values.entries())
        if (!(value instanceof Error)) kept.set((requests[index] as CacheRequest).key.text, { value, until: cache.now() + 3000 })
      return values
    },
  }
}

type Rest<Value> = readonly [Parameters<typeof Cache.prototype.getMany<Value>>[2], Parameters<typeof Cache.prototype.getMany<Value>>[3]]
