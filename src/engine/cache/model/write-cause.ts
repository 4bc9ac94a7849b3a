/** Maximum number of causes in one row of the invalidation log. The writes of all further causes are counted as {@link OTHER_CAUSES}. */
export const MAX_CAUSES = 16
/** Maximum number of tags that one cause of a log row names. */
export const MAX_TAGS_OF_CAUSE = 32
/** Cause that stands for the writes whose own causes exceed {@link MAX_CAUSES}. */
export const OTHER_CAUSES = 'system other causes'
/** Maximum length of a cause, characters. */
export const MAX_CAUSE_LENGTH = 200

/** All writes of one cause in one row of the invalidation log. */
export interface WriteCause {
  /**
   * Reason of the writes. The first word is the kind. `mutation` is followed by the name of the GraphQL mutation, `operator` by the name of
   * the operator and the reason, and `program` by the application_name of another program. `system` is followed by a change of the database
   * itself, such as a migration or a new epoch.
   */
  readonly cause: string
  /** Number of statements that emitted tags. */
  readonly writes: number
  /**
   * Time of the oldest transaction, by the clock of the log's database, Unix epoch ms. It is the time of the commit if the database records
   * such times (`track_commit_timestamp`). Otherwise it is the time of the transaction's last statement.
   */
  readonly firstAt: number
  /** Time of the newest transaction, Unix epoch ms. */
  readonly lastAt: number
  /**
   * Tags that the writes emitted, at most {@link MAX_TAGS_OF_CAUSE}. Undefined if the row has only this cause: then all tags of the row
   * belong to it.
   */
  readonly tags?: readonly string[]
  /** Number of all different tags that the writes emitted. It may be greater than the number of `tags`. */
  readonly tagCount: number
}

const CONTROL_CHARACTERS = /\p{Cc}+/gu

/**
 * Returns a cause in the form that the log stores: `kind`, a space, and the text on one line, at most {@link MAX_CAUSE_LENGTH} characters.
 * The text may come from a person, so control characters and line breaks become spaces.
 */
export function causeOf(kind: 'mutation' | 'operator' | 'program' | 'system', text: string): string {
  return Array.from(`${kind} ${text.replaceAll(CONTROL_CHARACTERS, ' ').trim()}`)
    .slice(0, MAX_CAUSE_LENGTH)
    .join('')
}

/**
 * Returns the invalidation lag of a log row, ms: the time from its oldest write until `now`, by the clock of the log's database. Undefined
 * for a row without writes. A transaction without a recorded commit time counts from its last statement, so the result may exceed the true
 * lag by the duration of COMMIT.
 */
export function lagOf(causes: readonly WriteCause[], now: number): number | undefined {
  const written = causes.filter(({ writes }) => writes > 0)
  return written.length === 0 ? undefined : Math.max(0, now - Math.min(...written.map(({ firstAt }) => firstAt)))
}
