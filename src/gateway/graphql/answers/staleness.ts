/** Reason why a response may be stale, and the time since which the response may be stale. Clients find both in `extensions.stale`. */
export interface Staleness {
  readonly reason: string
  /** Time since which the response may be stale, Unix epoch ms. */
  readonly since: number
}

/** Returns the staleness of a value or response that is marked as stale. */
export function stalenessOf(flagged: { readonly reason?: string | undefined; readonly staleSince?: number | undefined }): Staleness {
  return { reason: flagged.reason ?? 'the source failed', since: flagged.staleSince ?? 0 }
}

/** Returns the staleness that began earlier. */
export function longer(one: Staleness | undefined, other: Staleness): Staleness {
  return one && one.since <= other.since ? one : other
}

/** Formats a staleness for clients: `{ "reason": "…", "since": "2026-03-01T08:30:00.000Z" }`. */
export function staleExtension({ reason, since }: Staleness): { readonly reason: string; readonly since: string } {
  return { reason, since: new Date(since).toISOString() }
}

/** Inserts the staleness into the bytes of a response. The response must be a JSON object without `extensions`. */
export function flaggedBytes(answer: Uint8Array, staleness: Staleness): Buffer {
  const extensions = Buffer.from(`,"extensions":${JSON.stringify({ stale: staleExtension(staleness) })}}`)
  return Buffer.concat([answer.subarray(0, answer.byteLength - 1), extensions])
}
