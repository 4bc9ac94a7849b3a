import type { Cache } from '../../engine/cache/cache.ts'
import { Binary } from '../../engine/cache/model/binary.ts'
import type { CachePolicy } from '../../engine/cache/model/policy.ts'
import type { CacheRequest, Layer, Loaded, LoadOne, Outcome } from '../../engine/cache/model/read.ts'
import type { Session } from '../../engine/cache/model/session.ts'
import type { StoredResponse } from './stored-response.ts'

/** An operation whose response may be cached as a whole, with its cache key and policy. */
export interface CacheableOperation {
  readonly request: CacheRequest
  readonly policy: CachePolicy
}

/**
 * Tags and lifetime of all values that an execution read. A request that waits for the execution of a concurrent request accepts the result
 * only if none of these tags was invalidated since that waiting request came.
 */
export interface ReadParts {
  readonly tags: readonly string[]
  /** The earliest time at which one of the values changes without a write, Unix epoch ms; Infinity if none does. */
  readonly until: number
}

/** Maximum number of responses that are sampled before they are answered. */
const MAX_SAMPLED = 100

/** Result of an execution that must not be stored. If it is shareable, concurrent requests for the same operation share it. */
export class Unstored<Result> {
  readonly #result: Result
  readonly isShareable: boolean
  readonly parts: ReadParts

  constructor(result: Result, isShareable: boolean, { tags, until }: ReadParts) {
    this.#result = result
    this.isShareable = isShareable
    this.parts = { tags, until }
  }

  get result(): Result {
    return this.#result
  }
}

/**
 * Error for an execution that failed because the database could not be reached. A stale response may then be served. If there is none, the
 * result of the failed execution is served.
 */
export class SourceUnavailableError<Result> extends Error {
  override readonly name = 'SourceUnavailableError'
  readonly #unstored: Unstored<Result>

  constructor(unstored: Unstored<Result>) {
    super('The source of an answer cannot be reached.')
    this.#unstored = unstored
  }

  get unstored(): Unstored<Result> {
    return this.#unstored
  }
}

/**
 * Executes an operation.
 * @param isRefresh Whether the execution runs in the background, to replace an expired response that was served stale.
 * @param signal Aborts when no request waits for the response any more.
 * @throws SourceUnavailableError if a stale response is better than the result of this execution.
 */
export type Execute<Result> = (isRefresh: boolean, signal: AbortSignal | undefined) => Promise<Loaded<StoredResponse> | Unstored<Result>>

export interface AskOptions {
  readonly session: Session
  /** Whether the operation is executed even if its response is cached. */
  readonly refresh: boolean
  /** Aborts when the client of this request is gone. The execution continues while other requests wait for its result. */
  readonly signal: AbortSignal | undefined
  /** Executes the operation past the cache, for shadow mode, and returns the response as JSON; undefined if it has errors. */
  readonly loadPast: LoadOne<unknown>
}

/** A cached response from the memory of this process. */
export interface PeekedResponse {
  readonly response: StoredResponse
  /** Duration of the execution that made the response, ms. */
  readonly costMs: number
  /** Time of the lookup, by the clock of the log's database, Unix epoch ms. */
  readonly now: number
}

export interface AnswerFromTier<Result> {
  readonly answer: StoredResponse | Unstored<Result>
  readonly layer: Layer
  /** Duration of the execution that a cached copy saved, ms; 0 if the operation was executed. */
  readonly savedMs: number
  /** Reason why the response may be stale; undefined if it is not marked as stale. */
  readonly reason: string | undefined
  /** Tags and lifetime of the values in the response. */
  readonly parts: ReadParts
  /** Time since which a response that is marked as stale may be stale, Unix epoch ms. */
  readonly staleSince?: number | undefined
  /** Whether the response is that of a concurrent request's execution whose values were all cached. Default false. */
  readonly fromCopies?: boolean
}

/**
 * Caches whole responses, between HTTP and GraphQL. The cache engine treats a response like any other value: it stores the response in two
 * tiers, lets concurrent requests share one execution, and invalidates the response by the tags of all values that it contains.
 */
export class ResponseTier {
  readonly #cache: Cache
  /** Keys of responses that shadow mode samples: `peek` leaves the next request for each of them to `answer`. */
  readonly #sampled = new Set<string>()
  /** Responses that were made of cached values alone. */
  readonly #fromCopies = new WeakSet<StoredResponse>()

  constructor(cache: Cache) {
    this.#cache = cache
  }

  /**
   * Returns the cached response synchronously, if it is in the memory of this process and fresh for this session. If the policy has early
   * refresh, or if shadow mode samples the response, returns undefined, because only `answer` can start a refresh or a comparison.
   */
  peek({ request, policy }: CacheableOperation, session: Session): PeekedResponse | undefined {
    if (policy.earlyRefresh) return undefined
    const view = this.#cache.localView(session)
    const entry = view?.fresh(request.key)
    if (entry && this.#isSampled(request)) return undefined
    return view && entry && isStored(entry.value) ? { response: entry.value, costMs: entry.costMs, now: view.now } : undefined
  }

  /**
   * Returns the response from a tier of the cache, or else from an execution, which concurrent requests may share.
   * @throws any error of `execute` except SourceUnavailableError.
   */
  async answer<Result>(
    operation: CacheableOperation,
    { session, refresh, signal, loadPast }: AskOptions,
    execute: Execute<Result>,
  ): Promise<AnswerFromTier<Result>> {
    let outcome: Outcome | undefined
    const load = async (isRefresh: boolean, given: AbortSignal | undefined): Promise<Loaded<StoredResponse | Unstored<Result>>> => {
      const executed = await execute(isRefresh, given)
      if (executed instanceof Unstored) return { value: executed, ttlMs: 0, ...executed.parts }
      if (executed.fromCopies) this.#fromCopies.add(executed.value)
      return executed
    }
    const observe = (_: number, observed: Outcome) => {
      outcome = observed
    }
    const [answer] = await this.#cache.getMany(
      [operation.request],
      operation.policy,
      async (_, given, isRefresh = false) => [await load(isRefresh, given)],
      {
        session,
        refresh,
        signal,
        observe,
        shadow: { isChosen: this.#sampled.delete(operation.request.key.text) || this.#cache.drawsShadow(), load: loadPast },
      },
    )
    if (answer instanceof SourceUnavailableError) return unstoredAnswer(answer.unstored)
    if (answer instanceof Error || answer === undefined) throw answer ?? new Error('Expected one response from the cache, got none.')
    const layer = outcome?.layer ?? 'origin'
    if (layer === 'coalesced' && answer instanceof Unstored && !answer.isShareable) {
      const { value, tags = [], until = Number.POSITIVE_INFINITY } = await load(false, signal)
      return { answer: value, layer: 'origin', savedMs: 0, reason: undefined, parts: { tags, until } }
    }
    const savedMs = layer === 'origin' || layer === 'coalesced' ? 0 : (outcome?.costMs ?? 0)
    const fromCopies = layer === 'coalesced' && !(answer instanceof Unstored) && this.#fromCopies.has(answer)
    const parts = { tags: outcome?.tags ?? [], until: outcome?.until ?? Number.POSITIVE_INFINITY }
    return { answer, layer, savedMs, reason: outcome?.reason, staleSince: outcome?.staleSince, fromCopies, parts }
  }

  #isSampled({ key }: CacheRequest): boolean {
    if (this.#sampled.size > 0 && this.#sampled.has(key.text)) return true
    if (!this.#cache.drawsShadow()) return false
    // A request that is refused after `peek` never asks for an answer, so its key would stay.
    if (this.#sampled.size >= MAX_SAMPLED) this.#sampled.clear()
    this.#sampled.add(key.text)
    return true
  }
}

function unstoredAnswer<Result>(answer: Unstored<Result>): AnswerFromTier<Result> {
  return { answer, layer: 'origin', savedMs: 0, reason: undefined, parts: answer.parts }
}

function isStored(value: unknown): value is StoredResponse {
  return value instanceof Binary
}
