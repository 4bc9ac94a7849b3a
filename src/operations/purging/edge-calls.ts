import type { Env } from '../../engine/cache/model/env.ts'
import type { CircuitBreaker } from '../../engine/cache/shared/circuit-breaker.ts'
import { batchesOf } from './coalesced-keys.ts'
import { type Edge, EdgeFailure } from './edge.ts'

export interface EdgeCallsOptions {
  readonly edge: Edge
  readonly env: Pick<Env, 'monotonic' | 'setTimer' | 'random'>
  /** Minimum time between two calls, ms. */
  readonly intervalMs: number
  readonly breaker: CircuitBreaker
  /** Returns whether this process may call the edge now. */
  readonly mayCall: () => boolean
}

/** Error of a call of the edge. `cause` is the error of the network or of the edge. */
class CallError extends Error {
  override readonly name = 'CallError'
}

/** Error for a purge that must wait, because this process lost its right to purge, or the breaker is open. */
class WaitError extends Error {
  override readonly name = 'WaitError'
}

/** Maximum duration of one call, ms. */
const CALL_TIMEOUT_MS = 3000
const FIRST_RETRY_MS = 100
const MAX_RETRY_MS = 10_000
const MAX_RETRY_AFTER_MS = 120_000

/** Calls an edge with the keys of a purge in bounded batches, one after the other. */
export class EdgeCalls {
  readonly #options: EdgeCallsOptions
  #calledAt = Number.NEGATIVE_INFINITY
  #inFlight: AbortController | undefined
  #endWait: (() => void) | undefined

  constructor(options: EdgeCallsOptions) {
    this.#options = options
  }

  /** Purges all keys. @throws if a batch was not confirmed. The batches before it may be purged. */
  async purge(keys: ReadonlySet<string>): Promise<void> {
    for (const batch of batchesOf(keys, this.#options.edge.maxKeys)) await this.#call(batch)
  }

  /** Ends the call in flight, or the wait before it. */
  abort(): void {
    this.#inFlight?.abort()
    this.#endWait?.()
  }

  /** Whether the error says that the purge must wait. Nothing has failed then. */
  mustWait(error: unknown): boolean {
    return error instanceof WaitError
  }

  isCallError(error: unknown): boolean {
    return error instanceof CallError
  }

  /** Returns the time until the next attempt after some failures in a row, ms. */
  retryMs(error: unknown, failures: number): number {
    const { env, breaker } = this.#options
    const cause = error instanceof CallError ? error.cause : undefined
    const asked = cause instanceof EdgeFailure ? Math.min(cause.retryAfterMs, MAX_RETRY_AFTER_MS) : 0
    const backoff = breaker.state === 'open' ? MAX_RETRY_MS : Math.min(FIRST_RETRY_MS * 2 ** (failures - 1), MAX_RETRY_MS)
    return Math.max(asked, backoff * (0.5 + env.random() / 2))
  }

  async #call(keys: readonly string[]): Promise<void> {
    const { edge, env, intervalMs, breaker, mayCall } = this.#options
    const waitMs = this.#calledAt + intervalMs - env.monotonic()
    if (waitMs > 0)
      await new Promise<void>((resolve) => {
        this.#endWait = resolve
        env.setTimer(resolve, waitMs)
      })
    if (!mayCall()) throw new WaitError('This process may not purge the edge any more.')
    if (!breaker.admits()) throw new WaitError('The circuit breaker of the edge is open.')
    const controller = new AbortController()
    this.#inFlight = controller
    const timer = env.setTimer(
      () => controller.abort(new Error(`Expected an answer of the edge within ${CALL_TIMEOUT_MS} ms, got none.`)),
      CALL_TIMEOUT_MS,
    )
    this.#calledAt = env.monotonic()
    try {
      await edge.purge(keys, controller.signal)
      breaker.succeeded()
    } catch (error) {
      breaker.failed()
      throw new CallError(`The edge ${edge.name} was not purged.`, { cause: error })
    } finally {
      timer.cancel()
      this.#inFlight = undefined
    }
  }
}
