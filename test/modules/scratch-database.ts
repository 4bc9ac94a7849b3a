import { cp, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { type Kysely, sql } from 'kysely'
import { inject } from 'vitest'
import { installWatches } from '#src/engine/postgres/watch.ts'
import { type MarketDatabase, migrateMarket, openMarketDatabase } from '#src/market/tables/database.ts'
import type { Database } from '#src/market/tables/tables.ts'
import { createDatabase, entities } from '../servers/database.ts'
import { temporaryFolder } from '../servers/temporary-folder.ts'

const connection: ScratchOptions = { poolSize: 16, statementTimeoutMs: 10_000, onError: () => undefined }

type ScratchOptions = Omit<Parameters<typeof openMarketDatabase>[0], 'url' | 'dataDir'>

export interface ScratchDatabase {
  /** Connection string; empty for embedded PostgreSQL. */
  readonly url: string
  readonly handle: MarketDatabase
  readonly db: Kysely<Database>
  drop(): Promise<void>
}

/** Creates a database for one test file, with all tables watched and without rows. */
export async function createScratchDatabase(options = connection): Promise<ScratchDatabase> {
  const database = await createDatabase()
  const handle = await openMarketDatabase({ ...options, url: database.url })
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

/**
 * Creates the same database in embedded PostgreSQL, in this process. It is a copy of a database that the first test file creates that needs
 * it, because an empty embedded PostgreSQL takes seconds to start and to migrate.
 */
export async function createEmbeddedScratchDatabase(options = connection): Promise<ScratchDatabase> {
  const template = inject('embeddedTemplate')
  const folder = await temporaryFolder('embedded')
  const dataDir = join(folder.path, 'database')
  const copied = await copyIfExists(template, dataDir)
  const handle = await openMarketDatabase({ ...options, dataDir })
  if (!copied) {
    await migrateMarket(handle)
    await installWatches(handle, entities)
    await handle.close()
    await keepAsTemplate(dataDir, template)
    await folder.remove()
    return createEmbeddedScratchDatabase(options)
  }
  return {
    url: '',
    handle,
    db: handle.db,
    async drop() {
      await handle.close()
      await folder.remove()
    },
  }
}

/** Copies a folder. @returns false if there is no such folder. */
async function copyIfExists(from: string, to: string): Promise<boolean> {
  return cp(from, to, { recursive: true }).then(
    () => true,
    (error) => {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return false
      throw error
    },
  )
}

/** Moves the folder to the place of the template, unless another process has already put one there. */
async function keepAsTemplate(folder: string, template: string): Promise<void> {
  const isTaken = (error: unknown) => error instanceof Error && 'code' in error && (error.code === 'ENOTEMPTY' || error.code === 'EEXIST')
  await rename(folder, template).catch(async (error) => {
    if (!isTaken(error)) throw error
    await rm(folder, { recursive: true })
  })
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
