import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Cache } from '../../src/cache/cache.ts'
import { revokeToken, revokeTokensOf } from '../../src/modules/tenants/revocations.ts'
import { createStandings } from '../../src/modules/tenants/standing.ts'
import { entities } from '../servers/database.ts'
import { addMarket, createScratchDatabase, type ScratchDatabase } from './scratch-database.ts'

let scratch: ScratchDatabase
let cache: Cache

beforeAll(async () => {
  scratch = await createScratchDatabase()
  await addMarket(scratch.db, 'acme')
  cache = new Cache({ log: scratch.handle.openLog(), entities, secrets: ['a secret for tests only'] })
  await cache.start()
}, 60_000)

afterAll(async () => {
  await cache?.close()
  await scratch?.drop()
})

const readerOf = (tokenId: string, userId = 'robot') => createStandings(cache, scratch.db)({ tenant: 'acme', userId, tokenId })
const catchUp = () => cache.acknowledge(cache.openSession())

describe('what the database says about a token', () => {
  it('is known without a statement once it was read, and read again after a revocation of that token', async () => {
    const reader = readerOf('one', 'fresh')
    expect(reader.peek()).toBeUndefined()
    const standing = await reader.read()
    expect(standing).toEqual({ hasTenant: true, user: 'SERVICE', validAfter: 0, isRevoked: false })
    expect(reader.peek()).toBe(standing)
    await revokeToken(scratch.db, 'one')
    await revokeToken(scratch.db, 'one')
    await catchUp()
    expect(reader.peek()).toBeUndefined()
    expect((await reader.read()).isRevoked).toBe(true)
  })

  it('has the latest moment until which the tokens of the user were revoked', async () => {
    const later = await revokeTokensOf(scratch.db, 'acme', 'robot', new Date(Date.UTC(2026, 5, 1)))
    expect(await revokeTokensOf(scratch.db, 'acme', 'robot', new Date(Date.UTC(2026, 4, 1)))).toBe(later)
    await catchUp()
    expect((await readerOf('two').read()).validAfter).toBe(Date.UTC(2026, 5, 1))
    expect((await readerOf('two', 'other').read()).validAfter).toBe(0)
  })

  it('cannot be changed for a tenant that does not exist', async () => {
    await expect(revokeTokensOf(scratch.db, 'nowhere', 'robot')).rejects.toMatchObject({ code: 'NOT_FOUND' })
  })

  it('is exact when more tokens are revoked than a process keeps', async () => {
    await sql`insert into revoked_tokens (id) select 'many-' || n from generate_series(1, 10001) as n`.execute(scratch.db)
    await catchUp()
    for (const [id, isRevoked] of [
      ['many-9', true],
      ['never', false],
    ] as const) {
      const reader = readerOf(id)
      expect((await reader.read()).isRevoked).toBe(isRevoked)
      expect(reader.peek()?.isRevoked).toBe(isRevoked)
    }
    await revokeToken(scratch.db, 'never')
    await catchUp()
    expect((await readerOf('never').read()).isRevoked).toBe(true)
  })
})
