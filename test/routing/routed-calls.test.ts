import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { localId, toGlobalId } from '#src/gateway/contract/global-id.ts'
import { MAX_CONDITION_STEPS } from '#src/market/modules/routing/candidates.ts'
import { startMarketGateway } from '../modules/market-gateway.ts'
import { createScratchDatabase, type ScratchDatabase } from '../modules/scratch-database.ts'
import { addCallMarket, callsOf, setBuyer } from './call-market.ts'

let scratch: ScratchDatabase
let gateway: Awaited<ReturnType<typeof startMarketGateway>>
let tenants = 0

beforeAll(async () => {
  scratch = await createScratchDatabase()
  gateway = await startMarketGateway(scratch)
}, 60_000)
afterAll(async () => {
  await gateway?.close()
  await scratch?.drop()
})

const open = async () => {
  const market = await addCallMarket(scratch, `tenant-${++tenants}`)
  const change = async (name: string, input: Readonly<Record<string, unknown>>) => {
    const type = `${name.charAt(0).toUpperCase()}${name.slice(1)}Input`
    const query = `mutation ($input: ${type}!) { ${name}(input: $input) { errors { code field } } }`
    const { data, errors } = await gateway.ask(market.tenant, 'ADMIN', query, { input })
    expect(errors).toEqual([])
    return data[name].errors
  }
  return { market, campaign: toGlobalId('Campaign', market.campaignId), change, ...callsOf(gateway, market) }
}

const stateOf = async (id: string) => {
  const { rows } = await sql<{ state: string }>`select state from reservations where id = ${localId(id)}::int8`.execute(scratch.db)
  return rows[0]?.state
}

describe('deleting a campaign', () => {
  it('ends its open reservations and those of its connected calls, so that they hold no room of their buyers', async () => {
    const { market, campaign, change, ping, post } = await open()
    const elsewhere = await ping(1, { campaignId: toGlobalId('Campaign', market.otherCampaignId) })
    const [connected, offered] = [await ping(2), await ping(3)]
    await post(connected.reservation.id, 2)
    expect(await change('deleteCampaign', { id: campaign })).toEqual([])
    const states = await Promise.all([connected, offered, elsewhere].map(({ reservation }) => stateOf(reservation.id)))
    expect(states).toEqual(['ENDED', 'ENDED', 'OPEN'])
    expect(await post(offered.reservation.id, 3)).toMatchObject({
      call: null,
      errors: [{ code: 'NOT_FOUND', field: ['input', 'reservationId'] }],
    })
  })
})

describe('settling a sold call', () => {
  it("takes the row of the buyer's usage first, as a post does, so that the two cannot deadlock", async () => {
    const { market, ping, post, settle } = await open()
    const [sold, offered] = [await ping(1), await ping(2)]
    const { call } = await post(sold.reservation.id, 1)
    const settled = await scratch.db.transaction().execute(async (posting) => {
      await sql`update reservations set state = 'CONNECTED', connected_at = now() where id = ${localId(offered.reservation.id)}::int8`.execute(
        posting,
      )
      const settling = settle(call.id, 60)
      for (let isWaiting = false; !isWaiting; ) {
        const { rows } = await sql<{ waits: boolean }>`select exists (select from pg_stat_activity
          where datname = current_database() and wait_event_type = 'Lock') as waits`.execute(scratch.db)
        isWaiting = rows[0]?.waits === true
      }
      const { rows } = await sql`select from campaign_totals where campaign_id = ${market.campaignId} for update skip locked`.execute(
        posting,
      )
      expect(rows).toHaveLength(1)
      return { settling }
    })
    expect(await settled.settling).toMatchObject({ call: { status: 'SETTLED', revenue: { amount: 300 } }, errors: [] })
  })
})

describe('the bid of a routed call', () => {
  it('cannot be cancelled, because the call would be given away', async () => {
    const { market, change, ping, post, settle } = await open()
    const { call } = await post((await ping(1)).reservation.id, 1)
    const { id } = await scratch.db.selectFrom('bids').select('id').where('tenantId', '=', market.tenant).executeTakeFirstOrThrow()
    expect(await change('cancelBid', { id: toGlobalId('Bid', id) })).toEqual([{ code: 'INVALID_STATE', field: ['input', 'id'] }])
    expect(await settle(call.id, 60)).toMatchObject({ call: { status: 'SETTLED', revenue: { amount: 300 } } })
  })
})

describe('a ping that finds many of the best buyers full', () => {
  const FULL = { caps: [{ period: 'TOTAL', counts: 'ATTEMPTS', maximum: 0 }] }

  it('asks on until one has room: those before it have a cap, and those after it are outranked, whether they are full or not', async () => {
    const { market, ping } = await open()
    const { rows } = await sql<{
      id: number
    }>`insert into buyers (tenant_id, name, states, max_concurrent_calls, min_duration_seconds, price_minor)
      select ${market.tenant}, 'Full ' || n, '{}', 1, 0, 400 + n from generate_series(1, 24) as n returning id`.execute(scratch.db)
    const [, , cy = 0] = market.buyerIds
    for (const id of [...rows.map((row) => row.id), cy]) await setBuyer(scratch, id, FULL)
    const { reservation, ranked, excluded } = await ping(1)
    expect(reservation.buyer.name).toBe('Ada')
    expect(ranked).toEqual(['Ada', 'Bob', 'Cy'].map((name) => ({ name })))
    const told = Map.groupBy(excluded as { buyer: { name: string }; reason: string }[], ({ reason }) => reason)
    expect(told.get('CAP')?.map(({ buyer }) => buyer.name.slice(0, 4))).toEqual(Array.from({ length: 24 }, () => 'Full'))
    expect(told.get('OUTRANKED')?.map(({ buyer }) => buyer.name)).toEqual(['Bob', 'Cy'])
    for (const id of market.buyerIds) await setBuyer(scratch, id, FULL)
    expect(await ping(2)).toMatchObject({ reservation: null, refusal: 'NO_BUYER', ranked: [] })
  })
})

describe('a buyer whose conditions take too long together with those of the other buyers', () => {
  const globs = (count: number) => ({
    all: Array.from({ length: count }, () => ({ attribute: 'source', operator: 'matches', value: '*'.repeat(100) })),
  })

  it('gets no call, and says so, while the buyers whose conditions fit do, also if SQL wrote the conditions', async () => {
    const { market, ping } = await open()
    const [ada = 0, bob = 0, cy = 0] = market.buyerIds
    const fits = Math.floor(MAX_CONDITION_STEPS / 10_001)
    await setBuyer(scratch, ada, { conditions: globs(fits + 1) })
    await setBuyer(scratch, bob, { conditions: globs(fits - 1) })
    await setBuyer(scratch, cy, { conditions: globs(2) })
    const attributes = [{ name: 'source', value: 'radio' }]
    const { reservation, excluded } = await ping(1, { attributes })
    expect(reservation.buyer.name).toBe('Bob')
    expect(excluded).toEqual(['Ada', 'Cy'].map((name) => ({ buyer: { name }, reason: 'CONDITION_LIMIT' })))
    await setBuyer(scratch, bob, { conditions: null, active: false })
    expect((await ping(2, { attributes })).reservation.buyer.name).toBe('Cy')
  })
})

describe('an equal ping after its caller was suppressed for the first buyer', () => {
  it('gets the offer of the next buyer, and the same one each time', async () => {
    const { market, ping } = await open()
    await ping(1)
    await sql`insert into suppressions (tenant_id, caller, scope, scope_id, source) select tenant_id, caller, 'BUYER', buyer_id, 'test'
      from reservations where tenant_id = ${market.tenant}`.execute(scratch.db)
    const second = await ping(1)
    expect(second.reservation.buyer.name).toBe('Bob')
    expect(await ping(1)).toMatchObject({ reservation: { id: second.reservation.id }, ranked: null })
  })
})

describe('a post after its ping', () => {
  const refused = async (what: (opened: Awaited<ReturnType<typeof open>>) => Promise<unknown>) => {
    const opened = await open()
    const { reservation } = await opened.ping(1)
    await what(opened)
    const { call, refusal, decision } = await opened.post(reservation.id, 1)
    expect(call).toBeNull()
    expect(decision.outcome).toBe(refusal)
    expect(await stateOf(reservation.id)).toBe('ENDED')
    return refusal
  }
  const setCampaign = (id: number, values: Readonly<Record<string, unknown>>) =>
    scratch.db.updateTable('campaigns').set(values).where('id', '=', id).execute()

  it('is refused if the campaign was paused or has ended, or the publisher or the buyer was paused', async () => {
    expect(await refused(({ market }) => setCampaign(market.campaignId, { status: 'PAUSED' }))).toBe('CAMPAIGN_NOT_ACTIVE')
    expect(await refused(({ market }) => setCampaign(market.campaignId, { status: 'ARCHIVED' }))).toBe('CAMPAIGN_NOT_ACTIVE')
    expect(await refused(({ market }) => setCampaign(market.campaignId, { endsAt: '2026-01-01T00:00:00Z' }))).toBe('CAMPAIGN_OVER')
    const pause = (id: number) => scratch.db.updateTable('publishers').set({ active: false }).where('id', '=', id).execute()
    expect(await refused(({ market }) => pause(market.publisherId))).toBe('PUBLISHER_PAUSED')
    expect(await refused(({ market }) => setBuyer(scratch, market.buyerIds[0] ?? 0, { active: false }))).toBe('BUYER_PAUSED')
  })

  it('gets its call although the budget is held: the reservation holds its own part of it', async () => {
    const { market, ping, post } = await open()
    await setCampaign(market.campaignId, { budgetMinor: 30 })
    const { reservation } = await ping(1)
    expect(await ping(2)).toMatchObject({ refusal: 'CAMPAIGN_SPENT', ranked: [], excluded: [] })
    expect(await post(reservation.id, 1)).toMatchObject({ call: { status: 'CONNECTED' }, refusal: null })
  })
})
