import type { Coherence } from './coherence.ts'
import { deepFreeze, type Entry } from './entry.ts'
import type { StoredEntry } from './entry-codec.ts'
import type { Env } from './env.ts'
import type { CacheListener } from './events.ts'
import type { Departure, Flight, Landing } from './flight.ts'
import { remainingMs } from './lifetime.ts'
import type { LoadSemaphore } from './load-semaphore.ts'
import type { MemoryTier } from './memory-tier.ts'
import type { CachePolicy } from './policy.ts'
import type { ProtocolStep } from './protocol-step.ts'
import { type CacheRequest, DeadlineExceededError, type Loaded, type LoadMany } from './read.ts'
import { settleLoad } from './settle-load.ts'
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
  readonly omit: ReadonlySet<ProtocolStep>
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
  /** Whether the shared tier's copy will do. */
  readonly fromShared: boolean
  readonly onLanded: (request: CacheRequest, flight: Flight) => void
}

/** Clocks of instances that are kept in step differ by less. */
const MAX_CLOCK_SKEW_MS = 1000

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
      const missing = await this.#fromShared(batch, terms, land)
      const [first] = missing
      if (!first) return
      const isWanted = () => missing.some(({ flight }) => !flight.isAbandoned)
      const work = () => this.#fromSource(missing, terms, land)
      // What is made of other values waits for their loads: with a place of its own here it could keep them waiting for ever.
      if (terms.policy.composed) return await work()
      if (await this.#options.semaphore.run(first.request.key.tenant, isWanted, work)) return
      this.#options.onEvent({ type: 'shed', policy: terms.policy.name, count: missing.length })
      const error = new DeadlineExceededError(`The load of ${terms.policy.name} could not begin in time.`)
      for (const departing of missing) land(departing, { error })
    } catch (error) {
      const failure = error instanceof Error ? error : new Error(String(error))
      for (const departing of batch) land(departing, { error: failure })
    }
  }

  /** How long an entry may still be served, ms; 0 where it may not be kept. */
  remainingMs(policy: CachePolicy, entry: Entry): number {
    if (!this.isWatched(entry.tags)) return 0
    return remainingMs(entry, policy, this.#options.shared !== undefined, this.#options.coherence.now())
  }

  get hasUnwatched(): boolean {
    return this.#options.unwatched.size > 0
  }

  /** Whether every change of the types that are named by the tags reaches the log. */
  isWatched(tags: readonly string[]): boolean {
    return this.#options.unwatched.size === 0 || typesOfTags(tags).isDisjointFrom(this.#options.unwatched)
  }

  /** A copy whose time ran out but that nothing invalidated, for the time the source fails or is slow. */
  standIn(request: CacheRequest, flight: Flight, policy: CachePolicy): Entry | undefined {
    const { env, coherence, memory } = this.#options
    if (!flight.coherent || policy.staleIfErrorMs === 0) return undefined
    const held = memory.get(request.key.text)
    const kept = held && env.monotonic() < held.freshUntil + policy.staleIfErrorMs ? held.entry : flight.expired
    return kept && kept.until > coherence.now() && coherence.isCurrent(kept.epoch, kept.stamp, kept.slots) ? kept : undefined
  }

  async #fromShared<Value>(
    batch: readonly Departing[],
    terms: FillTerms<Value>,
    land: (departing: Departing, landing: Landing) => void,
  ): Promise<readonly Departing[]> {
    const { shared, coherence } = this.#options
    const { policy } = terms
    if (!shared || !terms.coherent || !terms.fromShared || policy.l2Ms === 0) return batch
    const found = await shared.getMany(batch.map(({ request }) => request.key.text))
    const trusted = await this.#reachStamps(found)
    const missing: Departing[] = []
    for (let position = 0; position < batch.length; position++) {
      const departing = batch[position] as Departing
      const stored = trusted ? found[position] : undefined
      const entry = stored && this.#currentEntry(departing.request, stored)
      const remaining = entry ? this.remainingMs(policy, entry) : 0
      if (entry && remaining > 0) {
        this.#keepInMemory(departing.request, entry, policy, remaining)
        land(departing, { entry, layer: 'l2' })
        continue
      }
      if (entry && coherence.now() < entry.loadedAt + (entry.ttlMs ?? policy.l2Ms) + policy.staleIfErrorMs) departing.flight.expired = entry
      missing.push(departing)
    }
    return missing
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

  #currentEntry({ key }: CacheRequest, stored: StoredEntry): Entry | undefined {
    const { coherence, omit } = this.#options
    const slots = this.#slots(key.text, stored.tags)
    const isCurrent = coherence.isCurrent(stored.epoch, stored.stamp, slots) || omit.has('shared entries checked')
    const now = coherence.now()
    // A value that depends on the time was made by a clock that is ahead of this one: it may tell what has not happened yet.
    const isFromFuture = stored.loadedAt > now + MAX_CLOCK_SKEW_MS && !omit.has('entries from the future')
    if (stored.until <= now || isFromFuture || !isCurrent) return undefined
    const { value, tags, epoch, stamp, loadedAt, until, ttlMs, costMs } = stored
    return { value: deepFreeze(value), tags, slots, epoch, stamp: Math.max(stamp, coherence.clock), loadedAt, until, ttlMs, costMs }
  }

  async #fromSource<Value>(
    missing: readonly Departing[],
    terms: FillTerms<Value>,
    land: (departing: Departing, landing: Landing) => void,
  ): Promise<void> {
    const { env, coherence, omit, onEvent } = this.#options
    const departure = { epoch: coherence.epoch, stamp: coherence.clock, startedAt: env.monotonic() }
    const generation = coherence.generation
    const loadedAt = coherence.now()
    for (const { flight } of missing) flight.departure = departure
    const loaded = await settleLoad(missing, terms.policy, terms.load, env)
    const durationMs = env.monotonic() - departure.startedAt
    const costMs = Math.round(durationMs * 100) / 100
    const stamped = omit.has('stamp before load') ? { ...departure, epoch: coherence.epoch, stamp: coherence.clock } : departure
    const entries = missing.map(({ request }, position) => {
      const outcome = loaded[position] ?? new Error(`The load of ${terms.policy.name} gave no result for a key it was asked for.`)
      return outcome instanceof Error ? outcome : this.#entryOf(request, outcome, terms.policy, stamped, loadedAt, costMs)
    })
    if (terms.coherent && (generation === coherence.generation || omit.has('stamp before load')))
      this.#store(missing, entries, terms.policy)
    missing.forEach((departing, position) => {
      const entry = entries[position] as Entry | Error
      const standIn = entry instanceof Error ? this.standIn(departing.request, departing.flight, terms.policy) : undefined
      if (!(entry instanceof Error)) land(departing, { entry, layer: 'origin' })
      else land(departing, standIn ? { entry: standIn, layer: 'stale', reason: 'the source failed' } : { error: entry })
    })
    const failed = entries.filter((entry) => entry instanceof Error).length
    onEvent({ type: 'load', policy: terms.policy.name, count: missing.length, failed, durationMs })
  }

  #entryOf(
    request: CacheRequest,
    loaded: Loaded<unknown>,
    policy: CachePolicy,
    departure: Departure,
    loadedAt: number,
    costMs: number,
  ): Entry {
    const tags = completeTags(loaded.tags ? [...request.tags, ...loaded.tags] : request.tags)
    return {
      value: deepFreeze(loaded.value),
      tags,
      slots: this.#slots(request.key.text, tags),
      epoch: departure.epoch,
      stamp: departure.stamp,
      loadedAt,
      until: loaded.until ?? Number.POSITIVE_INFINITY,
      ttlMs: loaded.ttlMs ?? (loaded.value === null ? policy.negativeMs : undefined),
      costMs,
    }
  }

  #store(missing: readonly Departing[], entries: readonly (Entry | Error)[], policy: CachePolicy): void {
    const { coherence, shared } = this.#options
    const forShared: { key: string; entry: Entry; ttlMs: number }[] = []
    missing.forEach(({ request }, position) => {
      const entry = entries[position] as Entry | Error
      if (entry instanceof Error || entry.value === undefined || !coherence.isCurrent(entry.epoch, entry.stamp, entry.slots)) return
      const remaining = this.remainingMs(policy, entry)
      if (remaining <= 0) return
      this.#keepInMemory(request, entry, policy, remaining)
      const ttlMs = remaining + (entry.until === Number.POSITIVE_INFINITY ? policy.staleIfErrorMs : 0)
      if (policy.l2Ms > 0) forShared.push({ key: request.key.text, entry: { ...entry }, ttlMs })
    })
    if (shared) void shared.setMany(forShared)
  }

  /** The copy's life is shortened by up to a tenth at random, so that what was loaded together does not expire together. */
  #keepInMemory(request: CacheRequest, entry: Entry, policy: CachePolicy, remaining: number): void {
    if (policy.l1Ms === 0) return
    const freshMs = Math.min(policy.l1Ms * (1 - 0.1 * this.#options.env.random()), remaining)
    this.#options.memory.set(request.key.text, entry, freshMs, freshMs + Math.max(policy.staleWhileRevalidateMs, policy.staleIfErrorMs))
  }

  /** A key is a tag, too: a value can be invalidated by it. */
  #slots(key: string, tags: readonly string[]): Uint32Array {
    return this.#options.coherence.slots([...tags, key])
  }
}
