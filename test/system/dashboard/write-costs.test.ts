import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { call } from '../../admin/management.ts'
import { clippedTables, type Dashboard, operator, overflowOf, seriousFaults, settled, startDashboard, tenantAdmin } from './dashboard.ts'
import { STORM_CAUSE } from './planted-subjects.ts'

const LIST = 'query List { campaigns(first: 3) { nodes { id name version } } }'
const RENAME = 'mutation Rename($input: UpdateCampaignInput!) { updateCampaign(input: $input) { campaign { name } errors { message } } }'
const CAUSE = 'mutation updateCampaign'
const VIEW = `/invalidations?window=1h&cause=${encodeURIComponent(CAUSE)}`

let dashboard: Dashboard

beforeAll(async () => {
  dashboard = await startDashboard()
  // The figures of the last hour are those of the writes below.
  await dashboard.database.query(
    `delete from cache_performance_metrics where subject = 'write' and cache_key = '${CAUSE}' and recorded_at >= now() - interval '119 minutes'`,
  )
  const list = async () => (await dashboard.gateway.ask(LIST, { principal: tenantAdmin })).data?.['campaigns'].nodes
  await list()
  const [{ id, version }] = await list()
  const variables = { input: { id, version, name: 'renamed' } }
  const { data } = await dashboard.gateway.ask(RENAME, { principal: tenantAdmin, variables })
  expect(data?.['updateCampaign'].errors).toEqual([])
  await list()
})
afterAll(() => dashboard?.close())

/** Returns the texts of the cells of a cause's row. */
async function cellsOf(page: Page, cause: string): Promise<readonly string[]> {
  const row = page
    .getByRole('region', { name: 'What each write cost' })
    .last()
    .getByRole('row')
    .filter({ has: page.getByRole('link', { name: cause, exact: true }) })
  const [head = '', ...others] = await row.locator('th, td').allInnerTexts()
  // Below the cause is the field that it voids most.
  return [head.split('\n')[0] ?? '', ...others]
}

it('An OPERATOR reads from the view alone what a mutation invalidated and what it cost, and the figures are those of the API.', async () => {
  const { page, complaints } = await dashboard.open(VIEW)
  await settled(page)
  const { body } = await call(dashboard.gateway.url, 'GET', `/write-costs?window=1h&cause=${encodeURIComponent(CAUSE)}`, operator)
  const [cost] = body.writes
  expect(cost).toMatchObject({ reloads: 1, needlessReloads: 0, answers: 1, voidedEntries: 2 })
  const [cause, writes, tags, voided, reloads, needless, time] = await cellsOf(page, CAUSE)
  expect([cause, writes, tags, voided, reloads, needless]).toEqual([CAUSE, String(cost.writes), String(cost.tags), '2', '1', '0'])
  expect(time).toMatch(/^\d[\d.]* ms$/)
  expect(Number(time?.split(' ')[0])).toBeCloseTo(cost.loadMs, cost.loadMs < 10 ? 0 : -1)

  await page.locator('.log summary').first().click()
  const write = await page.locator('.log .write').first().innerText()
  expect(write).toMatch(/2 cached entries\. 1 reload of fields followed and took [\d.]+ ms of database time\./)
  expect(write).toMatch(/Reloaded: .*Campaign/)
  expect(write).toMatch(/acme:Campaign:\d+\s+the Campaign \d+/)
  expect(write).toMatch(/acme:Campaign~\s+values that depend on any change of Campaign/)
  const legend = await page.getByRole('region', { name: 'How to read a tag' }).innerText()
  for (const form of ['acme:Campaign[]:owner_id=7', 'acme:Campaign[]', 'acme:Campaign~', 'acme:Campaign*', '*'])
    expect(legend).toContain(form)
  expect([await seriousFaults(page), await overflowOf(page), complaints]).toEqual([[], 0, []])
  await page.context().close()
})

it('On a phone, the cause, its reloads and their database time are seen without scrolling to the side.', async () => {
  const { page } = await dashboard.open(VIEW, { width: 390, theme: 'dark' })
  await settled(page)
  expect(await overflowOf(page)).toBe(0)
  const shown = await page.locator('.card table').first().locator('thead th:visible').allInnerTexts()
  expect(await clippedTables(page)).toEqual([])
  expect(shown.map((text) => text.trim())).toEqual(['Cause', 'Entries voided', 'Reloads', 'DB time'])
  await page.locator('.log summary').first().click()
  expect([await seriousFaults(page), await overflowOf(page)]).toEqual([[], 0])
  await page.context().close()
})

it('An ADMIN sees the writes of the own tenant, and a sentence says who sees their entries and reloads.', async () => {
  const { page, complaints } = await dashboard.open('/invalidations', { principal: tenantAdmin })
  await settled(page)
  const [cause, writes, tags, voided, reloads] = await cellsOf(page, CAUSE)
  expect([cause, Number(writes) > 0, Number(tags) > 0, voided, reloads]).toEqual([CAUSE, true, true, '–', '–'])
  expect(await page.locator('body').innerText()).toContain('An OPERATOR sees them')
  expect(complaints).toEqual([])
  await page.context().close()
})

it('The planted reloads add up: those of the writes are those of the fields, and no charged write shows 0.', async () => {
  const rows = await dashboard.database.query(
    `select subject, operation, case subject when 'write' then cause else cache_key end as field, sum(operation_count)::int as count
     from cache_performance_metrics
     where subject in ('field', 'write') and operation in ('reload', 'needless reload') and recorded_at < now() - interval '2 hours'
     group by 1, 2, 3 order by 2, 3`,
  )
  const of = (wanted: string) => rows.filter(({ subject }) => subject === wanted).map(({ subject: _, ...row }) => row)
  expect(of('write').length).toBeGreaterThan(10)
  expect(of('write')).toEqual(of('field'))
  const { page } = await dashboard.open('/invalidations?window=24h')
  await settled(page)
  const [, , , , reloads, , time] = await cellsOf(page, STORM_CAUSE)
  expect([Number(reloads?.replaceAll(',', '')) > 100_000, time]).toEqual([true, expect.stringMatching(/ (min|h)$/)])
  await page.context().close()
})

it('Before reloads were counted by write, the view shows a dash and says so, never 0.', async () => {
  const isStormBid = `subject = 'write' and cache_key = '${STORM_CAUSE}'`
  await dashboard.database.query(`create table kept as select * from cache_performance_metrics where subject = 'write'`)
  try {
    await dashboard.database.query(
      `delete from cache_performance_metrics where subject = 'write' and recorded_at < now() - interval '5 hours'`,
    )
    await dashboard.database.query(`delete from cache_performance_metrics where ${isStormBid}`)
    const { page } = await dashboard.open('/invalidations?window=24h')
    await settled(page)
    const [, writes, , voided, reloads, needless, time] = await cellsOf(page, STORM_CAUSE)
    expect([Number(writes) > 500, voided, reloads, needless, time]).toEqual([true, '–', '–', '–', '–'])
    expect(await page.locator('body').innerText()).toMatch(
      /Not counted before .+: [\d,]+ reloads that an older version stored belong to no write/,
    )
    await page.context().close()
  } finally {
    await dashboard.database.query(`insert into cache_performance_metrics select * from kept on conflict do nothing`)
    await dashboard.database.query('drop table kept')
  }
})
