import { reportOf } from './cache-report.ts'
import { type Asked, isLive, openLive } from './live-query.ts'
import type { NewestAnswer } from './newest-answer.ts'

interface Sent {
  readonly headers?: Readonly<Record<string, unknown>> | null | undefined
}

/** Name that GraphiQL gives its own query for the schema. */
const INTROSPECTION = 'IntrospectionQuery'

/**
 * Returns the function by which GraphiQL sends requests. It asks for debug output, and keeps what each answer says about the cache. The
 * cookie with the consistency token is sent, too, so a query shows what a mutation of this page wrote.
 */
export function createSendRequest(newest: NewestAnswer) {
  return async ({ query, operationName, variables }: Asked, { headers }: Sent = {}): Promise<object> => {
    const isOfReader = operationName !== INTROSPECTION
    const own = Object.fromEntries(Object.entries(headers ?? {}).map(([name, value]) => [name.toLowerCase(), String(value)]))
    if (isLive(query, operationName)) return openLive({ query, operationName, variables }, own, newest)
    const startedAt = performance.now()
    const response = await fetch('/graphql', {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(isOfReader ? { 'x-cache-debug': '1' } : {}), ...own },
      body: JSON.stringify({ query, operationName: operationName ?? undefined, variables: variables ?? undefined }),
    })
    const answer = (await response.json()) as { readonly extensions?: Readonly<Record<string, unknown>> }
    if (isOfReader) newest.set(reportOf(operationName ?? '', response, answer.extensions, performance.now() - startedAt))
    return withoutCacheReport(answer)
  }
}

/** The panel shows the debug output, so the answer beside it stays readable. */
function withoutCacheReport(answer: { readonly extensions?: Readonly<Record<string, unknown>> }): object {
  if (!answer.extensions) return answer
  const { cache: _, ...others } = answer.extensions
  const { extensions: __, ...rest } = answer
  return Object.keys(others).length > 0 ? { ...rest, extensions: others } : rest
}
