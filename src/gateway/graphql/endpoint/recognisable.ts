import type { RawRequest } from '../../responses/request-index.ts'
import { NO_DIRECTIVES } from '../execution/request-directives.ts'
import type { GraphQLHttpRequest } from './endpoint.ts'
import type { RequestState } from './request-state.ts'

/**
 * Returns the unparsed parts of a request, which identify a repetition of the request. Returns undefined for a request with debugging or
 * cache directives.
 */
export function recognisable({ raw }: GraphQLHttpRequest, { runOptions }: RequestState): RawRequest | undefined {
  return runOptions.debug || runOptions.directives !== NO_DIRECTIVES ? undefined : raw
}

/** Returns the value of a header; undefined if it was not sent. @param name Name in lower case. */
export function headerOf({ headers }: Pick<GraphQLHttpRequest, 'headers'>, name: string): string | undefined {
  const value = headers[name]
  return typeof value === 'string' ? value : value?.join(', ')
}
