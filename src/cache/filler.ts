import type { Coherence } from './coherence.ts'
import { deepFreeze, type Entry } from './entry.ts'
import type { StoredEntry } from './entry-codec.ts'
import type { Env } from './env.ts'
import type { CacheListener } from './events.ts'
import type { Flight, Landing } from './flight.ts'
import type { LoadSemaphore } from './load-semaphore.ts'
import type { MemoryTier } from './memory-tier.ts'
import type { CachePolicy } from './policy.ts'
import type { CacheRequest, Loaded, LoadMany } from './read.ts'
import type { SharedTier } from './shared-tier.ts'
import { completeTags, typesOfTags } from './tags.ts'

export interface FillerOptions {
  readonly env: Env
  readonly coherence: Coherence
  readonly memory: MemoryTier
  readonly shared: SharedTier | undefined
  readonly semaphore: LoadSemaphore
  /** Types whose changes do not reach the log: nothing that depends on them is kept. */
  readonly unwatched: ReadonlySet<string>
  readonly onEvent: CacheListener
}

export interface Departing {
  readonly index: number
  readonly request: CacheRequest
  readonly flight: Flight
}

export interface FillTerms<Value> {
  readonly policy: CachePolicy
  readonly load: LoadMany<Value>
  /** Whether the log could be followed when the reader came. Without it nothing is taken from the shared tier or stored. */
  readonly coherent: boolean
  readonly onLanded: (request: CacheRequest, flight: Flight) => void
}

/** The one way a value gets into the cache, for one key and for many: shared tier first, then one load for all that is missing. */
export class Filler {
  readonly #options: FillerOptions

  constructor(options: FillerOptions) {
    this.#options = options
  }

  /** Lands every flight; never rejects. */
  async fill<Value>(batch: readonly Departing[], terms: FillTerms<Value>): Promise<void> {
    const land = (departing: Departing, landing: Landing) => {
      terms.onLanded(departing.request, departing.flight)
      departing.flight.land(landing)
    }
    try {
      const { missing, expired } = await this.#fromShared(batch, terms, land)
      const [first] = missing
      if (first) await this.#options.semaphore.run(first.request.key.tenant, () => this.#fromSource(missing, expired, terms, land))
    } catch (error) {
      const failure = error instanceof Error ? error : new Error(String(error))
      for (const departing of batch) land(departing, { error: failure })
    }
  }

  /** How long an entry may still be served, ms; 0 where it may not be kept. */
  remainingMs(policy: CachePolicy, entry: Entry): number {
    if (!this.#isWatched(entry.tags)) return 0
    const now = this.#options.env.now()
    const lifeMs = this.#options.shared && policy.l2Ms > 0 ? policy.l2Ms : policy.l1Ms
    return Math.min(entry.loadedAt + lifeMs, entry.until) - now
  }

  async #fromShared<Value>(batch: readonly Departing[], terms: FillTerms<Value>, land: (departing: Departing, landing: Landing) => void) {
    const { shared, env } = this.#options
    const expired = new Map<string, Entry>()
    if (!shared || !terms.coherent || terms.policy.l2Ms === 0) return { missing: batch, expired }
    const found = await shared.getMany(batch.map(({ request }) => request.key.text))
    const trusted = await this.#reachStamps(found)
    const missing: Departing[] = []
    batch.forEach((departing, position) => {
      const stored = trusted ? found[position] : undefined
      const entry = stored && this.#currentEntry(stored)
      const remainingMs = entry ? this.remainingMs(terms.policy, entry) : 0
      if (entry && remainingMs > 0) {
        this.#keepInMemory(departing.request, entry, terms.policy, remainingMs)
        land(departing, { entry, layer: 'l2' })
        return
      }
      if (entry && env.now() < entry.loadedAt + terms.policy.l2Ms + terms.policy.staleIfErrorMs)
        expired.set(departing.request.key.text, entry)
      missing.push(departing)
    })
    return { missing, expired }
  }

  /** An entry from beyond the applied log is another instance's news, or the trace of a log that was set back: a barrier tells. */
  async #reachStamps(found: readonly (StoredEntry | undefined)[]): Promise<boolean> {
    const { coherence } = this.#options
    const ahead = found.find((stored) => stored && stored.epoch === coherence.epoch && stored.stamp > coherence.clock)
    try {
      if (ahead) await coherence.reach({ epoch: ahead.epoch, clock: ahead.stamp })
      return coherence.hasLease
    } catch {
      return false
    }
  }

  #currentEntry(stored: StoredEntry): Entry | undefined {
    const { coherence, env } = this.#options
    const slots = coherence.slots(stored.tags)
    if (stored.until <= env.now() || !coherence.isCurrent(stored.epoch, stored.stamp, slots)) return undefined
    return { ...stored, value: deepFreeze(stored.value), slots, stamp: Math.max(stored.stamp, coherence.clock) }
  }

  async #fromSource<Value>(
    missing: readonly Departing[],
    expired: ReadonlyMap<string, Entry>,
    terms: FillTerms<Value>,
    land: (departing: Departing, landing: Landing) => void,
  ): Promise<void> {
    const { env, coherence, onEvent } = this.#options
    const departure = { epoch: coherence.epoch, stamp: coherence.clock, startedAt: env.monotonic() }
    const generation = coherence.generation
    const loadedAt = env.now()
    for (const { flight } of missing) flight.departure = departure
    const loaded = await settle(terms.load, missing)
    const entries = missing.map(({ request }, position) => {
      const outcome = loaded[position] ?? new Error(`The load of ${terms.policy.name} gave no result for a key it was asked for.`)
      return outcome instanceof Error ? outcome : this.#entryOf(request, outcome, departure, loadedAt)
    })
    if (terms.coherent && generation === coherence.generation) this.#store(missing, entries, terms.policy)
    missing.forEach((departing, position) => {
      const entry = entries[position] as Entry | Error
      const fallback = entry instanceof Error ? this.#fallback(departing.request.key.text, expired, terms) : undefined
      if (!(entry instanceof Error)) land(departing, { entry, layer: 'origin' })
      else land(departing, fallback ? { entry: fallback, layer: 'l2', stale: true } : { error: entry })
    })
    const failed = entries.filter((entry) => entry instanceof Error).length
    onEvent({ type: 'load', policy: terms.policy.name, count: missing.length, failed, durationMs: env.monotonic() - departure.startedAt })
  }

  /** A copy whose time ran out but that nothing invalidated, for the time the source fails. */
  #fallback<Value>(key: string, expired: ReadonlyMap<string, Entry>, terms: FillTerms<Value>): Entry | undefined {
    const { env, coherence, memory } = this.#options
    if (!terms.coherent || terms.policy.staleIfErrorMs === 0) return undefined
    const held = memory.get(key)
    const kept = held && env.monotonic() < held.freshUntil + terms.policy.staleIfErrorMs ? held.entry : expired.get(key)
    return kept && kept.until > env.now() && coherence.isCurrent(kept.epoch, kept.stamp, kept.slots) ? kept : undefined
  }

  #entryOf(request: CacheRequest, loaded: Loaded<unknown>, departure: { epoch: string; stamp: number }, loadedAt: number): Entry {
    const tags = completeTags(loaded.tags ? [...request.tags, ...loaded.tags] : request.tags)
    return {
      value: deepFreeze(loaded.value),
      tags,
      slots: this.#options.coherence.slots(tags),
      epoch: departure.epoch,
      stamp: departure.stamp,
      loadedAt,
      until: loaded.until ?? Number.POSITIVE_INFINITY,
    }
  }

  #store(missing: readonly Departing[], entries: readonly (Entry | Error)[], policy: CachePolicy): void {
    const { coherence, shared } = this.#options
    const forShared: { key: string; entry: Entry; ttlMs: number }[] = []
    missing.forEach(({ request }, position) => {
      const entry = entries[position] as Entry | Error
      if (entry instanceof Error || !coherence.isCurrent(entry.epoch, entry.stamp, entry.slots)) return
      const remainingMs = this.remainingMs(policy, entry)
      if (remainingMs <= 0) return
      this.#keepInMemory(request, entry, policy, remainingMs)
      const ttlMs = remainingMs + (entry.until === Number.POSITIVE_INFINITY ? policy.staleIfErrorMs : 0)
      if (policy.l2Ms > 0) forShared.push({ key: request.key.text, entry: { ...entry }, ttlMs })
    })
    if (shared) void shared.setMany(forShared)
  }

  /** The copy's life is shortened by up to a tenth at random, so that what was loaded together does not expire together. */
  #keepInMemory(request: CacheRequest, entry: Entry, policy: CachePolicy, remainingMs: number): void {
    if (policy.l1Ms === 0) return
    const freshMs = Math.min(policy.l1Ms * (1 - 0.1 * this.#options.env.random()), remainingMs)
    this.#options.memory.set(request.key.text, entry, freshMs, freshMs + Math.max(policy.staleWhileRevalidateMs, policy.staleIfErrorMs))
  }

  #isWatched(tags: readonly string[]): boolean {
    return this.#options.unwatched.size === 0 || typesOfTags(tags).isDisjointFrom(this.#options.unwatched)
  }
}

async function settle<Value>(load: LoadMany<Value>, missing: readonly Departing[]): Promise<readonly (Loaded<Value> | Error)[]> {
  try {
    return await load(missing.map(({ index }) => index))
  } catch (error) {
    const failure = error instanceof Error ? error : new Error(String(error))
    return missing.map(() => failure)
  }
}
