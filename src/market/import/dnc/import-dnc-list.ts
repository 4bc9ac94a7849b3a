import { type Kysely, sql } from 'kysely'
import { inTransaction } from '../../../engine/postgres/transaction.ts'
import { type CallerHashes, givenHash, numberHash } from '../../rules/caller.ts'
import type { Database } from '../../tables/tables.ts'
import type { Problem } from '../problem.ts'
import type { Line } from './read-lines.ts'
import { Throttle } from './throttle.ts'

export interface DncImportOptions {
  /** Name of the list, such as `national`. */
  readonly list: string
  readonly lines: AsyncIterable<Line>
  readonly hashes: CallerHashes
  /** Whether only this process can use the database, as with the embedded one. It has one connection, so no lock is held on another. */
  readonly isAlone: boolean
  /** Slows the import down, so that others can use the database meanwhile. Default: the import is not slowed down. */
  readonly throttle?: Throttle
  /** Called now and then with the number of lines that are loaded. */
  readonly onProgress?: (lines: number) => void
}

/** A list whose new version is in use. */
export interface ImportedList {
  readonly version: number
  readonly entries: number
}

/** Result for a file with a problem. The list is as it was before. */
export interface RefusedList {
  readonly problem: Problem
}

/** Small batches, because each holds a core and the disk of the database for its time, in which others wait. */
const ENTRIES_PER_BATCH = 250
const DELETED_PER_BATCH = 1000
/** Entries that are sorted in memory, so that the entries of a batch are near each other in the index, and it changes few of its pages. */
const SORTED_ENTRIES = 100 * ENTRIES_PER_BATCH
const E164 = /^\+[1-9][0-9]{6,14}$/
export const LIST_NAME = /^[a-z0-9][a-z0-9-]{0,62}$/

/**
 * Imports a do-not-call list as a new version. Readers see the version in use until the new one is complete. Then one statement switches to
 * the new one, and the old one is deleted. A file with a wrong line, or without any caller, changes nothing. What an import left behind
 * that died is deleted by the next import of the list.
 * @throws Error if another import of the list is running, or the error of the database.
 */
export async function importDncList(db: Kysely<Database>, options: DncImportOptions): Promise<ImportedList | RefusedList> {
  if (options.isAlone) return importLocked(db, options)
  // The lock belongs to a transaction, so it holds with a pooler, too, and ends with this process.
  return db.transaction().execute(async (holder) => {
    await sql`set local idle_in_transaction_session_timeout = 0`.execute(holder)
    const { rows } = await sql<{ isLocked: boolean }>`
      select pg_try_advisory_xact_lock(hashtextextended(${`import of the list ${options.list}`}, 0)) as is_locked`.execute(holder)
    if (rows[0]?.isLocked !== true)
      throw new Error(
        `expected no other import of the list ${options.list}, but one is running: wait until it has ended, then import again.`,
      )
    return importLocked(db, options)
  })
}

async function importLocked(db: Kysely<Database>, options: DncImportOptions): Promise<ImportedList | RefusedList> {
  const { list, throttle = UNTHROTTLED } = options
  const version = await beginVersion(db, list)
  await deleteOthers(db, list, throttle)
  try {
    const loaded = await load(db, options, version)
    if ('problem' in loaded) return loaded
    await switchTo(db, list, version, loaded.entries)
    return { version, entries: loaded.entries }
  } finally {
    // After a failure this deletes the new version, and otherwise the old one.
    await deleteOthers(db, list, throttle)
  }
}

const UNTHROTTLED = new Throttle({ share: 1, monotonic: () => 0, pause: async () => undefined })

/** Names the version that is being imported. A number is never used twice, so what a dead import still writes belongs to no version. */
async function beginVersion(db: Kysely<Database>, list: string): Promise<number> {
  const { rows } = await sql<{ version: number }>`
    insert into dnc_lists (name, importing_version) values (${list}, 1)
    on conflict (name) do update set importing_version = greatest(dnc_lists.version, dnc_lists.importing_version) + 1
    returning importing_version as version
  `.execute(db)
  if (!rows[0]) throw new Error(`Expected a row of the list ${list}, got none.`)
  return rows[0].version
}

async function load(
  db: Kysely<Database>,
  { list, lines, hashes, throttle = UNTHROTTLED, onProgress }: DncImportOptions,
  version: number,
): Promise<RefusedList | { readonly entries: number }> {
  let entries = 0
  let callers: string[] = []
  const flush = async () => {
    callers.sort()
    for (let from = 0; from < callers.length; from += ENTRIES_PER_BATCH) {
      const batch = callers.slice(from, from + ENTRIES_PER_BATCH)
      entries += await throttle.run(() => insertCallers(db, list, version, batch))
    }
    callers = []
  }
  let read = 0
  try {
    for await (const { number, text } of lines) {
      read = number
      if (text === '') continue
      const sha256 = text === undefined ? undefined : (givenHash(text) ?? (E164.test(text) ? numberHash(text) : undefined))
      if (sha256 === undefined) return { problem: noCaller(number) }
      if (callers.push(hashes.ofDnc(sha256).toString('hex')) < SORTED_ENTRIES) continue
      await flush()
      onProgress?.(number)
    }
  } catch (error) {
    if (!isReadError(error)) throw error
    return { problem: unreadable(read, error) }
  }
  await flush()
  return entries > 0 ? { entries } : { problem: { ...noCaller(0), expected: 'at least one caller' } }
}

async function insertCallers(db: Kysely<Database>, list: string, version: number, callers: readonly string[]): Promise<number> {
  const { numAffectedRows = 0n } = await sql`
    insert into dnc_entries (list, version, caller)
    select ${list}, ${version}::int4, decode(caller, 'hex') from unnest(${callers}::text[]) as caller
    on conflict do nothing
  `.execute(db)
  return Number(numAffectedRows)
}

/** Makes the version the one in use, in one statement. */
async function switchTo(db: Kysely<Database>, list: string, version: number, entries: number): Promise<void> {
  const switchVersion = sql`
    update dnc_lists set version = ${version}, entries = ${entries}, imported_at = now(), importing_version = null
    where name = ${list} and importing_version = ${version}`
  const { numAffectedRows } = await inTransaction(db, (transaction) => switchVersion.execute(transaction), {
    attempts: 5,
    cause: 'program import',
  })
  if (numAffectedRows !== 1n)
    throw new Error(`expected to switch the list ${list} to version ${version}, but another import has begun: import again.`)
}

/** Deletes the entries of all versions that are not in use, in short statements, so that nobody waits for them. */
async function deleteOthers(db: Kysely<Database>, list: string, throttle: Throttle): Promise<void> {
  // Two ranges of the index. With `<>`, each statement would read the version in use, too.
  for (const side of [sql`<`, sql`>`]) {
    let deleted: bigint | undefined
    do {
      const remove = sql`
        delete from dnc_entries where ctid = any(array(
          select ctid from dnc_entries where list = ${list} and version ${side} (select version from dnc_lists where name = ${list})
          limit ${DELETED_PER_BATCH}))`
      const { numAffectedRows } = await throttle.run(() => remove.execute(db))
      deleted = numAffectedRows
    } while (deleted)
  }
}

/** Describes a wrong line without its text, which may be a number. */
function noCaller(line: number): Problem {
  return {
    code: 'NOT_A_CALLER',
    line,
    expected: 'a number such as +12125550123, or the SHA-256 of one as 64 hexadecimal digits',
    remedy: 'Correct the file. The list is as it was before.',
  }
}

function isReadError(error: unknown): error is Error {
  return (
    error instanceof Error &&
    'code' in error &&
    (/^(Z_|ERR_|ZSTD_)/.test(String(error.code)) || 'syscall' in error) &&
    !('severity' in error)
  )
}

function unreadable(line: number, error: Error): Problem {
  return {
    code: 'UNREADABLE',
    line,
    expected: `a file that can be read (${error.message})`,
    remedy: 'Correct the file. The list is as it was before.',
  }
}
