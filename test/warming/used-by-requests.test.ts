import { readFile } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Role } from '#src/gateway/identity/principal.ts'
import { checkWarmFile } from '#src/gateway/warming/check-warm-file.ts'
import { Replay } from '#src/gateway/warming/replay.ts'
import { parseWarmFile } from '#src/gateway/warming/warm-file.ts'
import { recordedOperations, type WarmOperation } from '#src/gateway/warming/warm-operation.ts'
import { activeTenants } from '#src/market/modules/tenants/active-tenants.ts'
import { startMarketGateway } from '../modules/market-gateway.ts'
import { addCall, addMarket, createScratchDatabase, type ScratchDatabase } from '../modules/scratch-database.ts'

let scratch: ScratchDatabase
let gateway: Awaited<ReturnType<typeof startMarketGateway>>

beforeAll(async () => {
  scratch = await createScratchDatabase()
  const market = await addMarket(scratch.db, 'acme')
  await addMarket(scratch.db, 'idle')
  await addCall(scratch.db, market, { startedAt: new Date().toISOString() })
  gateway = await startMarketGateway(scratch)
})

afterAll(async () => {
  await gateway?.close()
  await scratch?.drop()
})

async function warm(text: string, change: (operation: WarmOperation) => WarmOperation = (operation) => operation): Promise<void> {
  const replay = new Replay(gateway.endpoint.execution)
  const { schema } = gateway.endpoint.gateway
  const operations = checkWarmFile('warm.graphql', parseWarmFile(text, 'warm.graphql'), { schema, replay, now: Date.now() })
  const active = await activeTenants(scratch.db, Date.now())
  for (const recorded of operations.map(change).flatMap((operation) => recordedOperations(operation, active, Date.now())))
    expect(['executed', 'cached']).toContain((await replay.replay(recorded)).name)
}

/** Number of statements that the request needs. */
async function statementsOf(query: string, role: Role, variables: Record<string, unknown> = {}): Promise<number> {
  gateway.takeStatements()
  const { errors } = await gateway.ask('acme', role, query, variables)
  expect(errors).toEqual([])
  return gateway.takeStatements()
}

const REPORT = `query Report($from: DateTime!, $to: DateTime, $first: Int! = 5)
  @warm(tenants: ACTIVE, roles: [VIEWER, EDITOR, ADMIN], variables: { to: { startOf: MONTH }, from: { startOf: MONTH, shift: -1 } }) {
  analytics { performance(from: $from, to: $to) { calls ...Costs } }
  campaigns(first: $first) { nodes { id name } }
}
fragment Costs on Performance { spend { amount currency } }`

const REVENUE = `query Revenue($from: DateTime!) @warm(tenants: ACTIVE, roles: [ADMIN], variables: { from: { startOf: DAY } }) {
  analytics { revenueByBuyer(from: $from) { bids revenue { amount } } }
}`

describe('A warmed query', () => {
  it('is a hit for clients of every warmed role, even if their document has another layout and name', async () => {
    await warm(REPORT)
    const today = new Date()
    const month = (offset: number) => new Date(Date.UTC(today.getUTCFullYear(), today.getUTCMonth() + offset, 1)).toISOString()
    const asked = REPORT.replace(/@warm\(.*\)/, '').replace('query Report', 'query   MonthlyReport')
    for (const role of ['VIEWER', 'EDITOR', 'ADMIN'] as const)
      expect(await statementsOf(asked, role, { from: month(-1), to: month(0) })).toBe(0)
    expect(await statementsOf(asked, 'VIEWER', { from: month(-2), to: month(0) })).toBeGreaterThan(0)
  })

  it('that reads revenues is a hit for the role for which it was warmed', async () => {
    await warm(REVENUE)
    const from = `${new Date().toISOString().slice(0, 10)}T00:00:00.000Z`
    expect(await statementsOf(REVENUE.replace(/@warm\(.*\)/, ''), 'ADMIN', { from })).toBe(0)
  })

  it('of the built-in dashboards is a hit for any selection of figures, in every role', async () => {
    const text = await readFile(new URL('../../warm/dashboards.graphql', import.meta.url), 'utf8')
    await warm(text)
    for (const role of ['VIEWER', 'EDITOR', 'ADMIN'] as const)
      for (const period of ['TODAY', 'MONTH'] as const) {
        const query = `{ analytics { dashboard(period: ${period}) { current { winRate events { kind } ${role === 'ADMIN' ? 'profit { amount }' : ''} } topCampaigns { campaign { status } } } } }`
        expect(await statementsOf(query, role)).toBe(0)
      }
    const week = '{ analytics { dashboard(period: WEEK) { current { calls } } } }'
    expect(await statementsOf(week, 'VIEWER')).toBeGreaterThan(0)
  })

  it('is a miss for a request with another value of a variable, so these tests detect a wrong cache key', async () => {
    await warm(REPORT, (operation) => ({ ...operation, variables: [{ from: '2026-01-01T00:00:00Z', to: '2026-01-02T00:00:00Z' }] }))
    const asked = REPORT.replace(/@warm\(.*\)/, '')
    expect(await statementsOf(asked, 'VIEWER', { from: '2026-01-01T00:00:00Z', to: '2026-01-03T00:00:00Z' })).toBeGreaterThan(0)
  })

  it('with `tenants: ACTIVE` is warmed for the tenants that had a phone call or a bid in the last seven days', async () => {
    expect(await activeTenants(scratch.db, Date.now())).toEqual(['acme'])
    expect(await activeTenants(scratch.db, Date.now() + 8 * 24 * 60 * 60 * 1000)).toEqual([])
  })
})
