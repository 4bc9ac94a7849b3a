import type { Coherence } from '../log/coherence.ts'
import type { MemoryTier } from '../memory/memory-tier.ts'
import { Binary } from '../model/binary.ts'
import type { CacheListener } from '../model/events.ts'
import type { CachePolicy } from '../model/policy.ts'
import type { CacheRequest, LoadMany } from '../model/read.ts'

export interface ReloadMeterOptions {
  readonly memory: MemoryTier
  readonly coherence: Coherence
  readonly onEvent: CacheListener
}

/**
 * Counts the reloads that an invalidation caused, and how many of them returned the same value as before. Such a reload was needless: more
 * precise tags would have avoided it.
 */
export class ReloadMeter {
  readonly #options: ReloadMeterOptions

  constructor(options: ReloadMeterOptions) {
    this.#options = options
  }

  /** Wraps a load function so that needless reloads are counted. */
  measured<Value>(requests: readonly CacheRequest[], policy: CachePolicy, load: LoadMany<Value>): LoadMany<Value> {
    const { memory, coherence, onEvent } = this.#options
    return async (indexes, signal) => {
      const before = indexes.map((index) => {
        const entry = memory.get((requests[index] as CacheRequest).key.text)?.entry
        // If no tag of the entry was invalidated, the entry has only expired: then no invalidation caused this load.
        return entry && !coherence.isCurrent(entry.epoch, entry.stamp, entry.slots) ? entry : undefined
      })
      const loaded = await load(indexes, signal)
      let count = 0
      let needless = 0
      for (const [position, entry] of before.entries()) {
        const outcome = loaded[position]
        if (!entry || !outcome || outcome instanceof Error) continue
        count++
        if (isSame(entry.value, outcome.value)) needless++
      }
      if (count > 0) onEvent({ type: 'reload', policy: policy.name, count, needless })
      return loaded
    }
  }
}

function isSame(before: unknown, after: unknown): boolean {
  if (before instanceof Binary && after instanceof Binary) return Buffer.compare(before.bytes, after.bytes) === 0
  return !(before instanceof Binary) && JSON.stringify(before) === JSON.stringify(after)
}
