import { randomUUID } from 'node:crypto'
import type { Env } from '../../engine/cache/model/env.ts'
import { cloudflareEdge } from './cloudflare-edge.ts'
import type { Edge, Fetch } from './edge.ts'
import { EdgePurger } from './edge-purger.ts'
import { fastlyEdge } from './fastly-edge.ts'
import { PurgeCursor, type PurgeCursorOptions } from './purge-cursor.ts'
import { Purging } from './purging.ts'
import type { PurgingEvent } from './purging-event.ts'
import { varnishEdge } from './varnish-edge.ts'
import { webhookEdge } from './webhook-edge.ts'

/** The edges to purge. */
export interface EdgeSettings {
  readonly kind: 'varnish' | 'fastly' | 'cloudflare' | 'webhook'
  /** Addresses without a slash at the end. Only Varnish may have several. */
  readonly urls: readonly string[]
  /** Token of the API, or secret of the signature; empty for Varnish. */
  readonly secret: string
  /** Whether purged responses become expired instead of removed. */
  readonly isSoft: boolean
  /** Minimum time between two calls of an edge, ms. */
  readonly intervalMs: number
}

export interface CreatePurgingOptions extends EdgeSettings, Pick<PurgeCursorOptions, 'run'> {
  readonly env: Env
  readonly fetch: Fetch
  /** Returns the time of the database's clock, Unix epoch ms. */
  readonly now: () => number
  readonly stalenessBoundMs: number
  /** Makes the other instances read the invalidation log soon. */
  readonly hint: () => void
  readonly onEvent: (event: PurgingEvent) => void
}

/** Time after which another process takes over from one that was killed, ms. */
const LEASE_MS = 3000

/** Creates the purges of all configured edges. */
export function createPurging(options: CreatePurgingOptions): Purging {
  const { urls, run, env, now, stalenessBoundMs, intervalMs, hint, onEvent } = options
  const holder = randomUUID()
  const edges = urls.map((url) => {
    const edge = createEdge(url, options)
    const cursor = new PurgeCursor({ run, edge: edge.id, holder, leaseMs: LEASE_MS })
    const purger = new EdgePurger({ edge, cursor, env, now, leaseMs: LEASE_MS, stalenessBoundMs, intervalMs, hint, onEvent })
    return { name: edge.name, purger, cursor }
  })
  return new Purging({ edges, env, stalenessBoundMs })
}

/** Creates the edge with this address. */
export function createEdge(
  url: string,
  { kind, secret, isSoft, fetch, env }: Pick<CreatePurgingOptions, 'kind' | 'secret' | 'isSoft' | 'fetch' | 'env'>,
): Edge {
  switch (kind) {
    case 'varnish':
      return varnishEdge({ url, isSoft, fetch })
    case 'fastly':
      return fastlyEdge({ url, token: secret, isSoft, fetch })
    case 'cloudflare':
      return cloudflareEdge({ url, token: secret, fetch })
    case 'webhook':
      return webhookEdge({ url, secret, fetch, now: () => env.now() })
  }
}
