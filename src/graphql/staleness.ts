/** Why an answer may be out of date. Clients find it in `extensions.stale`. */
export interface Staleness {
  readonly reason: string
  /** Unix epoch, ms. */
  readonly since: number
}

/** Of a flagged value or answer. */
export function stalenessOf(flagged: { readonly reason?: string | undefined; readonly staleSince?: number | undefined }): Staleness {
  return { reason: flagged.reason ?? 'the source failed', since: flagged.staleSince ?? 0 }
}

/** The one that has lasted longer. */
export function longer(one: Staleness | undefined, other: Staleness): Staleness {
  return one && one.since <= other.since ? one : other
}

/** As clients see it: `{ "reason": "…", "since": "2026-03-01T08:30:00.000Z" }`. */
export function staleExtension({ reason, since }: Staleness): { readonly reason: string; readonly since: string } {
  return { reason, since: new Date(since).toISOString() }
}

/** The bytes of a whole answer, a JSON object without extensions, with the flag in it. */
export function flaggedBytes(answer: Uint8Array, staleness: Staleness): Buffer {
  const extensions = Buffer.from(`,"extensions":${JSON.stringify({ stale: staleExtension(staleness) })}}`)
  return Buffer.concat([answer.subarray(0, answer.byteLength - 1), extensions])
}
