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

export function storedResponse(head: ResponseHead, body: string): StoredResponse {
  return new Binary(head, Buffer.from(body))
}

/**
 * The headers of an answer from a tier, names and values in turn: those it was made with, `Age` (RFC 9111, 5.1), and where it
 * comes from (RFC 9211). While it is served beyond its life, to be made anew in the background, its ttl is below 0.
 */
export function hitHeaders({ head }: StoredResponse, now: number, level: 'L1' | 'L2'): string[] {
  const ageMs = Math.max(0, now - head.madeAt)
  return [
    ...head.headers,
    'age',
    String(Math.floor(ageMs / 1000)),
    'cache-status',
    `tidegate; hit; ttl=${Math.floor((head.lifeMs - ageMs) / 1000)}`,
    'x-cache',
    'HIT',
    'x-cache-level',
    level,
  ]
}

/** Until when {@link hitHeaders} says the same as now, Unix epoch ms: until the age or what is left of the life is another second. */
export function hitHeadersUntil({ head }: StoredResponse, now: number): number {
  const ageMs = Math.max(0, now - head.madeAt)
  const nextAge = head.madeAt + 1000 * (Math.floor(ageMs / 1000) + 1)
  const lastOfTtl = head.madeAt + head.lifeMs - 1000 * Math.floor((head.lifeMs - ageMs) / 1000)
  return Math.min(nextAge, Math.floor(lastOfTtl) + 1)
}
