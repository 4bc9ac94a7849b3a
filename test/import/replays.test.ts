import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { perUnit } from '#src/market/modules/analytics/figures.ts'
import { share } from '#src/market/modules/share.ts'
import { startWholeGateway, type WholeGateway } from '../modules/whole-gateway.ts'
import { needs } from '../servers/availability.ts'
import { cuts } from './import-database.ts'

/** Counts of one replay of a campaign with one bidding strategy. Spend is the sum of the prices of the impressions. */
interface Replay {
  readonly bids: number
  readonly imps: number
  readonly clks: number
  readonly spend: number
}

const FILE = 'optimal-rtb/rtb.results.1458.tsv'
const HOUR = '2013-06-06T10:00:00.000Z'
const END = '2013-06-06T11:00:00.000Z'

const PERFORMANCE = `query Performance($from: DateTime!, $to: DateTime!) {
  analytics { performance(from: $from, to: $to) {
    calls settledCalls conversion bids wonBids winRate spend { amount } costPerCall { amount } events { kind count }
  } }
}`

/** The two replays with the fewest bids, because each bid is stored as a row. */
const replayed = readReplays(cuts)
  .toSorted((a, b) => a.bids - b.bids)
  .slice(0, 2)

describe('The analytics of a replayed campaign', () => {
  let gateway: WholeGateway

  beforeAll(async () => {
    gateway = await startWholeGateway()
  })

  afterAll(async () => {
    await gateway?.close()
  })

  it('match the reference results of the data set: win rate, click rate, cost per impression and cost per click.', async () => {
    expect(replayed).toHaveLength(2)
    for (const [index, replay] of replayed.entries()) {
      const tenant = `replay-${index}`
      await store(gateway, tenant, replay)
      const { data } = await gateway.ask(PERFORMANCE, { tenant, userId: '1', role: 'ADMIN' }, { from: HOUR, to: END })
      const { performance } = data.analytics
      const counts = Object.fromEntries(performance.events.map(({ kind, count }: { kind: string; count: number }) => [kind, count]))
      const { bids, imps, clks, spend } = replay
      expect(performance).toMatchObject({ calls: imps, settledCalls: clks, bids, wonBids: imps, spend: { amount: spend } })
      expect(counts).toMatchObject({ IMPRESSION: imps, CLICK: clks })
      expect(performance.winRate).toBe(imps / bids)
      expect(performance.conversion).toBe(clks / imps)
      // Prices in the data set are per thousand impressions, so the cost of a phone call is the CPM (the price of a thousand impressions).
      expect(performance.costPerCall.amount).toBe(rounded(spend, imps))
      expect(perUnit(performance.spend.amount, counts['CLICK'])).toBe(rounded(spend, clks))
    }
  })
})

describe('The floating-point arithmetic of analytics', () => {
  it('agrees with exact fractions for each replay in the excerpt of the data set.', () => expectExact(readReplays(cuts), 90))

  it('agrees with exact fractions for each replay in the whole data set.', needs('DATA_DIR'), () =>
    expectExact(readReplays(process.env['DATA_DIR'] as string), 352),
  )
})

function expectExact(replays: readonly Replay[], least: number): void {
  expect(replays.length).toBeGreaterThanOrEqual(least)
  for (const { bids, imps, clks, spend } of replays) {
    expect(perUnit(spend, imps)).toBe(imps === 0 ? null : rounded(spend, imps))
    expect(perUnit(spend, clks)).toBe(clks === 0 ? null : rounded(spend, clks))
    for (const [part, whole] of [
      [imps, bids],
      [clks, imps],
    ] as const) {
      const figure = share(part, whole)
      if (whole === 0) expect(figure).toBeNull()
      else expect(Math.abs((figure as number) * whole - part)).toBeLessThan(1e-9 * Math.max(1, part))
    }
  }
}

/** Divides integers without floating point, and rounds halves up. */
function rounded(total: number, count: number): number {
  return Number((2n * BigInt(total) + BigInt(count)) / (2n * BigInt(count)))
}

/**
 * Stores each impression as a phone call with a winning bid, and marks as many phone calls as settled as there were
 * clicks. All lost bids belong to the first phone call.
 */
async function store({ db }: WholeGateway, tenant: string, { bids, imps, clks, spend }: Replay): Promise<void> {
  await db.transaction().execute(async (transaction) => {
    const run = (statement: ReturnType<typeof sql>) => statement.execute(transaction)
    await run(sql`insert into tenants (id, name, currency) values (${tenant}, ${tenant}, 'CNY')`)
    await run(sql`insert into users (tenant_id, email, name, role) values (${tenant}, 'a@example.com', 'A', 'ADMIN')`)
    await run(sql`insert into campaigns (tenant_id, owner_id, name, budget_minor, keywords, tlds, patterns)
      select ${tenant}, id, 'Replay', 0, '{}', '{}', '{}' from users where tenant_id = ${tenant}`)
    await run(
      sql`insert into buyers (tenant_id, name, states, max_concurrent_calls, min_duration_seconds) values (${tenant}, 'Replay', '{}', 1, 0)`,
    )
    // The first phone calls cost one unit more, so that the total cost equals the spend.
    await run(sql`insert into calls (tenant_id, campaign_id, caller_state, status, started_at, cost_minor)
      select ${tenant}, id, 'CA', case when number <= ${clks}::int then 'SETTLED' else 'MISSED' end, ${HOUR}::timestamptz,
        ${spend}::bigint / ${imps}::int + (number <= ${spend}::bigint % ${imps}::int)::int
      from campaigns, generate_series(1, ${imps}::int) as number where tenant_id = ${tenant}`)
    await run(sql`insert into bids (tenant_id, call_id, campaign_id, buyer_id, amount_minor, status, placed_at, expires_at)
      select ${tenant}, calls.id, campaign_id, buyers.id, 300, 'WON', ${HOUR}::timestamptz, ${HOUR}::timestamptz
      from calls join buyers using (tenant_id) where tenant_id = ${tenant}`)
    await run(sql`insert into bids (tenant_id, call_id, campaign_id, buyer_id, amount_minor, status, placed_at, expires_at)
      select tenant_id, call_id, campaign_id, buyer_id, 300, 'LOST', placed_at, expires_at
      from (select * from bids where tenant_id = ${tenant} order by id limit 1) as won, generate_series(1, ${bids - imps}::int)`)
    await run(sql`insert into events (tenant_id, event_id, campaign_id, kind, occurred_at)
      select ${tenant}, kind || number, id, kind, ${HOUR}::timestamptz
      from campaigns, (select 'IMPRESSION' as kind, generate_series(1, ${imps}::int) as number
        union all select 'CLICK', generate_series(1, ${clks}::int)) as made where tenant_id = ${tenant}`)
  })
}

function readReplays(folder: string): Replay[] {
  const [head = '', ...lines] = readFileSync(join(folder, FILE), 'utf8').trim().split('\n')
  const names = head.split('\t')
  return lines.map((line) => {
    const values = line.split('\t').map(Number)
    const { bids = 0, imps = 0, clks = 0, spend = 0 } = Object.fromEntries(names.map((name, index) => [name, values[index] as number]))
    return { bids, imps, clks, spend }
  })
}
