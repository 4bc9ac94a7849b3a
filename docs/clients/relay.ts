import type { FetchFunction } from 'relay-runtime'
import type { Consistency } from './consistency.ts'

export const consistentFetch =
  (url: string, authorization: string, consistency: Consistency, fetch = globalThis.fetch): FetchFunction =>
  async ({ name, text, operationKind }, variables) => {
    const headers = { authorization, 'apollo-require-preflight': 'true', ...consistency.headers() }
    const search = new URLSearchParams({ query: text ?? '', variables: JSON.stringify(variables) })
    const post = { method: 'POST', headers: { ...headers, 'content-type': 'application/json' } }
    const response = await (operationKind === 'query'
      ? fetch(`${url}?${search}`, { headers })
      : fetch(url, { ...post, body: JSON.stringify({ query: text, variables }) }))
    const answer = await response.json()
    consistency.answered(name, answer.extensions)
    return answer
  }
