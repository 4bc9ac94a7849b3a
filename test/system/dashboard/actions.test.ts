import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type PurgeOrder, purgeLine, purgeRequest } from '../../../web/src/views/purging/purge-order.ts'
import { call, type Json } from '../../admin/management.ts'
import { tokenFor } from '../../e2e/gateway.ts'
import { type Dashboard, operator, settled, startDashboard, tenantAdmin } from './dashboard.ts'
import { press, tabTo, typeInto } from './keyboard.ts'

const root = join(import.meta.dirname, '../../..')
const LIST = 'query Names { campaigns(first: 2) { nodes { id name version } } }'
const RENAME =
  'mutation Rename($input: UpdateCampaignInput!) { updateCampaign(input: $input) { campaign { name } errors { message code } } }'

let dashboard: Dashboard
let names = 0

beforeAll(async () => {
  dashboard = await startDashboard({ WARMING: 'on' })
})
afterAll(() => dashboard?.close())

async function list(): Promise<Json[]> {
  const { data, errors } = await dashboard.gateway.ask(LIST)
  expect(errors).toBeUndefined()
  return data?.['campaigns'].nodes
}

/** Caches the list of campaigns, and returns the tag of its first row. */
async function cached(): Promise<string> {
  const [first] = await list()
  await list()
  expect(await isCached()).toBe(true)
  return `acme:Campaign:${Buffer.from(first.id, 'base64').toString().replace(/\D/g, '')}`
}

const isCached = async () => (await dashboard.gateway.ask(LIST)).headers.get('x-cache') === 'HIT'

/** View of the keys with a tag. */
const keysOf = (tag: string) => `/keys?${new URLSearchParams({ list: 'keys', tag })}`

async function rename(): Promise<void> {
  const [{ id, version }] = (await list()) as [Json]
  const { data } = await dashboard.gateway.ask(RENAME, { variables: { input: { id, version, name: `Renamed ${++names}` } } })
  expect(data?.['updateCampaign'].errors).toEqual([])
}

/** Returns the last call that was no read, as the audit log has it. */
async function lastCall(): Promise<Json> {
  const [row] = await dashboard.database.query(
    `select endpoint, arguments, outcome from cache_audit_log where endpoint like 'POST %' order by id desc limit 1`,
  )
  return row
}

/** Returns the tags of the last row of the invalidation log that a purge caused. */
async function lastPurge(): Promise<Json> {
  const { body } = await call(dashboard.gateway.url, 'GET', '/invalidations?limit=1', operator)
  return body.invalidations[0]
}

/** Runs a line as a person would who pastes it into a shell. */
async function runLine(line: string): Promise<string> {
  const env = {
    PATH: `${join(root, 'node_modules/.bin')}:${process.env['PATH']}`,
    HOME: process.env['HOME'],
    TIDEGATE_URL: dashboard.gateway.url,
    TIDEGATE_TOKEN: await tokenFor(operator),
  }
  return (await promisify(execFile)('sh', ['-c', line], { cwd: root, env })).stdout
}

async function confirm(page: Page, reason: string): Promise<string> {
  await typeInto(page, page.getByLabel(/^Why\?/), reason)
  return page.locator('.same-command code').innerText()
}

describe('With the keyboard alone', () => {
  it('a row is purged after its dry run, for a reason, and the printed line does the same.', async () => {
    const tag = await cached()
    const { page, complaints } = await dashboard.open(`/keys?prefix=${encodeURIComponent(tag)}`)
    await settled(page)
    await press(page, page.getByRole('link', { name: `Purge ${tag}`, exact: true }))
    await page.getByText('This would be purged').waitFor()
    expect(await page.locator('.dry-run').innerText()).toMatch(/voids [1-9]\d* entr/)
    expect(await page.getByRole('button', { name: 'Purge now' }).isDisabled()).toBe(true)
    expect(await isCached()).toBe(true)
    const line = await confirm(page, "it's wrong")
    await press(page, page.getByRole('button', { name: 'Purge now' }))
    await page.getByText(/no process serves an old value any more/).waitFor()
    expect(await page.getByRole('table', { name: 'Processes and edges' }).innerText()).toContain('applied')
    const [byPage, purged] = [await lastCall(), await lastPurge()]
    expect(await isCached()).toBe(false)

    await cached()
    expect(await runLine(line)).toMatch(/^Invalidated on 1 process/)
    expect(await isCached()).toBe(false)
    const { dryRun: _, ...byLine } = (await lastCall()).arguments
    expect(byPage).toMatchObject({ endpoint: 'POST /invalidate', arguments: byLine, outcome: 'ok' })
    expect((await lastPurge()).tags).toEqual(purged.tags)
    expect(complaints).toEqual([])
  })

  it('a tenant is cleared only after its name was typed.', async () => {
    await cached()
    const { page } = await dashboard.open('/keys/purge')
    await settled(page)
    await tabTo(page, page.getByRole('radio', { name: 'A row or tag' }))
    for (let steps = 0; steps < 4; steps++) await page.keyboard.press('ArrowDown')
    await typeInto(page, page.getByLabel('Name of the tenant'), 'acme')
    await page.keyboard.press('Enter')
    await page.getByText('This would be purged').waitFor()
    await typeInto(page, page.getByLabel(/^Why\?/), 'import was wrong')
    const button = page.getByRole('button', { name: 'Purge now' })
    await typeInto(page, page.getByLabel(/^Type acme/), 'acm')
    expect(await button.isDisabled()).toBe(true)
    expect(await page.locator('.same-command').count()).toBe(0)
    await page.keyboard.type('e')
    expect(await page.locator('.same-command code').innerText()).toBe("npx tidegate purge --all acme --reason 'import was wrong' --yes")
    expect((await lastCall()).arguments).toEqual({ confirm: 'acme', dryRun: true })
    await press(page, button)
    await page.getByText(/^Purged all values of the tenant acme: no process serves an old value/).waitFor()
    expect(await lastCall()).toEqual({
      endpoint: 'POST /clear-all',
      arguments: { confirm: 'acme', reason: 'import was wrong' },
      outcome: 'ok',
    })
    expect((await lastPurge()).tags).toEqual(['acme'])
  })

  it('a changed filter takes the dry run away, so that nothing is purged that was not shown.', async () => {
    const { page } = await dashboard.open('/keys/purge?kind=table&value=campaigns&tenant=acme')
    await page.getByRole('button', { name: 'Purge now' }).waitFor()
    await typeInto(page, page.getByLabel('Table', { exact: true }), 'calls')
    expect(await page.getByRole('button', { name: 'Purge now' }).count()).toBe(0)
  })

  it('a key is explained: how old it is, and which write changed it last.', async () => {
    const tag = await cached()
    await rename()
    await list()
    const { page } = await dashboard.open(keysOf(tag))
    await settled(page)
    await press(page, page.getByRole('link', { name: /^Campaign acme/ }))
    await page.getByRole('heading', { name: 'Because' }).waitFor()
    expect(await page.getByText(/^The last write that touched its tags:/).innerText()).toContain('mutation updateCampaign')
    await page.getByText('Only an ADMIN of the tenant sees them').waitFor()
  })

  it('an operation is explained without being part of the address.', async () => {
    const { page } = await dashboard.open('/keys/explain?of=operation')
    await typeInto(page, page.getByLabel('GraphQL operation'), LIST)
    await typeInto(page, page.getByLabel('Tenant'), 'acme')
    await press(page, page.getByRole('button', { name: 'Explain' }))
    const parts = page.getByRole('table', { name: 'Parts of the answer' })
    await parts.waitFor()
    const text = await parts.innerText()
    // Each row of the list has the index of its item.
    for (const index of [0, 1]) expect(text).toContain(`campaigns.nodes[${index}]`)
    expect(text).toMatch(/Campaign acme:\d+/)
    const because = await page.getByRole('region', { name: 'Because' }).innerText()
    expect(because).toMatch(
      /The oldest part is [\d.]+ s old: .+, loaded at .+; no write has touched it since\.|Nothing of the answer is old/,
    )
    expect(because).toMatch(/The answer as a whole is .+/)
    expect(because).toMatch(/Explaining executes the operation itself, part by part: /)
    expect(text).toMatch(/because (it was loaded at|this process had no copy of it|a write had invalidated)/)
    expect(page.url()).not.toContain('nodes')
    const line = await page.locator('.command code').last().innerText()
    expect(await runLine(line)).toContain('PATH')
  })

  it('recorded operations are counted first, then warmed.', async () => {
    await cached()
    const { page } = await dashboard.open('/warm-up')
    await settled(page)
    await press(page, page.getByRole('button', { name: 'Show what would be warmed' }))
    await page.getByText(/^A warm-up would execute [1-9]/).waitFor()
    const line = await confirm(page, 'after a deploy')
    expect(line).toBe("npx tidegate warm --hottest 100 --reason 'after a deploy'")
    await press(page, page.getByRole('button', { name: 'Warm now' }))
    await page.locator('.outcome.tone-good').waitFor()
    expect(await page.locator('.outcome.tone-good').innerText()).toMatch(/^Warmed [1-9]\d* operations?/)
    expect(await lastCall()).toMatchObject({ endpoint: 'POST /warm', arguments: { hottest: 100, reason: 'after a deploy' } })
  })

  it('the tail of invalidations is followed, paused and continued without a gap.', async () => {
    const { page } = await dashboard.open('/invalidations')
    await settled(page)
    const rows = page.locator('.log > li', { hasText: 'mutation updateCampaign' })
    const before = await rows.count()
    await rename()
    await expect.poll(() => rows.count(), { timeout: 10_000 }).toBe(before + 1)
    await press(page, page.getByRole('button', { name: 'Pause' }))
    await rename()
    await rename()
    await press(page, page.getByRole('button', { name: 'Follow' }))
    await expect.poll(() => rows.count(), { timeout: 10_000 }).toBe(before + 3)
    await press(page, rows.first().locator('summary'))
    const write = await rows.first().innerText()
    expect(write).toContain('campaigns')
    expect(write).toMatch(/acme:Campaign:\d+/)
    await press(page, rows.first().getByRole('link', { name: 'mutation updateCampaign' }))
    await expect.poll(() => page.getByLabel('Cause').inputValue()).toBe('mutation updateCampaign')
  })
})

describe('Every line that a purge prints', () => {
  it('does what its button does: the audit log has the same call with the same arguments.', async () => {
    const tag = await cached()
    const orders: readonly PurgeOrder[] = [
      { kind: 'key', key: `acme:Campaign:["${tag.replace(/\D/g, '')}"]` },
      { kind: 'pattern', pattern: 'Camp*', tenant: 'acme' },
      { kind: 'table', table: 'campaigns' },
      { kind: 'tenant', tenant: 'acme' },
      { kind: 'all' },
    ]
    for (const order of orders) {
      const { path, body } = purgeRequest(order, 'why not?')
      expect((await call(dashboard.gateway.url, 'POST', path, operator, body)).status).toBe(200)
      const [byPage, { tags }] = [await lastCall(), await lastPurge()]
      await runLine(purgeLine(order, 'why not?'))
      const { arguments: given, ...byLine } = await lastCall()
      const { dryRun: _, ...byLineArguments } = given
      expect({ ...byLine, arguments: byLineArguments }).toEqual(byPage)
      expect((await lastPurge()).tags).toEqual(tags)
    }
  })
})

describe('An ADMIN', () => {
  it('sees the value of an own key, and is told which views need an OPERATOR.', async () => {
    const { page } = await dashboard.open(keysOf(await cached()), { principal: tenantAdmin })
    await settled(page)
    await press(page, page.getByRole('link', { name: /^Campaign acme/ }))
    await page.getByRole('heading', { name: 'Its value' }).waitFor()
    expect(await page.locator('pre.json').innerText()).toContain('"name"')
    for (const path of ['/fleet', '/advice']) {
      const { page: other } = await dashboard.open(path, { principal: tenantAdmin })
      await other.getByText('Only an OPERATOR sees this.').waitFor()
      await other.context().close()
    }
  })
})
