import type { Principal } from '../identity/principal.ts'
import type { RawRequest } from '../responses/request-index.ts'
import type { UsualHeaders } from './usual-headers.ts'

/** Returns the unparsed parts of a request that determine its response. */
export function rawRequestOf(
  method: string,
  { accept, contentType, preflighted }: Pick<UsualHeaders, 'accept' | 'contentType' | 'preflighted'>,
  caller: Principal | null,
  text: Uint8Array | string,
): RawRequest {
  return { method, caller, accept, contentType, preflighted, text }
}

/** Returns the query string of a request's URL, with its question mark; an empty text if there is none. */
export function searchOf(url: string): string {
  const at = url.indexOf('?')
  return at < 0 ? '' : url.slice(at)
}
