import { callEdge, type Edge, type Fetch, identityOf } from './edge.ts'

export interface VarnishEdgeOptions {
  readonly url: string
  /** Whether purged responses become expired instead of removed. */
  readonly isSoft: boolean
  readonly fetch: Fetch
}

/** Maximum number of keys of one call. Their header must be shorter than the 8 KB that Varnish accepts by default. */
const MAX_KEYS = 500

/** Creates an edge for one Varnish with `deploy/varnish.vcl`: `PURGE` with the keys in the header `xkey`. */
export function varnishEdge({ url, isSoft, fetch }: VarnishEdgeOptions): Edge {
  return {
    ...identityOf('varnish', url),
    maxKeys: MAX_KEYS,
    async purge(keys, signal) {
      await callEdge(fetch, url, { method: 'PURGE', headers: { xkey: keys.join(' '), ...(isSoft ? { 'xkey-soft': '1' } : {}) }, signal })
    },
  }
}
