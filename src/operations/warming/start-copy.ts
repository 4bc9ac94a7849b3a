import type { Cache } from '../../engine/cache/cache.ts'
import type { CachePolicy } from '../../engine/cache/model/policy.ts'
import type { PolicyOfKey } from '../../gateway/policies/policies-of-keys.ts'
import type { Replay } from '../../gateway/warming/replay.ts'
import type { HotRecord } from './hot-record.ts'

export interface StartCopyOptions {
  readonly cache: Pick<Cache, 'copy'>
  readonly replay: Pick<Replay, 'placeOf'>
  /** Returns the cache policy of a key in this release. A key without a policy is not copied. */
  readonly policyOf: PolicyOfKey
  /** Returns whether time is left for copying. */
  readonly goesOn: () => boolean
}

/** Number of entries in one read from the shared tier: few enough that a read of large values ends within the timeout of a command. */
const KEYS_PER_READ = 128
/** Number of operations that are planned in one turn of the event loop. */
const PLANNED_PER_TURN = 16

/**
 * Copies the hottest entries of a record from the shared tier into this process. Stops when all are copied or no time is left. Returns the
 * number of copied entries.
 */
export async function copyHottest({ keys, operations }: HotRecord, options: StartCopyOptions): Promise<number> {
  const { cache, policyOf, goesOn } = options
  const wanted = new Map<string, { readonly savedMs: number; readonly policy: CachePolicy }>()
  for (const { key, savedMs } of keys) {
    const policy = policyOf(key)
    if (policy) wanted.set(key, { savedMs, policy })
  }
  for (const [key, place] of await placesOf(operations, options)) wanted.set(key, place)
  const hottest = [...wanted].sort(([, a], [, b]) => b.savedMs - a.savedMs).map(([key, { policy }]) => ({ key, policy }))
  let copied = 0
  for (let from = 0; from < hottest.length && goesOn(); from += KEYS_PER_READ)
    copied += await cache.copy(hottest.slice(from, from + KEYS_PER_READ))
  return copied
}

/**
 * Returns the cache keys and cache policies of the whole responses of operations. Each operation must be planned first, because the policy
 * of a response is composed of the policies of all selected fields.
 */
async function placesOf(operations: HotRecord['operations'], { replay, goesOn }: StartCopyOptions) {
  const places = new Map<string, { readonly savedMs: number; readonly policy: CachePolicy }>()
  for (const [index, { operation, savedMs }] of operations.entries()) {
    if (index % PLANNED_PER_TURN === PLANNED_PER_TURN - 1) await new Promise<void>((resolve) => setImmediate(resolve))
    if (!goesOn()) break
    const place = replay.placeOf(operation)
    if (place) places.set(place.request.key.text, { savedMs, policy: place.policy })
  }
  return places
}
