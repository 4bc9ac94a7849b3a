import type { RecordedOperation } from '../../gateway/warming/recorded-operation.ts'

/** Response of the gateway to a query. */
export interface WarmResponse {
  readonly status: number
  /** Value of `X-Cache`. */
  readonly cache: string | null
  /** Value of `Retry-After`, seconds. */
  readonly retryAfter: string | null
  readonly errors: readonly string[]
}

/** Result of warming one operation: `warmed`, `cached` if it was cached before, or the reason of its failure. */
export type WarmResult = { readonly name: 'warmed' | 'cached' } | { readonly name: 'failed'; readonly reason: string }

export interface WarmOverHttpOptions {
  /** Sends the query as a client does. @throws an error if there is no response. */
  readonly send: (recorded: RecordedOperation) => Promise<WarmResponse>
  /** Maximum number of requests in flight. */
  readonly concurrent: number
  readonly pause: (ms: number) => Promise<void>
  readonly onResult: (recorded: RecordedOperation, result: WarmResult) => void
}

const MAX_ATTEMPTS = 5
const MAX_PAUSE_S = 60

/**
 * Warms a running gateway by sending the operations as requests. The gateway may refuse a request for now (status 429 or 503). Such a
 * request is sent again after the time that `Retry-After` states, but after at most one minute. Each request is sent at most five times.
 * Never rejects.
 */
export async function warmOverHttp(operations: readonly RecordedOperation[], options: WarmOverHttpOptions): Promise<void> {
  const waiting = operations.toReversed()
  const work = async () => {
    for (let next = waiting.pop(); next; next = waiting.pop()) options.onResult(next, await warmOne(next, options))
  }
  await Promise.all(Array.from({ length: options.concurrent }, work))
}

async function warmOne(recorded: RecordedOperation, { send, pause }: WarmOverHttpOptions): Promise<WarmResult> {
  for (let attempt = 1; ; attempt++) {
    let response: WarmResponse
    try {
      response = await send(recorded)
    } catch (error) {
      const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error
      return failed(`no response (${cause instanceof Error ? cause.message : cause}): start the gateway, or correct --url`)
    }
    const { status, cache, retryAfter, errors } = response
    if (status === 200 && errors.length === 0) return { name: cache === 'HIT' ? 'cached' : 'warmed' }
    if ((status !== 429 && status !== 503) || attempt === MAX_ATTEMPTS)
      return failed(`status ${status}: ${errors.join(' ') || 'no message'}`)
    await pause(1000 * Math.min(MAX_PAUSE_S, Math.max(1, Number(retryAfter ?? attempt) || attempt)))
  }
}

function failed(reason: string): WarmResult {
  return { name: 'failed', reason }
}
