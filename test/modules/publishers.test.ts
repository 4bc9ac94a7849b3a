import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { localId, toGlobalId } from '#src/gateway/contract/global-id.ts'
import { startMarketGateway } from './market-gateway.ts'
import { addCall, addMarket, createScratchDatabase, type Market, type ScratchDatabase } from './scratch-database.ts'

const USD = (amount: number) => ({ amount, currency: 'USD' })
const DAY_MS = 86_400_000

/** Tenant whose publishers only the test of the list changes. */
const OWN = 'globex'

let scratch: ScratchDatabase
let gateway: Awaited<ReturnType<typeof startMarketGateway>>
let market: Market

beforeAll(async () => {
  scratch = await createScratchDatabase()
  gateway = await startMarketGateway(scratch)
  market = await addMarket(scratch.db, 'acme')
  await addMarket(scratch.db, OWN)
}, 60_000)
afterAll(async () => {
  await gateway?.close()
  await scratch?.drop()
})

const FIELDS = 'publisher { id name active version terms { kind amount { amount } sharePermille } } errors { code field message }'
const create = async (input: Readonly<Record<string, unknown>>, tenant = 'acme') =>
  (
    await gateway.ask(tenant, 'EDITOR', `mutation ($input: CreatePublisherInput!) { createPublisher(input: $input) { ${FIELDS} } }`, {
      input,
    })
  ).data.createPublisher
const update = async (input: Readonly<Record<string, unknown>>, tenant = 'acme') =>
  (
    await gateway.ask(tenant, 'EDITOR', `mutation ($input: UpdatePublisherInput!) { updatePublisher(input: $input) { ${FIELDS} } }`, {
      input,
    })
  ).data.updatePublisher
const namesOf = async (filter: object) =>
  (
    await gateway.ask(OWN, 'VIEWER', 'query ($filter: PublisherFilter) { publishers(filter: $filter) { totalCount nodes { name } } }', {
      filter,
    })
  ).data.publishers

describe('publishers', () => {
  it('are created, changed and listed, and a list shows each change at once', async () => {
    const { publisher, errors } = await create({ name: ' Search ', terms: { kind: 'FIXED', amount: USD(250) } }, OWN)
    expect(errors).toEqual([])
    expect(publisher).toMatchObject({ name: 'Search', active: true, version: 1 })
    expect(publisher.terms).toEqual({ kind: 'FIXED', amount: { amount: 250 }, sharePermille: null })
    expect(await namesOf({})).toEqual({ totalCount: 1, nodes: [{ name: 'Search' }] })
    expect(await namesOf({ active: false })).toEqual({ totalCount: 0, nodes: [] })

    const terms = { kind: 'REVENUE_SHARE', sharePermille: 300 }
    const changed = await update({ id: publisher.id, version: 1, name: 'Social', terms, active: false }, OWN)
    expect(changed.publisher).toMatchObject({ name: 'Social', active: false, version: 2, terms: { ...terms, amount: null } })
    expect(await namesOf({ active: false })).toEqual({ totalCount: 1, nodes: [{ name: 'Social' }] })

    const late = await update({ id: publisher.id, version: 1, name: 'Late' }, OWN)
    expect(late).toMatchObject({ publisher: { name: 'Social' }, errors: [{ code: 'CONFLICT', field: ['input', 'version'] }] })
  })

  it('have names that are unique in the tenant, and terms that fit their kind', async () => {
    const fixed = { kind: 'FIXED', amount: USD(1) }
    await create({ name: 'Unique', terms: fixed })
    expect((await create({ name: 'Unique', terms: fixed })).errors).toMatchObject([{ code: 'NAME_TAKEN', field: ['input', 'name'] }])
    const pathsOf = async (terms: object) =>
      (await create({ name: 'Wrong', terms })).errors.map(({ code, field }: { code: string; field: string[] }) => [code, field.join('.')])
    expect(await pathsOf({ kind: 'FIXED' })).toEqual([['INVALID', 'input.terms.amount']])
    expect(await pathsOf({ ...fixed, sharePermille: 1 })).toEqual([['INVALID', 'input.terms.sharePermille']])
    expect(await pathsOf({ kind: 'REVENUE_SHARE', sharePermille: 1001 })).toEqual([['INVALID', 'input.terms.sharePermille']])
    expect(await pathsOf({ kind: 'FIXED', amount: { amount: -1, currency: 'EUR' } })).toEqual([
      ['INVALID', 'input.terms.amount.amount'],
      ['INVALID', 'input.terms.amount.currency'],
    ])
  })
})

describe('the payout', () => {
  it('is part of the figures of its call, campaign, publisher and hour, and each figure follows the next write', async () => {
    const { publisher } = await create({ name: 'Paid', terms: { kind: 'FIXED', amount: USD(30) } })
    const publisherId = Number(localId(publisher.id))
    const startedAt = new Date(Math.floor(Date.now() / DAY_MS) * DAY_MS - 12 * 3_600_000).toISOString()
    const call = await addCall(scratch.db, market, { startedAt, costMinor: 20 })
    const settle = async (revenueMinor: number, payoutMinor: number) => {
      const buyerId = market.buyerIds[0] ?? 0
      await scratch.db
        .updateTable('calls')
        .set({ publisherId, buyerId, status: 'SETTLED', revenueMinor, payoutMinor })
        .where('id', '=', call)
        .execute()
      await gateway.ask('acme', 'ADMIN', 'mutation { refreshAnalytics { correctedRows } }')
    }
    const money = '{ amount }'
    const figures = `payout ${money} margin ${money}`
    const query = `query ($call: ID!, $campaign: ID!, $publisher: ID!, $buyer: ID!, $from: DateTime!, $to: DateTime!) {
      call(id: $call) { publisher { name } buyer { name } ${figures} }
      campaign(id: $campaign) { statistics { ${figures} } }
      publisher(id: $publisher) { statistics(from: $from, to: $to) { calls settledCalls revenue ${money} ${figures} } }
      calls(filter: { publisherId: $publisher, buyerId: $buyer }) { totalCount nodes { id } }
      analytics { performance(from: $from, to: $to, campaignId: $campaign) { ${figures} profit ${money} } }
    }`
    const variables = {
      call: toGlobalId('Call', call),
      campaign: toGlobalId('Campaign', market.campaignId),
      publisher: publisher.id,
      buyer: toGlobalId('Buyer', market.buyerIds[0] ?? 0),
      from: startedAt,
      to: startedAt.replace(/T.*/, 'T23:00:00Z'),
    }
    for (const [revenue, payout] of [
      [100, 30],
      [250, 40],
    ] as const) {
      await settle(revenue, payout)
      const { data, errors } = await gateway.ask('acme', 'ADMIN', query, variables)
      const expected = { payout: { amount: payout }, margin: { amount: revenue - payout } }
      expect(errors).toEqual([])
      expect(data.call).toEqual({ publisher: { name: 'Paid' }, buyer: { name: 'Ada' }, ...expected })
      expect(data.campaign.statistics).toEqual(expected)
      expect(data.publisher.statistics).toEqual({ calls: 1, settledCalls: 1, revenue: { amount: revenue }, ...expected })
      expect(data.calls).toEqual({ totalCount: 1, nodes: [{ id: variables.call }] })
      expect(data.analytics.performance).toEqual({ ...expected, profit: { amount: revenue - 20 - payout } })
    }
    const editor = await gateway.ask('acme', 'EDITOR', `query ($call: ID!) { call(id: $call) { ${figures} } }`, variables)
    expect(editor).toMatchObject({
      data: { call: { payout: { amount: 40 }, margin: null } },
      errors: [{ extensions: { code: 'FORBIDDEN' } }],
    })
    const viewer = await gateway.ask('acme', 'VIEWER', 'query ($id: ID!) { publisher(id: $id) { name terms { kind } } }', {
      id: publisher.id,
    })
    expect(viewer).toMatchObject({ data: { publisher: { name: 'Paid', terms: null } }, errors: [{ extensions: { code: 'FORBIDDEN' } }] })
  })
})
