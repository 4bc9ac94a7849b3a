import { Kind, parse } from 'graphql'
import { createClient, type ExecutionResult } from 'graphql-sse'
import type { AnswerReport } from './cache-report.ts'
import type { NewestAnswer } from './newest-answer.ts'

/** Operation that a person wants to run. */
export interface Asked {
  readonly query: string
  readonly operationName?: string | null | undefined
  readonly variables?: unknown
}

/** Returns whether the operation that a person wants to run has the directive `@live`. */
export function isLive(query: string, operationName: string | null | undefined): boolean {
  try {
    const operations = parse(query).definitions.filter((definition) => definition.kind === Kind.OPERATION_DEFINITION)
    const asked = operationName ? operations.find(({ name }) => name?.value === operationName) : operations[0]
    return asked?.directives?.some(({ name }) => name.value === 'live') ?? false
  } catch {
    // The gateway says what is wrong with the text.
    return false
  }
}

const TOO_MANY_REQUESTS = 429

interface Sink {
  next(result: object): void
  error(error: unknown): void
  complete(): void
}

/**
 * Returns the results of a live query as an observable. After each result the panel says how many there were, and at the end that no
 * further one comes. Ending the subscription closes the stream.
 */
export function openLive({ query, operationName, variables }: Asked, headers: Readonly<Record<string, string>>, newest: NewestAnswer) {
  const asked = {
    query,
    ...(operationName ? { operationName } : {}),
    ...(variables ? { variables: variables as Record<string, unknown> } : {}),
  }
  return {
    subscribe(sink: Sink) {
      let status = 200
      const onRefused = (refusal: Response) => {
        status = refusal.status
      }
      // A stream that was there may come again, such as after a deploy: then graphql-sse connects again.
      const mayPass = (refusal: Response) => liveResults > 0 && (refusal.status >= 500 || refusal.status === TOO_MANY_REQUESTS)
      const client = createClient({ url: '/graphql', headers, fetchFn: refusalsAsEvents(mayPass, onRefused) })
      const startedAt = performance.now()
      let durationMs: number | undefined
      let liveResults = 0
      let report: AnswerReport | undefined
      const next = (result: ExecutionResult<unknown, Readonly<Record<string, unknown>>>) => {
        durationMs ??= performance.now() - startedAt
        if (status === 200) liveResults++
        const stale = result.extensions?.['stale'] as AnswerReport['stale']
        report = liveReport({ operation: operationName ?? '', status, durationMs, liveResults, stale })
        newest.set(report)
        sink.next(result)
      }
      // The panel may show the answer to another operation by now, or the stream had no result.
      const end = () => {
        if (report && newest.get() === report) newest.set({ ...report, isOver: true })
      }
      const error = (failure: unknown) => {
        end()
        sink.error(failure)
      }
      const complete = () => {
        end()
        sink.complete()
      }
      client.subscribe(asked, { next, error, complete })
      const unsubscribe = () => {
        end()
        client.dispose()
      }
      return { unsubscribe }
    },
  }
}

/**
 * Returns a function that fetches a stream. It makes a refusal of the gateway a stream of one result, so that the page shows its errors.
 * graphql-sse would send the request again and show none of them.
 * @param mayPass Returns whether the request should be sent again.
 * @param onRefused Called before the page gets the errors.
 */
function refusalsAsEvents(mayPass: (response: Response) => boolean, onRefused: (response: Response) => void) {
  return async (input: RequestInfo | URL, init?: RequestInit): Promise<Response> => {
    const response = await fetch(input, init)
    if (response.ok || mayPass(response) || !response.headers.get('content-type')?.includes('json')) return response
    const result = JSON.stringify(await response.json())
    onRefused(response)
    return new Response(`event: next\ndata: ${result}\n\nevent: complete\ndata:\n\n`, { headers: { 'content-type': 'text/event-stream' } })
  }
}

type LiveFacts = Pick<AnswerReport, 'operation' | 'status' | 'durationMs' | 'liveResults' | 'stale'>

/** Returns what the panel shows. The events of a live query have no headers of their own, and no debug output. */
function liveReport(facts: LiveFacts): AnswerReport {
  const withoutHeaders = { verdict: undefined, cacheStatus: undefined, steps: [], cache: undefined, hasToken: false }
  return { ...facts, ...withoutHeaders }
}
