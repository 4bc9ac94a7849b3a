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

/** Whether the operation that a person wants to run has the directive `@live`. */
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

interface Sink {
  next(result: object): void
  error(error: unknown): void
  complete(): void
}

/**
 * Returns the results of a live query as an observable. After each result the panel says how many there were. Ending the subscription
 * closes the stream.
 */
export function openLive({ query, operationName, variables }: Asked, headers: Readonly<Record<string, string>>, newest: NewestAnswer) {
  const asked = {
    query,
    ...(operationName ? { operationName } : {}),
    ...(variables ? { variables: variables as Record<string, unknown> } : {}),
  }
  return {
    subscribe(sink: Sink) {
      const client = createClient({ url: '/graphql', headers })
      const startedAt = performance.now()
      let durationMs: number | undefined
      let liveResults = 0
      const next = (result: ExecutionResult<unknown, Readonly<Record<string, unknown>>>) => {
        durationMs ??= performance.now() - startedAt
        liveResults++
        newest.set(liveReport(operationName ?? '', durationMs, liveResults, result.extensions?.['stale'] as AnswerReport['stale']))
        sink.next(result)
      }
      client.subscribe(asked, { next, error: (error) => sink.error(error), complete: () => sink.complete() })
      return { unsubscribe: () => client.dispose() }
    },
  }
}

/** Returns what the panel shows. The events of a live query have no headers of their own, and no debug output. */
function liveReport(operation: string, durationMs: number, liveResults: number, stale: AnswerReport['stale']): AnswerReport {
  const untold = { verdict: undefined, cacheStatus: undefined, steps: [], cache: undefined, hasToken: false }
  return { operation, status: 200, durationMs, liveResults, stale, ...untold }
}
