import { type Kysely, sql } from 'kysely'
import { installWatches } from '#src/engine/postgres/watch.ts'
import { type MarketDatabase, migrateMarket, openMarketDatabase } from '#src/market/tables/database.ts'
import type { Database } from '#src/market/tables/tables.ts'
import { createDatabase, entities } from '../servers/database.ts'

const connection = { poolSize: 16, statementTimeoutMs: 10_000, onError: () => undefined }

export interface ScratchDatabase {
  /** Connection string; empty for embedded PostgreSQL. */
  readonly url: string
  readonly handle: MarketDatabase
  readonly db: Kysely<Database>
  drop(): Promise<void>
}

/** Creates a database for one test file, with all tables watched and without rows. */
export async function createScratchDatabase(): Promise<ScratchDatabase> {
  const database = await createDatabase()
  const handle = await openMarketDatabase({ ...connection, url: database.url })
  return {
    url: database.url,
    handle,
    db: handle.db,
    async drop() {
      await handle.close()
      await database.drop()
    },
  }
}

/** Creates the same database in embedded PostgreSQL, in the memory of this process. */
export async function createEmbeddedScratchDatabase(): Promise<ScratchDatabase> {
  const handle = await openMarketDatabase(connection)
  await migrateMarket(handle)
  await installWatches(handle, entities)
  return { url: '', handle, db: handle.db, drop: () => handle.close() }
}

export interface Market {
  readonly tenant: string
  readonly campaignId: number
  readonly otherCampaignId: number
  readonly buyerIds: readonly number[]
}

/** Adds a tenant with two active campaigns and three buyers who accept every phone call. */
export async function addMarket(db: Kysely<Database>, tenant: string): Promise<Market> {
  await db.insertInto('tenants').values({ id: tenant, name: tenant, currency: 'USD' }).execute()
  const owner = await db
    .insertInto('users')
    .values({ tenantId: tenant, email: `a@${tenant}.test`, name: 'A', role: 'ADMIN' })
    .returning('id')
    .executeTakeFirstOrThrow()
  const campaign = {
    tenantId: tenant,
    ownerId: owner.id,
    status: 'ACTIVE' as const,
    budgetMinor: 1_000_000_000_000,
    keywords: ['roof'],
    tlds: ['com'],
    patterns: [],
    startsAt: null,
    endsAt: null,
  }
  const campaigns = await db
    .insertInto('campaigns')
    .values([
      { ...campaign, name: 'One' },
      { ...campaign, name: 'Two' },
    ])
    .returning('id')
    .execute()
  const buyer = { tenantId: tenant, states: sql<string[]>`'{}'`, maxConcurrentCalls: 10, minDurationSeconds: 0, dailyCapMinor: null }
  const buyers = await db
    .insertInto('buyers')
    .values(['Ada', 'Bob', 'Cy'].map((name) => ({ ...buyer, name })))
    .returning('id')
    .execute()
  return { tenant, campaignId: campaigns[0]?.id ?? 0, otherCampaignId: campaigns[1]?.id ?? 0, buyerIds: buyers.map(({ id }) => id) }
}

export async function addCall(
  db: Kysely<Database>,
  market: Market,
  values: Partial<{ callerState: string; startedAt: string; costMinor: number; campaignId: number }> = {},
): Promise<number> {
  const call = await db
    .insertInto('calls')
    .values({
      tenantId: market.tenant,
      campaignId: market.campaignId,
      domainId: null,
      callerState: 'CA',
      startedAt: '2026-03-01T10:00:00.000Z',
      winningBidId: null,
      settledAt: null,
      ...values,
    })
    .returning('id')
    .executeTakeFirstOrThrow()
  return call.id
}
