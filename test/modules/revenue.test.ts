import { buildASTSchema, concatAST, type GraphQLField, type GraphQLSchema, getNamedType, isEnumType, isObjectType } from 'graphql'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { toGlobalId } from '#src/gateway/contract/global-id.ts'
import { hasRole, requiredRole } from '#src/gateway/graphql/schema/roles.ts'
import { readTypeDefs } from '#src/gateway/graphql/schema/schema.ts'
import type { Role } from '#src/gateway/identity/principal.ts'
import { operationOf, type Pool } from '../e2e/schema-walk.ts'
import { startMarketGateway } from './market-gateway.ts'
import { addCall, addMarket, createScratchDatabase, type Market, type ScratchDatabase } from './scratch-database.ts'

/**
 * Amounts that are not revenue: costs of traffic, payouts, and amounts that people set themselves. Every other amount reveals what bids
 * pay.
 */
const NO_REVENUE = [
  'Call.cost',
  'Campaign.budget',
  'CampaignStatistics.spend',
  'DomainStatistics.spend',
  'CallHour.spend',
  'CallDay.spend',
  'Call.payout',
  'CampaignStatistics.payout',
  'CallHour.payout',
  'CallDay.payout',
  'Performance.payout',
  'Reservation.payout',
  'RoutingDecision.payout',
  'PublisherStatistics.payout',
  'PayoutTerms.amount',
  'PayoutKind.REVENUE_SHARE',
  'RoutingStrategy.EXPECTED_REVENUE',
  'Performance.spend',
  'Performance.costPerCall',
  'RoutingCriteria.dailyCap',
]
const WINNER = 987_654_321
const LOSER = 876_543_217
const COST = 40_000_003
/** Amounts that must not leak: the winning bid, the profit, the losing bid, and the sum of both bids. */
const SECRETS = [WINNER, LOSER, WINNER - COST, WINNER + LOSER].map(String)
const BELOW_ADMIN = ['VIEWER', 'EDITOR', 'OPERATOR'] as const

let schema: GraphQLSchema
let scratch: ScratchDatabase
let gateway: Awaited<ReturnType<typeof startMarketGateway>>
let market: Market
let call: string

beforeAll(async () => {
  schema = buildASTSchema(concatAST([await readTypeDefs(new URL('../../schema', import.meta.url).pathname)]))
  scratch = await createScratchDatabase()
  gateway = await startMarketGateway(scratch)
  market = await addMarket(scratch.db, 'revenue')
  call = toGlobalId('Call', await addCall(scratch.db, market, { startedAt: new Date(Date.now() - 1000).toISOString(), costMinor: COST }))
  for (const [buyer, amount] of [WINNER, LOSER].entries()) {
    const input = { callId: call, buyerId: toGlobalId('Buyer', market.buyerIds[buyer] ?? 0), amount: { amount, currency: 'USD' } }
    const placed = await ask('EDITOR', 'mutation ($input: PlaceBidInput!) { placeBid(input: $input) { errors { message } } }', { input })
    expect(placed).toEqual({ data: { placeBid: { errors: [] } }, errors: [] })
  }
}, 60_000)

afterAll(async () => {
  await gateway?.close()
  await scratch?.drop()
})

const ask = (role: Role, query: string, variables: Readonly<Record<string, unknown>> = {}) =>
  gateway.ask(market.tenant, role, query, variables)

/** Returns the whole response as text, with its cursors and ids decoded. */
function textOf(answer: unknown): string {
  const text = JSON.stringify(answer)
  const decoded = [...text.matchAll(/"([A-Za-z0-9_-]{8,})"/g)].map(([, token]) => Buffer.from(token ?? '', 'base64url').toString('latin1'))
  return [text, ...decoded].join('\n')
}

const seenIn = (answer: unknown): string[] => {
  const text = textOf(answer)
  return SECRETS.filter((secret) => text.includes(secret))
}

/** Runs every query with all nested fields, for each id. */
async function walk(role: Role): Promise<Map<string, string[]>> {
  const now = Date.now()
  const { data } = await ask('ADMIN', '{ bids { nodes { id } } }')
  const ids = [
    call,
    toGlobalId('Campaign', market.campaignId),
    ...market.buyerIds.slice(0, 2).map((id) => toGlobalId('Buyer', id)),
    ...data.bids.nodes.map(({ id }: { id: string }) => id),
  ]
  const base = { cursor: null, domainName: 'a.com', text: 'a', currency: 'USD', version: 1, eventId: 'walk' }
  const range = { from: new Date(now - 86_400_000).toISOString(), to: new Date(now + 86_400_000).toISOString() }
  const pools: Pool[] = ids.map((id) => ({ ...base, ...range, id }))
  pools.unshift({ ...base, ...range, id: call, bare: true })
  const found = new Map<string, string[]>()
  for (const field of Object.values(schema.getQueryType()?.getFields() ?? {})) {
    const takesId = field.args.some(({ type, name }) => /\bID\b/.test(String(type)) || name === 'filter')
    for (const pool of takesId ? pools : pools.slice(0, 2)) {
      const { query, variables } = operationOf('query', field, pool)
      const answer = await ask(role, query, variables)
      found.set(field.name, [...(found.get(field.name) ?? []), ...seenIn(answer)])
    }
  }
  return found
}

describe('the amount of a bid', () => {
  it('is returned to ADMIN and to no other role by any query, before and after the phone call is settled', async () => {
    for (const state of ['open', 'settled']) {
      if (state === 'settled') {
        const settle = `mutation ($input: SettleCallInput!) { settleCall(input: $input) {
          call { status revenue { amount } winner { amount { amount } } } winner { amount { amount } } errors { message } } }`
        const settled = await ask('EDITOR', settle, { input: { id: call, durationSeconds: 90 } })
        expect(settled.data.settleCall.call.status).toBe('SETTLED')
        expect([seenIn(settled), settled.errors.map(({ extensions }) => extensions.code)]).toEqual([[], Array(3).fill('FORBIDDEN')])
      }
      const seen = await walk('ADMIN')
      for (const name of ['bid', 'bids', 'call', 'calls', 'campaign', 'campaigns', 'buyer', 'buyers'])
        expect(seen.get(name), `${name} ${state}`).not.toEqual([])
      if (state === 'settled') expect(seen.get('analytics')).not.toEqual([])
      for (const role of BELOW_ADMIN)
        for (const [name, secrets] of await walk(role)) expect(secrets, `${name} ${state} ${role}`).toEqual([])
    }
  }, 60_000)

  it('cannot be used by any other role to sort a list, even if a list with that order is cached for ADMIN', async () => {
    const queries = [
      '{ bids(orderBy: { field: AMOUNT }) { edges { cursor node { id } } } }',
      `{ call(id: "${call}") { bids(orderBy: { field: AMOUNT, direction: ASC }) { edges { cursor node { id } } } } }`,
      `{ campaign(id: "${toGlobalId('Campaign', market.campaignId)}") { bids(orderBy: { field: AMOUNT }) { pageInfo { endCursor } } } }`,
    ]
    for (const query of queries) {
      for (let asked = 0; asked < 3; asked++) {
        const answer = await ask('ADMIN', query)
        expect([answer.errors, seenIn(answer)]).toEqual([[], expect.arrayContaining([String(LOSER)])])
      }
      for (const role of BELOW_ADMIN) {
        const answer = await ask(role, query)
        expect([answer.errors.map(({ extensions }) => extensions.code), seenIn(answer)], query).toEqual([['FORBIDDEN'], []])
      }
    }
    const ordered = 'query ($orderBy: BidOrder) { bids(orderBy: $orderBy) { nodes { id } } }'
    expect((await ask('VIEWER', ordered, { orderBy: { field: 'AMOUNT' } })).errors).toMatchObject([{ extensions: { code: 'FORBIDDEN' } }])
    expect((await ask('VIEWER', ordered, { orderBy: { field: 'PLACED_AT' } })).errors).toEqual([])
  })

  it('is not revealed by a forged cursor for a list sorted by amount', async () => {
    const cursor = Buffer.from(JSON.stringify(['Bid.amount_minor.desc', LOSER, 1])).toString('base64url')
    for (const role of BELOW_ADMIN) {
      const { data, errors } = await ask(role, 'query ($after: String) { bids(after: $after) { nodes { id } } }', { after: cursor })
      expect([data, errors.length]).toEqual([{ bids: null }, 1])
    }
  })

  it('is not revealed by the error for a bid that exceeds the daily cap', async () => {
    const buyerId = toGlobalId('Buyer', market.buyerIds[0] ?? 0)
    const set = 'mutation ($input: UpdateBuyerInput!) { updateBuyer(input: $input) { errors { message } } }'
    const cap = WINNER + 12_345
    await ask('EDITOR', set, { input: { id: buyerId, version: 1, dailyCap: { amount: cap, currency: 'USD' } } })
    const next = toGlobalId('Call', await addCall(scratch.db, market, {}))
    const place = 'mutation ($input: PlaceBidInput!) { placeBid(input: $input) { errors { code message } } }'
    const placed = await ask('EDITOR', place, { input: { callId: next, buyerId, amount: { amount: 20_000, currency: 'USD' } } })
    expect(placed.data.placeBid.errors).toMatchObject([{ code: 'CAP_EXCEEDED' }])
    expect(JSON.stringify(placed)).not.toContain('12345')
  })

  it('requires the role ADMIN, and so does every other field or sort order of money that is not an exception in this test', () => {
    const open: string[] = []
    for (const type of Object.values(schema.getTypeMap())) {
      const fields: readonly GraphQLField<unknown, unknown>[] = isObjectType(type) ? Object.values(type.getFields()) : []
      for (const field of fields) {
        const isMoney = getNamedType(field.type).name === 'Money' || /revenue|profit|payout/i.test(field.name)
        if (isMoney && !demandsAdmin(field)) open.push(`${type.name}.${field.name}`)
      }
      for (const value of isEnumType(type) ? type.getValues() : [])
        if (/AMOUNT|REVENUE|PROFIT|PAYOUT/.test(value.name) && !demandsAdmin(value)) open.push(`${type.name}.${value.name}`)
    }
    expect(open.sort()).toEqual([...NO_REVENUE].sort())
  })
})

function demandsAdmin(annotated: Parameters<typeof requiredRole>[0]): boolean {
  const role = requiredRole(annotated)
  return role !== undefined && !hasRole('EDITOR', role) && hasRole('ADMIN', role)
}
