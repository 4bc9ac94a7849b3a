import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { toGlobalId } from '#src/gateway/contract/global-id.ts'
import { deleteOldDecisions } from '#src/market/modules/routing/retention.ts'
import { startMarketGateway } from '../modules/market-gateway.ts'
import { createScratchDatabase, type ScratchDatabase } from '../modules/scratch-database.ts'
import { addCallMarket, type CallMarket, callsOf, numberOf } from './call-market.ts'

const LIST = `query ($first: Int, $after: String, $filter: RoutingDecisionFilter) { routingDecisions(first: $first, after: $after, filter: $filter) {
  nodes { id kind outcome callerState buyer { name } reasons { buyer { name } reason } } pageInfo { hasNextPage endCursor } } }`

describe('the decisions on pings and posts', () => {
  let scratch: ScratchDatabase
  let gateway: Awaited<ReturnType<typeof startMarketGateway>>
  let market: CallMarket
  beforeAll(async () => {
    scratch = await createScratchDatabase()
    gateway = await startMarketGateway(scratch)
    market = await addCallMarket(scratch, 'acme')
    const { ping, post } = callsOf(gateway, market)
    const offer = await ping(1)
    await post(offer.reservation.id, 1)
    await ping(2)
    await ping(3, { state: 'ZZ' })
  }, 60_000)
  afterAll(async () => {
    await gateway?.close()
    await scratch?.drop()
  })

  const list = async (variables: Readonly<Record<string, unknown>>) => {
    const { data, errors } = await gateway.ask('acme', 'EDITOR', LIST, variables)
    expect(errors).toEqual([])
    return data.routingDecisions
  }

  it('are listed, newest first, page by page, with the reasons of all buyers', async () => {
    const { nodes, pageInfo } = await list({ first: 3 })
    expect(nodes.map(({ outcome }: { outcome: string }) => outcome)).toEqual(['STATE_UNKNOWN', 'OFFERED', 'CONNECTED'])
    expect(nodes[1].reasons).toEqual(['Bob', 'Cy'].map((name) => ({ buyer: { name }, reason: 'OUTRANKED' })))
    const rest = await list({ first: 3, after: pageInfo.endCursor })
    expect(rest).toMatchObject({ nodes: [{ kind: 'PING', outcome: 'OFFERED' }], pageInfo: { hasNextPage: false } })
  })

  it.each([
    ['caller', () => ({ caller: numberOf(1) }), 2],
    ['outcome', () => ({ outcome: 'OFFERED' }), 2],
    ['campaign', () => ({ campaignId: toGlobalId('Campaign', market.otherCampaignId) }), 0],
    ['time', () => ({ from: '2020-01-01T00:00:00Z', before: '2020-01-02T00:00:00Z' }), 0],
  ])('can be searched by %s', async (_name, filter, expected) => {
    expect((await list({ filter: filter() })).nodes).toHaveLength(expected)
  })

  it.each([
    ['a role that may only insert and select', 'auditor'],
    ['the owner of the table', null],
  ])('cannot be changed, deleted or truncated by %s', async (_name, role) => {
    if (role !== null) {
      await sql`do $$ begin create role auditor; exception when duplicate_object then null; end $$`.execute(scratch.db)
      await sql`grant insert, select on routing_decisions to auditor`.execute(scratch.db)
    }
    for (const statement of [
      "update routing_decisions set outcome = 'OFFERED'",
      'delete from routing_decisions',
      'truncate routing_decisions',
    ]) {
      const refused = scratch.db.transaction().execute(async (transaction) => {
        if (role !== null) await sql`set local role auditor`.execute(transaction)
        await sql.raw(statement).execute(transaction)
      })
      await expect(refused, statement).rejects.toMatchObject({ code: '42501' })
    }
  })

  it('are deleted after the configured number of days, and kept before', async () => {
    await sql`insert into routing_decisions (tenant_id, decided_at, kind, outcome, campaign_id, caller, caller_state, buyers_revision, reasons)
      select 'acme', now() - make_interval(days => n), 'PING', 'DNC', 1, decode(repeat('00', 16), 'hex'), 'CA', 1, '' from unnest(array[29, 39, 41, 60]) as n`.execute(
      scratch.db,
    )
    expect(await deleteOldDecisions(scratch.db, 40, 1)).toBe(2)
    const { rows } = await sql<{ days: number }>`select extract(day from now() - decided_at)::int as days from routing_decisions
      where outcome = 'DNC' order by 1`.execute(scratch.db)
    expect(rows.map(({ days }) => days)).toEqual([29, 39])
  })
})
