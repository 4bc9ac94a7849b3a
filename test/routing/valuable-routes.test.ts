import { sql } from 'kysely'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { toGlobalId } from '#src/gateway/contract/global-id.ts'
import { startMarketGateway } from '../modules/market-gateway.ts'
import { addMarket, createScratchDatabase, type Market, type ScratchDatabase } from '../modules/scratch-database.ts'

const HOUR_MS = 3_600_000

let scratch: ScratchDatabase
let gateway: Awaited<ReturnType<typeof startMarketGateway>>
let market: Market
/** A time in the coming hour. */
const soon = new Date((Math.floor(Date.now() / HOUR_MS) + 1) * HOUR_MS).toISOString()
const later = new Date(Date.parse(soon) + HOUR_MS).toISOString()

beforeAll(async () => {
  scratch = await createScratchDatabase()
  gateway = await startMarketGateway(scratch)
  market = await addMarket(scratch.db, 'acme')
  const { campaignId, otherCampaignId } = market
  await decided(campaignId, 'CA', 700, 2)
  await decided(campaignId, 'NY', 2000, 1)
  await decided(otherCampaignId, 'CA', 100, 1)
  // More than a week old, and of another tenant.
  await decided(campaignId, 'TX', 9000, 1, 8)
  await addMarket(scratch.db, 'other')
  await decided(campaignId, 'FL', 9000, 1, 0, 'other')
  // A mutation lets the gateway apply what was written by SQL.
  await gateway.ask('acme', 'ADMIN', 'mutation { refreshAnalytics { correctedRows } }', {})
}, 60_000)
afterAll(async () => {
  await gateway?.close()
  await scratch?.drop()
})

async function decided(campaign: number, state: string, priceMinor: number, count: number, daysAgo = 0, tenant = 'acme') {
  await sql`insert into routing_decisions (tenant_id, decided_at, kind, outcome, campaign_id, caller, caller_state, price_minor, buyers_revision, reasons)
    select ${tenant}, now() - make_interval(days => ${daysAgo}), 'PING', outcome, ${campaign}, decode(repeat('ab', 16), 'hex'), ${state},
      case outcome when 'OFFERED' then ${priceMinor}::int8 end, 0, ''
    from generate_series(1, ${count}) cross join (values ('OFFERED'), ('NO_BUYER')) as outcomes (outcome)`.execute(scratch.db)
}

async function routes(fields: string, role: 'ADMIN' | 'EDITOR' | 'VIEWER', args = `first: 10, at: "${soon}"`) {
  const { data, errors } = await gateway.ask('acme', role, `{ valuableRoutes(${args}) { ${fields} } }`, {})
  return errors.length === 0 ? data.valuableRoutes : errors.map(({ extensions }) => extensions.code)
}

it('The routes whose offers were worth most come first. Refused pings, older decisions and those of other tenants do not count.', async () => {
  expect(await routes('state offers offered { amount } campaign { id }', 'ADMIN')).toEqual([
    { state: 'NY', offers: 1, offered: { amount: 2000 }, campaign: { id: toGlobalId('Campaign', market.campaignId) } },
    { state: 'CA', offers: 2, offered: { amount: 1400 }, campaign: { id: toGlobalId('Campaign', market.campaignId) } },
    { state: 'CA', offers: 1, offered: { amount: 100 }, campaign: { id: toGlobalId('Campaign', market.otherCampaignId) } },
  ])
  expect(await routes('state', 'EDITOR', 'first: 1')).toEqual([{ state: 'NY' }])
})

it('An EDITOR does not see what the offers were worth, a VIEWER sees no routes, and numbers out of bounds are refused.', async () => {
  expect(await routes('offered { amount }', 'EDITOR')).toEqual(['FORBIDDEN', 'FORBIDDEN', 'FORBIDDEN'])
  expect(await routes('state', 'VIEWER')).toEqual(['FORBIDDEN'])
  expect(await routes('state', 'EDITOR', 'first: 0')).toEqual(['BAD_USER_INPUT'])
  expect(await routes('state', 'EDITOR', 'first: 51')).toEqual(['BAD_USER_INPUT'])
  expect(await routes('state', 'EDITOR', 'at: "1970-01-01T00:00:00Z"')).toEqual(['BAD_USER_INPUT'])
})

it('The candidates that they load for the coming hour are found in the cache by whoever needs them in that hour, and others are not.', async () => {
  expect(await routes('candidates { state hour }', 'EDITOR')).toContainEqual({ candidates: { state: 'NY', hour: soon } })
  const statementsOf = async (state: string, at: string) => {
    gateway.takeStatements()
    const query =
      'query ($id: ID!, $state: String!, $at: DateTime) { routingCandidates(campaignId: $id, state: $state, at: $at) { state } }'
    const { errors } = await gateway.ask('acme', 'VIEWER', query, { id: toGlobalId('Campaign', market.campaignId), state, at })
    expect(errors).toEqual([])
    return gateway.takeStatements()
  }
  expect([await statementsOf('NY', soon), await statementsOf('CA', soon)]).toEqual([0, 0])
  expect([(await statementsOf('NY', later)) > 0, (await statementsOf('TX', soon)) > 0]).toEqual([true, true])
})
