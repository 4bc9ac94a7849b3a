import type { Invalidation, Invalidations } from '../../../../src/operations/admin/contract.ts'

/** Rows that the page keeps of the tail. Older ones are in the API. */
export const MAX_ROWS = 500

/** Part of the invalidation log that the page has read. */
export interface Tail {
  /** Rows, newest first. */
  readonly rows: readonly Invalidation[]
  /** Position after which the log is read next; undefined before the first answer. */
  readonly after: number | undefined
  /** Number of rows that came with the last answer but the first one. */
  readonly added: number
}

export const EMPTY_TAIL: Tail = { rows: [], after: undefined, added: 0 }

/**
 * Returns the tail with the rows of an answer. The log of a restored database begins again at a lower position: the page then reads it from
 * the start, and keeps what it has, because both happened.
 */
export function withAnswer(tail: Tail, { clock, invalidations }: Invalidations): Tail {
  if (tail.after !== undefined && clock < tail.after) return { ...tail, after: undefined, added: 0 }
  const known = new Set(tail.rows.map(idOf))
  const fresh = invalidations.filter((row) => !known.has(idOf(row)))
  const rows = [...fresh, ...tail.rows].sort((a, b) => b.at.localeCompare(a.at) || b.clock - a.clock).slice(0, MAX_ROWS)
  // Rows above the position of the log belong to a history that a restore ended. Nothing follows them.
  const newest = invalidations.reduce((most, row) => (row.clock > clock ? most : Math.max(most, row.clock)), tail.after ?? 0)
  // A full answer may be followed by more rows, so the next request asks for those after the last one, not for those after the position.
  return { rows, after: newest, added: tail.after === undefined ? 0 : fresh.length }
}

/** Identity of a row of the log. Positions repeat after a restore, and the epoch does not. */
export function idOf({ epoch, clock }: Pick<Invalidation, 'epoch' | 'clock'>): string {
  return `${epoch} ${clock}`
}
