import type { Coherence } from '../log/coherence.ts'
import type { MemoryEntry, MemoryTier } from '../memory/memory-tier.ts'
import type { CacheObserver } from '../model/cache-observer.ts'
import { deepFreeze, type Entry } from '../model/entry.ts'
import type { Env } from '../model/env.ts'
import type { CacheListener } from '../model/events.ts'
import { ownLifeMs, remainingMs } from '../model/lifetime.ts'
import type { CachePolicy } from '../model/policy.ts'
import type { ProtocolStep } from '../model/protocol-step.ts'
import { type CacheRequest, DeadlineExceededError, type Loaded, type LoadMany } from '../model/read.ts'
import { completeTags, typesOfTags } from '../model/tags.ts'
import type { SharedTier } from '../shared/shared-tier.ts'
import { type Absence, voidedBefore } from './absence.ts'
import { FirstSights } from './first-sights.ts'
import type { Departing, Departure, Flight, Landing } from './flight.ts'
import type { LoadSemaphore } from './load-semaphore.ts'
import type { ReloadMeter } from './reload-meter.ts'
import { settleLoad } from './settle-load.ts'
import type { SharedCopies, SharedCopy } from './shared-copies.ts'
import { SharedTurns } from './shared-turns.ts'
import { SharedWrites } from './shared-writes.ts'

export interface FillerOptions {
  readonly env: Env
  readonly coherence: Coherence
  readonly memory: MemoryTier
  readonly shared: SharedTier | undefined
  readonly copies: SharedCopies
  readonly reloads: ReloadMeter
  readonly semaphore: LoadSemaphore
  /** Types whose changes do not reach the invalidation log. Values that depend on such a type are not cached. */
  readonly unwatched: ReadonlySet<string>
  readonly omit: ReadonlySet<ProtocolStep>
  readonly onEvent: CacheListener
  readonly observer: CacheObserver | undefined
}

/** Key of an entry in the shared tier, and the policy for the copy of this entry in this process. */
export interface SharedKey {
  readonly key: string
  readonly policy: CachePolicy
}

export interface FillParams<Value> {
  readonly policy: CachePolicy
  readonly load: LoadMany<Value>
  /**
   * Whether the instance was in sync with the invalidation log when the read started. If not, the shared tier is not read and nothing is
   * stored.
   */
  readonly coherent: boolean
  /** Whether the shared tier may be read before the source. */
  readonly fromShared: boolean
  readonly onLanded: (request: CacheRequest, flight: Flight) => void
}

type Land = (departing: Departing, landing: Landing) => void

const EXPIRED: Absence = { cause: 'expired' }

/** Fills the cache. It reads the shared tier first, then loads all misses from the source in one call. No other code stores entries. */
export class Filler {
  readonly #options: FillerOptions
  readonly writes: SharedWrites
  readonly #turns: SharedTurns
  readonly #firstSights = new FirstSights()

  constructor(options: FillerOptions) {
    this.#options = options
    this.writes = new SharedWrites({ ...options, remainingMs: (policy, entry) => this.remainingMs(policy, entry) })
    this.#turns = new SharedTurns({ ...options, writes: this.writes })
  }

  /** Runs the loads of a batch and ends each load with an entry or an error. Never rejects. */
  async fill<Value>(batch: readonly Departing[], params: FillParams<Value>): Promise<void> {
    const land: Land = (departing, landing) => {
      params.onLanded(departing.request, departing.flight)
      departing.flight.land(landing)
    }
    try {
      const load = (departing: readonly Departing[]) => this.#inSlot(departing, params, land)
      const { policy } = params
      if (!this.#options.shared || !params.coherent || policy.l2Ms === 0) return await load(batch)
      const beganAt = this.#options.coherence.now()
      const isLookedUp = params.fromShared && this.#firstSights.areLookedUp(batch, policy)
      const missing = isLookedUp ? await this.#fromShared(batch, policy, land) : batch
      if (!missing.every(({ request }) => this.isWatched(request.tags))) return await load(missing)
      const since = params.fromShared ? Number.NEGATIVE_INFINITY : beganAt
      const find = (departing: readonly Departing[]) => this.#fromShared(departing, policy, land, since)
      if (missing.length > 0) await this.#turns.run(missing, { policy, since, find, load })
    } catch (error) {
      const failure = error instanceof Error ? error : new Error(String(error))
      for (const departing of batch) land(departing, { error: failure })
    }
  }

  /** Highest number of loads from the source that ran at the same time so far. */
  get peakLoads(): number {
    return this.#options.semaphore.peak
  }

  /**
   * Called when a load has left the background. If the load waits for the semaphore, it starts or moves to the queue of the other loads.
   */
  promote(): void {
    this.#options.semaphore.promote()
  }

  /**
   * Copies entries of the shared tier into this process. An entry that a read would refuse is not copied. Never loads from the source.
   * @returns the number of entries copied.
   */
  async copy(wanted: readonly SharedKey[]): Promise<number> {
    const { shared, copies } = this.#options
    const keys = wanted.filter(({ policy }) => policy.l1Ms > 0 && policy.l2Ms > 0)
    if (!shared || keys.length === 0) return 0
    const found = await copies.getMany(
      keys.map(({ key }) => key),
      'copied entries checked',
    )
    let copied = 0
    for (const [index, { key, policy }] of keys.entries()) {
      const entry = found[index]?.entry
      const remaining = entry ? this.remainingMs(policy, entry) : 0
      if (!entry || remaining <= 0) continue
      this.#keepInMemory(key, entry, policy, remaining)
      copied++
    }
    return copied
  }

  /** Returns the remaining time to live of an entry, ms; 0 if the entry may not be cached. */
  remainingMs(policy: CachePolicy, entry: Entry): number {
    if (!this.isWatched(entry.tags)) return 0
    return remainingMs(entry, policy, this.#options.shared !== undefined, this.#options.coherence.now())
  }

  /**
   * Returns the time of the monotonic clock at which a copy in this process expires under the given policy, ms. The policy may have changed
   * since the copy was stored: a shorter TTL then applies immediately, a longer TTL only to copies that are stored later.
   */
  freshUntil(held: MemoryEntry, policy: CachePolicy): number {
    if (held.policy === policy) return held.freshUntil
    const endsAt = this.#options.env.monotonic() + this.remainingMs(policy, held.entry)
    return Math.min(held.freshUntil, held.since + policy.l1Ms, endsAt)
  }

  get hasUnwatched(): boolean {
    return this.#options.unwatched.size > 0
  }

  /** Whether the invalidation log receives every change of the types that the tags name. */
  isWatched(tags: readonly string[]): boolean {
    return this.#options.unwatched.size === 0 || typesOfTags(tags).isDisjointFrom(this.#options.unwatched)
  }

  /** Returns an expired copy that was not invalidated, to serve while the source fails or is slow (stale-if-error). */
  standIn(request: CacheRequest, flight: Flight, policy: CachePolicy): Entry | undefined {
    const { env, coherence, memory } = this.#options
    if (!flight.coherent || policy.staleIfErrorMs === 0) return undefined
    const held = memory.peek(request.key.text)
    const kept = held && env.monotonic() < this.freshUntil(held, policy) + policy.staleIfErrorMs ? held.entry : flight.expired
    return kept && kept.until > coherence.now() && coherence.isCurrent(kept.epoch, kept.stamp, kept.slots) ? kept : undefined
  }

  /**
   * Reads the shared tier. Ends the loads whose values it has, and returns the others.
   * @param awaitedSince For loads that have waited for another process: they end only with values loaded since then, Unix epoch ms.
   */
  async #fromShared(batch: readonly Departing[], policy: CachePolicy, land: Land, awaitedSince?: number): Promise<readonly Departing[]> {
    const { copies, coherence, shared } = this.#options
    const isAwaited = awaitedSince !== undefined
    const found = await copies.getMany(
      batch.map(({ request }) => request.key.text),
      isAwaited ? 'awaited entries checked' : 'shared entries checked',
    )
    const hasFound = found.some(({ entry, refused }) => entry !== undefined || refused !== undefined)
    if (shared?.isSound && (hasFound || !isAwaited)) this.#firstSights.lookedUp(batch, policy, hasFound)
    const missing: Departing[] = []
    for (let position = 0; position < batch.length; position++) {
      const departing = batch[position] as Departing
      const { entry, refused = entry && EXPIRED } = found[position] as SharedCopy
      const remaining = entry ? this.remainingMs(policy, entry) : 0
      if (entry && remaining > 0 && !(isAwaited && entry.loadedAt < awaitedSince)) {
        this.#keepInMemory(departing.request.key.text, entry, policy, remaining)
        land(departing, { entry, layer: isAwaited ? 'coalesced' : 'l2' })
        continue
      }
      const lifeMs = entry && (ownLifeMs(entry, policy) ?? policy.l2Ms)
      if (entry && coherence.now() < entry.loadedAt + (lifeMs ?? 0) + policy.staleIfErrorMs) departing.flight.expired = entry
      departing.flight.refused = refused ?? departing.flight.refused
      departing.flight.voided ??= voidedBefore(refused)
      missing.push(departing)
    }
    return missing
  }

  /** Loads from the source when there is a slot for it. */
  async #inSlot<Value>(departing: readonly Departing[], params: FillParams<Value>, land: Land): Promise<void> {
    const work = () => this.#fromSource(departing, params, land)
    // The load of a composed value waits for the loads of its parts (other cached values). It takes no slot of the semaphore. Otherwise it
    // could hold a slot that the loads of the parts need, which would be a deadlock.
    const isWanted = () => departing.some(({ flight }) => !flight.isAbandoned)
    if (params.policy.composed && isWanted()) return work()
    const [first] = departing as [Departing]
    const isBackground = () => departing.every(({ flight }) => flight.isBackground)
    if (await this.#options.semaphore.run(first.request.key.tenant, isWanted, work, isBackground)) return
    this.#options.onEvent({ type: 'shed', policy: params.policy.name, count: departing.length })
    const error = new DeadlineExceededError(`The load of ${params.policy.name} could not begin in time.`)
    for (const one of departing) land(one, { error, isShed: true })
  }

  async #fromSource<Value>(missing: readonly Departing[], params: FillParams<Value>, land: Land): Promise<void> {
    const { env, coherence, omit, reloads, onEvent, observer } = this.#options
    const departure = { epoch: coherence.epoch, stamp: coherence.clock, startedAt: env.monotonic() }
    const generation = coherence.generation
    const loadedAt = coherence.now()
    for (const { flight } of missing) flight.departure = departure
    const loaded = await settleLoad(missing, params.policy, params.load, env, observer?.beginLoad(params.policy.name, missing.length))
    const durationMs = env.monotonic() - departure.startedAt
    const costMs = Math.round(durationMs * 100) / 100
    const stamped = omit.has('stamp before load') ? { ...departure, epoch: coherence.epoch, stamp: coherence.clock } : departure
    const entries = missing.map(({ request, flight }, position) => {
      const outcome = loaded[position] ?? new Error(`The load of ${params.policy.name} gave no result for one of its keys.`)
      if (outcome instanceof Error) return outcome
      flight.isFromCopies = outcome.fromCopies ?? false
      return this.#entryOf(request, outcome, stamped, loadedAt, costMs)
    })
    if (params.coherent && (generation === coherence.generation || omit.has('stamp before load')))
      this.#store(missing, entries, params.policy)
    missing.forEach((departing, position) => {
      const entry = entries[position] as Entry | Error
      const standIn = entry instanceof Error ? this.standIn(departing.request, departing.flight, params.policy) : undefined
      if (!(entry instanceof Error)) land(departing, { entry, layer: 'origin' })
      else land(departing, standIn ? { entry: standIn, layer: 'stale', reason: 'the source failed' } : { error: entry })
    })
    reloads.measure(missing, entries, params.policy, durationMs)
    const failed = entries.filter((entry) => entry instanceof Error).length
    if (failed < entries.length) this.#turns.measure(params.policy, durationMs)
    onEvent({ type: 'load', policy: params.policy.name, count: missing.length, failed, durationMs })
  }

  #entryOf(request: CacheRequest, loaded: Loaded<unknown>, departure: Departure, loadedAt: number, costMs: number): Entry {
    const tags = completeTags(loaded.tags ? [...request.tags, ...loaded.tags] : request.tags)
    return {
      value: deepFreeze(loaded.value),
      tags,
      slots: this.#slots(request.key.text, tags),
      epoch: departure.epoch,
      stamp: departure.stamp,
      loadedAt,
      until: loaded.until ?? Number.POSITIVE_INFINITY,
      ttlMs: loaded.ttlMs,
      costMs,
    }
  }

  #store(missing: readonly Departing[], entries: readonly (Entry | Error)[], policy: CachePolicy): void {
    const { coherence, memory } = this.#options
    missing.forEach(({ request, flight }, position) => {
      const entry = entries[position] as Entry | Error
      if (entry instanceof Error) return
      const remaining = entry.value === undefined ? 0 : this.remainingMs(policy, entry)
      flight.isUnstorable = remaining <= 0
      if (flight.isUnstorable) return
      if (!coherence.isCurrent(entry.epoch, entry.stamp, entry.slots)) {
        memory.seen.note(request.key.text, entry.stamp, coherence.now() + remaining)
        return
      }
      const due = this.writes.dueTime(policy, flight)
      this.#keepInMemory(request.key.text, entry, policy, remaining, due === 'second sight')
      if (due === 'now') this.writes.write(request.key.text, entry, policy)
    })
  }

  /**
   * Stores a copy in this process. Its TTL is reduced by up to 10 % at random, so that entries that were loaded together do not expire
   * together.
   */
  #keepInMemory(key: string, entry: Entry, policy: CachePolicy, remaining: number, waitsForSecondSight = false): void {
    const { env, coherence, memory, shared } = this.#options
    const now = coherence.now()
    memory.seen.note(key, entry.stamp, now + remaining)
    if (policy.l1Ms === 0) return
    const freshMs = Math.min(policy.l1Ms * (1 - 0.1 * env.random()), remaining)
    const keptMs = freshMs + Math.max(policy.staleWhileRevalidateMs, policy.staleIfErrorMs)
    const isInBoth = shared !== undefined && policy.l2Ms > 0
    const ageMs = isInBoth ? now - entry.loadedAt : 0
    const lifeMs = isInBoth ? remaining + ageMs : freshMs
    memory.set(key, entry, policy, { freshMs, lifeMs, isInBoth, ageMs, untilMs: entry.until - now, keptMs, waitsForSecondSight })
  }

  /**
   * Returns the indexes of the tags' counters in the tag sketch. The key counts as one more tag, so that a single value can be invalidated
   * by its key.
   */
  #slots(key: string, tags: readonly string[]): Uint32Array {
    return this.#options.coherence.slots([...tags, key])
  }
}
