import type { RawRequest } from '../responses/request-index.ts'
import type { Principal } from './claims.ts'
import type { UsualHeaders } from './usual-headers.ts'

/** What of a request its answer depends on, before anything of it is parsed. */
export function rawRequestOf(
  method: string,
  { accept, contentType, preflighted }: Pick<UsualHeaders, 'accept' | 'contentType' | 'preflighted'>,
  caller: Principal | null,
  text: Uint8Array | string,
): RawRequest {
  return { method, caller, accept, contentType, preflighted, text }
}

/** The query string of a request's target, with its question mark; empty where there is none. */
export function searchOf(url: string): string {
  const at = url.indexOf('?')
  return at < 0 ? '' : url.slice(at)
}
