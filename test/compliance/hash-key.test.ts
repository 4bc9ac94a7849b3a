import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { claimHashKey } from '#src/market/modules/compliance/hash-key.ts'
import { addMarket, createScratchDatabase, type ScratchDatabase } from '../modules/scratch-database.ts'

let scratch: ScratchDatabase

beforeAll(async () => {
  scratch = await createScratchDatabase()
  await addMarket(scratch.db, 'acme')
})
afterAll(() => scratch?.drop())

describe('The key of the hashes of callers', () => {
  it('can be replaced while no caller is stored, and is refused afterwards, because nobody would be suppressed any more.', async () => {
    const { db } = scratch
    for (const key of ['first', 'second', 'second']) await claimHashKey(db, key, true)
    await sql`insert into suppressions (tenant_id, caller, scope, source) values ('acme', ${Buffer.alloc(16)}, 'TENANT', 'test')`.execute(
      db,
    )
    const refused = { code: 'CONFIGURATION', message: expect.stringContaining('set the first key again') }
    await expect(claimHashKey(db, 'first', true)).rejects.toMatchObject(refused)
    await claimHashKey(db, 'second', true)
  })

  it('is never replaced by a program beside a gateway, which would not know.', async () => {
    const empty = await createScratchDatabase()
    await claimHashKey(empty.db, 'of the gateway', true)
    await expect(claimHashKey(empty.db, 'of an import', false)).rejects.toMatchObject({ code: 'CONFIGURATION' })
    await claimHashKey(empty.db, 'of the gateway', false)
    await empty.drop()
  })

  it('is known to the database only by a fingerprint.', async () => {
    await claimHashKey(scratch.db, 'second', true)
    const { rows } = await sql<{ text: string }>`select caller_hash_key::text as text from caller_hash_key`.execute(scratch.db)
    expect(rows).toEqual([{ text: expect.stringMatching(/^\(t,"\\\\x[0-9a-f]{64}"\)$/) }])
  })
})
