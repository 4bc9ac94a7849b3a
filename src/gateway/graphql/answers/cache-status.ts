import type { Trace } from './trace.ts'

export type CacheVerdict = 'HIT' | 'MISS' | 'STALE' | 'BYPASS'

/**
 * Returns the value of the header `X-Cache`. HIT: all values came from the cache. STALE: some value may be stale, because a newer value
 * could not be loaded, or because the cached value could not be checked against the invalidation log. MISS: some value came from the
 * database, through a load of this request or of a concurrent request. BYPASS: the cache was not used.
 */
export function verdictOf(trace: Trace, bypassed: boolean): CacheVerdict {
  if (bypassed) return 'BYPASS'
  if (trace.counts.stale > 0) return 'STALE'
  if (trace.misses > 0) return 'MISS'
  return trace.hits > 0 ? 'HIT' : 'BYPASS'
}

/** Returns the headers that say where the values of a response came from. `Cache-Status` is defined by RFC 9211. */
export function cacheStatusHeaders(trace: Trace, bypassed: boolean): ReadonlyMap<string, string> {
  const verdict = verdictOf(trace, bypassed)
  const headers = new Map([
    ['x-cache', verdict],
    ['cache-status', `tidegate; ${statusParameters(trace, verdict)}`],
  ])
  if (verdict === 'HIT') headers.set('x-cache-level', trace.counts.l2 > 0 ? 'L2' : 'L1')
  if (trace.reads) {
    headers.set('x-cache-hits', String(trace.hits))
    headers.set('x-cache-misses', String(trace.misses))
  }
  return headers
}

function statusParameters(trace: Trace, verdict: CacheVerdict): string {
  const ttl = Number.isFinite(trace.leastTtlMs) ? `; ttl=${Math.floor(trace.leastTtlMs / 1000)}` : ''
  if (verdict === 'HIT') return `hit${ttl}`
  if (verdict === 'STALE') return 'hit; ttl=0; detail=stale'
  if (verdict === 'BYPASS') return 'fwd=bypass'
  if (trace.counts.origin === 0 && trace.counts.uncached === 0) return 'fwd=miss; collapsed'
  return trace.counts.origin > 0 && trace.leastTtlMs > 0 ? `fwd=miss; stored${ttl}` : 'fwd=miss'
}
