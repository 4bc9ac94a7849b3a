import type { InvalidationLog, LogRow, ProtocolStep } from '#src/engine/cache/index.ts'
import type { DatabaseFlaws } from './database.ts'

/** A broken variant of the cache protocol. The simulation must find wrong answers with it. */
export interface BrokenVariant {
  /** Step of the cache protocol that the engine skips. */
  readonly omit?: ProtocolStep
  /** Wraps the invalidation log of an instance. `known` contains the tags of the values that the instance has read. */
  readonly log?: (log: InvalidationLog, known: ReadonlySet<string>) => InvalidationLog
  /**
   * Share of the commits whose tags never reach the invalidation log, as if the tags were sent after COMMIT and the sender had died in
   * between.
   */
  readonly lostTags?: number
  /** Whether a composed answer that is shared with concurrent readers but not stored lacks the tags of its parts. */
  readonly untaggedAnswers?: boolean
  /** Whether an experiment keeps the values of its arm `trial` without asking the invalidation log. */
  readonly uncheckedTrial?: boolean
  readonly database?: DatabaseFlaws
  /**
   * Whether instances believe that hints about new log rows arrive, and so rarely sync with the log, although a fifth of the hints is lost.
   * This variant is valid: the simulation must find no wrong answer.
   */
  readonly connectedWakeUp?: boolean
  /** The first seed that reveals the flaw, or a seed shortly before it, so that the tests need not search for it. By default, 1. */
  readonly firstSeed?: number
}

export const brokenVariants: Readonly<Record<string, BrokenVariant>> = {
  'the log position of a value is taken when its load ends instead of when it starts': { omit: 'stamp before load', firstSeed: 17 },
  'a reader joins any running load, even if the load started before an invalidation': { omit: 'join rule', firstSeed: 26 },
  'an answer that is shared but not stored does not carry the tags of its parts': { untaggedAnswers: true, firstSeed: 517 },
  'an experiment keeps the values of one arm whatever is written': { uncheckedTrial: true, firstSeed: 8 },
  'entries from the shared tier are not checked against the invalidation log': { omit: 'shared entries checked' },
  'entries that a process gets after it waited for the load of another process are not checked against the invalidation log': {
    omit: 'awaited entries checked',
  },
  'entries that a process copies from the shared tier when it starts are not checked against the invalidation log': {
    omit: 'copied entries checked',
    firstSeed: 2,
  },
  'entries older than the part of the log that an instance knows count as valid': { omit: 'floor', firstSeed: 29 },
  'a reader with a consistency token does not wait for the log': { omit: 'token wait' },
  'a read that must wait for the log joins a sync that has already started': { omit: 'barrier after call' },
  'invalidations are sent after COMMIT and may be lost': { lostTags: 0.05 },
  'log rows get their numbers before COMMIT': { database: { sequencesBeforeCommit: true } },
  'the identity of the log survives a restore': { database: { identityRestored: true }, firstSeed: 1730 },
  'the identity of the log survives a crash that loses commits and tags': { database: { identitySurvivesCrash: true }, firstSeed: 794 },
  'a promoted standby has the identity of its primary': { database: { identityPromoted: true }, firstSeed: 342 },
  'changes that fire no trigger go unnoticed': { database: { catalogueIgnored: true } },
  'an instance that notices a restored log does not tell the other instances': { omit: 'log set back voids', firstSeed: 19 },
  'log rows are distinguished only by number and epoch': { omit: 'row time compared', firstSeed: 775 },
  'instances check only once a minute whether triggers have changed': { omit: 'watches checked at once' },
  'an instance does not notice that the log does not continue from the last applied row': { log: withoutLogMatch },
  'a new epoch of the log goes unnoticed': { log: withoutEpochs, firstSeed: 2 },
  'each instance uses its own clock': { omit: 'time of the log' },
  'a sync of the log may return an older state than the one at the start of the sync': { log: answeringLate },
  'an instance ignores invalidations of tags that no cached value carries': { log: droppingUnknownTags },
}

/** Makes each sync return the row that the instance applied last, even if the log no longer contains that row. */
function withoutLogMatch(log: InvalidationLog): InvalidationLog {
  let known: LogRow | undefined
  return wrap(log, (from, rows) => {
    const continued =
      from === null || rows[0]?.seq === from
        ? rows
        : [{ seq: from, epoch: known?.epoch ?? '', at: known?.at ?? 0, tags: [], causes: [] }, ...renumber(rows, from)]
    known = continued.at(-1) ?? known
    return continued
  })
}

function withoutEpochs(log: InvalidationLog): InvalidationLog {
  return wrap(log, (_, rows) => rows.map((row) => ({ ...row, epoch: 'always', tags: row.tags.filter((tag) => tag !== '*') })))
}

/** Makes three of four syncs return no new rows, as if a standby that lags behind had answered. */
function answeringLate(log: InvalidationLog): InvalidationLog {
  let asked = 0
  return wrap(log, (from, rows) => (from !== null && ++asked % 4 !== 0 ? rows.slice(0, 1) : rows))
}

function droppingUnknownTags(log: InvalidationLog, known: ReadonlySet<string>): InvalidationLog {
  return wrap(log, (_, rows) => rows.map((row) => ({ ...row, tags: row.tags.filter((tag) => tag === '*' || known.has(tag)) })))
}

function wrap(log: InvalidationLog, change: (from: number | null, rows: readonly LogRow[]) => readonly LogRow[]): InvalidationLog {
  return {
    sync: async (from, limit, deadlineMs, onTime) => change(from, await log.sync(from, limit, deadlineMs, onTime)),
    append: (tags, cause) => log.append(tags, cause),
    bump: (deadlineMs) => log.bump(deadlineMs),
    unwatched: (entities) => log.unwatched(entities),
    trim: (keepRows) => log.trim(keepRows),
    close: () => log.close(),
  }
}

function renumber(rows: readonly LogRow[], from: number): LogRow[] {
  return rows.filter(({ seq }) => seq > from).map((row, index) => ({ ...row, seq: from + 1 + index }))
}
