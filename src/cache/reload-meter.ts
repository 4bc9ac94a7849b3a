import { Binary } from './binary.ts'
import type { Coherence } from './coherence.ts'
import type { CacheListener } from './events.ts'
import type { MemoryTier } from './memory-tier.ts'
import type { CachePolicy } from './policy.ts'
import type { CacheRequest, LoadMany } from './read.ts'

export interface ReloadMeterOptions {
  readonly memory: MemoryTier
  readonly coherence: Coherence
  readonly onEvent: CacheListener
}

/**
 * Counts the loads that an invalidation caused, and those of them that gave what this process had before: they were needless, and a
 * tighter dependency would have spared them.
 */
export class ReloadMeter {
  readonly #options: ReloadMeterOptions

  constructor(options: ReloadMeterOptions) {
    this.#options = options
  }

  /** The same load, counted. */
  measured<Value>(requests: readonly CacheRequest[], policy: CachePolicy, load: LoadMany<Value>): LoadMany<Value> {
    const { memory, coherence, onEvent } = this.#options
    return async (indexes, signal) => {
      const before = indexes.map((index) => {
        const entry = memory.get((requests[index] as CacheRequest).key.text)?.entry
        // What only grew old was not invalidated.
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
