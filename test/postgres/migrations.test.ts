import { sql } from 'kysely'
import pg from 'pg'
import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest'
import { declareEntity } from '#src/engine/cache/model/entity.ts'
import { installWatches } from '#src/engine/postgres/watch.ts'
import { type MarketDatabase, migrateMarket, openMarketDatabase, rollBackMarket } from '#src/market/tables/database.ts'
import { createEmbeddedScratchDatabase, createScratchDatabase } from '../modules/scratch-database.ts'
import { createDatabase, entities, type TestDatabase } from '../servers/database.ts'

const opened: MarketDatabase[] = []
const dropped: (() => Promise<unknown>)[] = []

afterEach(async () => {
  for (const handle of opened.splice(0)) await handle.close()
  for (const drop of dropped.splice(0)) await drop()
})

async function open(url: string | undefined): Promise<MarketDatabase> {
  const where = url === undefined ? { dataDir: null } : { url }
  const handle = await openMarketDatabase({ ...where, poolSize: 2, statementTimeoutMs: 500, onError: () => undefined })
  opened.push(handle)
  return handle
}

/** Creates an empty database. */
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

async function objects({ db }: MarketDatabase): Promise<string[]> {
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
  ['PostgreSQL', createScratchDatabase],
  ['the embedded PostgreSQL', createEmbeddedScratchDatabase],
])(
  'Migrations that are rolled back one by one leave nothing behind on %s, and can be applied again.',
  async (_, create) => {
    const { handle, drop } = await create()
    dropped.push(drop)
    const made = await objects(handle)
    expect(made.length).toBeGreaterThan(50)
    const undone: string[] = []
    for (let name = await rollBackMarket(handle); name !== undefined; name = await rollBackMarket(handle)) undone.push(name)
    expect(undone).toEqual([...undone].sort().reverse())
    expect(await objects(handle)).toEqual([])
    await migrateMarket(handle)
    await installWatches(handle, entities)
    expect((await objects(handle)).sort()).toEqual(made.sort())
  },
  120_000,
)

it('Processes that start at the same time migrate an empty database exactly once.', async () => {
  const url = await createEmptyDatabase()
  const handles = await Promise.all(Array.from({ length: 6 }, () => open(url)))
  await Promise.all(
    handles.map(async (handle) => {
      await migrateMarket(handle)
      await installWatches(handle, entities)
    }),
  )
  const log = handles[0]?.openLog()
  expect(await log?.unwatched(entities)).toEqual([])
  expect((await log?.sync(null, 1000, 5000))?.[0]).toMatchObject({ seq: 1, tags: ['*'] })
  await log?.close()
})

it.each([
  ['a table that no migration creates', { table: 'ghosts' }, 'cannot watch public.ghosts: there is no such table'],
  ['a column that its table does not have', { listed: ['ghost'] }, 'cannot watch public.campaigns: it has no column ghost'],
])('An entity with %s is rejected with a PostgreSQL error that names the missing table or column.', async (_, change, message) => {
  const test = await createDatabase()
  dropped.push(() => test.drop())
  const campaign = { type: 'Ghost', table: 'campaigns', tenantColumn: 'tenant_id', idColumn: 'id', dimensions: [], listed: [] }
  await expect(installWatches(await open(test.url), [declareEntity({ ...campaign, ...change })])).rejects.toMatchObject({
    code: 'CONFIGURATION',
    message: `The entity Ghost does not match the database: ${message}. Correct declareEntity, or add a migration.`,
  })
})

it('A migration may wait longer than the statement timeout.', async () => {
  const url = await createEmptyDatabase()
  const handle = await open(url)
  await migrateMarket(handle)
  const busy = new pg.Client({ connectionString: url })
  await busy.connect()
  await busy.query('begin')
  await busy.query('lock table domains in row exclusive mode')
  const watching = installWatches(handle, entities)
  // Sleeps, by the server's clock, longer than the statement timeout of the handle.
  await busy.query('select pg_sleep(1.2)')
  await busy.query('commit')
  await watching
  await busy.end()
})

it('A migration invalidates everything that was cached before it.', async () => {
  const test = await createDatabase()
  dropped.push(() => test.drop())
  const handle = await open(test.url)
  const log = handle.openLog()
  const head = (await log.sync(null, 1, 5000))[0]?.seq ?? 0
  await migrateMarket(handle)
  expect(await log.sync(head, 10, 5000)).toHaveLength(1)
  await rollBackMarket(handle)
  const { seq: rolledBack = head } = (await log.sync(null, 1, 5000))[0] ?? {}
  await migrateMarket(handle)
  expect((await log.sync(head, 10, 5000)).flatMap(({ seq, tags }) => (seq > rolledBack ? tags : []))).toContain('*')
  await log.close()
})

it('A batch of cache metrics is added to its minute, its hour and the sums of both once, and again only under a new number.', async () => {
  const test = await createDatabase()
  dropped.push(() => test.drop())
  const hit = { subject: 'field', key: 'Campaign', layer: 'l1', operation: 'hit', cause: '', count: 3, ms: 1.5, saved: 20, bytes: 512 }
  const add = (batch: number, at: string) =>
    test.query('select record_cache_metrics($1, $2, $3, $4, $5) as added', ['a process', batch, at, JSON.stringify([hit, hit]), '[]'])
  expect(await add(1, '2026-03-10T12:34:56Z')).toEqual([{ added: true }])
  expect(await add(1, '2026-03-10T12:34:56Z')).toEqual([{ added: false }])
  expect(await add(2, '2026-03-10T12:35:01Z')).toEqual([{ added: true }])
  const rows = await test.query(
    `select subject, cache_key, period, to_char(recorded_at at time zone 'UTC', 'HH24:MI') as at, operation_count, saved_ms
     from cache_performance_metrics order by 1, 3, 4`,
  )
  const sums = [
    { period: 'hour', at: '12:00', operation_count: '12', saved_ms: 80 },
    { period: 'minute', at: '12:34', operation_count: '6', saved_ms: 40 },
    { period: 'minute', at: '12:35', operation_count: '6', saved_ms: 40 },
  ]
  expect(rows).toEqual([
    ...sums.map((row) => ({ subject: 'field', cache_key: 'Campaign', ...row })),
    ...sums.map((row) => ({ subject: 'total', cache_key: 'field', ...row })),
  ])
})

describe('a database schema that a newer version has migrated', () => {
  let database: TestDatabase
  let handle: MarketDatabase
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

  it('is used unchanged by an older version that the schema declares to be compatible', async () => {
    await change(await newest())
    await expect(migrateMarket(handle)).resolves.toEqual({ isNewer: true })
  })

  it.each([
    ['no version', undefined],
    ['only a newer version', '9998-later'],
  ])('is rejected with a one-sentence error if it declares compatibility with %s', async (_, runsWith) => {
    await change(runsWith)
    await expect(migrateMarket(handle)).rejects.toMatchObject({
      code: 'CONFIGURATION',
      message: expect.stringMatching(/^DATABASE_URL: this version does not run on .*\(9999-later\): start the newer version, or use it/),
    })
  })

  it('is not rolled back by a version that lacks the newer migration', async () => {
    await change('0001-tables')
    await expect(rollBackMarket(handle)).rejects.toThrow('revert it with that version')
  })

  it('is rejected if it lacks a migration that the running version has', async () => {
    await database.query('delete from kysely_migration where name = $1', [await newest()])
    await change('0001-tables')
    await expect(migrateMarket(handle)).rejects.toThrow(/lacks \d{4}-.*start a version that knows both/)
  })
})
