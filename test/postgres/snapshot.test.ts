import { sql } from 'kysely'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { openSnapshot } from '#src/engine/postgres/snapshot.ts'
import type { MarketDatabase } from '#src/market/tables/database.ts'
import { createEmbeddedScratchDatabase, createScratchDatabase, type ScratchDatabase } from '../modules/scratch-database.ts'

const OPTIONS = { poolSize: 2, statementTimeoutMs: 10_000, onError: () => undefined }

describe.each([
  ['PostgreSQL', createScratchDatabase],
  ['the embedded PostgreSQL', createEmbeddedScratchDatabase],
])('a read-only snapshot of %s', (_, create) => {
  let scratch: ScratchDatabase
  let database: MarketDatabase

  beforeAll(async () => {
    scratch = await create(OPTIONS)
    database = scratch.handle
    await sql`create table permissions (id int primary key, allowed boolean not null)`.execute(database.db)
  })
  beforeEach(async () => {
    await sql`insert into permissions values (1, true) on conflict (id) do update set allowed = true`.execute(database.db)
  })
  afterAll(async () => {
    await scratch?.drop()
  })

  const isAllowed = async (db: MarketDatabase['db']) =>
    (await sql<{ allowed: boolean }>`select allowed from permissions where id = 1`.execute(db)).rows[0]?.allowed

  it('rejects writes, and returns its connection to the pool', async () => {
    for (let round = 0; round < 5; round++) {
      const snapshot = await openSnapshot(database.db)
      await expect(sql`update permissions set allowed = false`.execute(snapshot.db)).rejects.toThrow(/read-only/)
      await snapshot.end()
    }
    expect(await isAllowed(database.db)).toBe(true)
  })

  it('shows one consistent state even if other transactions write at the same time', async () => {
    if (database.embedded) return
    const snapshot = await openSnapshot(database.db)
    expect(await isAllowed(snapshot.db)).toBe(true)
    await sql`update permissions set allowed = false`.execute(database.db)
    expect(await isAllowed(database.db)).toBe(false)
    expect(await isAllowed(snapshot.db)).toBe(true)
    await snapshot.end()
    expect(await isAllowed(database.db)).toBe(false)
  })
})
