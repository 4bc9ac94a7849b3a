import type { Coherence } from './coherence.ts'
import type { Need } from './consistency-token.ts'
import type { Entry } from './entry.ts'
import type { Env } from './env.ts'
import type { CacheListener } from './events.ts'
import type { Departing, Filler } from './filler.ts'
import { Flight, type Landing } from './flight.ts'
import { isDueEarly } from './lifetime.ts'
import type { LocalView } from './local-view.ts'
import type { MemoryEntry } from './memory-tier.ts'
import type { CachePolicy } from './policy.ts'
import type { ProtocolStep } from './protocol-step.ts'
import { type CacheRequest, HistoryChangedError, type Layer, type LoadMany, type Outcome } from './read.ts'
import { completeTags } from './tags.ts'
import { waitForLanding } from './wait-for-landing.ts'

export interface ReaderOptions {
  readonly env: Env
  readonly coherence: Coherence
  readonly filler: Filler
  readonly stalenessBoundMs: number
  readonly omit: ReadonlySet<ProtocolStep>
  readonly onEvent: CacheListener
}

/** The circumstances of one read. */
export interface ReadTerms<Value> {
  readonly requests: readonly CacheRequest[]
  readonly policy: CachePolicy
  readonly load: LoadMany<Value>
  /** The copies of this process, as they are now. */
  readonly view: LocalView
  /** Whether the log could be followed up to what the reader needs. */
  readonly coherent: boolean
  /** What the reader needs and did not get. */
  readonly need: Need | undefined
  readonly observe: ((index: number, outcome: Outcome) => void) | undefined
  /** Whether nothing that is kept will do. */
  readonly refresh: boolean
  /** Whether copies whose time ran out will not do. */
  readonly fresh: boolean
  /** Monotonic clock until which the reader waits, ms. */
  readonly leavesAt: number
  readonly signal: AbortSignal | undefined
}

/** When a reader came: the position of the log that was applied, and the time, Unix epoch ms. */
interface Arrival {
  readonly clock: number
  readonly now: number
}

type Answer = (index: number, entry: Entry, layer: Layer, reason?: string) => void

const MOST_ATTEMPTS = 3

/** The way of a read: own copy, then a load shared with whoever wants the same. */
export class Reader {
  readonly #options: ReaderOptions
  readonly #flights = new Map<string, Flight>()

  constructor(options: ReaderOptions) {
    this.#options = options
  }

  get loadsInFlight(): number {
    return this.#flights.size
  }

  /** The load of a key that is under way. */
  flight(key: string): Flight | undefined {
    return this.#flights.get(key)
  }

  async read<Value>(terms: ReadTerms<Value>): Promise<(Value | Error)[]> {
    const results: (Value | Error)[] = []
    const tally = new Map<Layer, number>()
    const answer: Answer = (index, entry, layer, reason) => {
      // The key identifies policy and loader, so what is kept under it is a Value.
      results[index] = entry.value as Value
      tally.set(layer, (tally.get(layer) ?? 0) + 1)
      terms.observe?.(index, this.#outcome(entry, layer, terms, reason))
    }
    let waiting = terms.refresh ? terms.requests.map((_, index) => index) : this.#fromMemory(terms, answer)
    for (let attempt = 1; waiting.length > 0; attempt++) {
      const arrival = { clock: this.#options.coherence.clock, now: this.#options.coherence.now() }
      const boarded = this.#board(waiting, terms, !terms.refresh, terms.refresh || attempt > 1)
      const rejected: number[] = []
      for (const { index, flight, own, isFresh } of boarded) {
        const landing = flight.landing ?? (await this.#landing(index, flight, terms))
        if ('error' in landing) results[index] = landing.error
        else if (this.#accepts(landing, arrival, isFresh)) {
          const layer = own || landing.layer !== 'origin' ? landing.layer : 'coalesced'
          answer(index, landing.entry, layer, landing.layer === 'stale' ? landing.reason : undefined)
        } else if (attempt < MOST_ATTEMPTS) rejected.push(index)
        else results[index] = new HistoryChangedError('The database changed its history while it was read: retry.')
      }
      waiting = rejected
    }
    for (const [layer, count] of tally) this.#options.onEvent({ type: 'read', policy: terms.policy.name, layer, count })
    return results
  }

  /** Loads anew whatever is kept, for all who come from now on. */
  async refresh<Value>(terms: ReadTerms<Value>): Promise<void> {
    const indexes = terms.requests.map((_, index) => index)
    for (const { index, flight } of this.#board(indexes, terms, false, false)) await this.#landing(index, flight, terms)
  }

  /** Answers what this process's copies may answer; gives the indexes that are left. */
  #fromMemory<Value>(terms: ReadTerms<Value>, answer: Answer): number[] {
    const { view, policy } = terms
    const missing: number[] = []
    const overdue: number[] = []
    const early: number[] = []
    for (let index = 0; index < terms.requests.length; index++) {
      const held = view.current((terms.requests[index] as CacheRequest).key.text)
      if (!held) missing.push(index)
      else if (!terms.coherent) {
        if (this.#mayServeStale(held, terms)) answer(index, held.entry, 'stale', 'the invalidation log cannot be reached')
        else missing.push(index)
      } else if (view.monotonic < held.freshUntil) {
        answer(index, held.entry, 'l1')
        if (policy.earlyRefresh && this.#isDueEarly(held.entry, policy)) early.push(index)
      } else if (!terms.fresh && view.monotonic < held.freshUntil + policy.staleWhileRevalidateMs) {
        answer(index, held.entry, 'l1', 'revalidating')
        overdue.push(index)
      } else missing.push(index)
    }
    if (overdue.length > 0) this.#refreshInBackground(overdue, terms, true)
    if (early.length > 0) this.#refreshInBackground(early, terms, false)
    return missing
  }

  #isDueEarly(entry: Entry, policy: CachePolicy): boolean {
    const { filler, env } = this.#options
    return isDueEarly(entry, policy, filler.remainingMs(policy, entry), env.random())
  }

  #mayServeStale<Value>(held: MemoryEntry, terms: ReadTerms<Value>): boolean {
    const { staleIfErrorMs } = terms.policy
    if (staleIfErrorMs === 0 || terms.need !== undefined || this.#options.coherence.missesOwnWrites) return false
    return terms.view.monotonic < held.freshUntil + staleIfErrorMs
  }

  /** The readers that a refresh has are never gone, so it is not aborted. */
  #refreshInBackground<Value>(indexes: readonly number[], terms: ReadTerms<Value>, fromShared: boolean): void {
    const { load } = terms
    const refreshing = { ...terms, load: ((wanted, signal) => load(wanted, signal, true)) satisfies LoadMany<Value> }
    const begun = this.#board(indexes, refreshing, fromShared, false).filter(({ own }) => own).length
    const reason = fromShared ? 'overdue' : 'early'
    if (begun > 0) this.#options.onEvent({ type: 'refresh', policy: terms.policy.name, reason, count: begun })
  }

  /**
   * Joins the loads that are under way and may be joined; starts one for all other requests. Of each key two run at a time at most:
   * a third, wanted because an invalidation overtook both, waits until the first has ended, and all who come until then share it.
   */
  #board<Value>(
    indexes: readonly number[],
    terms: ReadTerms<Value>,
    fromShared: boolean,
    again: boolean,
  ): { readonly index: number; readonly flight: Flight; readonly own: boolean; readonly isFresh: boolean }[] {
    const departing: Departing[] = []
    const boarded = indexes.map((index) => {
      const request = terms.requests[index] as CacheRequest
      const flying = this.#flights.get(request.key.text)
      const own = !flying || !this.#mayJoin(flying, terms, again)
      const flight = own ? new Flight(request.tags, terms.coherent, flying) : flying
      flight.join()
      const isFresh = !flight.departure
      if (own) {
        this.#flights.set(request.key.text, flight)
        const oldest = flying?.predecessor
        if (oldest) void oldest.landed().then(() => this.#fill([{ index, request, flight }], terms, fromShared))
        else departing.push({ index, request, flight })
      }
      return { index, flight, own, isFresh }
    })
    if (departing.length > 0) this.#fill(departing, terms, fromShared)
    return boarded
  }

  #fill<Value>(departing: readonly Departing[], { policy, load, coherent }: ReadTerms<Value>, fromShared: boolean): void {
    const onLanded = (request: CacheRequest, flight: Flight) => {
      if (this.#flights.get(request.key.text) === flight) this.#flights.delete(request.key.text)
    }
    void this.#options.filler.fill(departing, { policy, load, coherent, fromShared, onLanded })
  }

  /**
   * A load that has not started yet reads what is there now. One under way must not have begun before an invalidation. A reader
   * who could not follow the log takes nothing that may come from the shared tier.
   * @param again Whether a load was joined already whose result depends on more than its key told, and so came too late: this time
   * nothing may have been invalidated at all.
   */
  #mayJoin<Value>(flight: Flight, terms: ReadTerms<Value>, again: boolean): boolean {
    const { departure } = flight
    if (flight.isAbandoned || (!terms.coherent && flight.coherent)) return false
    if (!departure) return true
    const { coherence, env, filler, omit, stalenessBoundMs } = this.#options
    // No row of the log tells that a write has overtaken the load.
    if (!filler.isWatched(flight.tags) || (again && filler.hasUnwatched)) return false
    if (terms.coherent) {
      const { epoch, stamp } = departure
      const isNew = epoch === coherence.epoch && stamp === coherence.clock
      if (isNew || again) return isNew
      return coherence.isCurrent(epoch, stamp, coherence.slots(completeTags(flight.tags))) || omit.has('join rule')
    }
    return terms.need === undefined && env.monotonic() - departure.startedAt <= stalenessBoundMs
  }

  #landing<Value>(index: number, flight: Flight, terms: ReadTerms<Value>): Promise<Landing> {
    const { leavesAt, signal, policy, view } = terms
    if (leavesAt === Number.POSITIVE_INFINITY && signal === undefined && policy.softTimeoutMs === undefined) return flight.landed()
    const request = terms.requests[index] as CacheRequest
    const standIn = () => this.#options.filler.standIn(request, flight, policy)
    const staleAt = view.monotonic + (policy.softTimeoutMs ?? Number.POSITIVE_INFINITY)
    return waitForLanding(flight, { leavesAt, staleAt, signal, name: policy.name, standIn, env: this.#options.env })
  }

  /**
   * A result is good for a reader if it was loaded since the reader came, or nothing it depends on changed meanwhile. A load that was
   * under way may have read a value that changed by itself before this reader came, such as a bid that was open: it is not good then.
   * @param isFresh Whether the load began after the reader came.
   */
  #accepts(landing: Extract<Landing, { entry: Entry }>, arrival: Arrival, isFresh: boolean): boolean {
    const { coherence, filler, omit } = this.#options
    const { epoch, stamp, slots, until, tags } = landing.entry
    if (!isFresh && !filler.isWatched(tags)) return false
    if (!isFresh && until <= arrival.now && !omit.has('until of a landing')) return false
    return (epoch === coherence.epoch && (stamp >= arrival.clock || coherence.isCurrent(epoch, stamp, slots))) || omit.has('join rule')
  }

  /** A copy is out of date at the earliest when its time ran out, or when the log was read for the last time. */
  #staleSince<Value>(entry: Entry, { policy, coherent }: ReadTerms<Value>): number {
    const { coherence } = this.#options
    const now = coherence.now()
    const endsAt = Math.min(now, entry.loadedAt + (entry.ttlMs ?? (policy.l1Ms || policy.l2Ms)))
    return coherent ? endsAt : Math.min(endsAt, now - coherence.lagMs)
  }

  #outcome<Value>(entry: Entry, layer: Layer, terms: ReadTerms<Value>, reason: string | undefined): Outcome {
    return {
      layer,
      ageMs: Math.max(0, this.#options.coherence.now() - entry.loadedAt),
      ttlMs: layer === 'stale' || !terms.coherent ? 0 : Math.max(0, this.#options.filler.remainingMs(terms.policy, entry)),
      until: entry.until,
      tags: entry.tags,
      ...(reason === undefined ? {} : { reason }),
      ...(layer === 'stale' ? { staleSince: this.#staleSince(entry, terms) } : {}),
    }
  }
}
