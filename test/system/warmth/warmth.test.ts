import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Gateway, startGateway } from '../../e2e/gateway.ts'
import { type Market, readAllCampaigns, readCampaign, startMarket, zipf } from './market.ts'
import { percentile, type ReadFigures, type ReadLoadOptions, readLoad } from './read-load.ts'

/** Whether the promised figures are measured, on a machine that does nothing else. A usual run is short, and checks only that all works. */
const isMeasured = process.env['WARMTH_ALL'] === '1'
const MAX_PER_SECOND = 2000
const HOT_CAMPAIGNS = 1000
const STEADY_MS = isMeasured ? 15_000 : 4000
const WATCHED_MS = isMeasured ? 12_000 : 5000
const FLUSHED_KEYS = isMeasured ? 100_000 : 3000
const CONCURRENT_LOADS = 8

let market: Market
let gateway: Gateway
let perSecond = 200

beforeAll(async () => {
  market = await startMarket(FLUSHED_KEYS)
  gateway = await startGateway(market.env)
  if (isMeasured) perSecond = await calibrate()
})

afterAll(async () => {
  await gateway?.stop()
  await market?.stop()
})

/** Draws requests of all tenants: popular campaigns much more often than others. */
function popular(): ReadLoadOptions['next'] {
  const draw = zipf(HOT_CAMPAIGNS, Math.random)
  return () => {
    const tenant = market.tenants[Math.floor(Math.random() * market.tenants.length)] ?? market.tenants[0]
    return readCampaign(tenant, tenant.campaigns[draw()] ?? '')
  }
}

const load = (forMs: number, next = popular(), rate = perSecond) => readLoad({ url: gateway.url, perSecond: rate, forMs, next })
const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length

function report(title: string, figures: Readonly<Record<string, number | string | readonly number[]>>): void {
  const shown = Object.entries(figures).map(([name, value]) => `  ${name}: ${format(value)}`)
  process.stdout.write(`\n${title}\n${shown.join('\n')}\n`)
}

function format(value: number | string | readonly number[]): string {
  if (typeof value === 'string') return value
  return typeof value === 'number' ? String(Math.round(value * 1000) / 1000) : value.map((each) => each.toFixed(2)).join(' ')
}

async function figure(name: string): Promise<number> {
  const text = await (await fetch(`${gateway.url}/metrics`)).text()
  return text
    .split('\n')
    .filter((line) => line.startsWith(`${name} `))
    .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' '))), 0)
}

/** Finds a rate that the machine bears: the maximum, or seven tenths of what it answers at most. */
async function calibrate(): Promise<number> {
  await load(2000)
  const forMs = 3000
  const startedAt = performance.now()
  const { answered } = await load(forMs, popular(), MAX_PER_SECOND)
  const reached = (answered * 1000) / (performance.now() - startedAt)
  return reached > 0.97 * MAX_PER_SECOND ? MAX_PER_SECOND : Math.floor(0.7 * reached)
}

describe('a gateway with warming', () => {
  it('regains its hit rate within five seconds after a restart under load, with few additional SQL statements.', async () => {
    const warmed = await load(STEADY_MS)
    const before = await market.statements()
    const steady = await load(5000)
    const steadyStatements = (await market.statements()) - before
    const steadyRate = mean(steady.hitRates)
    await gateway.stop()
    gateway = await startGateway(market.env)
    const atReady = await market.statements()
    const restarted = await load(5000)
    const statements = (await market.statements()) - atReady
    report('Restart under load', {
      'reads/s': perSecond,
      'hit rate before': steadyRate,
      'hit rates after, by second': restarted.hitRates,
      'statements in 5 s before': steadyStatements,
      'statements in the first 5 s after': statements,
      'entries copied from Redis': await figure('tidegate_warming_copied_entries_total'),
    })
    expect(failures(warmed, steady, restarted)).toBe(0)
    expect(restarted.hitRates.at(-1)).toBeGreaterThanOrEqual(0.9 * steadyRate)
    if (isMeasured) expect(statements).toBeLessThanOrEqual(Math.max(1.2 * steadyStatements, 50))
  }, 120_000)

  it('regains its hit rate within ten seconds after everything is invalidated, and respects the limit of concurrent loads.', async () => {
    const steady = await load(STEADY_MS)
    const steadyRate = mean(steady.hitRates.slice(-3))
    const loading = load(WATCHED_MS)
    await new Promise((resolve) => setTimeout(resolve, 1000))
    await market.invalidate('*')
    const after = await loading
    const peak = await figure('tidegate_cache_peak_loads')
    report('Everything invalidated after one second', {
      'reads/s': perSecond,
      'hit rate before': steadyRate,
      'hit rates, by second': after.hitRates,
      'operations executed by warming': await figure('tidegate_warming_operations_total{outcome="executed"}'),
      'highest number of concurrent loads': peak,
      'p99, ms': percentile(after.latenciesMs, 0.99),
    })
    expect(failures(steady, after)).toBe(0)
    expect(peak).toBeLessThanOrEqual(CONCURRENT_LOADS)
    if (isMeasured) expect(after.hitRates.slice(1, 11).at(-1)).toBeGreaterThanOrEqual(0.9 * steadyRate)
  }, 120_000)

  it(`hardly delays other tenants when ${FLUSHED_KEYS.toLocaleString('en')} hot keys of one tenant are flushed.`, async () => {
    const [busy, ...others] = market.tenants
    const all = readAllCampaigns(busy)
    for (let from = 0; from < all.length; from += 500) await everyRead(all.slice(from, from + 500))
    const draw = zipf(HOT_CAMPAIGNS, Math.random)
    const ofOthers = () => {
      const tenant = others[Math.floor(Math.random() * others.length)] ?? busy
      return readCampaign(tenant, tenant.campaigns[draw()] ?? '')
    }
    const ofBusy = () => readCampaign(busy, busy.campaigns[Math.floor(Math.random() * busy.campaigns.length)] ?? '')
    const both = (forMs: number) => Promise.all([load(forMs, ofOthers, perSecond / 2), load(forMs, ofBusy, perSecond / 10)])
    await both(STEADY_MS / 3)
    const [before] = await both(WATCHED_MS)
    await market.invalidate(busy.name)
    const [during, flushed] = await both(WATCHED_MS)
    const [p99Before, p99During] = [before, during].map(({ latenciesMs }) => percentile(latenciesMs, 0.99)) as [number, number]
    report(`${FLUSHED_KEYS} hot keys of one tenant flushed`, {
      "other tenants' reads/s": perSecond / 2,
      "other tenants' p99 before, ms": p99Before,
      "other tenants' p99 after, ms": p99During,
      "flushed tenant's p99, ms": percentile(flushed.latenciesMs, 0.99),
      'operations executed by warming': await figure('tidegate_warming_operations_total{outcome="executed"}'),
      'highest number of concurrent loads': await figure('tidegate_cache_peak_loads'),
    })
    expect(failures(before, during, flushed)).toBe(0)
    expect(await figure('tidegate_cache_peak_loads')).toBeLessThanOrEqual(CONCURRENT_LOADS)
    if (isMeasured) expect(p99During).toBeLessThanOrEqual(1.5 * p99Before)
  }, 180_000)
})

/** Sends each of the requests once. */
async function everyRead(reads: ReturnType<typeof readAllCampaigns>): Promise<void> {
  let index = 0
  const next = () => reads[index++ % reads.length] ?? readCampaign(market.tenants[0], '')
  const figures = await load((reads.length * 1000) / 250, next, 250)
  expect(figures.failed).toBe(0)
}

function failures(...figures: readonly ReadFigures[]): number {
  return figures.reduce((sum, { failed }) => sum + failed, 0)
}
