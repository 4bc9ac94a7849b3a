import { createServer, type Socket } from 'node:net'
import { sql } from 'kysely'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { declareEntity } from '#src/engine/cache/index.ts'
import type { InvalidationLog } from '#src/engine/cache/log/invalidation-log.ts'
import { installWatches } from '#src/engine/postgres/watch.ts'
import { type MarketDatabase, openMarketDatabase } from '#src/market/tables/database.ts'
import { createEmbeddedScratchDatabase, createScratchDatabase, type ScratchDatabase } from '../modules/scratch-database.ts'
import { createDatabase, type TestDatabase } from '../servers/database.ts'

const Thing = declareEntity({
  type: 'Thing',
  table: 'things',
  tenantColumn: 'tenant_id',
  idColumn: 'id',
  dimensions: ['shelf', 'kind'],
  listed: ['shelf', 'kind', 'rank'],
})
const PublicThing = declareEntity({
  type: 'PublicThing',
  table: 'things',
  tenantColumn: null,
  idColumn: 'name',
  dimensions: [],
  listed: [],
})
const THINGS = `create table things (id bigint primary key, tenant_id text not null, name text not null, shelf bigint, kind text, rank int not null default 0, note text);
  create table parts (id bigint primary key, thing_id bigint not null references things on delete cascade)`

const NO_TIMEOUT = { poolSize: 4, statementTimeoutMs: 60_000, onError: () => undefined }

describe.each([
  ['PostgreSQL', createScratchDatabase],
  ['the embedded PostgreSQL', createEmbeddedScratchDatabase],
])('the invalidation log on %s', (_, create) => {
  let scratch: ScratchDatabase
  let database: MarketDatabase
  let log: InvalidationLog
  let head = 0

  beforeAll(async () => {
    scratch = await create(NO_TIMEOUT)
    database = scratch.handle
    for (const statement of THINGS.split(';')) await run(statement)
    await installWatches(database, [Thing, PublicThing])
    log = database.openLog()
    await news()
  })

  afterAll(async () => {
    await log?.close()
    await scratch?.drop()
  })

  const run = async (statement: string) => {
    await sql.raw(statement).execute(database.db)
  }
  /** Returns the tags that were published in the log since the last call of this function. */
  const news = async (): Promise<string[]> => {
    const rows = await log.sync(head || null, 100_000, 10_000)
    const fresh = rows.filter(({ seq }) => seq > head)
    head = rows.at(-1)?.seq ?? head
    return fresh.flatMap(({ tags }) => [...tags]).sort()
  }
  const emitted = async (statement: string): Promise<string[]> => {
    await news()
    await run(statement)
    return news()
  }

  it('contains the tags of an inserted row, of its lists, and of the type', async () => {
    expect(await emitted("insert into things values (1, 'acme', 'one', 7, 'a')")).toEqual([
      'acme:Thing:1',
      'acme:Thing[]',
      'acme:Thing[]:kind=a',
      'acme:Thing[]:shelf=7',
      'acme:Thing~',
      'public:PublicThing:one',
      'public:PublicThing[]',
      'public:PublicThing~',
    ])
  })

  it('contains the tags of both lists if a row moves between lists, in every dimension and even if a value is null', async () => {
    await emitted("insert into things values (2, 'acme', 'two', 7, null)")
    expect((await emitted('update things set shelf = 8 where id = 2')).filter((tag) => tag.includes('acme'))).toEqual([
      'acme:Thing:2',
      'acme:Thing[]',
      'acme:Thing[]:kind is null',
      'acme:Thing[]:shelf=7',
      'acme:Thing[]:shelf=8',
      'acme:Thing~',
    ])
  })

  it('contains the tags of both tenants and both ids if the tenant or the id of a row changes', async () => {
    await emitted("insert into things values (3, 'acme', 'three', 1, 'a')")
    const tags = await emitted("update things set tenant_id = 'other', id = 33 where id = 3")
    for (const tag of ['acme:Thing:3', 'other:Thing:33', 'acme:Thing[]:shelf=1', 'other:Thing[]:shelf=1', 'acme:Thing~', 'other:Thing~'])
      expect(tags).toContain(tag)
  })

  it('contains no list tags if no column that matters to lists changes', async () => {
    await emitted("insert into things values (4, 'acme', 'four', 1, 'a')")
    expect((await emitted("update things set note = 'new' where id = 4")).filter((tag) => tag.startsWith('acme'))).toEqual([
      'acme:Thing:4',
      'acme:Thing~',
    ])
  })

  it('contains the tags of a deleted row and its lists', async () => {
    await emitted("insert into things values (5, 'acme', 'five', 3, 'b')")
    expect(await emitted('delete from things where id = 5')).toContain('acme:Thing[]:shelf=3')
  })

  it('contains nothing about a statement that changed no row or was rolled back', async () => {
    expect(await emitted('update things set rank = 1 where id = -1')).toEqual([])
    await database.db
      .transaction()
      .execute(async (transaction) => {
        await sql`insert into things values (6, 'acme', 'six')`.execute(transaction)
        throw new Error('changed my mind')
      })
      .catch(() => undefined)
    expect(await news()).toEqual([])
  })

  it('contains the tag of the type and tenant instead of single rows after a change of many rows', async () => {
    const insert =
      "insert into things select 1000 + i, case when i % 2 = 0 then 'acme' else 'other' end, 'n' || i, i % 50 from generate_series(1, 5000) i"
    expect(await emitted(insert)).toEqual([
      'acme:Thing*',
      'acme:Thing~',
      'other:Thing*',
      'other:Thing~',
      'public:PublicThing*',
      'public:PublicThing~',
    ])
    expect(await emitted('update things set rank = rank + 1 where id > 1000')).toHaveLength(6)
    expect(await emitted('delete from things where id > 1000')).toHaveLength(6)
  })

  it('contains a tag for everything after a TRUNCATE', async () => {
    await emitted("insert into things values (8, 'acme', 'eight')")
    expect(await emitted('truncate things cascade')).toEqual(['*'])
  })

  it('returns rows with contiguous numbers after the last row that a reader knows', async () => {
    await emitted("insert into things values (9, 'acme', 'nine')")
    const known = head
    await run('update things set rank = 5 where id = 9')
    await log.append(['acme:Thing:9'], 'operator Ada: test')
    const rows = await log.sync(known, 100, 5000)
    expect(rows.map(({ seq }) => seq)).toEqual(rows.map((_, index) => known + index))
    expect(rows.length).toBeGreaterThan(1)
    expect(await log.sync(known, 1, 5000)).toHaveLength(1)
    await news()
  })

  it('begins a new epoch with a row that invalidates everything', async () => {
    const [before] = await log.sync(head, 1, 5000)
    await log.bump(5000)
    const rows = await log.sync(head, 10, 5000)
    expect(rows.at(-1)?.tags).toEqual(['*'])
    expect(rows.at(-1)?.epoch).not.toBe(before?.epoch)
    await news()
  })

  it('can be trimmed, but always keeps its newest row', async () => {
    for (let i = 0; i < 10; i++) {
      await log.append([`acme:Thing:${i}`], 'operator Ada: test')
      await log.sync(head, 100, 5000)
    }
    await log.trim(3)
    const rows = await log.sync(null, 100, 5000)
    expect(rows).toHaveLength(3)
    expect(await log.sync(1, 1, 5000)).not.toContainEqual(expect.objectContaining({ seq: 1 }))
    await log.trim(0)
    expect(await log.sync(null, 100, 5000)).toHaveLength(1)
    expect((await sql`select 1 from cache.pending`.execute(database.db)).rows).toEqual([])
    await news()
  })

  it('detects tables whose triggers are missing, disabled or different from the declaration of the entity', async () => {
    expect(await log.unwatched([Thing, PublicThing])).toEqual([])
    const other = declareEntity({ ...Thing, type: 'Other' })
    const changed = declareEntity({ ...Thing, dimensions: ['shelf', 'kind', 'rank'] })
    expect((await log.unwatched([other, changed])).map(({ type }) => type)).toEqual(['Other', 'Thing'])
    await run('alter table things disable trigger "cache_Thing_update"')
    expect(await log.unwatched([Thing])).toEqual([{ type: 'Thing', reason: expect.stringContaining('disabled') }])
    await run('drop trigger "cache_Thing_update" on things')
    expect(await log.unwatched([Thing])).toEqual([{ type: 'Thing', reason: expect.stringContaining('missing') }])
    await installWatches(database, [Thing])
    expect(await log.unwatched([Thing])).toEqual([])
    expect(await news()).toContain('*')
  })

  it('rejects tables whose changes it could miss', async () => {
    await run('create table split (id bigint, tenant_id text not null) partition by range (id)')
    await run('create view glimpse as select * from things')
    await run('create table parent (id bigint, tenant_id text not null)')
    await run('create table child () inherits (parent)')
    await run('create unlogged table fleeting (id bigint primary key, tenant_id text not null)')
    await run('create table nameless (id bigint, tenant_id text not null)')
    for (const table of ['split', 'glimpse', 'parent', 'child', 'fleeting', 'nameless', 'nowhere']) {
      const entity = declareEntity({ type: 'Refused', table, tenantColumn: 'tenant_id', idColumn: 'id', dimensions: [], listed: [] })
      await expect(installWatches(database, [entity]), table).rejects.toThrow(/cannot watch/)
    }
  })

  it('refuses to publish in a transaction that has already written something', async () => {
    const attempt = database.db.transaction().execute(async (transaction) => {
      await sql`insert into things values (77, 'acme', 'x')`.execute(transaction)
      await sql`select cache.publish()`.execute(transaction)
    })
    await expect(attempt).rejects.toThrow(/has written/)
  })
})

describe('the invalidation log under concurrency', () => {
  let test: TestDatabase
  const clients: pg.Client[] = []

  beforeAll(async () => {
    test = await createDatabase()
    for (const statement of THINGS.split(';')) await test.query(statement)
    const database = await openMarketDatabase({ url: test.url, ...NO_TIMEOUT })
    await installWatches(database, [Thing])
    await database.close()
  })

  afterAll(async () => {
    await Promise.all(clients.map((client) => client.end()))
    await test?.drop()
  })

  const connect = async (): Promise<pg.Client> => {
    const client = new pg.Client({ connectionString: test.url })
    client.on('error', () => undefined)
    await client.connect()
    clients.push(client)
    return client
  }
  const sync = async (client: pg.Client, from: number) =>
    (await client.query<{ seq: string; tags: string[] }>('select seq, tags from cache.sync($1, 100000)', [from])).rows.map(
      ({ seq, tags }) => ({ seq: Number(seq), tags }),
    )

  it('publishes the tags of each transaction after its commit, even if an older transaction is still open', async () => {
    const [slow, quick, reader] = [await connect(), await connect(), await connect()]
    const start = (await sync(reader, 1)).at(-1)?.seq ?? 0
    await slow.query('begin')
    await slow.query("insert into things values (101, 'acme', 'slow')")
    await quick.query("insert into things values (102, 'acme', 'quick')")
    const early = (await sync(reader, start)).flatMap(({ seq, tags }) => (seq > start ? tags : []))
    expect(early).toContain('acme:Thing:102')
    expect(early).not.toContain('acme:Thing:101')
    const between = (await sync(reader, 1)).at(-1)?.seq ?? 0
    await slow.query('commit')
    const late = (await sync(reader, between)).flatMap(({ seq, tags }) => (seq > between ? tags : []))
    expect(late).toContain('acme:Thing:101')
    expect(late).not.toContain('acme:Thing:102')
  })

  it('loses no tag and has no gap in its numbers while many transactions write and publish', async () => {
    const writers = await Promise.all(Array.from({ length: 6 }, connect))
    const readers = await Promise.all(Array.from({ length: 4 }, connect))
    const start = (await sync(readers[0] as pg.Client, 1)).at(-1)?.seq ?? 0
    let writing = true
    const written: string[] = []
    const work = writers.map(async (client, writer) => {
      for (let i = 0; i < 60; i++) {
        const id = 10_000 + writer * 1000 + i
        const long = i % 7 === 0
        if (long) await client.query('begin')
        await client.query('insert into things values ($1, $2, $3)', [id, 'acme', `w${id}`])
        if (long && i % 2 === 0) await client.query('select pg_sleep(0.005)')
        if (long) await client.query(i % 3 === 0 ? 'rollback' : 'commit')
        if (!long || i % 3 !== 0) written.push(`acme:Thing:${id}`)
      }
    })
    const publishing = readers.map(async (client) => {
      let last = start
      while (writing) {
        const rows = await sync(client, last)
        expect(rows.map(({ seq }) => seq)).toEqual(rows.map((_, index) => last + index))
        last = rows.at(-1)?.seq ?? last
      }
    })
    await Promise.all(work)
    writing = false
    await Promise.all(publishing)
    const told = new Set((await sync(readers[0] as pg.Client, start)).flatMap(({ seq, tags }) => (seq > start ? tags : [])))
    const rowTags = [...told].filter((tag) => /^acme:Thing:1\d{4}$/.test(tag))
    expect(rowTags.sort()).toEqual(written.sort())
  })

  it('shows a log row only to a reader that also sees the data that the row is about', async () => {
    const [writer, reader] = [await connect(), await connect()]
    await writer.query("insert into things values (500, 'acme', 'counted', 0, null, 0)")
    let writing = true
    const work = (async () => {
      for (let i = 1; i <= 200; i++) await writer.query('update things set rank = $1::int, shelf = $1::int where id = 500', [i])
    })().finally(() => {
      writing = false
    })
    while (writing) {
      const rows = await sync(reader, 1)
      const newest = Math.max(
        0,
        ...rows.flatMap(({ tags }) => tags.map((tag) => Number(/^acme:Thing\[\]:shelf=(\d+)$/.exec(tag)?.[1] ?? 0))),
      )
      const { rows: found } = await reader.query<{ rank: number }>('select rank from things where id = 500')
      expect(found[0]?.rank).toBeGreaterThanOrEqual(newest)
    }
    await work
  })

  it('includes writes by COPY, by a cascade, and by a role without read permission on the log', async () => {
    const [client, reader] = [await connect(), await connect()]
    const start = (await sync(reader, 1)).at(-1)?.seq ?? 0
    const role = `tidegate_writer_${process.pid}`
    await client.query(`create role ${role}; grant insert, update, delete, select on things, parts to ${role}; set role ${role}`)
    await client.query("insert into things values (600, 'acme', 'by another role')")
    await expect(client.query('select * from cache.log')).rejects.toThrow(/permission denied/)
    await client.query(`reset role; revoke all on things, parts from ${role}; drop role ${role}`)
    await copyIn(client, 'copy things (id, tenant_id, name) from stdin', '601\tacme\tcopied\n602\tacme\tcopied\n')
    await client.query('alter table things add column whole bigint references things on delete cascade')
    await client.query("insert into things (id, tenant_id, name, whole) values (603, 'acme', 'part', 602), (604, 'acme', 'part', 603)")
    const tags = (await sync(reader, start)).flatMap((row) => row.tags)
    expect(tags).toEqual(expect.arrayContaining(['acme:Thing:600', 'acme:Thing:601', 'acme:Thing:602']))
    const known = (await sync(reader, start)).at(-1)?.seq ?? 0
    await client.query('delete from things where id = 602')
    const afterwards = (await sync(reader, known)).flatMap(({ seq, tags }) => (seq > known ? tags : []))
    expect(afterwards).toEqual(expect.arrayContaining(['acme:Thing:602', 'acme:Thing:603', 'acme:Thing:604']))
  })

  it('includes writes of a session with session_replication_role = replica', async () => {
    const [client, reader] = [await connect(), await connect()]
    const start = (await sync(reader, 1)).at(-1)?.seq ?? 0
    await client.query('set session_replication_role = replica')
    await client.query("insert into things values (700, 'acme', 'replayed')")
    expect((await sync(reader, start)).flatMap(({ tags }) => tags)).toContain('acme:Thing:700')
  })

  it('contains at most 10,000 tags per log row, and replaces the tags of table rows by tags of types if there are more', async () => {
    const [client, reader] = [await connect(), await connect()]
    const start = (await sync(reader, 1)).at(-1)?.seq ?? 0
    const append = (sql: string) => client.query(`insert into cache.pending (tags) select array_agg(tag) from (${sql}) as made (tag)`)
    const news = async (from: number) => (await sync(reader, from)).filter(({ seq }) => seq > from)
    await append(
      "select 'acme:Thing:' || i from generate_series(1, 6000) i union all select 'other:Part[]:a=' || i from generate_series(1, 6000) i",
    )
    const [row, ...others] = await news(start)
    expect(others).toEqual([])
    expect(row?.tags.sort()).toEqual(['acme:Thing*', 'acme:Thing~', 'other:Part*', 'other:Part~'])
    await append("select 't' || i || ':Thing:1' from generate_series(1, 10001) i")
    expect((await news(start + 1)).map(({ tags }) => tags)).toEqual([['*']])
  })

  it('gets new rows only from transactions at READ COMMITTED, because an older snapshot could miss the previous log row', async () => {
    const client = await connect()
    await client.query('begin isolation level repeatable read')
    await expect(client.query('select cache.publish()')).rejects.toThrow(/READ COMMITTED/)
    await client.query('rollback')
  })
})

/** Runs COPY … FROM STDIN, for which the driver has no method. */
function copyIn(client: pg.Client, statement: string, text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const nothing = () => undefined
    client.query({
      submit: (connection: pg.Connection) => connection.query(statement),
      handleCopyInResponse(connection: { sendCopyFromChunk(chunk: Buffer): void; endCopyFrom(): void }) {
        connection.sendCopyFromChunk(Buffer.from(text))
        connection.endCopyFrom()
      },
      handleCommandComplete: nothing,
      handleReadyForQuery: () => resolve(),
      handleError: reject,
    })
  })
}

describe('the database connection of the invalidation log', () => {
  it('fails at its deadline if the network drops all packets, and then reconnects', async () => {
    const sockets: Socket[] = []
    const hole = createServer((socket) => void sockets.push(socket))
    await new Promise<void>((resolve) => hole.listen(0, '127.0.0.1', resolve))
    const address = hole.address()
    const port = typeof address === 'object' ? address?.port : 0
    const database = await openMarketDatabase({ url: `postgres://postgres@127.0.0.1:${port}/x`, ...NO_TIMEOUT })
    const log = database.openLog()
    for (let attempt = 1; attempt <= 2; attempt++) {
      const startedAt = performance.now()
      await expect(log.sync(null, 1, 300)).rejects.toThrow()
      expect(performance.now() - startedAt).toBeLessThan(2000)
      await expect.poll(() => sockets.length).toBe(attempt)
    }
    await log.close()
    await database.close()
    for (const socket of sockets) socket.destroy()
    await new Promise((resolve) => hole.close(resolve))
  })
})
