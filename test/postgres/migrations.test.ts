import { sql } from 'kysely'
import pg from 'pg'
import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest'
import { migrate, rollback } from '../../src/postgres/migrations.ts'
import { type DatabaseHandle, openDatabase } from '../../src/postgres/open-database.ts'
import { installWatches } from '../../src/postgres/watch.ts'
import { createDatabase, entities, type TestDatabase } from '../servers/database.ts'

const opened: DatabaseHandle[] = []
const dropped: (() => Promise<unknown>)[] = []

afterEach(async () => {
  for (const handle of opened.splice(0)) await handle.close()
  for (const drop of dropped.splice(0)) await drop()
})

async function open(url: string | undefined): Promise<DatabaseHandle> {
  const where = url === undefined ? { dataDir: null } : { url }
  const handle = await openDatabase({ ...where, poolSize: 2, statementTimeoutMs: 500, onError: () => undefined })
  opened.push(handle)
  return handle
}

/** A database with nothing in it. */
async function createEmptyDatabase(): Promise<string> {
  const server = inject('postgresUrl')
  const client = new pg.Client({ connectionString: server })
  await client.connect()
  const name = `${inject('template').replace(/_[a-z]+$/, '')}_empty_${process.pid}_${dropped.length}`
  await client.query(`create database ${name}`)
  dropped.push(async () => {
    await client.query(`drop database ${name} with (force)`)
    await client.end()
  })
  const url = new URL(server)
  url.pathname = `/${name}`
  return url.href
}

async function objects({ db }: DatabaseHandle): Promise<string[]> {
  const { rows } = await sql<{ name: string }>`
    select relname as name from pg_class join pg_namespace on pg_namespace.oid = relnamespace
    where nspname not in ('pg_catalog', 'information_schema', 'pg_toast') and relname not like 'kysely_%'
    union all
    select proname from pg_proc join pg_namespace on pg_namespace.oid = pronamespace where nspname not in ('pg_catalog', 'information_schema')
    union all
    select nspname from pg_namespace where nspname !~ '^pg_' and nspname not in ('public', 'information_schema')`.execute(db)
  return rows.map(({ name }) => name)
}

it.each([
  ['PostgreSQL'],
  ['the embedded PostgreSQL'],
])('taken back one by one, migrations leave nothing behind on %s, and can be made again', async (backEnd) => {
  const handle = await open(backEnd === 'PostgreSQL' ? await createEmptyDatabase() : undefined)
  await migrate(handle)
  await installWatches(handle, entities)
  const made = await objects(handle)
  expect(made.length).toBeGreaterThan(50)
  const undone: string[] = []
  for (let name = await rollback(handle); name !== undefined; name = await rollback(handle)) undone.push(name)
  expect(undone).toEqual([...undone].sort().reverse())
  expect(await objects(handle)).toEqual([])
  await migrate(handle)
  await installWatches(handle, entities)
  expect((await objects(handle)).sort()).toEqual(made.sort())
})

it('processes that start at once migrate an empty database once', async () => {
  const url = await createEmptyDatabase()
  const handles = await Promise.all(Array.from({ length: 6 }, () => open(url)))
  await Promise.all(
    handles.map(async (handle) => {
      await migrate(handle)
      await installWatches(handle, entities)
    }),
  )
  const log = handles[0]?.openLog()
  expect(await log?.unwatched(entities)).toEqual([])
  expect((await log?.sync(null, 1000, 5000))?.[0]).toMatchObject({ seq: 1, tags: ['*'] })
  await log?.close()
})

it('a migration waits longer than a statement may take', async () => {
  const url = await createEmptyDatabase()
  const handle = await open(url)
  await migrate(handle)
  const busy = new pg.Client({ connectionString: url })
  await busy.connect()
  await busy.query('begin')
  await busy.query('lock table domains in row exclusive mode')
  const watching = installWatches(handle, entities)
  // Longer, by the server's own clock, than the statement timeout of the handle.
  await busy.query('select pg_sleep(1.2)')
  await busy.query('commit')
  await watching
  await busy.end()
})

it('what was cached before a migration is void after it', async () => {
  const test = await createDatabase()
  dropped.push(() => test.drop())
  const handle = await open(test.url)
  const log = handle.openLog()
  const head = (await log.sync(null, 1, 5000))[0]?.seq ?? 0
  await migrate(handle)
  expect(await log.sync(head, 10, 5000)).toHaveLength(1)
  await rollback(handle)
  const { seq: rolledBack = head } = (await log.sync(null, 1, 5000))[0] ?? {}
  await migrate(handle)
  expect((await log.sync(head, 10, 5000)).flatMap(({ seq, tags }) => (seq > rolledBack ? tags : []))).toContain('*')
  await log.close()
})

it('records of what the cache did carry the hit rate of the last hour', async () => {
  const test = await createDatabase()
  dropped.push(() => test.drop())
  await test.query("select record_cache_metrics('memory', 'campaign', 'miss', 1.5)")
  await test.query("select record_cache_metrics('redis', 'campaign', 'miss', 1.5)")
  const [row] = await test.query("select record_cache_metrics('memory', 'campaign', 'hit', 0.02, 512, 60, 3) as id")
  expect(
    await test.query('select hit_rate_pct, ttl_seconds, operation_count from cache_performance_metrics where id = $1', [row?.['id']]),
  ).toEqual([{ hit_rate_pct: '75.00', ttl_seconds: 60, operation_count: '3' }])
})

describe('a schema that a newer version changed', () => {
  let database: TestDatabase
  let handle: DatabaseHandle
  beforeEach(async () => {
    database = await createDatabase()
    handle = await open(database.url)
  })
  afterEach(() => database.drop())

  const newest = async () => String((await database.query('select max(name) as name from kysely_migration'))[0]?.['name'])
  const change = async (runsWith: string | undefined) => {
    await database.query("insert into kysely_migration (name, timestamp) values ('9999-later', now()::text)")
    if (runsWith !== undefined) await database.query("insert into kysely_compatibility values ('9999-later', $1)", [runsWith])
  }

  it('is used as it is by a version that it says it suits', async () => {
    await change(await newest())
    await expect(migrate(handle)).resolves.toEqual({ isNewer: true })
  })

  it.each([
    ['nothing', undefined],
    ['a newer version', '9998-later'],
  ])('is refused in one sentence where it says that it suits %s', async (_, runsWith) => {
    await change(runsWith)
    await expect(migrate(handle)).rejects.toMatchObject({
      code: 'CONFIGURATION',
      message: expect.stringMatching(/^DATABASE_URL: this version does not run on .*\(9999-later\): start the newer version, or take/),
    })
  })

  it('is not taken back by a version that does not know how', async () => {
    await change('0001-tables')
    await expect(rollback(handle)).rejects.toThrow('take it back with that version')
  })

  it('is refused where a migration of this version is missing', async () => {
    await database.query('delete from kysely_migration where name = $1', [await newest()])
    await change('0001-tables')
    await expect(migrate(handle)).rejects.toThrow(/lacks \d{4}-.*start a version that knows both/)
  })
})
