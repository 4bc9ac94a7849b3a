import { sql } from 'kysely'
import { toGlobalId } from '#src/gateway/contract/global-id.ts'
import type { MarketDatabase } from '#src/market/tables/database.ts'
import { MutationRecorder } from './mutation-recorder.ts'

const USD = (amount: number) => ({ amount, currency: 'USD' })

/**
 * Runs each mutation of the schema in all ways that cause different writes. Returns the gateway with its schema, and a trace of each
 * mutation. A trace contains the types whose rows the mutation changed.
 * @param handle A migrated database with installed triggers and without rows.
 */
export async function traceMutations(handle: MarketDatabase) {
  const recorder = await MutationRecorder.start(handle)
  try {
    await sql`insert into tenants (id, name, currency) values ('map', 'Map', 'USD')`.execute(recorder.db)
    await sql`insert into users (tenant_id, email, name, role) values ('map', 'a@map.test', 'A', 'ADMIN'), ('map', 'b@map.test', 'B', 'ADMIN')`.execute(
      recorder.db,
    )
    const campaign = await campaigns(recorder)
    await domains(recorder, campaign)
    await publishers(recorder)
    await plans(recorder)
    await ruleSets(recorder)
    await calls(recorder, campaign, await buyers(recorder))
    await routing(recorder, campaign)
    await analytics(recorder)
    await callers(recorder)
    await recorder.run('deleteCampaign', { id: campaign })
    return { gateway: recorder.gateway, traces: recorder.traces }
  } finally {
    await recorder.close()
  }
}

/** Runs the mutations of campaigns. @returns the id of an active campaign. */
async function campaigns(recorder: MutationRecorder): Promise<string> {
  const input = { name: 'One', budget: USD(100), keywords: ['roof'] }
  const create = async () => idOf((await recorder.run('createCampaign', input, 'campaign { id }'))['campaign'])
  const [campaign, other] = [await create(), await create()]
  const changed = { name: 'Two', budget: USD(200_000), keywords: ['pool'], tlds: ['net'], ownerId: toGlobalId('User', 2) }
  await recorder.run('updateCampaign', { id: campaign, version: 1, ...changed })
  await recorder.run('resumeCampaign', { id: campaign })
  await recorder.run('pauseCampaign', { id: campaign })
  await recorder.run('resumeCampaign', { id: campaign })
  await recorder.run('archiveCampaign', { id: other })
  return campaign
}

async function domains(recorder: MutationRecorder, campaignId: string): Promise<void> {
  const generated = await recorder.run('generateDomains', { campaignId, limit: 3 }, 'domains { id }')
  const [first, ...others] = (generated['domains'] as readonly unknown[]).map(idOf)
  // A domain with the status LIVE is public, so entering and leaving this status also changes public data.
  for (const status of ['REGISTERED', 'LIVE', 'PAUSED']) await recorder.run('setDomainStatus', { id: first, status })
  for (const status of ['REGISTERED', 'LIVE', 'PAUSED']) await recorder.run('setDomainsStatus', { ids: others, status })
}

async function publishers(recorder: MutationRecorder): Promise<void> {
  const share = { kind: 'REVENUE_SHARE', sharePermille: 100 }
  const created = await recorder.run('createPublisher', { name: 'Search', terms: share }, 'publisher { id }')
  const changed = { name: 'Social', terms: { kind: 'FIXED', amount: USD(1) }, active: false }
  await recorder.run('updatePublisher', { id: idOf(created['publisher']), version: 1, ...changed })
}

async function plans(recorder: MutationRecorder): Promise<void> {
  const created = await recorder.run('createRoutingPlan', { name: 'Plan', plan: {} }, 'plan { id } version { id }')
  const [planId, draftId] = [idOf(created['plan']), idOf(created['version'])]
  await recorder.run('saveRoutingPlanDraft', { planId, plan: { strategy: 'WEIGHTED' } })
  await recorder.run('saveRoutingPlanDraft', { planId, draftId, version: 1, plan: { reservationSeconds: 30 } })
  await recorder.run('publishRoutingPlan', { draftId, version: 2 })
}

async function ruleSets(recorder: MutationRecorder): Promise<void> {
  const saved = await recorder.run('saveRuleSetDraft', { rules: {} }, 'ruleSet { id }')
  const id = idOf(saved['ruleSet'])
  await recorder.run('saveRuleSetDraft', { id, version: 1, rules: { attempts: [{ maximum: 100, hours: 1 }] } })
  await recorder.run('publishRuleSet', { id, version: 2 })
}

/** Runs the mutations of buyers. @returns the ids of two buyers. */
async function buyers(recorder: MutationRecorder): Promise<readonly [string, string]> {
  const create = async (name: string) => idOf((await recorder.run('createBuyer', { name }, 'buyer { id }'))['buyer'])
  const found = [await create('Ada'), await create('Bob')] as const
  const changed = {
    name: 'Cy',
    states: ['CA'],
    maxConcurrentCalls: 2,
    minDurationSeconds: 1,
    dailyCap: USD(9000),
    price: USD(1),
    timeZone: 'America/Denver',
  }
  await recorder.run('updateBuyer', { id: found[0], version: 1, ...changed, active: false })
  await recorder.run('updateBuyer', { id: found[0], version: 2, active: true })
  return found
}

/**
 * Runs the mutations of phone calls and bids. One call gets three bids: one is cancelled, and one of the other two wins. A second call is
 * missed.
 */
async function calls(recorder: MutationRecorder, campaign: string, [buyer, other]: readonly [string, string]): Promise<void> {
  const [won, missed, unanswered] = [await addCall(recorder), await addCall(recorder), await addCall(recorder)]
  const bid = async (buyerId: string, amount: number) =>
    idOf((await recorder.run('placeBid', { callId: won, buyerId, amount: USD(amount) }, 'bid { id }'))['bid'])
  await bid(buyer, 100)
  await bid(other, 200)
  await recorder.run('cancelBid', { id: await bid(other, 300) })
  await recorder.run('settleCall', { id: won, durationSeconds: 60 })
  await recorder.run('settleCall', { id: missed, durationSeconds: 0 })
  await recorder.run('connectCall', { id: unanswered })
  await recorder.run('missCall', { id: unanswered })
  const event = { eventId: 'map', campaignId: campaign, kind: 'CLICK', occurredAt: new Date().toISOString() }
  await recorder.run('trackEvents', { events: [event] })
}

/** Runs a ping and a post. Every buyer gets a price, so that it can have the call. */
async function routing(recorder: MutationRecorder, campaignId: string): Promise<void> {
  await sql`update buyers set price_minor = 1`.execute(recorder.db)
  await sql`update campaigns set status = 'ACTIVE'`.execute(recorder.db)
  const caller = '+12125550123'
  const offer = await recorder.run('pingCall', { campaignId, state: 'CA', caller }, 'reservation { id }')
  const posted = await recorder.run('postCall', { reservationId: idOf(offer['reservation']), caller }, 'call { id }')
  await recorder.run('settleCall', { id: idOf(posted['call']), durationSeconds: 60 })
}

/** Inserts a phone call into the database, because calls come from the telephone system and not through the gateway. */
async function addCall({ db }: MutationRecorder): Promise<string> {
  const { rows } = await sql<{ id: number }>`
    insert into calls (tenant_id, campaign_id, domain_id, publisher_id, caller_state, started_at, cost_minor)
    select tenant_id, campaign_id, id, (select min(id) from publishers), 'CA', now(), 5 from domains order by domains.id limit 1 returning id
  `.execute(db)
  return toGlobalId('Call', rows[0]?.id ?? 0)
}

/** Runs the mutations of callers. None of their tables is cached, so they invalidate nothing. */
async function callers(recorder: MutationRecorder): Promise<void> {
  const caller = '+12125550100'
  const suppressed = await recorder.run('suppressCaller', { caller, scope: 'TENANT', source: 'map' }, 'suppression { id }')
  await recorder.run('unsuppressCaller', { id: idOf(suppressed['suppression']) })
  await recorder.run('recordConsent', { caller, source: 'map', evidence: 'map', givenAt: new Date().toISOString() })
  await recorder.run('revokeConsent', { caller, source: 'map' })
}

/** Runs the mutation that refreshes the rollups. A refresh writes only rows with wrong values, so all rows first get wrong values. */
async function analytics(recorder: MutationRecorder): Promise<void> {
  const wrong = {
    domain_counts: ['count'],
    campaign_totals: ['calls'],
    campaign_hours: ['calls'],
    buyer_days: ['bids', 'revenue_minor'],
    publisher_days: ['calls'],
    event_hours: ['count'],
  }
  for (const [table, columns] of Object.entries(wrong))
    await sql.raw(`update ${table} set ${columns.map((column) => `${column} = ${column} + 1`).join(', ')}`).execute(recorder.db)
  await recorder.run('refreshAnalytics', undefined)
}

function idOf(value: unknown): string {
  if (typeof value === 'object' && value !== null && 'id' in value && typeof value.id === 'string') return value.id
  throw new Error(`Expected an object with an id, got ${JSON.stringify(value)}.`)
}
