import type { Coherence } from '../log/coherence.ts'
import { Binary } from '../model/binary.ts'
import type { Env } from '../model/env.ts'
import type { CacheListener, ShadowOutcome } from '../model/events.ts'
import type { CachePolicy } from '../model/policy.ts'
import type { CacheRequest, LoadOne, Outcome, ReadOptions } from '../model/read.ts'
import { typesOfTags } from '../model/tags.ts'
import type { Filler } from '../read/filler.ts'
import type { LoadSemaphore } from '../read/load-semaphore.ts'
import { onlyResult } from '../read/only-result.ts'
import type { ReadParams } from '../read/read-params.ts'
import type { Reader } from '../read/reader.ts'
import { differingPaths, storedJson } from './differing-paths.ts'
import { type Judgement, judgeDifference, type ServedValue } from './judge-difference.ts'

export interface ShadowReadsOptions {
  readonly env: Env
  /** Share of the reads that are sampled, 0 to 1. */
  readonly shadowRate: number
  /** Types whose values are not compared: see `CacheOptions.uncomparedTypes`. */
  readonly uncomparedTypes?: readonly string[]
  readonly coherence: Coherence
  readonly semaphore: LoadSemaphore
  readonly stalenessBoundMs: number
  readonly filler: Pick<Filler, 'isWatched'>
  readonly onEvent: CacheListener
}

/** Runs a sampled read. Its values are compared in the background, and the read does not wait for that. */
type SampledRead = <Value>(params: ReadParams<Value>, reader: Reader) => Promise<(Value | Error)[]>

/** The values of one read that are in the sample, and what the reader was promised when it came. */
interface Sample extends Pick<ServedValue, 'arrivedAt' | 'need'> {
  readonly indexes: ReadonlySet<number>
  readonly shadow: ReadOptions['shadow']
}

type Load = LoadOne<unknown>

interface Compared {
  readonly outcome: ShadowOutcome
  readonly paths: readonly string[]
}

/** Maximum number of comparisons at the same time. Further values are not compared, so that the sample cannot overload the database. */
const MAX_COMPARISONS = 8
const MAX_PATHS = 10
const UNDECIDED: Compared = { outcome: 'undecided', paths: [] }

/**
 * Shadow mode: compares a random sample of the values that were served from copies with newly loaded ones. A value is served as usual, and
 * loaded again in the background, past the cache. If the two differ, the invalidation log tells whether the promise allows it
 * ({@link judgeDifference}). A value that was flagged as stale to its reader is not compared.
 */
export class ShadowReads {
  readonly #options: ShadowReadsOptions
  readonly #closing = new AbortController()
  readonly #uncomparedTypes: ReadonlySet<string>
  #comparisons = 0

  constructor(options: ShadowReadsOptions) {
    this.#options = options
    this.#uncomparedTypes = new Set(options.uncomparedTypes)
  }

  /** Whether a value is in the sample, by the configured rate. */
  isChosen(): boolean {
    return this.#comparisons < MAX_COMPARISONS && this.#options.env.random() < this.#options.shadowRate
  }

  /**
   * Draws the sample of one read. Must be called when the reader comes, before the cache syncs with the log for it. Returns undefined for
   * almost all reads. A composed value is sampled only if the read says how to load it past the cache.
   */
  sample(requests: readonly CacheRequest[], { composed }: CachePolicy, { session, shadow }: ReadOptions): SampledRead | undefined {
    if (session.isBackground || (composed && !shadow)) return undefined
    let indexes: Set<number> | undefined
    for (let index = 0; index < requests.length; index++) {
      if (!(shadow ? shadow.isChosen : this.isChosen())) continue
      indexes ??= new Set()
      indexes.add(index)
    }
    if (!indexes) return undefined
    const sample = { indexes, shadow, arrivedAt: this.#options.coherence.now(), need: session.need }
    return (params, reader) => this.#run(sample, params, reader)
  }

  close(): void {
    this.#closing.abort(new Error('The cache was closed.'))
  }

  async #run<Value>({ indexes, shadow, arrivedAt, need }: Sample, params: ReadParams<Value>, reader: Reader): Promise<(Value | Error)[]> {
    // A reader for whom the process is not in sync with the log gets no copies, only loads that it shares with others.
    if (!params.coherent) return reader.read(params)
    const { clock, epoch, generation } = this.#options.coherence
    const outcomes = new Map<number, Outcome>()
    const observe = (index: number, outcome: Outcome) => {
      params.observe?.(index, outcome)
      if (indexes.has(index)) outcomes.set(index, outcome)
    }
    const values = await reader.read({ ...params, observe })
    for (const [index, outcome] of outcomes) {
      const { layer, stamp, until } = outcome
      if (layer === 'origin' || layer === 'stale' || stamp === undefined || !isComparable(values[index], params.policy)) continue
      const { key, tags } = params.requests[index] as CacheRequest
      const all = [...new Set([...tags, ...outcome.tags, key.text])]
      if (!typesOfTags(outcome.tags).isDisjointFrom(this.#uncomparedTypes)) continue
      const served = { value: values[index], tags: all, stamp, until, arrivedAt, clock, need, epoch, generation }
      const load: Load = shadow?.load ?? (async (signal) => onlyResult(await params.load([index], signal)))
      void this.#check(served, params.policy.name, layer, key.tenant, load)
    }
    return values
  }

  async #check(served: ServedValue, policy: string, layer: Outcome['layer'], tenant: string, load: Load): Promise<void> {
    if (this.#comparisons >= MAX_COMPARISONS) return
    this.#comparisons++
    let compared = UNDECIDED
    try {
      compared = await this.#compare(served, tenant, load)
    } catch {
      // The load or the sync of the log failed, so no comparison is possible.
    }
    this.#comparisons--
    if (this.#closing.signal.aborted) return
    this.#options.onEvent({ type: 'shadow', policy, layer, ...compared, paths: compared.paths.slice(0, MAX_PATHS) })
  }

  async #compare(served: ServedValue, tenant: string, load: Load): Promise<Compared> {
    const { coherence, stalenessBoundMs, filler } = this.#options
    if (!filler.isWatched(served.tags)) return UNDECIDED
    const first = await this.#load(tenant, load)
    if (first === undefined) return UNDECIDED
    const paths = differingPaths(storedJson(served.value), first)
    if (paths.length === 0) return { outcome: 'equal', paths }
    await coherence.barrier()
    if (!filler.isWatched(served.tags)) return UNDECIDED
    const judgement: Judgement = judgeDifference(served, coherence, stalenessBoundMs)
    if (judgement.outcome !== 'violation' || judgement.reason !== 'not invalidated') return { ...judgement, paths }
    // A field may tell when its value was computed. Two loads in a row give it differently, so it says nothing about the copy. It may also
    // be a value that changes all the time without an invalidation, so it does not show that the copy is right either.
    const second = await this.#load(tenant, load)
    if (second === undefined) return UNDECIDED
    const changing = new Set(differingPaths(first, second))
    const remaining = paths.filter((path) => !changing.has(path))
    return remaining.length === 0 ? UNDECIDED : { ...judgement, paths: remaining }
  }

  /** Loads the value while no reader waits for another load. Returns undefined if the source does not know the value. */
  async #load(tenant: string, load: Load): Promise<unknown> {
    const { signal } = this.#closing
    let json: unknown
    const work = async () => {
      const { value } = await load(signal)
      json = value === undefined ? undefined : storedJson(value)
    }
    await this.#options.semaphore.run(
      tenant,
      () => !signal.aborted,
      work,
      () => true,
    )
    return json
  }
}

/** Whether a value is JSON. A composed value that is no {@link Binary} is shared among concurrent readers, and never stored. */
function isComparable(value: unknown, { composed }: CachePolicy): boolean {
  return value !== undefined && !(value instanceof Error) && (!composed || value instanceof Binary)
}
