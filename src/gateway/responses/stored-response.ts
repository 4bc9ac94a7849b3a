import { Binary } from '../../engine/cache/model/binary.ts'

/**
 * Version of the format of stored responses. The version is part of their cache keys. Raise it when the properties of `ResponseHead`
 * or the meaning of its headers change, or when the same GraphQL result is encoded to another body.
 */
export const RESPONSE_FORMAT = 3

/** Metadata of a whole response, stored beside its bytes. */
export type ResponseHead = {
  /** Time at which the response was made, Unix epoch ms. */
  readonly madeAt: number
  /** Lifetime of the response from `madeAt` on, ms. */
  readonly lifeMs: number
  /** Caching headers for browsers and CDNs: names (in lower case) and values alternate. */
  readonly headers: readonly string[]
  /**
   * Subjects of the response (texts whose popularity decides a TTL). Each request that gets the response counts for these subjects. Absent
   * if there are none.
   */
  readonly subjects?: readonly string[]
}

/** The whole response to an operation: JSON in UTF-8. */
export type StoredResponse = Binary<ResponseHead>

const ENCODER = new TextEncoder()

export function storedResponse(head: ResponseHead, body: string): StoredResponse {
  // Buffer.from would allocate a short body from a shared pool, and the stored body would keep that whole pool in memory.
  return new Binary(head, ENCODER.encode(body))
}

/**
 * Returns the headers of a cached response, in which names and values alternate: the stored headers, `Age` (RFC 9111, 5.1) and
 * `Cache-Status` (RFC 9211). The ttl in `Cache-Status` is negative while an expired response is served and reloaded in the background.
 *
 * `Age` is not the time since the response was made. The gateway has just checked the response against the invalidation log, which is a
 * validation at the origin. So `Age` is chosen such that a cache outside the gateway may keep the response for as long as the gateway
 * itself may, but not longer than the `max-age` of the response allows. With the true age, a response that the gateway keeps longer than
 * its `max-age` would arrive at such a cache already stale, and every request would reach the gateway.
 */
export function hitHeaders({ head }: StoredResponse, now: number, level: 'L1' | 'L2'): string[] {
  const ageMs = Math.max(0, now - head.madeAt)
  const ttl = Math.floor((head.lifeMs - ageMs) / 1000)
  const age = Math.min(Math.floor(ageMs / 1000), Math.max(0, lifetimeSeconds(head.headers) - ttl))
  return [...head.headers, 'age', String(age), 'cache-status', `tidegate; hit; ttl=${ttl}`, 'x-cache', 'HIT', 'x-cache-level', level]
}

/**
 * Returns the time, Unix epoch ms, at which the result of {@link hitHeaders} changes next. It changes when `Age` or the ttl, both in whole
 * seconds, changes.
 */
export function hitHeadersUntil({ head }: StoredResponse, now: number): number {
  const ageMs = Math.max(0, now - head.madeAt)
  const nextAge = head.madeAt + 1000 * (Math.floor(ageMs / 1000) + 1)
  const lastOfTtl = head.madeAt + head.lifeMs - 1000 * Math.floor((head.lifeMs - ageMs) / 1000)
  return Math.min(nextAge, Math.floor(lastOfTtl) + 1)
}

/** Returns how long any cache outside the gateway may serve the response, seconds; Infinity if the headers do not say. */
function lifetimeSeconds(headers: readonly string[]): number {
  const given = /\bs-maxage=(\d+)|\bmax-age=(\d+)/g
  const texts = ['cache-control', 'cdn-cache-control'].map((name) => (headers.includes(name) ? headers[headers.indexOf(name) + 1] : ''))
  const seconds = [...texts.join(', ').matchAll(given)].map(([, shared, own]) => Number(shared ?? own))
  return seconds.length === 0 ? Number.POSITIVE_INFINITY : Math.max(...seconds)
}
