import { type Kysely, sql } from 'kysely'
import { migrate } from '../../src/postgres/migrations.ts'
import { type DatabaseHandle, openDatabase } from '../../src/postgres/open-database.ts'
import type { Database } from '../../src/postgres/tables.ts'
import { installWatches } from '../../src/postgres/watch.ts'
import { createDatabase, entities } from '../servers/database.ts'

const connection = { poolSize: 16, statementTimeoutMs: 10_000, onError: () => undefined }

export interface ScratchDatabase {
  readonly handle: DatabaseHandle
  readonly db: Kysely<Database>
  drop(): Promise<void>
}

/** A database of its own with all tables under watch and no rows. */
export async function createScratchDatabase(): Promise<ScratchDatabase> {
  const database = await createDatabase()
  const handle = await openDatabase({ ...connection, url: database.url })
  return {
    handle,
    db: handle.db,
    async drop() {
      await handle.close()
      await database.drop()
    },
  }
}

/** The same in the embedded database, which lives in this process's memory. */
export async function createEmbeddedScratchDatabase(): Promise<ScratchDatabase> {
  const handle = await openDatabase(connection)
  await migrate(handle)
  await installWatches(handle, entities)
  return { handle, db: handle.db, drop: () => handle.close() }
}

export interface Market {
  readonly tenant: string
  readonly campaignId: number
  readonly otherCampaignId: number
  readonly buyerIds: readonly number[]
}

/** A tenant with two campaigns and three buyers, who take every call. */
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
    budgetMinor: 1000,
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
