import type { AnswerAtHand, GraphQLEndpoint } from '#src/gateway/graphql/endpoint/endpoint.ts'
import type { RawRequest } from '#src/gateway/responses/request-index.ts'

/** Returns the response to a repeated request that is in the memory of this process; undefined if there is none. */
export function atHand(endpoint: Pick<GraphQLEndpoint, 'find' | 'again'>, raw: RawRequest): AnswerAtHand | undefined {
  const known = endpoint.find(raw)
  return known && endpoint.again(known, undefined)
}
