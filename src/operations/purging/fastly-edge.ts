import { callEdge, type Edge, type Fetch, identityOf } from './edge.ts'

export interface FastlyEdgeOptions {
  /** Address of the service, such as `https://api.fastly.com/service/ID`. */
  readonly url: string
  readonly token: string
  /** Whether purged responses become expired instead of removed. */
  readonly isSoft: boolean
  readonly fetch: Fetch
}

/** Maximum number of keys of one call, as Fastly limits it. */
const MAX_KEYS = 256

/** Creates an edge for a service of Fastly: `POST /service/ID/purge` with the keys in the header `Surrogate-Key`. */
export function fastlyEdge({ url, token, isSoft, fetch }: FastlyEdgeOptions): Edge {
  return {
    ...identityOf('fastly', url),
    maxKeys: MAX_KEYS,
    async purge(keys, signal) {
      const headers = {
        'fastly-key': token,
        'surrogate-key': keys.join(' '),
        accept: 'application/json',
        ...(isSoft ? { 'fastly-soft-purge': '1' } : {}),
      }
      await callEdge(fetch, `${url}/purge`, { method: 'POST', headers, signal })
    },
  }
}
