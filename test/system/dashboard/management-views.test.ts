import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Principal } from '#src/gateway/identity/principal.ts'
import { twoTenants } from '../../admin/management.ts'
import {
  clippedTables,
  type Dashboard,
  operator,
  overflowOf,
  RULES_OF_COLOUR,
  seriousFaults,
  settled,
  startDashboard,
} from './dashboard.ts'

const LIST = '{ campaigns(first: 3) { nodes { id name version } } }'
const RENAME = 'mutation Rename($input: UpdateCampaignInput!) { updateCampaign(input: $input) { campaign { name } errors { message } } }'
const VIEWS = [
  '/operations?window=24h',
  '/invalidations',
  '/keys',
  '/keys?list=keys',
  '/keys/explain?of=operation',
  '/keys/purge?kind=table&value=campaigns',
  '/advice',
  '/warm-up',
  '/fleet',
  '/audit?calls=',
]
const NARROW = 390

let dashboard: Dashboard

beforeAll(async () => {
  dashboard = await startDashboard({ WARMING: 'on' })
  const tenants = await twoTenants(dashboard.database)
  for (const { admin } of tenants) {
    const { data } = await dashboard.gateway.ask(LIST, { principal: admin })
    const { id, version } = data?.['campaigns'].nodes[0] ?? {}
    await dashboard.gateway.ask(RENAME, { principal: admin, variables: { input: { id, version, name: 'Renamed' } } })
    await dashboard.gateway.ask(LIST, { principal: admin })
  }
})
afterAll(() => dashboard?.close())

describe.each(VIEWS)('The view %s', (path) => {
  it('has no serious fault for screen readers in light and dark, does not scroll sideways on a phone, and keeps its Content-Security-Policy.', async () => {
    const { page, complaints, foreign } = await dashboard.open(path)
    // Colours that change slowly would be judged halfway.
    await page.emulateMedia({ reducedMotion: 'reduce' })
    await settled(page)
    expect(await seriousFaults(page)).toEqual([])
    await page.emulateMedia({ colorScheme: 'dark', reducedMotion: 'reduce' })
    expect(await seriousFaults(page, RULES_OF_COLOUR)).toEqual([])
    await page.setViewportSize({ width: NARROW, height: 900 })
    expect(await overflowOf(page)).toBeLessThanOrEqual(0)
    if (/^.(operations|fleet|invalidations)/.test(path)) expect(await clippedTables(page)).toEqual([])
    expect({ complaints, foreign }).toEqual({ complaints: [], foreign: [] })
    await page.context().close()
  })
})

describe('The ADMIN of a tenant', () => {
  /** Opens views for a reader. Returns the pages, and all answers of the management API that they read. */
  async function seen(principal: Principal, paths: readonly string[]): Promise<string> {
    const { page } = await dashboard.open('/', { principal })
    const texts: string[] = []
    page.on('response', async (response) => {
      if (response.url().includes('/api/')) texts.push(await response.text().catch(() => ''))
    })
    for (const path of paths) {
      await page.goto(`${dashboard.gateway.url}/dashboard${path}`)
      await settled(page)
      texts.push(await page.content())
    }
    await page.context().close()
    return texts.join('\n')
  }

  it('sees nothing of another tenant in any view, neither on the page nor in an answer of the API. An OPERATOR sees it.', async () => {
    const [own, other] = await twoTenants(dashboard.database)
    const name = new RegExp(`\\b${other.tenant}\\b`)
    const byAdmin = await seen(own.admin, VIEWS)
    expect(byAdmin).toContain(`${own.tenant}:Campaign`)
    expect(byAdmin).not.toMatch(name)
    expect(await seen(operator, ['/invalidations'])).toMatch(name)
  })
})
