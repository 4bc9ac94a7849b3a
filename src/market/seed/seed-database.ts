import { type Kysely, sql, type Transaction } from 'kysely'
import { GatewayError } from '../../errors.ts'
import type { Database } from '../tables/tables.ts'
import { CallDrafts, type CallWithBids } from './draft-calls.ts'
import { draftCampaigns } from './draft-campaigns.ts'
import { draftDomains } from './draft-domains.ts'
import { EventDrafts } from './draft-events.ts'
import { draftPublishers, type MarketPublisher } from './draft-publishers.ts'
import { type BuyerTerms, draftBuyerTerms } from './draft-routing.ts'
import { at, draftBuyers, draftTenants, draftUsers } from './draft-tenants.ts'
import { draftTimes } from './draft-times.ts'
import { insertDncCallers, insertDncList } from './insert-dnc-list.ts'
import { insertPlans, insertRuleSets } from './insert-routing.ts'
import { insertRows, takeIds } from './insert-rows.ts'
import { Market, type MarketBuyer } from './market.ts'
import { Random } from './random.ts'
import { planSeed, type SeedOptions, type SeedPlan } from './seed-options.ts'
import { updateTopLevelDomains } from './top-level-domains.ts'

export interface SeedResult {
  readonly tenants: number
  readonly campaigns: number
  readonly domains: number
  readonly buyers: number
  readonly publishers: number
  readonly calls: number
  readonly bids: number
  readonly events: number
}

/**
 * Number of phone calls that one statement inserts. The number is large, so that the cost of the triggers hardly matters. It is small
 * enough for the memory of an embedded database (PGlite).
 */
const CALLS_PER_BATCH = 3_000
const ROWS_PER_BATCH = 6_000

/**
 * Fills a migrated database with sample data in one transaction: all rows or none. Triggers update the rollups.
 * @throws GatewayError BAD_USER_INPUT for an option out of bounds; CONFLICT when there are tenants already and `add` is not set.
 */
export async function seedDatabase(db: Kysely<Database>, options: SeedOptions): Promise<SeedResult> {
  const plan = planSeed(options)
  return db.transaction().execute(async (transaction) => {
    if (!plan.add) await refuseIfFilled(transaction)
    await updateTopLevelDomains(transaction)
    await insertDncList(transaction, at(plan.now))
    if (options.callerHashKey !== undefined) await insertDncCallers(transaction, options.callerHashKey)
    await insertRows(transaction, 'tenants', draftTenants(plan))
    await insertRows(transaction, 'users', draftUsers(plan))
    const terms = draftBuyerTerms(plan, stream(plan, 'terms of buyers'))
    const buyerRows = draftBuyers(plan, stream(plan, 'buyers')).map((buyer, index) => ({ ...buyer, ...(terms[index] as BuyerTerms) }))
    await insertRows(transaction, 'buyers', buyerRows)
    await insertRows(transaction, 'publishers', draftPublishers(plan, stream(plan, 'publishers')))
    const { market, campaigns, domains, buyers, publishers, firstCampaignId } = await insertMarket(transaction, plan)
    const { calls, bids } = await insertCalls(transaction, plan, market, options.onProgress)
    await insertEvents(transaction, plan, new EventDrafts(market, `seed-${firstCampaignId}`, stream(plan, 'events')))
    // Without table statistics, PostgreSQL's planner uses the wrong index until autovacuum runs. The embedded database has no autovacuum.
    await sql`analyze`.execute(transaction)
    return { tenants: plan.tenants, campaigns, domains, buyers, publishers, calls, bids, events: plan.events }
  })
}

async function refuseIfFilled(db: Transaction<Database>): Promise<void> {
  const found = await db.selectFrom('tenants').select('id').limit(1).executeTakeFirst()
  if (!found) return
  throw new GatewayError(
    'CONFLICT',
    `The database holds rows already (tenant ${found.id}, for one): seed an empty one, or pass --add to add to it.`,
  )
}

async function insertMarket(db: Transaction<Database>, plan: SeedPlan) {
  const tenantIds = draftTenants(plan).map(({ id }) => id)
  const users = await db
    .selectFrom('users')
    .select(['id', 'tenantId'])
    .where('tenantId', 'in', tenantIds)
    .where('role', '<>', 'VIEWER')
    .orderBy('id')
    .execute()
  const owners = Object.fromEntries(tenantIds.map((id) => [id, users.filter(({ tenantId }) => tenantId === id).map((user) => user.id)]))
  const buyers = await buyersByTenant(db, plan, tenantIds)
  const plans = await insertPlans(db, plan, buyers)
  await insertRuleSets(db, plan, tenantIds)
  const campaigns = draftCampaigns(plan, await takeIds(db, 'campaigns', plan.campaigns), owners, stream(plan, 'campaigns'))
  await insertRows(
    db,
    'campaigns',
    // Half of the campaigns route their calls by the plan of their tenant, the others to all buyers.
    campaigns.map(({ row }, index) => ({ ...row, planId: index % 2 === 0 ? (plans.get(row.tenantId) ?? null) : null })),
  )

  const taken = new Set(plan.add ? (await db.selectFrom('domains').select('name').execute()).map(({ name }) => name) : [])
  const domains = draftDomains(campaigns, plan.domainsPerCampaign, taken, stream(plan, 'domains'))
  const domainRows = domains.flat().map(({ row }) => row)
  const domainIds = await takeIds(db, 'domains', domainRows.length)
  domainRows.forEach((row, index) => {
    row.id = domainIds[index] as number
  })
  for (const rows of inBatches(domainRows, ROWS_PER_BATCH)) await insertRows(db, 'domains', rows)

  const publishers = await publishersByTenant(db, plan, tenantIds)
  return {
    market: new Market(campaigns, domains, buyers, publishers),
    campaigns: campaigns.length,
    domains: domainRows.length,
    buyers: [...buyers.values()].reduce((sum, own) => sum + own.length, 0),
    publishers: [...publishers.values()].reduce((sum, own) => sum + own.length, 0),
    firstCampaignId: campaigns[0]?.row.id ?? 0,
  }
}

/** Returns the buyers of each tenant, sorted by weight: in the order in which they were drafted. */
async function buyersByTenant(db: Transaction<Database>, plan: SeedPlan, tenantIds: readonly string[]) {
  const stored = await db.selectFrom('buyers').select(['id', 'tenantId', 'name', 'states']).where('tenantId', 'in', tenantIds).execute()
  return inOrderOfDrafts<MarketBuyer>(draftBuyers(plan, stream(plan, 'buyers')), stored, tenantIds)
}

/** Returns the publishers of each tenant, sorted by weight: in the order in which they were drafted. */
async function publishersByTenant(db: Transaction<Database>, plan: SeedPlan, tenantIds: readonly string[]) {
  const stored = await db
    .selectFrom('publishers')
    .select(['id', 'tenantId', 'name', 'payoutKind', 'payoutMinor', 'sharePermille'])
    .where('tenantId', 'in', tenantIds)
    .execute()
  return inOrderOfDrafts<MarketPublisher>(draftPublishers(plan, stream(plan, 'publishers')), stored, tenantIds)
}

interface Named {
  readonly tenantId: string
  readonly name: string
}

/** Returns the stored rows of each tenant in the order of their drafts. Rows that were in the database before are left out. */
function inOrderOfDrafts<Row>(
  drafts: readonly Named[],
  stored: readonly (Row & Named)[],
  tenantIds: readonly string[],
): ReadonlyMap<string, readonly Row[]> {
  const byName = new Map(stored.map((row) => [`${row.tenantId}/${row.name}`, row]))
  const rows = drafts.flatMap(({ tenantId, name }) => byName.get(`${tenantId}/${name}`) ?? [])
  return new Map(tenantIds.map((id) => [id, rows.filter(({ tenantId }) => tenantId === id)]))
}

async function insertCalls(db: Transaction<Database>, plan: SeedPlan, market: Market, onProgress: SeedOptions['onProgress']) {
  const random = stream(plan, 'calls')
  const drafts = new CallDrafts(market, random, stream(plan, 'publishers of calls'))
  // Some phone calls are in progress at `now`. All other calls ended before.
  const openCalls = Math.min(60, Math.max(6, Math.round(plan.calls / 200)))
  const times = draftTimes(plan.calls - openCalls, plan.now - HOUR_MS, random)
  let calls = 0
  let bids = 0
  for (let start = 0; start < plan.calls; start += CALLS_PER_BATCH) {
    const indexes = Array.from({ length: Math.min(CALLS_PER_BATCH, plan.calls - start) }, (_, index) => start + index)
    const batch = indexes.map((index) => {
      const startedMs = times[index]
      return startedMs === undefined ? drafts.open(plan.now) : drafts.closed(startedMs)
    })
    bids += await insertBatch(db, batch)
    calls += batch.length
    onProgress?.({ calls, ofCalls: plan.calls })
  }
  return { calls, bids }
}

async function insertBatch(db: Transaction<Database>, batch: readonly CallWithBids[]): Promise<number> {
  const bids = batch.flatMap((drafted) => drafted.bids)
  const callIds = await takeIds(db, 'calls', batch.length)
  const bidIds = await takeIds(db, 'bids', bids.length)
  bids.forEach((bid, index) => {
    bid.id = bidIds[index] as number
  })
  batch.forEach(({ call, bids: own }, index) => {
    call.id = callIds[index] as number
    call.winningBidId = own.find(({ status }) => status === 'WON')?.id ?? null
    for (const bid of own) bid.callId = call.id
  })
  await insertRows(
    db,
    'calls',
    batch.map(({ call }) => call),
  )
  await insertRows(db, 'bids', bids)
  // The foreign keys from calls to their winning bids are checked now, instead of all at the end of the transaction.
  await sql`set constraints calls_winning_bid_fkey immediate`.execute(db)
  await sql`set constraints calls_winning_bid_fkey deferred`.execute(db)
  return bids.length
}

async function insertEvents(db: Transaction<Database>, plan: SeedPlan, drafts: EventDrafts): Promise<void> {
  const times = draftTimes(plan.events, plan.now - HOUR_MS, stream(plan, 'event times'))
  for (const batch of inBatches(times, ROWS_PER_BATCH))
    await insertRows(
      db,
      'events',
      [...batch].map((time) => drafts.at(time)),
    )
}

const HOUR_MS = 3_600_000

function stream(plan: SeedPlan, subject: string): Random {
  return new Random(`${plan.seed}/${subject}`)
}

function* inBatches<List extends { readonly length: number; slice(start: number, end: number): List }>(
  list: List,
  size: number,
): Generator<List> {
  for (let start = 0; start < list.length; start += size) yield list.slice(start, start + size)
}
