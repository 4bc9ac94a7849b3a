import { createHash, createHmac } from 'node:crypto'
import { EVERYTHING_KEY } from '../../gateway/responses/surrogate-keys.ts'
import { callEdge, type Edge, type Fetch, identityOf } from './edge.ts'

export interface WebhookEdgeOptions {
  readonly url: string
  readonly secret: string
  readonly fetch: Fetch
  /** Returns the current time, Unix epoch ms. */
  readonly now: () => number
}

const MAX_KEYS = 1000

/**
 * Creates an edge that any HTTP server can implement: a POST of `{"keys": […], "everything": false}`. The request is signed as Standard
 * Webhooks describe it: `webhook-signature` is `v1,` and the Base64 of the HMAC-SHA-256 over id, timestamp and body, joined by dots. The
 * receiver must refuse timestamps that differ by more than five minutes from its own time.
 */
export function webhookEdge({ url, secret, fetch, now }: WebhookEdgeOptions): Edge {
  return {
    ...identityOf('webhook', url),
    maxKeys: MAX_KEYS,
    async purge(keys, signal) {
      const timestamp = String(Math.floor(now() / 1000))
      const body = JSON.stringify({ keys, everything: keys.includes(EVERYTHING_KEY) })
      const id = `purge_${createHash('sha256').update(`${timestamp}.${body}`).digest('hex').slice(0, 24)}`
      const headers = {
        'content-type': 'application/json',
        'webhook-id': id,
        'webhook-timestamp': timestamp,
        'webhook-signature': `v1,${createHmac('sha256', secret).update(`${id}.${timestamp}.${body}`).digest('base64')}`,
      }
      await callEdge(fetch, url, { method: 'POST', headers, body, signal })
    },
  }
}
