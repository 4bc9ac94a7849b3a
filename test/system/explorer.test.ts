import { AxeBuilder } from '@axe-core/playwright'
import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest'
import { type Gateway, startGateway } from '../e2e/gateway.ts'
import { launchBrowser } from '../servers/browser.ts'
import { createDatabase, type TestDatabase } from '../servers/database.ts'

const PATIENCE_MS = 15_000

let database: TestDatabase
let gateway: Gateway
let browser: Browser
let page: Page
/** Messages in the browser console, among them violations of the Content-Security-Policy. */
let complaints: string[]
/** Addresses of other servers that the page requested. */
let elsewhere: string[]

beforeAll(async () => {
  browser = await launchBrowser(inject('browser'))
  database = await createDatabase({ seed: true })
  gateway = await startGateway({ DATABASE_URL: database.url, MANAGEMENT: 'off' })
})

beforeEach(async () => {
  const context = await browser.newContext()
  page = await context.newPage()
  complaints = []
  elsewhere = []
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) complaints.push(message.text())
  })
  page.on('pageerror', (error) => complaints.push(error.message))
  // Not intercepted: the browser would then send `Cache-Control: no-cache`, and the gateway would use no cached copy.
  page.on('request', (request) => {
    const { origin, protocol } = new URL(request.url())
    if (origin !== gateway.url && protocol !== 'data:') elsewhere.push(request.url())
  })
  await page.goto(`${gateway.url}/explorer`)
  await editorsToLoad()
})

afterEach(async () => {
  await page?.context().close()
  expect({ complaints, elsewhere }).toEqual({ complaints: [], elsewhere: [] })
})

afterAll(async () => {
  await browser?.close()
  await gateway?.stop()
  await database?.drop()
})

/** Waits for the editors: their code is loaded after the page, and a button that is clicked before does nothing. */
async function editorsToLoad(): Promise<void> {
  // Query, variables, headers and answer.
  await page.locator('.CodeMirror').nth(3).waitFor({ state: 'attached', timeout: PATIENCE_MS })
}

const origins = () => page.getByRole('region', { name: 'Where values came from' })
const summary = () => origins().getByRole('status').innerText()
const answer = () => page.locator('.result-window').innerText()

/** Executes the query in the editor, and waits until the page shows the answer. */
async function execute(): Promise<void> {
  const answered = page.waitForResponse((response) => response.url() === `${gateway.url}/graphql`)
  await page.getByRole('button', { name: /execute query/i }).click()
  await (await answered).finished()
  await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))))
}

/** Executes the query until the panel's sentence matches. A process that is too busy to follow the log uses no cached copies for a moment. */
async function executeUntil(expected: RegExp): Promise<void> {
  const executed = async () => {
    await execute()
    return summary()
  }
  await expect.poll(executed, { timeout: PATIENCE_MS }).toMatch(expected)
}

/** Returns how many live queries are open at the gateway. */
async function openStreams(): Promise<number> {
  const metrics = await (await fetch(`${gateway.url}/metrics`)).text()
  return Number(/^tidegate_live_streams(?:\{[^}]*\})? (\d+)$/m.exec(metrics)?.[1])
}

/** Lets another program change the campaigns, and executes the query. */
async function renameAndExecute(): Promise<void> {
  await database.query("update campaigns set name = name || '!' where tenant_id = 'acme'")
  await execute()
}

describe('The explorer, without internet and without the management API,', () => {
  it('begins with a query that works as it is, and shows for each value whether it came from the database or from the cache.', async () => {
    await expect.poll(() => renameAndExecute().then(summary), { timeout: PATIENCE_MS }).toMatch(/^A miss/)
    expect(await answer()).toContain('domainCount')
    await executeUntil(/^A hit: .* Nothing was read from the database\.$/)
    const list = origins().locator('details').filter({ hasText: 'Query.campaigns' }).first()
    await list.locator('summary').click()
    expect(await list.innerText()).toMatch(/campaigns: hit, memory, .* old, .* left, valid at log position \d+/)
    expect(await list.getByRole('list', { name: 'Tags' }).innerText()).toContain('Campaign')
    expect(await answer()).not.toContain('extensions')
  })

  it('says which invalidation voided a value, by its tag and its position in the log.', async () => {
    await execute()
    const renameAndExecute = async () => {
      await database.query("update campaigns set name = name || '!' where tenant_id = 'acme'")
      await execute()
      return origins().textContent()
    }
    await expect.poll(renameAndExecute, { timeout: PATIENCE_MS }).toMatch(/Missed because: invalidated, by the tag \S+ at log position \d+/)
  })

  it('keeps the result of a live query up to date until a person stops it.', async () => {
    await page.locator('.graphiql-query-editor').click()
    await page.keyboard.press('ControlOrMeta+A')
    await page.keyboard.insertText('query Newest @live { campaigns(first: 1) { nodes { name } } }')
    await page.getByRole('tab', { name: 'Newest' }).waitFor({ timeout: PATIENCE_MS })
    await page.getByRole('button', { name: /execute query/i }).click()
    await expect.poll(summary, { timeout: PATIENCE_MS }).toMatch(/^A live query: 1 result so far/)
    await database.query("update campaigns set name = 'shown at once' where tenant_id = 'acme'")
    await expect.poll(answer, { timeout: PATIENCE_MS }).toContain('shown at once')
    expect(await summary()).toMatch(/^A live query: 2 results so far/)
    await page.getByRole('button', { name: /stop query/i }).click()
    await expect.poll(openStreams, { timeout: PATIENCE_MS }).toBe(0)
    expect(await summary()).toBe('The live query has ended after 2 results.')
  })

  it('runs a query that a person writes, and shows the documentation of the schema.', async () => {
    await page.locator('.graphiql-query-editor').click()
    await page.keyboard.press('ControlOrMeta+A')
    // Pastes the text, because the editor would add closing braces to typed text.
    await page.keyboard.insertText('query TopLevelDomains { tlds(kind: COUNTRY_CODE) { name kind } }')
    // The editor learns the name of the new operation a moment later, and would request the old one until then.
    await page.getByRole('tab', { name: 'TopLevelDomains' }).waitFor({ timeout: PATIENCE_MS })
    await execute()
    expect(await answer()).toContain('COUNTRY_CODE')
    await page.getByRole('button', { name: /Documentation Explorer/ }).click()
    await page.locator('.graphiql-plugin').getByText('Query', { exact: true }).click()
    await page.locator('.graphiql-plugin').getByText('campaigns', { exact: true }).waitFor({ timeout: PATIENCE_MS })
  })

  it.each(['light', 'dark'] as const)('has no serious fault of accessibility in its panel, in %s colours.', async (colorScheme) => {
    await page.emulateMedia({ colorScheme })
    await execute()
    for (const details of await origins().locator('summary').all()) await details.click()
    const { violations } = await new AxeBuilder({ page }).include('.origins').analyze()
    expect(violations.map(({ id, nodes }) => [id, nodes.length])).toEqual([])
  })

  it('keeps the access token out of addresses and of the storage of the browser, and has it again after a reload.', async () => {
    await execute()
    const stored = await page.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }]))
    expect(stored).toContain('FirstCampaigns')
    expect(stored + page.url()).not.toMatch(/eyJ/)
    await page.reload()
    await editorsToLoad()
    await execute()
    expect(await answer()).toContain('domainCount')
  })
})
