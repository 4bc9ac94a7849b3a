import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { PREPARED_STATEMENT } from '#src/engine/postgres/prepared-statement.ts'
import { readFacts } from '#src/market/modules/routing/facts.ts'
import { type MarketDatabase, openMarketDatabase } from '#src/market/tables/database.ts'
import { createDatabase, type TestDatabase } from '../servers/database.ts'

const NOW = Date.parse('2026-03-01T10:00:00Z')

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

  it('is planned only a few times where it reads the facts of a ping, however many buyers are asked about', async () => {
    const buyers = (count: number) =>
      Array.from({ length: count }, (_, index) => ({
        buyerId: index + 1,
        periods: ['DAY', 'TOTAL'] as const,
        hourStart: NOW,
        dayStart: NOW,
        monthStart: NOW,
      }))
    const caller = Buffer.alloc(16)
    const query = { campaignId: 1, publisherId: null, caller, listedCaller: caller, request: caller, lists: ['national'], windowMs: 0 }
    // PostgreSQL plans for the values of the first five times, and then chooses.
    for (const count of [0, 1, 200, 1, 200, 1, 200, 0])
      await handle.db
        .transaction()
        .execute((db) => readFacts({ db, tenant: `tenant ${count}`, now: NOW }, { ...query, buyers: buyers(count) }))
    expect(await kept('%own as materialized%')).toEqual([{ custom: 5, generic: 3 }])
  })
})
