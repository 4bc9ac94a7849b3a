import { Binary } from '../cache/binary.ts'

/** Number of the form of kept answers, part of their keys. Raise it when the head, or what stands in the body beside the result, changes. */
export const RESPONSE_FORMAT = 1

/** What is known of a whole answer beside its bytes. */
export type ResponseHead = {
  /** When it was made, Unix epoch ms. */
  readonly madeAt: number
  /** How long it may be served from then on, ms. */
  readonly lifeMs: number
  /** The headers that say who else may store it: names, in lower case, and values in turn. */
  readonly headers: readonly string[]
}

/** A whole answer to an operation: JSON in UTF-8. */
export type StoredResponse = Binary<ResponseHead>

const ENCODER = new TextEncoder()

export function storedResponse(head: ResponseHead, body: string): StoredResponse {
  // Buffer.from would make short ones part of a larger piece of memory, which would be kept with them.
  return new Binary(head, ENCODER.encode(body))
}

/**
 * The headers of an answer from a tier, names and values in turn: those it was made with, `Age` (RFC 9111, 5.1), and where it
 * comes from (RFC 9211). While it is served beyond its life, to be made anew in the background, its ttl is below 0.
 *
 * The answer was just checked against the invalidation log, which is a validation at the origin: `Age` leaves a cache outside what is
 * left of the answer's life, up to the time that its headers give. With its true age, an answer that the gateway may keep longer
 * than others would be stale on arrival, and every request would come here.
 */
export function hitHeaders({ head }: StoredResponse, now: number, level: 'L1' | 'L2'): string[] {
  const ageMs = Math.max(0, now - head.madeAt)
  const ttl = Math.floor((head.lifeMs - ageMs) / 1000)
  const age = Math.min(Math.floor(ageMs / 1000), Math.max(0, lifetimeSeconds(head.headers) - ttl))
  return [...head.headers, 'age', String(age), 'cache-status', `tidegate; hit; ttl=${ttl}`, 'x-cache', 'HIT', 'x-cache-level', level]
}

/** Until when {@link hitHeaders} says the same as now, Unix epoch ms: until the age or what is left of the life is another second. */
export function hitHeadersUntil({ head }: StoredResponse, now: number): number {
  const ageMs = Math.max(0, now - head.madeAt)
  const nextAge = head.madeAt + 1000 * (Math.floor(ageMs / 1000) + 1)
  const lastOfTtl = head.madeAt + head.lifeMs - 1000 * Math.floor((head.lifeMs - ageMs) / 1000)
  return Math.min(nextAge, Math.floor(lastOfTtl) + 1)
}

/** How long a cache outside may serve the answer; Infinity where the headers do not say. */
function lifetimeSeconds(headers: readonly string[]): number {
  const given = /\bs-maxage=(\d+)|\bmax-age=(\d+)/g
  const seconds = [...(headers[headers.indexOf('cache-control') + 1] ?? '').matchAll(given)].map(([, shared, own]) => Number(shared ?? own))
  return seconds.length === 0 ? Number.POSITIVE_INFINITY : Math.max(...seconds)
}
