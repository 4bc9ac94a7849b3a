import { afterAll, beforeAll, expect, it } from 'vitest'
import { Cache, type CachePolicy, cacheKey, rowTag } from '#src/engine/cache/index.ts'
import { isUnavailable } from '#src/engine/postgres/failure.ts'
import { CommitOutcomeUnknown, inTransaction } from '#src/engine/postgres/transaction.ts'
import type { WriteContext } from '#src/gateway/contract/module.ts'
import type { Principal } from '#src/gateway/identity/principal.ts'
import { WritePath, type WritePathOptions } from '#src/gateway/writes/write-path.ts'
import { campaignEntity } from '#src/market/modules/campaigns/entity.ts'
import { addMarket, createScratchDatabase, type Market, type ScratchDatabase } from '../modules/scratch-database.ts'
import { entities } from '../servers/database.ts'

// Sync interval, ms. It is longer than any test, so an instance learns of a write only when a read or write requires a
// sync of the invalidation log.
const TICK_MS = 600_000
const POLICY: CachePolicy = { name: 'Test', l1Ms: 600_000, l2Ms: 0, staleWhileRevalidateMs: 0, staleIfErrorMs: 0 }

let scratch: ScratchDatabase
let market: Market
const caches: Cache[] = []

beforeAll(async () => {
  scratch = await createScratchDatabase()
  market = await addMarket(scratch.db, 'acme')
})

afterAll(async () => {
  for (const cache of caches) await cache.close()
  await scratch?.drop()
})

it("After a write by a background job, which has no request, a reader with the job's consistency token gets the new value on another instance.", async () => {
  const [writer, reader] = [await openCache(), await openCache()]
  const before = await nameSeenBy(reader)

  const { result, token } = await writePath(writer).write(principal(), rename('By a job'))

  expect(result).toBe('By a job')
  expect(await nameSeenBy(reader, token)).toBe('By a job')
  expect(before).not.toBe('By a job')
})

it('A read with the consistency token of a session sees the writes of that session immediately on the same instance.', async () => {
  const cache = await openCache()
  await nameSeenBy(cache)
  const session = cache.openSession()

  await writePath(cache).write(principal(), rename('In a session'), session)

  expect(await nameSeenBy(cache, session.token)).toBe('In a session')
})

it('A read after a write would return the old value if the write path returned before the cache has read the new log rows.', async () => {
  const cache = await openCache()
  const before = await nameSeenBy(cache)
  const withoutBarrier: WritePathOptions['cache'] = {
    openSession: () => cache.openSession(),
    now: () => cache.now(),
    acknowledge: async () => '',
    demandBarrier: (session) => cache.demandBarrier(session),
  }

  const { token } = await new WritePath({ ...optionsOf(cache), cache: withoutBarrier }).write(principal(), rename('Unacknowledged'))

  expect(await nameSeenBy(cache, token)).toBe(before)
})

it('A write rejects if the response to its COMMIT is lost, and the next read first reads all new rows of the log.', async () => {
  const cache = await openCache()
  await nameSeenBy(cache)
  const lost = { ...optionsOf(cache), inTransaction: losingTheReply }

  await expect(new WritePath(lost).write(principal(), rename('Committed unheard'))).rejects.toBeInstanceOf(CommitOutcomeUnknown)

  expect(await nameSeenBy(cache)).toBe('Committed unheard')
})

it('A write that manages its own transaction is acknowledged with a consistency token, like a write in a transaction of the write path.', async () => {
  const [writer, reader] = [await openCache(), await openCache()]
  await nameSeenBy(reader)
  const commit = () => scratch.db.updateTable('campaigns').set({ name: 'By a queue' }).where('id', '=', market.campaignId).execute()

  const { token } = await writePath(writer).acknowledge(commit)

  expect(await nameSeenBy(reader, token)).toBe('By a queue')
})

it('The function that performs a write receives the tenant and the caller, and cannot modify them.', async () => {
  const cache = await openCache()
  const { result } = await writePath(cache).write(principal(), async (write) => write)

  expect(result).toMatchObject({ tenant: 'acme', viewer: principal() })
  expect(Object.isFrozen(result)).toBe(true)
})

function principal(): Principal {
  return { tenant: market.tenant, userId: 'job', role: 'ADMIN' }
}

function rename(name: string) {
  return async ({ db, tenant }: WriteContext) => {
    await db.updateTable('campaigns').set({ name }).where('tenantId', '=', tenant).where('id', '=', market.campaignId).execute()
    return name
  }
}

async function openCache(): Promise<Cache> {
  const cache = new Cache({ log: scratch.handle.openLog(), entities, secrets: ['a secret for tests only'], tickMs: TICK_MS })
  await cache.start()
  caches.push(cache)
  return cache
}

function optionsOf(cache: Cache): WritePathOptions {
  return { cache, inTransaction: (work, cause) => inTransaction(scratch.db, work, { attempts: 5, cause }), isUnavailable }
}

function writePath(cache: Cache): WritePath {
  return new WritePath(optionsOf(cache))
}

async function losingTheReply<Result>(work: (db: WriteContext['db']) => Promise<Result>): Promise<Result> {
  await inTransaction(scratch.db, work, { attempts: 1 })
  throw new CommitOutcomeUnknown(new Error('Connection terminated unexpectedly'))
}

function nameSeenBy(cache: Cache, token?: string): Promise<string> {
  return cache.get(
    { key: cacheKey('acme', 'Test', [market.campaignId]), tags: [rowTag(campaignEntity, 'acme', market.campaignId)] },
    POLICY,
    async () => {
      const row = await scratch.db.selectFrom('campaigns').select('name').where('id', '=', market.campaignId).executeTakeFirstOrThrow()
      return { value: row.name }
    },
    { session: cache.openSession(token) },
  )
}
