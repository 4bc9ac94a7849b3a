import { createHash } from 'node:crypto'

/** A cache outside the gateway (a CDN or a reverse proxy) that stores public responses and can purge them by keys. */
export interface Edge {
  /** Host of the edge, for logs and metrics. */
  readonly name: string
  /** Identity of the edge, which is the same in all processes that purge it. */
  readonly id: string
  /** Maximum number of keys of one call. */
  readonly maxKeys: number
  /**
   * Purges all responses that have one of the keys. Resolves when the edge confirmed it.
   * @throws EdgeFailure if the edge refused the call, and any error of the network.
   */
  purge(keys: readonly string[], signal: AbortSignal): Promise<void>
}

/** Error of a call that an edge refused. */
export class EdgeFailure extends Error {
  override readonly name = 'EdgeFailure'
  /** Time after which the edge accepts another call, ms; 0 if it did not say. */
  readonly retryAfterMs: number

  constructor(message: string, retryAfterMs: number) {
    super(message)
    this.retryAfterMs = retryAfterMs
  }
}

/** Calls an edge. The result is a function of the request, so a test needs no server. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>

const MAX_SHOWN_LENGTH = 200

/** Returns the name and the identity of an edge. */
export function identityOf(kind: string, url: string): Pick<Edge, 'name' | 'id'> {
  return { name: new URL(url).host, id: `${kind}:${createHash('sha256').update(url).digest('hex').slice(0, 16)}` }
}

/** Sends a request to an edge and returns the body of its answer. @throws EdgeFailure for a status other than 2xx. */
export async function callEdge(fetch: Fetch, url: string, init: RequestInit): Promise<string> {
  const response = await fetch(url, { ...init, redirect: 'error' })
  const text = await response.text()
  if (response.ok) return text
  const seconds = Number(response.headers.get('retry-after') ?? 0)
  throw new EdgeFailure(
    `Expected status 200 from the edge, got ${response.status}: ${text.slice(0, MAX_SHOWN_LENGTH)}`,
    Number.isFinite(seconds) ? Math.max(0, seconds * 1000) : 0,
  )
}
