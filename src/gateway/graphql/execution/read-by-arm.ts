import type { Cache } from '../../../engine/cache/cache.ts'
import type { CachePolicy } from '../../../engine/cache/model/policy.ts'
import type { CacheRequest, Layer, LoadMany, ReadOptions } from '../../../engine/cache/model/read.ts'
import { ARMS, type ArmedPolicy, type Arms, armOf, bucketOf, isHit } from '../../policies/experiment.ts'

type ReadMany = Pick<Cache, 'getMany'>

/**
 * Reads values through the cache, each by the policy of its rule. If an experiment runs on the rule, the values of each arm are read by the
 * policy of this arm, and the reads of requests are counted. Misses of both arms are then loaded by two calls at the same time.
 * @param loadBy Returns the load for the values of a policy.
 */
export function readByArm<Value>(
  cache: ReadMany,
  { policy, experiment }: ArmedPolicy,
  requests: readonly CacheRequest[],
  loadBy: (policy: CachePolicy) => LoadMany<Value>,
  options: ReadOptions,
): Promise<readonly (Value | Error)[]> {
  if (!experiment) return cache.getMany(requests, policy, loadBy(policy), options)
  return readArms(cache, experiment, requests, loadBy, options)
}

async function readArms<Value>(
  cache: ReadMany,
  experiment: Arms,
  requests: readonly CacheRequest[],
  loadBy: (policy: CachePolicy) => LoadMany<Value>,
  options: ReadOptions,
): Promise<readonly (Value | Error)[]> {
  // Warming and refreshes read no value for a request. A request that joins a load takes the session out of the background, so this is read first.
  const isOfRequest = !options.session.isBackground && !options.fresh
  const buckets = requests.map(({ key }) => bucketOf(experiment.id, key.text))
  const layers: Layer[] = []
  const results: (Value | Error)[] = []
  const readArm = async (arm: (typeof ARMS)[number]) => {
    const indexes = [...requests.keys()].filter((index) => armOf(buckets[index] as number, experiment) === arm)
    if (indexes.length === 0) return
    const at = (position: number) => indexes[position] as number
    const policy = experiment.policies[arm]
    const load = loadBy(policy)
    const values = await cache.getMany<Value>(
      indexes.map((index) => requests[index] as CacheRequest),
      policy,
      (wanted, signal, isRefresh) => load(wanted.map(at), signal, isRefresh),
      {
        ...options,
        observe: (position, outcome) => {
          layers[at(position)] = outcome.layer
          options.observe?.(at(position), outcome)
        },
      },
    )
    for (const [position, value] of values.entries()) results[at(position)] = value
  }
  await Promise.all(ARMS.map(readArm))
  if (isOfRequest) for (const [index, bucket] of buckets.entries()) experiment.counts.count(bucket, isHit(layers[index]))
  return results
}
