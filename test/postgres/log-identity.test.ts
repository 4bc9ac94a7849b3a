import pg from 'pg'
import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest'
import { declareEntity, type InvalidationLog } from '#src/engine/cache/index.ts'
import { installWatches } from '#src/engine/postgres/watch.ts'
import { type MarketDatabase, migrateMarket, openMarketDatabase } from '#src/market/tables/database.ts'
import { createDatabase, type TestDatabase } from '../servers/database.ts'
import { startPostgres } from '../servers/postgres.ts'

const DEADLINE_MS = 10_000
const OPTIONS = { poolSize: 2, statementTimeoutMs: 60_000, onError: () => undefined }
const Thing = declareEntity({
  type: 'Thing',
  table: 'things',
  tenantColumn: 'tenant_id',
  idColumn: 'id',
  dimensions: ['kind'],
  listed: ['kind', 'rank'],
})
const THINGS = 'create table things (id bigint primary key, tenant_id text not null, kind text, rank int)'

describe('the identity (epoch) of the invalidation log', () => {
  let test: TestDatabase
  let database: MarketDatabase
  let log: InvalidationLog

  beforeEach(async () => {
    test = await createDatabase()
    await test.query(THINGS)
    database = await openMarketDatabase({ url: test.url, ...OPTIONS })
    await installWatches(database, [Thing])
    log = database.openLog()
  })
  afterEach(async () => {
    await log.close()
    await database.close()
    await test.drop()
  })

  const newest = async (of = log) => (await of.sync(null, 1, DEADLINE_MS))[0]

  it('stays the same in normal operation', async () => {
    const before = await newest()
    await test.query("insert into things values (1, 'acme', 'a', 1)")
    expect((await newest())?.epoch).toBe(before?.epoch)
    await test.query('vacuum (freeze, analyze) cache.identity')
    expect((await newest())?.epoch).toBe(before?.epoch)
  })

  it('changes if the row that contains it is missing or was written again, and such a change invalidates everything', async () => {
    for (const statement of [
      'truncate cache.identity',
      'update cache.identity set random = random',
      // Simulates a restore of only the rows of a table: the same row is inserted again in a new transaction.
      'begin; create temporary table kept as table cache.identity; delete from cache.identity; insert into cache.identity table kept; commit',
    ]) {
      const before = await newest()
      await test.query(statement)
      const after = await newest()
      expect(after?.epoch, statement).not.toBe(before?.epoch)
      expect(after?.tags, statement).toContain('*')
      expect((await newest())?.seq, statement).toBe(after?.seq)
    }
  })

  it('is different in a copy of the database', async () => {
    const before = await newest()
    await log.close()
    await database.close()
    const copy = `${test.name}_copy`
    await onServer(async (server) => {
      await server.query(`select pg_terminate_backend(pid) from pg_stat_activity where datname = '${test.name}'`)
      await server.query(`create database ${copy} template ${test.name}`)
    })
    const url = Object.assign(new URL(test.url), { pathname: `/${copy}` }).href
    const copied = await openMarketDatabase({ url, ...OPTIONS })
    const copiedLog = copied.openLog()
    const after = await newest(copiedLog)
    expect(after?.epoch).not.toBe(before?.epoch)
    expect(after).toMatchObject({ seq: (before?.seq ?? 0) + 1, tags: ['*'] })
    await copiedLog.close()
    await copied.close()
    await onServer((server) => server.query(`drop database ${copy} with (force)`))
  })

  it('is the current one in each new row, also if it was replaced while a publication waited for its turn', async () => {
    const before = await newest()
    const [holder, publisher] = [new pg.Client(test.url), new pg.Client(test.url)]
    await Promise.all([holder.connect(), publisher.connect()])
    await test.query("insert into things values (1, 'acme', 'a', 1)")
    await holder.query('begin; select pg_advisory_xact_lock(1953064037, 1)')
    const published = publisher.query('select epoch from cache.newest(1)')
    for (let isWaiting = false; !isWaiting; )
      isWaiting = (await holder.query("select from pg_locks where locktype = 'advisory' and not granted")).rows.length > 0
    await holder.query('select cache.bump(); commit')
    const [row] = (await published).rows
    expect(row.epoch).not.toBe(before?.epoch)
    expect((await newest())?.epoch).toBe(row.epoch)
    await Promise.all([holder.end(), publisher.end()])
  })

  it('is renewed if its row was deleted, and pending tags are then dropped, because the renewal invalidates everything', async () => {
    await test.query("insert into cache.pending (xid, tags) values ('1152921504606846976', '{acme:Thing:1}')")
    await test.query('delete from cache.identity')
    const first = await newest()
    expect(first?.tags).toEqual(['*'])
    expect((await newest())?.seq).toBe(first?.seq)
  })

  it('is not used while a restore has created the log table but not yet the primary key of the table', async () => {
    const before = await newest()
    await test.query('alter table cache.log drop constraint log_pkey')
    await test.query('delete from cache.log')
    await expect(newest()).rejects.toThrow(/being restored/)
    await test.query(`insert into cache.log select 7, 'of the dump', pg_current_snapshot(), now(), '{*}'`)
    await test.query('alter table cache.log add primary key (seq)')
    expect(await newest()).toMatchObject({ seq: 8, epoch: before?.epoch, tags: ['*'] })
  })

  it.each([
    [
      'triggers are disabled and enabled again in one transaction',
      'alter table things disable trigger all; update things set rank = 2; alter table things enable trigger all',
    ],
    [
      'a trigger is disabled for one transaction',
      'alter table things disable trigger "cache_Thing_update"; update things set rank = 2; alter table things enable always trigger "cache_Thing_update"',
    ],
    ['a column is rewritten', 'alter table things alter column kind type text using upper(kind)'],
    ["another table takes over the table's name", 'alter table things rename to others; create table things (like others including all)'],
    ['a watch is changed', "select cache.unwatch('Thing')"],
    ['the declaration of a watch is changed by hand', "update cache.watched set listed = '{kind}'"],
  ])('stays the same but everything is invalidated when %s', async (_, statements) => {
    // Drops the event trigger, because the log must detect these changes without it.
    await test.query('drop event trigger if exists cache_definitions')
    await test.query("insert into things values (1, 'acme', 'a', 1)")
    const before = await newest()
    await test.query(`begin; ${statements}; commit`)
    const after = await newest()
    expect(after).toMatchObject({ seq: (before?.seq ?? 0) + 1, epoch: before?.epoch })
    expect(after?.tags).toContain('*')
    expect((await newest())?.seq).toBe(after?.seq)
  })

  // Proof that the tests above can fail: if one of the functions is broken, the change is not detected.
  it.each([
    [
      'it accepts the random id from a row of any transaction',
      `create or replace function cache.epoch() returns text language sql as 'select random from cache.identity'`,
      'begin; create temporary table kept as table cache.identity; delete from cache.identity; insert into cache.identity table kept; commit',
    ],
    [
      'it does not compare the catalogue',
      "create or replace function cache.catalogue() returns bigint language sql as 'select 1::bigint'",
      'begin; alter table things disable trigger user; alter table things enable trigger user; commit',
    ],
    [
      'it compares only the state of the triggers',
      `create or replace function cache.catalogue() returns bigint language sql as
        $$ select sum(ascii(tgenabled::text)) from pg_trigger where tgname like 'cache@_%' escape '@' $$`,
      `begin; alter table things disable trigger "cache_Thing_update"; alter table things enable always trigger "cache_Thing_update"; commit`,
    ],
  ])('would not notice a change, and these tests detect that, if %s', async (_, brokenFunction, statements) => {
    await test.query('drop event trigger if exists cache_definitions')
    await test.query(brokenFunction)
    await newest()
    const before = await newest()
    await test.query(statements)
    expect(await newest()).toEqual(before)
  })

  it('is not affected by maintenance such as VACUUM, ANALYZE and REINDEX', async () => {
    await test.query("insert into things values (1, 'acme', 'a', 1)")
    const before = await newest()
    for (const statement of ['analyze things', 'vacuum things', 'reindex table things', 'vacuum pg_trigger', 'vacuum (freeze) pg_class'])
      await test.query(statement)
    expect(await newest()).toEqual(before)
  })

  it('is complemented by a trigger check: a release may have fewer dimensions (tag columns) than the triggers, but not more', async () => {
    expect(await log.unwatched([declareEntity({ ...Thing, dimensions: [], listed: ['kind'] })])).toEqual([])
    expect(await log.unwatched([declareEntity({ ...Thing, dimensions: ['kind', 'rank'] })])).toEqual([
      { type: 'Thing', reason: expect.stringContaining('declaration') },
    ])
  })

  it('is complemented by an event trigger, which invalidates everything when DDL changes a definition such as an enum', async () => {
    await test.query("create type shade as enum ('light', 'dark')")
    const before = await newest()
    await test.query("alter type shade rename value 'dark' to 'black'")
    expect(await newest()).toMatchObject({ seq: (before?.seq ?? 0) + 1, tags: ['*'] })
    await test.query('create temporary table scratch (id int)')
    await test.query('alter table scratch add column name text')
    expect((await newest())?.seq).toBe((before?.seq ?? 0) + 1)
  })

  it('is complemented by a fingerprint of the system catalogue, which detects changed triggers without an event trigger', async () => {
    const name = `${test.name}_plain`
    await onServer((server) => server.query(`create role ${name} login; `))
    await onServer((server) => server.query(`create database ${name} owner ${name}`))
    const url = Object.assign(new URL(test.url), { pathname: `/${name}`, username: name }).href
    const plain = await openMarketDatabase({ url, ...OPTIONS })
    await migrateMarket(plain)
    const client = new pg.Client({ connectionString: url })
    await client.connect()
    await client.query(THINGS)
    await installWatches(plain, [Thing])
    const plainLog = plain.openLog()
    const before = await newest(plainLog)
    await client.query('begin; alter table things disable trigger user; alter table things enable trigger user; commit')
    expect(await newest(plainLog)).toMatchObject({ seq: (before?.seq ?? 0) + 1, tags: ['*'] })
    await client.end()
    await plainLog.close()
    await plain.close()
    await onServer((server) => server.query(`drop database ${name} with (force)`))
    await onServer((server) => server.query(`drop role ${name}`))
  })
})

describe('the identity of the invalidation log on a separate server', () => {
  it('stays the same after a clean restart, but changes after a crash and in a base backup', async () => {
    const server = await startPostgres()
    try {
      const epochOf = async (url: string) => {
        const handle = await openMarketDatabase({ url, ...OPTIONS })
        const own = handle.openLog()
        const [row] = await own.sync(null, 1, DEADLINE_MS)
        await own.close()
        await handle.close()
        return row?.epoch
      }
      const handle = await openMarketDatabase({ url: server.url, ...OPTIONS })
      await migrateMarket(handle)
      await handle.close()
      const first = await epochOf(server.url)
      await server.halt('SIGINT')
      await server.start()
      expect(await epochOf(server.url)).toBe(first)
      await server.halt('SIGKILL')
      await server.start()
      const second = await epochOf(server.url)
      expect(second).not.toBe(first)
    } finally {
      await server.stop()
    }
  }, 60_000)
})

async function onServer(work: (client: pg.Client) => Promise<unknown>): Promise<void> {
  const client = new pg.Client({ connectionString: inject('postgresUrl') })
  await client.connect()
  try {
    await work(client)
  } finally {
    await client.end()
  }
}
