import { ApolloLink } from '@apollo/client'
import type { GraphQLFormattedError } from 'graphql'
import { defer, EMPTY, repeat, tap, timer } from 'rxjs'

/** Codes of errors that a new stream of the same query would get again. The gateway ends a live query with the same ones. */
export const REPEATING: ReadonlySet<unknown> = new Set([
  'BAD_REQUEST',
  'BAD_USER_INPUT',
  'FORBIDDEN',
  'GRAPHQL_PARSE_FAILED',
  'GRAPHQL_VALIDATION_FAILED',
  'LIMIT_EXCEEDED',
  'OPERATION_RESOLUTION_FAILURE',
  'UNAUTHENTICATED',
])

/** Whether one of the errors would come again if the same query were sent again. */
export function isRepeating(errors: readonly GraphQLFormattedError[] | undefined): boolean {
  return errors?.some(({ extensions }) => REPEATING.has(extensions?.['code'])) ?? false
}

/** Opens a live query again after the gateway has completed it, unless its last error would come again. @param waitMs Wait before that, ms. */
export const reopenLink = (waitMs: number) =>
  new ApolloLink((operation, forward) =>
    defer(() => {
      let isOver = false
      return forward(operation).pipe(
        tap(({ errors }) => {
          isOver = isRepeating(errors)
        }),
        repeat({ delay: () => (isOver ? EMPTY : timer(waitMs)) }),
      )
    }),
  )

/**
 * Fetches a stream. A refusal of the gateway becomes a stream of one result with its errors, so the page can say why there is no stream.
 * graphql-sse alone would send the request again without end.
 */
export async function fetchStream(input: RequestInfo | URL, init?: RequestInit): Promise<Response> {
  const response = await fetch(input, init)
  if (response.ok || !response.headers.get('content-type')?.includes('json')) return response
  const result = JSON.stringify(await response.json())
  return new Response(`event: next\ndata: ${result}\n\nevent: complete\ndata:\n\n`, { headers: { 'content-type': 'text/event-stream' } })
}
