import type { Principal } from '../../identity/principal.ts'

/** Cache directives in the header `Cache-Control` of a request (RFC 9111, 5.2.1). */
export interface RequestDirectives {
  /** Directive `no-cache`: all values are reloaded, and then stored. */
  readonly refresh: boolean
  /** Directive `no-store`: values that are loaded are not stored. */
  readonly discard: boolean
}

export const NO_DIRECTIVES: RequestDirectives = Object.freeze({ refresh: false, discard: false })

/**
 * Returns the cache directives of a request. Only callers with the role ADMIN or OPERATOR may use them, because they cause load on the
 * database. The directives of all other callers are ignored.
 */
export function requestDirectives(cacheControl: string | undefined, viewer: Principal | null): RequestDirectives {
  if (cacheControl === undefined || (viewer?.role !== 'ADMIN' && viewer?.role !== 'OPERATOR')) return NO_DIRECTIVES
  const directives = cacheControl.split(',').map((directive) => directive.trim().toLowerCase())
  const refresh = directives.includes('no-cache')
  const discard = directives.includes('no-store')
  return refresh || discard ? { refresh, discard } : NO_DIRECTIVES
}
