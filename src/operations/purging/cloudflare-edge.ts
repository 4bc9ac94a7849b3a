import { callEdge, type Edge, EdgeFailure, type Fetch, identityOf } from './edge.ts'

export interface CloudflareEdgeOptions {
  /** Address of the zone, such as `https://api.cloudflare.com/client/v4/zones/ID`. */
  readonly url: string
  readonly token: string
  readonly fetch: Fetch
}

/** Maximum number of tags of one call, as Cloudflare limits it. */
const MAX_KEYS = 100
const MAX_SHOWN_LENGTH = 200

/** Creates an edge for a zone of Cloudflare: `POST /zones/ID/purge_cache` with the keys as tags. */
export function cloudflareEdge({ url, token, fetch }: CloudflareEdgeOptions): Edge {
  return {
    ...identityOf('cloudflare', url),
    maxKeys: MAX_KEYS,
    async purge(keys, signal) {
      const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
      const text = await callEdge(fetch, `${url}/purge_cache`, { method: 'POST', headers, body: JSON.stringify({ tags: keys }), signal })
      // Cloudflare may report a failure in an answer with status 200.
      if (!/"success"\s*:\s*true/.test(text))
        throw new EdgeFailure(`Expected "success": true from Cloudflare, got ${text.slice(0, MAX_SHOWN_LENGTH)}`, 0)
    },
  }
}
