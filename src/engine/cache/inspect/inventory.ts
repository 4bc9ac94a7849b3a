import type { Coherence } from '../log/coherence.ts'
import type { LifetimeCurve } from '../memory/lifetime-curves.ts'
import type { MemoryTier } from '../memory/memory-tier.ts'
import type { Curve } from '../memory/miss-ratio-curve.ts'
import { EVERYTHING_TAG } from '../model/entity.ts'
import type { Env } from '../model/env.ts'
import type { CachePolicy } from '../model/policy.ts'
import type { RepeatedLoads, RepeatedValues } from '../read/repeated-values.ts'
import type { SharedTier } from '../shared/shared-tier.ts'

/** A valid entry in the memory of this process, without its value. */
export interface CachedEntry {
  readonly key: string
  readonly tags: readonly string[]
  readonly policy: CachePolicy
}

/** A valid entry, with what decides how long it stays. */
export interface ListedEntry extends CachedEntry {
  /** Estimated size of the entry, bytes. */
  readonly bytes: number
  /** Recent uses, 0 to 15, which are halved from time to time. */
  readonly frequency: number
  /** Time since the load of the value started, ms. */
  readonly ageMs: number
  /** Remaining TTL, ms; negative if it has ended. */
  readonly ttlMs: number
}

export interface InventoryOptions {
  readonly env: Pick<Env, 'setTimer' | 'monotonic'>
  readonly memory: MemoryTier
  readonly coherence: Coherence
  readonly shared: SharedTier | undefined
  readonly repeats: Pick<RepeatedValues, 'estimate'>
}

/** Number of entries that are read in one turn of the event loop, so that requests are not delayed. */
const ENTRIES_PER_TURN = 500

/** Lists what is cached, for operators. Reading the inventory neither loads nor stores anything, and does not count as a use. */
export class Inventory {
  readonly #options: InventoryOptions

  constructor(options: InventoryOptions) {
    this.#options = options
  }

  /** Returns the entry of a key in the memory of this process; undefined if there is none, or if it was invalidated. */
  find(key: string): CachedEntry | undefined {
    const held = this.#options.memory.peek(key)
    return held && this.#isValid(held.entry) ? { key, tags: held.entry.tags, policy: held.policy } : undefined
  }

  /**
   * Calls `visit` with each entry in the memory of this process that no invalidation has voided. Other work of the process may run between
   * two calls.
   */
  async visit(visit: (entry: ListedEntry) => void): Promise<void> {
    const { memory, coherence, env } = this.#options
    let seen = 0
    for (const { key, value, weight, frequency } of memory.entries()) {
      if (++seen % ENTRIES_PER_TURN === 0) await this.#nextTurn()
      const { entry, policy, freshUntil } = value
      if (!this.#isValid(entry)) continue
      const ageMs = Math.max(0, coherence.now() - entry.loadedAt)
      visit({ key, tags: entry.tags, policy, bytes: weight, frequency, ageMs, ttlMs: freshUntil - env.monotonic() })
    }
  }

  /**
   * Counts the entries in the memory of this process that an invalidation has voided and that no read has replaced yet, by the cause of the
   * write. Entries whose write is not known are left out.
   * @param range Range of the log rows that count, by the time at which they were written, Unix epoch ms: `to` is excluded.
   */
  async voidedByCause({ from, to }: { readonly from: number; readonly to: number }): Promise<ReadonlyMap<string, number>> {
    const { memory, coherence } = this.#options
    const counts = new Map<string, number>()
    let seen = 0
    for (const { key, value } of memory.entries()) {
      if (++seen % ENTRIES_PER_TURN === 0) await this.#nextTurn()
      const { tags, slots, stamp } = value.entry
      if (this.#isValid(value.entry)) continue
      const voiding = coherence.sketch.voiding([...tags, key], slots, stamp)
      const row = voiding && coherence.recent.find(voiding.seq)
      if (!row || row.at < from || row.at >= to) continue
      const cause = coherence.recent.causeOf(voiding)
      if (cause !== undefined) counts.set(cause, (counts.get(cause) ?? 0) + 1)
    }
    return counts
  }

  /** Returns the tenants with the largest entries in the memory of this process, largest first. */
  heaviestTenants(max: number): readonly { readonly tenant: string; readonly bytes: number }[] {
    return this.#options.memory.heaviestTenants(max)
  }

  /** Returns the miss ratio that this process would have with less or more memory; undefined if nothing was read. */
  missRatioCurve(): Curve | undefined {
    return this.#options.memory.missRatioCurve()
  }

  /** Returns which reads of this process longer TTLs would turn into hits, and which loads a key with fewer parts would have avoided. */
  simulations(): { readonly lifetimes: readonly LifetimeCurve[]; readonly repeats: readonly RepeatedLoads[] } {
    return { lifetimes: this.#options.memory.lifetimeCurves(), repeats: this.#options.repeats.estimate() }
  }

  /** Returns the entries in the memory of this process that an invalidation of these tags would void: their number and some of them. */
  async matching(tags: ReadonlySet<string>, maxExamples: number): Promise<{ readonly count: number; readonly examples: CachedEntry[] }> {
    const examples: CachedEntry[] = []
    let count = 0
    await this.visit((entry) => {
      if (!tags.has(EVERYTHING_TAG) && !tags.has(entry.key) && !entry.tags.some((tag) => tags.has(tag))) return
      count++
      if (examples.length < maxExamples) examples.push({ key: entry.key, tags: entry.tags, policy: entry.policy })
    })
    return { count, examples }
  }

  /**
   * Returns the cached value of a key, from the memory of this process or else from the shared tier; undefined if no valid copy exists. The
   * value may have expired.
   */
  async valueOf(key: string): Promise<{ readonly value: unknown } | undefined> {
    const held = this.#options.memory.peek(key)
    if (held && this.#isValid(held.entry)) return { value: held.entry.value }
    const { coherence, shared } = this.#options
    const [stored] = (await shared?.getMany([key], coherence.epoch)) ?? []
    if (!stored || !coherence.isCurrent(stored.epoch, stored.stamp, coherence.slots([...stored.tags, key]))) return undefined
    return { value: stored.value }
  }

  #nextTurn(): Promise<void> {
    return new Promise((resolve) => void this.#options.env.setTimer(resolve, 0))
  }

  #isValid({ epoch, stamp, slots }: { readonly epoch: string; readonly stamp: number; readonly slots: Uint32Array }): boolean {
    return this.#options.coherence.isCurrent(epoch, stamp, slots)
  }
}
