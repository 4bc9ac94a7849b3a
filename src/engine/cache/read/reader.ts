import type { Coherence } from '../log/coherence.ts'
import type { MemoryEntry } from '../memory/memory-tier.ts'
import type { CacheObserver, ReadFacts } from '../model/cache-observer.ts'
import type { Entry } from '../model/entry.ts'
import type { Env } from '../model/env.ts'
import type { CacheListener } from '../model/events.ts'
import { isDueEarly, isInEarlyTime } from '../model/lifetime.ts'
import { inStep, type OpenStep } from '../model/open-step.ts'
import type { CachePolicy } from '../model/policy.ts'
import type { ProtocolStep } from '../model/protocol-step.ts'
import { type CacheRequest, HistoryChangedError, type LoadMany } from '../model/read.ts'
import { completeTags } from '../model/tags.ts'
import { type Absence, BYPASSED, voidedBefore } from './absence.ts'
import type { AbsenceJudge } from './absence-judge.ts'
import type { Filler } from './filler.ts'
import { type Departing, Flight, type Landing } from './flight.ts'
import { type Answered, outcomeOf } from './outcome.ts'
import type { ReadParams } from './read-params.ts'
import { ReadTally } from './read-tally.ts'
import { waitForLanding } from './wait-for-landing.ts'

export interface ReaderOptions {
  readonly env: Env
  readonly coherence: Coherence
  readonly filler: Filler
  readonly judge: AbsenceJudge
  readonly stalenessBoundMs: number
  readonly omit: ReadonlySet<ProtocolStep>
  readonly onEvent: CacheListener
  readonly observer: CacheObserver | undefined
}

/** Start of a read: the log position that the instance had applied at that moment, and the time, Unix epoch ms. */
interface Arrival {
  readonly clock: number
  readonly now: number
}

type Answer = (index: number, answered: Answered, absence?: Absence) => void

const MAX_ATTEMPTS = 3

/** Serves reads: first from the copy in this process, then from a load that all concurrent readers of the key share. */
export class Reader {
  readonly #options: ReaderOptions
  readonly #flights = new Map<string, Flight>()

  constructor(options: ReaderOptions) {
    this.#options = options
  }

  get loadsInFlight(): number {
    return this.#flights.size
  }

  /** Returns the load of the key if one is in flight. */
  flight(key: string): Flight | undefined {
    return this.#flights.get(key)
  }

  /** Returns the value or error of each request, in the order of the requests. */
  async read<Value>(params: ReadParams<Value>): Promise<(Value | Error)[]> {
    const step = this.#options.observer?.beginRead(params.policy.name, params.requests.length)
    if (!step) return this.#read(params, undefined)
    try {
      return await step.contain(() => this.#read(params, step))
    } catch (error) {
      step.fail(error)
      throw error
    }
  }

  async #read<Value>(params: ReadParams<Value>, step: OpenStep<ReadFacts> | undefined): Promise<(Value | Error)[]> {
    const { coherence, judge, onEvent } = this.#options
    const results: (Value | Error)[] = []
    const tally = new ReadTally(params.policy.name)
    const answer: Answer = (index, { entry, layer, reason }, absence) => {
      // The key identifies policy and loader, so the value that is cached under the key has the type Value.
      results[index] = entry.value as Value
      if (layer === 'origin' || layer === 'coalesced') tally.miss(layer, absence ?? BYPASSED)
      else tally.hit(layer, entry.costMs)
      params.observe?.(index, outcomeOf({ entry, layer, reason }, absence, params, this.#options))
    }
    const all = params.requests.map((_, index) => index)
    let { missing: waiting, ending } = params.refresh ? { missing: all, ending: [] } : this.#fromMemory(params, answer)
    const absences = new Map<number, Absence>()
    for (let attempt = 1; waiting.length + ending.length > 0; attempt++) {
      const arrival = { clock: coherence.clock, now: coherence.now() }
      const isFirst = attempt === 1
      const boarded = this.#board(waiting, params, !params.refresh, params.refresh || !isFirst, isFirst)
      if (isFirst) for (const { index, flight } of boarded) absences.set(index, this.#absenceOf(flight, index, params))
      // A copy in the shared tier expires at the same time as the copy in memory. So a request whose copy expires too soon is loaded from
      // the source, without the shared tier.
      if (ending.length > 0) boarded.push(...this.#board(ending, params, false, !isFirst))
      const rejected: number[] = []
      for (const { index, flight, own, isFresh } of boarded) {
        const landing = flight.landing ?? (await this.#landing(index, flight, params))
        if (!own && flight.step) step?.waitedFor(flight.step)
        const { text } = (params.requests[index] as CacheRequest).key
        const absence = (ended: Landing) => judge.after(absences.get(index) ?? BYPASSED, text, flight, ended)
        if ('error' in landing) {
          results[index] = landing.error
          if (flight.landing) tally.miss('failed', absence(flight.landing))
          else void this.#reportLater(flight, params, absence)
        } else if (this.#accepts(landing, arrival, isFresh)) {
          const { entry, layer } = landing
          if (layer === 'l2' || layer === 'stale') answer(index, landing)
          else answer(index, { entry, layer: own ? layer : 'coalesced' }, absence(landing))
        } else if (attempt < MAX_ATTEMPTS) rejected.push(index)
        else {
          results[index] = new HistoryChangedError('The database timeline changed (failover or restore) during the read: retry.')
          tally.miss('failed', absence(landing))
        }
      }
      waiting = rejected
      ending = []
    }
    tally.report(onEvent)
    step?.end({ layers: tally.layers, failed: results.filter((result) => result instanceof Error).length })
    return results
  }

  /** Returns why a reader found no copy: for the same reason as the reader that started the load, unless one of them ignores copies. */
  #absenceOf<Value>({ absence }: Flight, index: number, params: ReadParams<Value>): Absence {
    return (!params.refresh && params.coherent && absence) || this.#options.judge.at(params.requests[index] as CacheRequest, params)
  }

  #noteAbsence<Value>({ key }: CacheRequest, flight: Flight, absence: Absence, { session, view }: ReadParams<Value>): void {
    if (absence !== BYPASSED && !session.isBackground) view.missed(key.text, absence.cause)
    flight.absence = absence === BYPASSED ? undefined : absence
    flight.voided = voidedBefore(absence)
    flight.isNew = !session.isBackground && absence.cause === 'cold'
    flight.isFirstSight = flight.isNew || (!session.isBackground && absence.cause === 'invalidated')
  }

  /** Reports a read whose reader left before the load ended. Its cause is known when the load ends. */
  async #reportLater<Value>(flight: Flight, { policy }: ReadParams<Value>, absence: (landing: Landing) => Absence): Promise<void> {
    const tally = new ReadTally(policy.name)
    tally.miss('failed', absence(await flight.landed()))
    tally.report(this.#options.onEvent)
  }

  /** Reloads the requested values, cached or not, and caches the new values for later readers. */
  async refresh<Value>(params: ReadParams<Value>): Promise<void> {
    const indexes = params.requests.map((_, index) => index)
    for (const { index, flight } of this.#board(indexes, params, false, false)) await this.#landing(index, flight, params)
  }

  /**
   * Answers requests from the entries cached in this process. Returns the indexes of the other requests: `missing` have no usable copy;
   * `ending` have a copy that expires too soon to become part of a composed value that is being refreshed.
   */
  #fromMemory<Value>(params: ReadParams<Value>, answer: Answer): { missing: number[]; ending: number[] } {
    const { view, policy } = params
    const { filler } = this.#options
    const missing: number[] = []
    const ending: number[] = []
    const overdue: number[] = []
    const early: number[] = []
    params.requests.forEach(({ key }, index) => {
      const held = view.current(key.text)
      const freshUntil = held ? filler.freshUntil(held, policy) : 0
      if (!held) missing.push(index)
      else if (!params.coherent) {
        if (this.#mayServeStale(held, params))
          answer(index, { entry: held.entry, layer: 'stale', reason: 'the invalidation log cannot be reached' })
        else missing.push(index)
      } else if (view.monotonic < freshUntil && params.fresh && isInEarlyTime(held.entry, policy, filler.remainingMs(policy, held.entry))) {
        ending.push(index)
      } else if (view.monotonic < freshUntil) {
        answer(index, { entry: view.serve(key.text, held), layer: 'l1' })
        if (policy.earlyRefresh && this.#isDueEarly(held.entry, policy)) early.push(index)
      } else if (!params.fresh && view.monotonic < freshUntil + policy.staleWhileRevalidateMs) {
        answer(index, { entry: view.serve(key.text, held), layer: 'l1', reason: 'revalidating' })
        overdue.push(index)
      } else missing.push(index)
    })
    if (overdue.length > 0) this.#refreshInBackground(overdue, params, true)
    if (early.length > 0) this.#refreshInBackground(early, params, false)
    return { missing, ending }
  }

  #isDueEarly(entry: Entry, policy: CachePolicy): boolean {
    const { filler, env } = this.#options
    return isDueEarly(entry, policy, filler.remainingMs(policy, entry), env.random())
  }

  #mayServeStale<Value>(held: MemoryEntry, params: ReadParams<Value>): boolean {
    const { staleIfErrorMs } = params.policy
    if (staleIfErrorMs === 0 || params.need !== undefined || this.#options.coherence.missesOwnWrites) return false
    return params.view.monotonic < this.#options.filler.freshUntil(held, params.policy) + staleIfErrorMs
  }

  /** Starts a refresh in the background. The refresh counts as a reader that never leaves, so its load is not aborted. */
  #refreshInBackground<Value>(indexes: readonly number[], params: ReadParams<Value>, fromShared: boolean): void {
    const { load } = params
    const refreshing = { ...params, isDetached: true, load: ((wanted, signal) => load(wanted, signal, true)) satisfies LoadMany<Value> }
    const begun = this.#board(indexes, refreshing, fromShared, false).filter(({ own }) => own).length
    const reason = fromShared ? 'overdue' : 'early'
    if (begun > 0) this.#options.onEvent({ type: 'refresh', policy: params.policy.name, reason, count: begun })
  }

  /**
   * Joins loads in flight where that is allowed, and starts loads for all other requests. At most two loads of one key run at a time. If
   * both loads started before an invalidation, a third load is needed. The third load starts when the older of the two loads has ended. All
   * readers that arrive before this start share the third load.
   * @param isFirst Whether this is the first attempt of the read, so that the causes of its misses are not known yet.
   */
  #board<Value>(
    indexes: readonly number[],
    params: ReadParams<Value>,
    fromShared: boolean,
    again: boolean,
    isFirst = false,
  ): { readonly index: number; readonly flight: Flight; readonly own: boolean; readonly isFresh: boolean }[] {
    const departing: Departing[] = []
    const boarded = indexes.map((index) => {
      const request = params.requests[index] as CacheRequest
      const flying = this.#flights.get(request.key.text)
      const own = !flying || !this.#mayJoin(flying, params, again)
      const flight = own ? new Flight(request.tags, params.coherent, params.session, flying) : flying
      flight.join()
      if (!own) this.#promote(flight, params)
      const isFresh = !flight.departure
      if (own) {
        if (isFirst) this.#noteAbsence(request, flight, this.#options.judge.at(request, params), params)
        this.#flights.set(request.key.text, flight)
        const oldest = flying?.predecessor
        if (oldest) this.#promote(oldest, params)
        if (oldest) void oldest.landed().then(() => this.#fill([{ index, request, flight }], params, fromShared))
        else departing.push({ index, request, flight })
      }
      return { index, flight, own, isFresh }
    })
    if (departing.length > 0) this.#fill(departing, params, fromShared)
    return boarded
  }

  /** Moves a load for which a reader waits out of the background, unless that reader is in the background itself. */
  #promote<Value>(flight: Flight, { session }: ReadParams<Value>): void {
    if (session.isBackground || !flight.isBackground) return
    flight.promote()
    this.#options.filler.promote()
  }

  #fill<Value>(departing: readonly Departing[], params: ReadParams<Value>, fromShared: boolean): void {
    const { policy, load, coherent } = params
    const onLanded = (request: CacheRequest, flight: Flight) => {
      if (this.#flights.get(request.key.text) === flight) this.#flights.delete(request.key.text)
    }
    const step = params.isDetached ? this.#options.observer?.beginRefresh(policy.name, departing.length) : undefined
    void inStep(step, () => this.#options.filler.fill(departing, { policy, load, coherent, fromShared, onLanded }))
  }

  /**
   * Whether a reader may join a load of the same key. It may join a load that has not started yet, because that load will read current
   * data. It may not join a load that started before an invalidation of the load's tags. A reader that is not in sync with the log joins no
   * load that may use the shared tier.
   * @param again Whether the reader may join a load only if the instance has applied no row of the log since the load started: it requested
   * a reload, or rejected the result of an earlier load, for example because a tag that is known only with the value was invalidated.
   */
  #mayJoin<Value>(flight: Flight, params: ReadParams<Value>, again: boolean): boolean {
    const { departure } = flight
    if (flight.isAbandoned || (!params.coherent && flight.coherent)) return false
    if (!departure) return true
    const { coherence, env, filler, omit, stalenessBoundMs } = this.#options
    // A write to a type without working triggers appends no row to the log, so a write during the load could go unnoticed.
    if (!filler.isWatched(flight.tags) || (again && filler.hasUnwatched)) return false
    if (params.coherent) {
      const { epoch, stamp } = departure
      const isNew = epoch === coherence.epoch && stamp === coherence.clock
      if (isNew || again) return isNew
      return coherence.isCurrent(epoch, stamp, coherence.slots(completeTags(flight.tags))) || omit.has('join rule')
    }
    return params.need === undefined && env.monotonic() - departure.startedAt <= stalenessBoundMs
  }

  #landing<Value>(index: number, flight: Flight, params: ReadParams<Value>): Promise<Landing> {
    const { leavesAt, signal, policy, view } = params
    if (leavesAt === Number.POSITIVE_INFINITY && signal === undefined && policy.softTimeoutMs === undefined) return flight.landed()
    const request = params.requests[index] as CacheRequest
    const standIn = () => this.#options.filler.standIn(request, flight, policy)
    const staleAt = view.monotonic + (policy.softTimeoutMs ?? Number.POSITIVE_INFINITY)
    return waitForLanding(flight, { leavesAt, staleAt, signal, name: policy.name, standIn, env: this.#options.env })
  }

  /**
   * Whether a reader may use the result of a load. The result is usable if the load started after the read, or if nothing that the result
   * depends on was invalidated since the load started. A load that started before the read may have read a value that changed without a
   * write (`until`) before the read started. Such a value is rejected.
   * @param isFresh Whether the load started after the read.
   */
  #accepts(landing: Extract<Landing, { entry: Entry }>, arrival: Arrival, isFresh: boolean): boolean {
    const { coherence, filler, omit } = this.#options
    const { epoch, stamp, slots, until, tags } = landing.entry
    if (!isFresh && !filler.isWatched(tags)) return false
    if (!isFresh && until <= arrival.now && !omit.has('until of a landing')) return false
    return (epoch === coherence.epoch && (stamp >= arrival.clock || coherence.isCurrent(epoch, stamp, slots))) || omit.has('join rule')
  }
}
