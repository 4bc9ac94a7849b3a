import { Binary } from '../cache/binary.ts'
import type { Cache } from '../cache/cache.ts'
import type { CachePolicy } from '../cache/policy.ts'
import type { CacheRequest, Layer, Loaded, Outcome } from '../cache/read.ts'
import type { Session } from '../cache/session.ts'
import type { StoredResponse } from './stored-response.ts'

/** An operation whose answer may be stored as a whole. */
export interface CacheableOperation {
  readonly request: CacheRequest
  readonly policy: CachePolicy
}

/** What an execution read: who joined it on the way takes its result only where nothing of this changed meanwhile. */
export interface ReadParts {
  readonly tags: readonly string[]
  /** The earliest moment at which a part changes by itself, Unix epoch ms; Infinity where none does. */
  readonly until: number
}

/** The result of an execution that must not be stored: for those who waited for it, where they may share it, and then forgotten. */
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

/** An execution failed for want of its source: an older answer may stand in for it. */
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
 * @param isRefresh Whether it is in the background, in place of an answer whose time ran out.
 * @throws SourceUnavailableError where an older answer is better than this one.
 */
export type Execute<Result> = (isRefresh: boolean) => Promise<Loaded<StoredResponse> | Unstored<Result>>

export interface AskTerms {
  readonly session: Session
  /** Whether the answer is made anew, whatever is kept. */
  readonly refresh: boolean
}

export interface AnswerFromTier<Result> {
  readonly answer: StoredResponse | Unstored<Result>
  readonly layer: Layer
  /** Of a flagged answer: what is wrong. */
  readonly reason: string | undefined
  /** Of a flagged answer: since when it may be out of date, Unix epoch ms. */
  readonly staleSince?: number | undefined
}

/**
 * Whole answers between HTTP and GraphQL, kept and checked by the cache engine like any other value: two tiers, one execution for
 * all who ask at once, invalidated by the tags of all their parts.
 */
export class ResponseTier {
  readonly #cache: Cache

  constructor(cache: Cache) {
    this.#cache = cache
  }

  /** The answer, where this process has it and may serve it as it is; in the synchronous section of the caller. */
  peek({ request }: CacheableOperation, session: Session): StoredResponse | undefined {
    const value = this.#cache.localView(session)?.getIfPresent(request.key)
    return isStored(value) ? value : undefined
  }

  /** The answer from a tier, or of an execution that may be shared with others. @throws what `execute` throws by mistake. */
  async answer<Result>(
    operation: CacheableOperation,
    { session, refresh }: AskTerms,
    execute: Execute<Result>,
  ): Promise<AnswerFromTier<Result>> {
    let outcome: Outcome | undefined
    const load = async (isRefresh: boolean): Promise<Loaded<StoredResponse | Unstored<Result>>> => {
      const executed = await execute(isRefresh)
      return executed instanceof Unstored ? { value: executed, ttlMs: 0, ...executed.parts } : executed
    }
    const observe = (_: number, observed: Outcome) => {
      outcome = observed
    }
    const [answer] = await this.#cache.getMany(
      [operation.request],
      operation.policy,
      async (_, _signal, isRefresh = false) => [await load(isRefresh)],
      {
        session,
        refresh,
        observe,
      },
    )
    if (answer instanceof SourceUnavailableError) return { answer: answer.unstored, layer: 'origin', reason: undefined }
    if (answer instanceof Error || answer === undefined) throw answer ?? new Error('The cache gave no answer.')
    const layer = outcome?.layer ?? 'origin'
    if (layer === 'coalesced' && answer instanceof Unstored && !answer.isShareable)
      return { answer: (await load(false)).value, layer: 'origin', reason: undefined }
    return { answer, layer, reason: outcome?.reason, staleSince: outcome?.staleSince }
  }
}

function isStored(value: unknown): value is StoredResponse {
  return value instanceof Binary
}
