import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { prepare } from '#src/engine/postgres/session-settings.ts'
import type { WatchedClient } from '#src/engine/postgres/watched-client.ts'
import { openMarketDatabase } from '#src/market/tables/database.ts'
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

describe('a database whose sessions start with unusual settings', () => {
  it('is read and written correctly', async () => {
    const handle = await openMarketDatabase({ url: database.url, ...options })
    const { rows } = await sql`select '2026-03-01 10:00+00'::timestamptz as moment, '2026-03-01'::date as day, '\\x01'::bytea as bytes,
      current_setting('transaction_isolation') as isolation, current_setting('transaction_read_only') as read_only`.execute(handle.db)
    expect(rows).toEqual([
      { moment: '2026-03-01T10:00:00.000Z', day: '2026-03-01', bytes: Buffer.from([1]), isolation: 'read committed', readOnly: 'off' },
    ])
    await expect(handle.db.selectFrom('tenants').selectAll().execute()).resolves.toEqual([])
    await handle.close()
  })
})

/** Creates a fake connection whose session starts with the given settings, with or without a connection pooler. */
function fakeClient({ defaults, isPooled }: { defaults: Readonly<Record<string, string>>; isPooled: boolean }) {
  const statements: string[] = []
  const run = async (text: string, values: readonly unknown[]) => {
    statements.push(text)
    if (text.includes('pg_is_in_recovery')) {
      const names = values[1] as string[]
      return { rows: [{ standby: false, process: 7, values: names.map((name) => defaults[name] ?? WANTED[name]) }] }
    }
    return { rows: Object.entries(defaults).map(([name, value]) => ({ name, value })) }
  }
  return { client: { processID: isPooled ? 99 : 7, run } as unknown as WatchedClient, statements }
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

describe('session settings behind a connection pooler, where a gateway cannot change them,', () => {
  it('cause a one-sentence error with the remedy', async () => {
    const { client } = fakeClient({ defaults: { DateStyle: 'SQL, DMY', search_path: 'app' }, isPooled: true })
    await expect(prepare(client, 1000)).rejects.toMatchObject({
      code: 'CONFIGURATION',
      message: expect.stringMatching(
        /^DATABASE_URL: .*DateStyle = 'SQL, DMY', search_path = 'app'.*: run ALTER ROLE … SET DateStyle = 'ISO, MDY'; /,
      ),
    })
  })

  it('are accepted if they cannot cause wrong results', async () => {
    const { client } = fakeClient({ defaults: { TimeZone: 'Europe/Berlin', search_path: '"$user", public, extensions' }, isPooled: true })
    await expect(prepare(client, 1000)).resolves.toBe(false)
  })

  it('are not changed by the gateway, because the next client of the session would inherit them', async () => {
    const { client, statements } = fakeClient({ defaults: { TimeZone: 'Europe/Berlin', lock_timeout: '1s' }, isPooled: true })
    await prepare(client, 1000)
    expect(statements.slice(1)).toEqual([expect.not.stringContaining('set_config')])
  })

  it('cost only one SQL statement for each connection if they have the usual values', async () => {
    const { client, statements } = fakeClient({ defaults: {}, isPooled: false })
    await prepare(client, 1000)
    expect(statements).toHaveLength(1)
  })
})

describe('the readiness check', () => {
  it('does not wait for a connection of the pool, because all connections may be waiting for a lock', async () => {
    const handle = await openMarketDatabase({ url: database.url, ...options })
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
