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
      const client = createClient({ url: '/graphql', headers })
      const startedAt = performance.now()
      let durationMs: number | undefined
      let liveResults = 0
      let report: AnswerReport | undefined
      const next = (result: ExecutionResult<unknown, Readonly<Record<string, unknown>>>) => {
        durationMs ??= performance.now() - startedAt
        liveResults++
        const stale = result.extensions?.['stale'] as AnswerReport['stale']
        report = liveReport(operationName ?? '', durationMs, liveResults, stale)
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

/** Returns what the panel shows. The events of a live query have no headers of their own, and no debug output. */
function liveReport(operation: string, durationMs: number, liveResults: number, stale: AnswerReport['stale']): AnswerReport {
  const untold = { verdict: undefined, cacheStatus: undefined, steps: [], cache: undefined, hasToken: false }
  return { operation, status: 200, durationMs, liveResults, stale, ...untold }
}
