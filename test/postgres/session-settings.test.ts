import { sql } from 'kysely'
import type pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openDatabase } from '../../src/postgres/open-database.ts'
import { prepare } from '../../src/postgres/session-settings.ts'
import { createDatabase, type TestDatabase } from '../servers/database.ts'

const options = { poolSize: 1, statementTimeoutMs: 5000, onError: () => undefined }
const DEFAULTS = {
  DateStyle: 'SQL, DMY',
  bytea_output: 'escape',
  default_transaction_isolation: 'serializable',
  default_transaction_read_only: 'on',
  search_path: 'app',
  TimeZone: 'Asia/Kathmandu',
  IntervalStyle: 'iso_8601',
  statement_timeout: '1h',
  lock_timeout: '1h',
}

let database: TestDatabase

beforeAll(async () => {
  database = await createDatabase()
  for (const [name, value] of Object.entries(DEFAULTS))
    await database.query(`alter database ${database.name} set ${name} = ${quoted(value)}`)
})

afterAll(() => database?.drop())

const quoted = (value: string) =>
  value
    .split(', ')
    .map((part) => `'${part}'`)
    .join(', ')

describe('a database whose sessions start with other settings', () => {
  it('is read and written as any other', async () => {
    const handle = await openDatabase({ url: database.url, ...options })
    const { rows } = await sql`select '2026-03-01 10:00+00'::timestamptz as moment, '2026-03-01'::date as day, '\\x01'::bytea as bytes,
      current_setting('transaction_isolation') as isolation, current_setting('transaction_read_only') as read_only`.execute(handle.db)
    expect(rows).toEqual([
      { moment: '2026-03-01T10:00:00.000Z', day: '2026-03-01', bytes: Buffer.from([1]), isolation: 'read committed', readOnly: 'off' },
    ])
    await expect(handle.db.selectFrom('tenants').selectAll().execute()).resolves.toEqual([])
    await handle.close()
  })
})

/** A connection whose sessions start with these values, by way of a pooler or not. */
function fakeClient({ defaults, isPooled }: { defaults: Readonly<Record<string, string>>; isPooled: boolean }) {
  const statements: string[] = []
  const query = async (text: string, values: readonly unknown[]) => {
    statements.push(text)
    if (text.includes('pg_is_in_recovery')) {
      const names = values[1] as string[]
      return { rows: [{ standby: false, process: 7, values: names.map((name) => defaults[name] ?? WANTED[name]) }] }
    }
    return { rows: Object.entries(defaults).map(([name, value]) => ({ name, value })) }
  }
  return { client: { processID: isPooled ? 99 : 7, query } as unknown as pg.ClientBase, statements }
}
const WANTED: Readonly<Record<string, string>> = {
  DateStyle: 'ISO, DMY',
  bytea_output: 'hex',
  default_transaction_isolation: 'read committed',
  default_transaction_read_only: 'off',
  search_path: '"$user", public',
  standard_conforming_strings: 'on',
  TimeZone: 'Etc/UTC',
  IntervalStyle: 'postgres',
  extra_float_digits: '3',
  lock_timeout: '0',
  idle_in_transaction_session_timeout: '0',
  transform_null_equals: 'off',
}

describe('settings behind a pooler, which cannot be set for good,', () => {
  it('are refused in one sentence with the remedy', async () => {
    const { client } = fakeClient({ defaults: { DateStyle: 'SQL, DMY', search_path: 'app' }, isPooled: true })
    await expect(prepare(client, 1000)).rejects.toMatchObject({
      code: 'CONFIGURATION',
      message: expect.stringMatching(
        /^DATABASE_URL: .*DateStyle = 'SQL, DMY', search_path = 'app'.*: run ALTER ROLE … SET DateStyle = 'ISO, MDY'; /,
      ),
    })
  })

  it('are accepted where they do no harm', async () => {
    const { client } = fakeClient({ defaults: { TimeZone: 'Europe/Berlin', search_path: '"$user", public, extensions' }, isPooled: true })
    await expect(prepare(client, 1000)).resolves.toBeUndefined()
  })

  it('take one statement where the usual ones are in force', async () => {
    const { client, statements } = fakeClient({ defaults: {}, isPooled: false })
    await prepare(client, 1000)
    expect(statements).toHaveLength(1)
  })
})

describe('readiness', () => {
  it('does not wait for a connection of the pool, all of which may wait for a lock', async () => {
    const handle = await openDatabase({ url: database.url, ...options })
    const release = Promise.withResolvers<void>()
    const held = Promise.withResolvers<void>()
    const holding = handle.db.connection().execute(async () => {
      held.resolve()
      await release.promise
    })
    await held.promise
    await expect(handle.ping(2000)).resolves.toBeDefined()
    release.resolve()
    await holding
    await handle.close()
  })
})
