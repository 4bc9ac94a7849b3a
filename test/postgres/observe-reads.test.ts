import { type Kysely, sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { observeReads } from '#src/engine/postgres/observe-reads.ts'
import type { Database } from '#src/market/tables/tables.ts'
import { createEmbeddedScratchDatabase, createScratchDatabase, type ScratchDatabase } from '../modules/scratch-database.ts'

describe.each([
  ['PostgreSQL', createScratchDatabase],
  ['the embedded database', createEmbeddedScratchDatabase],
])('the tables that a load reads from %s', (_name, create) => {
  let scratch: ScratchDatabase

  beforeAll(async () => {
    scratch = await create()
    await sql`create view open_calls as select * from calls where status = 'INCOMING'`.execute(scratch.db)
    await sql`create function buyers_named(text) returns bigint language plpgsql as $$
      begin return (select count(*) from buyers where name = $1); end $$`.execute(scratch.db)
  })

  afterAll(() => scratch?.drop())

  const tablesOf = async (work: (db: Kysely<Database>) => Promise<unknown>) => (await observeReads(scratch.db, work)).tables.toSorted()

  it('include the tables of all statements of the load', async () => {
    const both = (db: Kysely<Database>) =>
      Promise.all([db.selectFrom('campaigns').select('id').execute(), db.selectFrom('tlds').selectAll().execute()])
    expect(await tablesOf(both)).toEqual(['campaigns', 'tlds'])
    expect(await tablesOf(async () => 1)).toEqual([])
  })

  it('include tables behind a view and within a function', async () => {
    expect(await tablesOf((db) => sql`select count(*) from open_calls`.execute(db))).toEqual(['calls'])
    expect(await tablesOf((db) => sql`select buyers_named('Ada')`.execute(db))).toEqual(['buyers'])
  })

  it('are still reported after an earlier load failed, because a failed load releases its connection', async () => {
    await expect(tablesOf((db) => sql`select nonsense`.execute(db))).rejects.toThrow('nonsense')
    expect(await tablesOf((db) => db.selectFrom('bids').select('id').execute())).toEqual(['bids'])
  })
})
