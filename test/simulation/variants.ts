import type { InvalidationLog, LogRow, ProtocolStep } from '../../src/cache/index.ts'
import type { DatabaseFlaws } from './database.ts'

/** A protocol with something left out, to see that the checks notice. */
export interface BrokenVariant {
  /** A step of the engine. */
  readonly omit?: ProtocolStep
  /** Between an instance and the log. `known` holds the tags of what the instance has read. */
  readonly log?: (log: InvalidationLog, known: ReadonlySet<string>) => InvalidationLog
  /** Commits whose tags never reach the log, as when a message is sent after COMMIT and the sender dies. */
  readonly lostTags?: number
  /** The result of an execution that is shared but not stored does not tell what it was made of. */
  readonly untaggedAnswers?: boolean
  readonly database?: DatabaseFlaws
  /** Not broken: instances take the wake-up for connected and look rarely, though a fifth of its hints are lost. */
  readonly connectedWakeUp?: boolean
  /** A seed shortly before the first that notices a rare fault, so that the tests need not search for it. */
  readonly firstSeed?: number
}

export const brokenVariants: Readonly<Record<string, BrokenVariant>> = {
  'the stamp is taken when the load ends': { omit: 'stamp before load' },
  'a reader joins any load and takes any result': { omit: 'join rule' },
  'an answer that is not stored does not tell what it was made of': { untaggedAnswers: true, firstSeed: 2528 },
  'what comes from the shared tier is not checked': { omit: 'shared entries checked' },
  'entries older than what is known of the log count as valid': { omit: 'floor', firstSeed: 130 },
  'a reader with a token does not wait': { omit: 'token wait' },
  'a barrier joins the sync that is on the wire': { omit: 'barrier after call' },
  'invalidations are sent after COMMIT and may be lost': { lostTags: 0.05 },
  'rows of the log are numbered before COMMIT': { database: { sequencesBeforeCommit: true } },
  'the identity of the log survives a restore': { database: { identityRestored: true }, firstSeed: 966 },
  'the identity of the log survives a crash that loses commits and tags': { database: { identitySurvivesCrash: true }, firstSeed: 190 },
  'a promoted standby has the identity of its primary': { database: { identityPromoted: true }, firstSeed: 1686 },
  'changes that fire no trigger go unnoticed': { database: { catalogueIgnored: true } },
  'an instance that was ahead of the log does not tell the others': { omit: 'log set back voids', firstSeed: 88 },
  'rows of the log are told apart by number and epoch alone': { omit: 'row time compared', firstSeed: 26 },
  'instances learn only each minute that triggers are others': { omit: 'watches checked at once' },
  'a log that does not continue from what was applied is taken for one that does': { log: withoutLogMatch },
  'a new history of the database goes unnoticed': { log: withoutEpochs },
  'each instance goes by its own clock': { omit: 'time of the log' },
  'a look at the log may be answered from before the question': { log: answeringLate },
  'invalidations of tags that nothing kept carries are dropped': { log: droppingUnknownTags },
}

/** The row that was known is always there. */
function withoutLogMatch(log: InvalidationLog): InvalidationLog {
  let known: LogRow | undefined
  return wrap(log, (from, rows) => {
    const continued =
      from === null || rows[0]?.seq === from
        ? rows
        : [{ seq: from, epoch: known?.epoch ?? '', at: known?.at ?? 0, tags: [] }, ...renumber(rows, from)]
    known = continued.at(-1) ?? known
    return continued
  })
}

function withoutEpochs(log: InvalidationLog): InvalidationLog {
  return wrap(log, (_, rows) => rows.map((row) => ({ ...row, epoch: 'always', tags: row.tags.filter((tag) => tag !== '*') })))
}

/** Three answers of four hold no news, as from a standby that lags. */
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
    append: (tags) => log.append(tags),
    bump: (deadlineMs) => log.bump(deadlineMs),
    unwatched: (entities) => log.unwatched(entities),
    trim: (keepRows) => log.trim(keepRows),
    close: () => log.close(),
  }
}

function renumber(rows: readonly LogRow[], from: number): LogRow[] {
  return rows.filter(({ seq }) => seq > from).map((row, index) => ({ ...row, seq: from + 1 + index }))
}
