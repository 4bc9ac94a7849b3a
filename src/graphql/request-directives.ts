import type { Viewer } from '../modules/module.ts'

/** What a request asks of the cache itself (RFC 9111, 5.2.1). */
export interface RequestDirectives {
  /** `no-cache`: everything is loaded anew, and stored. */
  readonly refresh: boolean
  /** `no-store`: what is loaded is not stored. */
  readonly discard: boolean
}

export const NO_DIRECTIVES: RequestDirectives = Object.freeze({ refresh: false, discard: false })

/** Reads `Cache-Control`. Who could make the database work harder by it must be trusted: others' directives count as none. */
export function requestDirectives(cacheControl: string | undefined, viewer: Viewer | null): RequestDirectives {
  if (cacheControl === undefined || (viewer?.role !== 'ADMIN' && viewer?.role !== 'OPERATOR')) return NO_DIRECTIVES
  const directives = cacheControl.split(',').map((directive) => directive.trim().toLowerCase())
  const refresh = directives.includes('no-cache')
  const discard = directives.includes('no-store')
  return refresh || discard ? { refresh, discard } : NO_DIRECTIVES
}
