import type { RawRequest } from '../responses/request-index.ts'
import type { Principal } from './authentication.ts'
import type { UsualHeaders } from './usual-headers.ts'

/** What of a request its answer depends on, before anything of it is parsed. */
export function rawRequestOf(
  method: string,
  { accept, contentType, preflighted }: Pick<UsualHeaders, 'accept' | 'contentType' | 'preflighted'>,
  principal: Principal | null,
  text: string,
): RawRequest {
  const caller = principal ? `${principal.tenant} ${principal.role} ${principal.userId}` : ''
  return { method, principal: caller, accept, contentType, preflighted, text }
}

/** Bytes as text in which no two bodies are alike, whatever they are made of. */
export function textOf(body: Buffer): string {
  return body.toString('latin1')
}

/** The query string of a request's target, with its question mark; empty where there is none. */
export function searchOf(url: string): string {
  const at = url.indexOf('?')
  return at < 0 ? '' : url.slice(at)
}
