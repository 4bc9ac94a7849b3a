import { EVERYTHING_TAG } from '../model/entity.ts'
import type { Voiding } from '../model/miss.ts'
import type { WriteCause } from '../model/write-cause.ts'
import type { LogRow } from './invalidation-log.ts'

/** A row of the invalidation log that this process has applied. */
export interface AppliedInvalidation {
  readonly seq: number
  readonly epoch: string
  /** Time at which the row was written, by the clock of the log's database, Unix epoch ms. */
  readonly at: number
  /** Time from the oldest write of the row until this process applied it, ms. Undefined for a row that was read at a start or reset. */
  readonly lagMs: number | undefined
  readonly causes: readonly WriteCause[]
  /** Invalidated tags, at most {@link MAX_TAGS_OF_ROW}. */
  readonly tags: readonly string[]
  /** Number of all invalidated tags. */
  readonly tagCount: number
}

const MAX_ROWS = 2000
const MAX_TAGS_OF_ROW = 100
/** Maximum number of tags in memory. A tag takes about 60 bytes, so the rows take at most a few megabytes. */
const MAX_TAGS = 40_000

/** The newest rows of the invalidation log that this process has applied. They tell which writes a log position stands for. */
export class RecentInvalidations {
  #rows: AppliedInvalidation[] = []
  #tags = 0

  add({ seq, epoch, at, causes, tags }: LogRow, lagMs: number | undefined): void {
    const row = { seq, epoch, at, lagMs, causes, tags: tags.slice(0, MAX_TAGS_OF_ROW), tagCount: tags.length }
    this.#rows.push(row)
    this.#tags += weightOf(row)
    while (this.#rows.length > MAX_ROWS || this.#tags > MAX_TAGS) this.#tags -= weightOf(this.#rows.shift() as AppliedInvalidation)
  }

  clear(): void {
    this.#rows = []
    this.#tags = 0
  }

  /** Returns the row at a position of the log; undefined if it is too old or not applied yet. */
  find(seq: number): AppliedInvalidation | undefined {
    const [oldest] = this.#rows
    return oldest && seq >= oldest.seq ? this.#rows[seq - oldest.seq] : undefined
  }

  /**
   * Returns the oldest row after a position of the log that invalidated one of the tags, or everything. Undefined if none of the rows and
   * tags in memory did.
   */
  firstWith(tags: ReadonlySet<string>, after: number): AppliedInvalidation | undefined {
    return this.#rows.find((row) => row.seq > after && row.tags.some((tag) => tag === EVERYTHING_TAG || tags.has(tag)))
  }

  /**
   * Returns the cause of the write behind an invalidation. If several causes of a log row invalidated the same tag, returns the one with
   * most writes. Undefined if it is not known: the row is too old, it has too many tags, or the tag shares its counters with another one.
   */
  causeOf({ tag, seq }: Voiding): string | undefined {
    const row = this.find(seq)
    return row && causeOfTag(row, tag)
  }

  /** Returns all rows, newest first. */
  all(): readonly AppliedInvalidation[] {
    return this.#rows.toReversed()
  }
}

function causeOfTag({ causes, tags, tagCount }: AppliedInvalidation, tag: string): string | undefined {
  const [only, ...others] = causes
  if (others.length === 0) return tags.length < tagCount || tags.includes(tag) ? only?.cause : undefined
  const known = causes.find(({ tags: its }) => its?.includes(tag))
  if (known) return known.cause
  // The tags of a large write are cut off. If only one write is that large, the tag is one of the others that it emitted.
  const cut = causes.filter((cause) => (cause.tags?.length ?? 0) < cause.tagCount)
  return cut.length === 1 && (tags.length < tagCount || tags.includes(tag)) ? cut[0]?.cause : undefined
}

function weightOf({ tags, causes }: AppliedInvalidation): number {
  return causes.reduce((sum, cause) => sum + (cause.tags?.length ?? 0), tags.length)
}
