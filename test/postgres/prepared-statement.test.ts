import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { PREPARED_STATEMENT, PreparedStatement, WITH_NEXT } from '#src/engine/postgres/prepared-statement.ts'
import { CommitOutcomeUnknown, inTransaction } from '#src/engine/postgres/transaction.ts'
import { readFacts } from '#src/market/modules/routing/facts.ts'
import { type MarketDatabase, openMarketDatabase } from '#src/market/tables/database.ts'
import { startLink } from '../faults/link.ts'
import { createDatabase, type TestDatabase } from '../servers/database.ts'

const NOW = '2026-03-01T10:00:00Z'

describe('a statement that is marked as prepared', () => {
  let database: TestDatabase
  let handle: MarketDatabase

  beforeAll(async () => {
    database = await createDatabase()
    // One connection, whose prepared statements are seen by the next statement.
    handle = await openMarketDatabase({ url: database.url, poolSize: 1, statementTimeoutMs: 5000, onError: () => undefined })
  })
  afterAll(async () => {
    await handle?.close()
    await database?.drop()
  })

  const kept = async (like: string) => {
    const { rows } = await sql<{ custom: number; generic: number }>`
      select custom_plans as custom, generic_plans as generic from pg_prepared_statements where statement like ${like}`.execute(handle.db)
    return rows
  }

  it('is kept by the server, with the values of each time, and a statement without the mark is not kept', async () => {
    const read = async (value: number) =>
      (await sql<{ value: number }>`${sql.raw(PREPARED_STATEMENT)} select ${value}::int8 as value`.execute(handle.db)).rows[0]?.value
    expect([await read(1), await read(2)]).toEqual([1, 2])
    await sql`select ${3}::int8 as other`.execute(handle.db)
    expect(await kept('% as value')).toHaveLength(1)
    expect(await kept('% as other')).toEqual([])
  })

  describe('and may be sent with the next one', () => {
    const lock = new PreparedStatement<{ key: number }, unknown>(
      { key: 'int8' },
      ({ key }) => `select pg_advisory_xact_lock(${key})`,
      'no rows',
    )
    const count = new PreparedStatement<object, { notes: number }>({}, () => 'select count(*) as notes from notes')
    let other: MarketDatabase
    beforeAll(async () => {
      await sql`create table notes ()`.execute(handle.db)
      other = await openMarketDatabase({ url: database.url, poolSize: 2, statementTimeoutMs: 5000, onError: () => undefined })
    })
    afterAll(() => other?.close())

    it('is answered first, and the next one sees what was committed while the first one waited for a lock', async () => {
      const notes = (await count.run(handle.db, {}))[0]?.notes ?? 0
      const counted = await other.db.transaction().execute(async (writing) => {
        await lock.run(writing, { key: 1 })
        await sql`insert into notes default values`.execute(writing)
        const counting = handle.db.transaction().execute(async (db) => {
          expect(await lock.run(db, { key: 1 })).toEqual([])
          return count.run(db, {})
        })
        for (let isWaiting = false; !isWaiting; ) {
          const { rows } = await sql<{ waits: boolean }>`select exists (select from pg_locks where not granted) as waits`.execute(other.db)
          isWaiting = rows[0]?.waits === true
        }
        return { counting }
      })
      expect(await counted.counting).toEqual([{ notes: notes + 1 }])
    })

    /** Runs a statement that fails, sent with the next one, and then an insert that nobody commits. @returns whether its row is there. */
    const isInsertedAfter = async (failing: string) => {
      const { notes: before } = (await count.run(handle.db, {}))[0] ?? { notes: 0 }
      await handle.db.connection().execute(async (db) => {
        await sql.raw(`${WITH_NEXT}${failing}`).execute(db)
        await expect(sql`insert into notes default values`.execute(db)).rejects.toThrow()
      })
      return ((await count.run(handle.db, {}))[0]?.notes ?? 0) > before
    }

    it('is answered before a write is sent if it is BEGIN, because a write without its transaction would be committed', async () => {
      expect(await isInsertedAfter('begin nothing')).toBe(false)
      // Any other statement that fails shows what would happen.
      expect(await isInsertedAfter('select 1 / 0')).toBe(true)
    })

    it('leaves no connection behind if the server hangs: the next caller gets another one', async () => {
      const link = await startLink(Number(new URL(database.url).port || 5432))
      const address = new URL(database.url)
      address.host = `127.0.0.1:${link.port}`
      const slow = await openMarketDatabase({ url: address.href, poolSize: 1, statementTimeoutMs: 300, onError: () => undefined })
      await sql`select 1`.execute(slow.db)
      link.mode = 'swallow'
      const hanging = sql`select 2`.execute(slow.db)
      const waiting = sql<{ value: number }>`select 3 as value`.execute(slow.db)
      await expect(hanging).rejects.toThrow()
      link.mode = 'pass'
      expect((await waiting).rows).toEqual([{ value: 3 }])
      await slow.close()
      link.close()
    })

    it('fails by the next one, with its own error, and the connection can be used afterwards', async () => {
      const wrong = new PreparedStatement<{ by: number }, unknown>({ by: 'int8' }, ({ by }) => `select 1 / ${by}`, 'no rows')
      const failing = handle.db.transaction().execute(async (db) => {
        await wrong.run(db, { by: 0 })
        await count.run(db, {})
      })
      await expect(failing).rejects.toMatchObject({ code: '22012' })
      // The error of a write that is sent with COMMIT shows that nothing was committed.
      const committing = inTransaction(handle.db, (db) => wrong.run(db, { by: 0 }), { attempts: 1 })
      await expect(committing).rejects.toMatchObject({ code: '22012' })
      expect(await count.run(handle.db, {})).toHaveLength(1)
    })
  })

  describe('and commits', () => {
    const insert = new PreparedStatement<{ id: number }, { id: number }>(
      { id: 'int8' },
      ({ id }) => `insert into kept values (${id}, ${id}) returning id`,
      'commits',
    )
    /** Returns those of the ids that are stored. */
    const stored = async (...ids: number[]) =>
      (await sql<{ id: number }>`select id from kept where id = any(${ids}::int8[]) order by id`.execute(handle.db)).rows.map(
        ({ id }) => id,
      )
    beforeAll(() =>
      sql`create table kept (id int8 primary key, other int8 references kept deferrable initially deferred check (other <> 7))`.execute(
        handle.db,
      ),
    )

    it('is committed before anything else is sent, and gives its rows', async () => {
      const other = await openMarketDatabase({ url: database.url, poolSize: 1, statementTimeoutMs: 5000, onError: () => undefined })
      await inTransaction(
        handle.db,
        async (db) => {
          expect(await insert.run(db, { id: 1 })).toEqual([{ id: 1 }])
          for (let isCommitted = false; !isCommitted; )
            isCommitted = (await sql`select from kept where id = 1`.execute(other.db)).rows.length === 1
        },
        { attempts: 1 },
      )
      await other.close()
      expect(await stored(1)).toEqual([1])
    })

    it('commits nothing if it fails, with its own error, and the connection can be used afterwards', async () => {
      const writing = inTransaction(
        handle.db,
        async (db) => {
          await sql`insert into kept values (2, 2)`.execute(db)
          await insert.run(db, { id: 7 })
        },
        { attempts: 1 },
      )
      await expect(writing).rejects.toMatchObject({ code: '23514' })
      expect(await stored(2, 7)).toEqual([])
    })

    it('commits nothing if COMMIT itself fails, with the error of COMMIT', async () => {
      const writing = inTransaction(
        handle.db,
        async (db) => {
          await sql`insert into kept values (8, 9)`.execute(db)
          await insert.run(db, { id: 3 })
        },
        { attempts: 1 },
      )
      await expect(writing).rejects.toMatchObject({ code: '23503' })
      expect(await stored(3, 8)).toEqual([])
    })

    it('lets nothing but COMMIT follow, because the transaction has ended', async () => {
      const writing = inTransaction(
        handle.db,
        async (db) => {
          await insert.run(db, { id: 4 })
          await sql`insert into kept values (5, 5)`.execute(db)
        },
        { attempts: 1 },
      )
      await expect(writing).rejects.toThrow(CommitOutcomeUnknown)
      expect(await stored(4, 5)).toEqual([4])
    })

    it('does not say that nothing was committed if its answer never comes', async () => {
      const link = await startLink(Number(new URL(database.url).port || 5432))
      const address = new URL(database.url)
      address.host = `127.0.0.1:${link.port}`
      const slow = await openMarketDatabase({ url: address.href, poolSize: 1, statementTimeoutMs: 100, onError: () => undefined })
      const writing = inTransaction(
        slow.db,
        async (db) => {
          await sql`select 1`.execute(db)
          link.mode = 'swallow'
          await insert.run(db, { id: 6 })
        },
        { attempts: 1 },
      )
      await expect(writing).rejects.toThrow(CommitOutcomeUnknown)
      link.mode = 'pass'
      await slow.close()
      link.close()
    })
  })

  it('is planned only a few times where it reads the facts of a ping, however many buyers are asked about', async () => {
    const buyers = (count: number) =>
      Array.from({ length: count }, (_, index) => ({
        buyerId: index + 1,
        periods: ['DAY', 'TOTAL'] as const,
        starts: { HOUR: NOW, DAY: NOW, MONTH: NOW, TOTAL: NOW },
      }))
    const caller = Buffer.alloc(16)
    const query = { campaignId: 1, publisherId: null, caller, listedCaller: caller, request: caller, lists: ['national'], windowMs: 0 }
    // PostgreSQL plans for the values of the first five times, and then chooses.
    for (const count of [0, 1, 200, 1, 200, 1, 200, 0])
      await handle.db
        .transaction()
        .execute((db) => readFacts({ db, tenant: `tenant ${count}`, now: Date.parse(NOW) }, { ...query, buyers: buyers(count) }))
    expect(await kept('%own as materialized%')).toEqual([{ custom: 5, generic: 3 }])
  })
})
