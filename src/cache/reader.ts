import type { Coherence } from './coherence.ts'
import type { Need } from './consistency-token.ts'
import type { Entry } from './entry.ts'
import type { Env } from './env.ts'
import type { CacheListener } from './events.ts'
import type { Departing, Filler } from './filler.ts'
import { Flight, type Landing } from './flight.ts'
import type { MemoryEntry, MemoryTier } from './memory-tier.ts'
import type { CachePolicy } from './policy.ts'
import type { CacheRequest, Layer, LoadMany, Outcome } from './read.ts'
import { completeTags } from './tags.ts'

export interface ReaderOptions {
  readonly env: Env
  readonly coherence: Coherence
  readonly memory: MemoryTier
  readonly filler: Filler
  readonly stalenessBoundMs: number
  readonly onEvent: CacheListener
}

/** The circumstances of one read. */
export interface ReadTerms<Value> {
  readonly requests: readonly CacheRequest[]
  readonly policy: CachePolicy
  readonly load: LoadMany<Value>
  /** Whether the log could be followed up to what the reader needs. */
  readonly coherent: boolean
  /** What the reader needs and did not get. */
  readonly need: Need | undefined
  readonly observe: ((index: number, outcome: Outcome) => void) | undefined
}

const MOST_ATTEMPTS = 3

/** The history of the database changed under every attempt to load. */
export class HistoryChangedError extends Error {
  override readonly name = 'HistoryChangedError'
}

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

  async read<Value>(terms: ReadTerms<Value>): Promise<(Value | Error)[]> {
    const results: (Value | Error)[] = []
    const tally = new Map<Layer, number>()
    const answer = (index: number, entry: Entry, layer: Layer, reason?: string) => {
      // The key identifies policy and loader, so what is kept under it is a Value.
      results[index] = entry.value as Value
      tally.set(layer, (tally.get(layer) ?? 0) + 1)
      terms.observe?.(index, this.#outcome(entry, layer, terms, reason))
    }
    let waiting = this.#fromMemory(terms, answer)
    for (let attempt = 1; waiting.length > 0; attempt++) {
      const arrival = this.#options.coherence.clock
      const boarded = this.#board(waiting, terms)
      const rejected: number[] = []
      for (const { index, flight, own } of boarded) {
        const landing = await flight.landed
        if ('error' in landing) results[index] = landing.error
        else if (this.#accepts(landing, arrival)) {
          if (landing.stale) answer(index, landing.entry, 'stale', 'the source failed')
          else answer(index, landing.entry, own ? landing.layer : 'coalesced')
        } else if (attempt < MOST_ATTEMPTS) rejected.push(index)
        else results[index] = new HistoryChangedError('The database changed its history while it was read: retry.')
      }
      waiting = rejected
    }
    for (const [layer, count] of tally) this.#options.onEvent({ type: 'read', policy: terms.policy.name, layer, count })
    return results
  }

  /** Answers what this process's copies may answer; gives the indexes that are left. */
  #fromMemory<Value>(terms: ReadTerms<Value>, answer: (index: number, entry: Entry, layer: Layer, reason?: string) => void): number[] {
    const { memory, env } = this.#options
    const missing: number[] = []
    const refreshing: number[] = []
    terms.requests.forEach((request, index) => {
      const held = memory.get(request.key.text)
      if (!held || !this.#isCurrent(held.entry)) {
        missing.push(index)
        return
      }
      const overdueMs = env.monotonic() - held.freshUntil
      if (!terms.coherent) {
        if (this.#mayServeStale(held, terms)) answer(index, held.entry, 'stale', 'the invalidation log cannot be reached')
        else missing.push(index)
      } else if (overdueMs < 0) {
        answer(index, held.entry, 'l1')
      } else if (overdueMs < terms.policy.staleWhileRevalidateMs) {
        answer(index, held.entry, 'l1', 'revalidating')
        refreshing.push(index)
      } else missing.push(index)
    })
    if (refreshing.length > 0) this.#board(refreshing, terms)
    return missing
  }

  #isCurrent(entry: Entry): boolean {
    const { coherence, env } = this.#options
    if (entry.until <= env.now() || !coherence.isCurrent(entry.epoch, entry.stamp, entry.slots)) return false
    entry.stamp = Math.max(entry.stamp, coherence.clock)
    return true
  }

  #mayServeStale<Value>(held: MemoryEntry, terms: ReadTerms<Value>): boolean {
    const { coherence, env } = this.#options
    const { staleIfErrorMs } = terms.policy
    if (staleIfErrorMs === 0 || terms.need !== undefined || coherence.missesOwnWrites) return false
    return env.monotonic() < held.freshUntil + staleIfErrorMs
  }

  /** Joins the loads that are under way and may be joined; starts one for all other requests. */
  #board<Value>(indexes: readonly number[], terms: ReadTerms<Value>): { index: number; flight: Flight; own: boolean }[] {
    const departing: Departing[] = []
    const boarded = indexes.map((index) => {
      const request = terms.requests[index] as CacheRequest
      const flying = this.#flights.get(request.key.text)
      if (flying && this.#mayJoin(flying, terms)) return { index, flight: flying, own: false }
      const flight = new Flight(this.#options.coherence.slots(completeTags(request.tags)), terms.coherent)
      this.#flights.set(request.key.text, flight)
      departing.push({ index, request, flight })
      return { index, flight, own: true }
    })
    if (departing.length > 0) {
      void this.#options.filler.fill(departing, {
        policy: terms.policy,
        load: terms.load,
        coherent: terms.coherent,
        onLanded: (request, flight) => {
          if (this.#flights.get(request.key.text) === flight) this.#flights.delete(request.key.text)
        },
      })
    }
    return boarded
  }

  /**
   * A load that has not started yet reads what is there now. One under way must not have begun before an invalidation. A reader
   * who could not follow the log takes nothing that may come from the shared tier.
   */
  #mayJoin<Value>(flight: Flight, terms: ReadTerms<Value>): boolean {
    const { departure } = flight
    if (!terms.coherent && flight.coherent) return false
    if (!departure) return true
    const { coherence, env, stalenessBoundMs } = this.#options
    if (terms.coherent) return coherence.isCurrent(departure.epoch, departure.stamp, flight.slots)
    return terms.need === undefined && env.monotonic() - departure.startedAt <= stalenessBoundMs
  }

  /** A result is good for a reader if it was loaded since the reader came, or nothing it depends on changed meanwhile. */
  #accepts(landing: Extract<Landing, { entry: Entry }>, arrival: number): boolean {
    const { coherence } = this.#options
    const { epoch, stamp, slots } = landing.entry
    return epoch === coherence.epoch && (stamp >= arrival || coherence.isCurrent(epoch, stamp, slots))
  }

  #outcome<Value>(entry: Entry, layer: Layer, terms: ReadTerms<Value>, reason: string | undefined): Outcome {
    return {
      layer,
      ageMs: Math.max(0, this.#options.env.now() - entry.loadedAt),
      ttlMs: layer === 'stale' || !terms.coherent ? 0 : Math.max(0, this.#options.filler.remainingMs(terms.policy, entry)),
      tags: entry.tags,
      ...(reason === undefined ? {} : { reason }),
    }
  }
}
