import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { toGlobalId } from '#src/gateway/contract/global-id.ts'
import { type CampaignState, campaignRefusal } from '#src/market/modules/campaign-state.ts'
import { startMarketGateway } from './market-gateway.ts'
import { addCall, addMarket, createScratchDatabase, type Market, type ScratchDatabase } from './scratch-database.ts'

const NOW = Date.parse('2026-03-01T12:00:00Z')
const open: CampaignState = { status: 'ACTIVE', startsAt: null, endsAt: null, budgetMinor: 100, spentMinor: 99 }
const both = (changes: Partial<CampaignState>) =>
  (['CALLS', 'DOMAINS'] as const).map((use) => campaignRefusal({ ...open, ...changes }, use, NOW))

describe('a campaign', () => {
  it('takes calls and gets domains from its start until the moment before its end, while a minor unit of its budget is left', () => {
    expect(both({})).toEqual([undefined, undefined])
    expect(both({ startsAt: '2026-03-01T12:00:00.000Z', endsAt: '2026-03-01T12:00:00.001Z' })).toEqual([undefined, undefined])
  })

  it('takes no calls before its start, but gets domains', () => {
    expect(both({ startsAt: '2026-03-01T12:00:00.001Z' })).toEqual([
      'The campaign begins at 2026-03-01T12:00:00.001Z: until then it takes no calls.',
      undefined,
    ])
  })

  it.each(['DRAFT', 'PAUSED'] as const)('takes no calls while it is %s, but gets domains', (status) => {
    expect(both({ status })).toEqual([`The campaign is ${status}: it takes no calls.`, undefined])
  })

  it('takes no calls and gets no domains from its end on, when it is archived, and when its budget is spent', () => {
    const advice = 'unless updateCampaign moves its end.'
    expect(both({ endsAt: '2026-03-01T12:00:00.000Z' })).toEqual([
      `The campaign ended at 2026-03-01T12:00:00.000Z: it takes no calls, ${advice}`,
      `The campaign ended at 2026-03-01T12:00:00.000Z: it gets no new domains, ${advice}`,
    ])
    expect(both({ status: 'ARCHIVED' })).toEqual([
      'The campaign is ARCHIVED: it takes no calls.',
      'The campaign is ARCHIVED: it gets no new domains.',
    ])
    for (const sentence of both({ spentMinor: 100 })) expect(sentence).toMatch(/^The campaign has spent its budget of 100 minor units/)
  })
})

describe('the mutations that need a campaign that takes calls', () => {
  let scratch: ScratchDatabase
  let gateway: Awaited<ReturnType<typeof startMarketGateway>>
  let market: Market

  beforeAll(async () => {
    scratch = await createScratchDatabase()
    gateway = await startMarketGateway(scratch)
    market = await addMarket(scratch.db, 'acme')
  }, 60_000)
  afterAll(async () => {
    await gateway?.close()
    await scratch?.drop()
  })

  async function change(values: Partial<{ status: 'ACTIVE' | 'PAUSED'; startsAt: string; endsAt: string; budgetMinor: number }>) {
    const rest = { status: 'ACTIVE' as const, startsAt: null, endsAt: null, budgetMinor: 1_000 }
    await scratch.db
      .updateTable('campaigns')
      .set({ ...rest, ...values })
      .where('id', '=', market.campaignId)
      .execute()
  }
  const codesOf = async (name: string, type: string, input: Readonly<Record<string, unknown>>) => {
    const query = `mutation ($input: ${type}!) { ${name}(input: $input) { errors { code field } } }`
    return (await gateway.ask('acme', 'EDITOR', query, { input })).data[name].errors
  }
  const bid = async () => {
    const callId = toGlobalId('Call', await addCall(scratch.db, market))
    const amount = { amount: 10, currency: 'USD' }
    return codesOf('placeBid', 'PlaceBidInput', { callId, buyerId: toGlobalId('Buyer', market.buyerIds[0] ?? 0), amount })
  }
  const generate = () =>
    codesOf('generateDomains', 'GenerateDomainsInput', { campaignId: toGlobalId('Campaign', market.campaignId), limit: 1 })

  it('read the dates, the status and what is left of the budget in their transaction', async () => {
    const day = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString()
    const noBid = [{ code: 'INVALID_STATE', field: ['input', 'callId'] }]
    const noDomain = [{ code: 'INVALID_STATE', field: ['input', 'campaignId'] }]
    await change({})
    expect([await bid(), await generate()]).toEqual([[], []])
    await change({ status: 'PAUSED' })
    expect([await bid(), await generate()]).toEqual([noBid, []])
    await change({ startsAt: day(1) })
    expect([await bid(), await generate()]).toEqual([noBid, []])
    await change({ endsAt: day(-1) })
    expect([await bid(), await generate()]).toEqual([noBid, noDomain])
    // Cost and payout together reach the budget.
    await scratch.db
      .updateTable('campaignTotals')
      .set({ spendMinor: 600, payoutMinor: 399 })
      .where('campaignId', '=', market.campaignId)
      .execute()
    await change({})
    expect([await bid(), await generate()]).toEqual([[], []])
    await change({ budgetMinor: 999 })
    expect([await bid(), await generate()]).toEqual([noBid, noDomain])
  })
})
