import { DummyDriver, Kysely, PostgresAdapter, PostgresIntrospector, PostgresQueryCompiler, sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Cache } from '#src/engine/cache/cache.ts'
import { DatabaseUnavailableError } from '#src/engine/postgres/failure.ts'
import { revokeToken, revokeTokensOf } from '#src/market/modules/tenants/revocations.ts'
import { createStandings } from '#src/market/modules/tenants/standing.ts'
import type { Database } from '#src/market/tables/tables.ts'
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

/** Returns a database client whose connections always fail. */
function failing(error: Error): Kysely<Database> {
  class FailingDriver extends DummyDriver {
    override acquireConnection(): Promise<never> {
      return Promise.reject(error)
    }
  }
  return new Kysely<Database>({
    dialect: {
      createAdapter: () => new PostgresAdapter(),
      createDriver: () => new FailingDriver(),
      createIntrospector: (db) => new PostgresIntrospector(db),
      createQueryCompiler: () => new PostgresQueryCompiler(),
    },
  })
}

describe('the validity record of an access token in the database', () => {
  it.each([
    ['UNAVAILABLE while the database cannot be reached', new DatabaseUnavailableError('away'), { code: 'UNAVAILABLE' }],
    ['the original error if the error is a defect in the code', new TypeError('x is not a function'), { name: 'TypeError' }],
  ])('fails to load with %s', async (_, error, expected) => {
    for (const enabled of [true, false]) {
      const other = new Cache({ log: scratch.handle.openLog(), entities, secrets: ['a secret for tests only'], enabled })
      await other.start()
      const reader = createStandings(other, failing(error))({ tenant: 'acme', userId: 'robot', tokenId: 'three' })
      await expect(reader.read()).rejects.toMatchObject(expected)
      await other.close()
    }
  })

  it('is cached after the first read, and read again after the token was revoked', async () => {
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

  it('contains the time before which all tokens of the user are revoked, and this time never becomes earlier', async () => {
    const later = await revokeTokensOf(scratch.db, 'acme', 'robot', new Date(Date.UTC(2026, 5, 1)))
    expect(await revokeTokensOf(scratch.db, 'acme', 'robot', new Date(Date.UTC(2026, 4, 1)))).toBe(later)
    await catchUp()
    expect((await readerOf('two').read()).validAfter).toBe(Date.UTC(2026, 5, 1))
    expect((await readerOf('two', 'other').read()).validAfter).toBe(0)
  })

  it('is not deleted until an hour after the expiry of the access token, and then by the next revocation of any token', async () => {
    const minutesFromNow = (minutes: number) => new Date(Date.now() + minutes * 60_000)
    const kept = async () => {
      const rows = await scratch.db.selectFrom('revokedTokens').select('id').where('id', 'like', 'ends-%').orderBy('id').execute()
      return rows.map(({ id }) => id)
    }
    await revokeToken(scratch.db, 'ends-never')
    await revokeToken(scratch.db, 'ends-later', minutesFromNow(5))
    await revokeToken(scratch.db, 'ends-twice', minutesFromNow(-61))
    expect(await kept()).toEqual(['ends-later', 'ends-never'])
    await sql`insert into revoked_tokens (id, expires_at) values
      ('ends-just-now', ${minutesFromNow(-55).toISOString()}), ('ends-long-ago', ${minutesFromNow(-61).toISOString()})`.execute(scratch.db)
    await catchUp()
    expect((await readerOf('ends-long-ago').read()).isRevoked).toBe(true)
    await revokeToken(scratch.db, 'another')
    expect(await kept()).toEqual(['ends-just-now', 'ends-later', 'ends-never'])
    await catchUp()
    expect((await readerOf('ends-long-ago').read()).isRevoked).toBe(false)
    expect((await readerOf('ends-just-now').read()).isRevoked).toBe(true)
  })

  it('keeps the latest expiry that was ever given for a revoked token, so that no revocation becomes shorter', async () => {
    const ends = ['2999-02-01T00:00:00.000Z', '2999-01-01T00:00:00.000Z', undefined]
    for (const end of [undefined, ...ends]) await revokeToken(scratch.db, 'given-again', end === undefined ? undefined : new Date(end))
    const row = await scratch.db.selectFrom('revokedTokens').select('expiresAt').where('id', '=', 'given-again').executeTakeFirstOrThrow()
    expect(Date.parse(row.expiresAt ?? '')).toBe(Date.parse(ends[0] ?? ''))
  })

  it('cannot be written for a tenant that does not exist', async () => {
    await expect(revokeTokensOf(scratch.db, 'nowhere', 'robot')).rejects.toMatchObject({ code: 'NOT_FOUND' })
  })

  it('is correct even if more tokens are revoked than a process can cache', async () => {
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
