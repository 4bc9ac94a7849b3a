import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { toGlobalId } from '#src/gateway/contract/global-id.ts'
import { startMarketGateway } from '../modules/market-gateway.ts'
import { createEmbeddedScratchDatabase, createScratchDatabase, type ScratchDatabase } from '../modules/scratch-database.ts'
import { addCallMarket, callsOf, numberOf, setBuyer, sha256Of } from './call-market.ts'

describe.each([
  ['PostgreSQL', createScratchDatabase],
  ['the embedded database', createEmbeddedScratchDatabase],
])('a ping and a post on %s', (_name, createDatabase) => {
  let scratch: ScratchDatabase
  let gateway: Awaited<ReturnType<typeof startMarketGateway>>
  let tenants = 0

  beforeAll(async () => {
    scratch = await createDatabase()
    gateway = await startMarketGateway(scratch)
  }, 60_000)
  afterAll(async () => {
    await gateway?.close()
    await scratch?.drop()
  })

  const open = async () => {
    const market = await addCallMarket(scratch, `tenant-${++tenants}`)
    return { market, ...callsOf(gateway, market) }
  }

  it('reserves the best buyer, gives a reason for each other one, connects the call, and pays the publisher when it is sold', async () => {
    const { market, ping, post, settle } = await open()
    await setBuyer(scratch, market.buyerIds[2] ?? 0, { active: false })
    const offer = await ping(1)
    expect(offer).toMatchObject({
      reservation: { payout: { amount: 30 }, price: { amount: 300 }, buyer: { name: 'Ada' } },
      ranked: [{ name: 'Ada' }, { name: 'Bob' }],
      refusal: null,
      decision: { kind: 'PING', outcome: 'OFFERED', price: { amount: 300 }, publisher: { name: 'Pia' }, buyer: { name: 'Ada' } },
      errors: [],
    })
    expect(offer.excluded).toEqual([
      { buyer: { name: 'Cy' }, reason: 'PAUSED' },
      { buyer: { name: 'Bob' }, reason: 'OUTRANKED' },
    ])
    const posted = await post(offer.reservation.id, 1)
    expect(posted).toMatchObject({
      call: {
        status: 'CONNECTED',
        callerState: 'CA',
        payout: { amount: 0 },
        buyer: { name: 'Ada' },
        publisher: { name: 'Pia' },
        decision: { kind: 'POST', outcome: 'CONNECTED' },
        bids: { nodes: [{ status: 'ACTIVE', amount: { amount: 300 } }] },
      },
      refusal: null,
      errors: [],
    })
    const again = await post(offer.reservation.id, 1)
    expect(again).toMatchObject({ call: { id: posted.call.id }, decision: null, refusal: null })
    expect(await settle(posted.call.id, 60)).toMatchObject({
      call: { status: 'SETTLED', revenue: { amount: 300 }, payout: { amount: 30 } },
    })
    expect(await settle(posted.call.id, 60)).toMatchObject({ errors: [{ code: 'INVALID_STATE' }] })
    const usage = await sql`select period, attempts, connections, conversions, money_minor from buyer_usage
      where tenant_id = ${market.tenant} order by period`.execute(scratch.db)
    expect(usage.rows).toEqual(
      ['DAY', 'HOUR', 'MONTH', 'TOTAL'].map((period) => ({ period, attempts: 1, connections: 1, conversions: 1, moneyMinor: 300 })),
    )
    const refreshed = await sql<{ corrected: number }>`select refresh_rollups(${market.tenant}) as corrected`.execute(scratch.db)
    expect(refreshed.rows).toEqual([{ corrected: 0 }])
  })

  it('gives an equal ping the same offer, by the number or by its hash, and another ping another offer', async () => {
    const { ping } = await open()
    const first = await ping(2)
    const again = await ping(2, { caller: sha256Of(numberOf(2)) })
    expect(again).toMatchObject({ reservation: first.reservation, decision: first.decision, excluded: first.excluded, ranked: null })
    const other = await ping(2, { zip: '90001' })
    expect(other.reservation.id).not.toBe(first.reservation.id)
  })

  it('refuses a post with the code of its reason: another caller, too late, no such reservation', async () => {
    const { market, ping, post } = await open()
    const { reservation } = await ping(3)
    expect(await post(reservation.id, 4)).toMatchObject({
      call: null,
      refusal: 'WRONG_CALLER',
      decision: { kind: 'POST', outcome: 'WRONG_CALLER' },
    })
    await sql`update reservations set expires_at = now() - interval '1 second' where tenant_id = ${market.tenant}`.execute(scratch.db)
    expect(await post(reservation.id, 3)).toMatchObject({ call: null, refusal: 'LAPSED', decision: { outcome: 'LAPSED' } })
    expect(await post(toGlobalId('Reservation', 999_999_999), 3)).toMatchObject({
      errors: [{ code: 'NOT_FOUND', field: ['input', 'reservationId'] }],
    })
  })

  it('refuses a ping that is repeated, and a post, after the caller has been suppressed', async () => {
    const { market, ping, post } = await open()
    const { reservation } = await ping(5)
    await sql`insert into suppressions (tenant_id, caller, scope, source) select tenant_id, caller, 'TENANT', 'test' from reservations
      where tenant_id = ${market.tenant}`.execute(scratch.db)
    expect(await ping(5)).toMatchObject({ reservation: null, refusal: 'SUPPRESSED', decision: { outcome: 'SUPPRESSED' } })
    expect(await post(reservation.id, 5)).toMatchObject({ call: null, refusal: 'SUPPRESSED' })
    expect(await post(reservation.id, 5)).toMatchObject({ call: null, refusal: 'LAPSED' })
  })
})
