import { AxeBuilder } from '@axe-core/playwright'
import type { Browser, BrowserContext, Locator, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest'
import { admin, type Gateway, startGateway, tokenFor } from '../../e2e/gateway.ts'
import { type Link, startLink } from '../../faults/link.ts'
import { launchBrowser } from '../../servers/browser.ts'
import { createDatabase, type TestDatabase } from '../../servers/database.ts'
import { type TemporaryFolder, temporaryFolder } from '../../servers/temporary-folder.ts'
import { buildFrontEnd, type PageServer, servePage } from './page-server.ts'

/** The reading instance polls the log so rarely that only a consistency token makes it show a new write at once. */
const TICK_MS = 800

let folder: TemporaryFolder
let database: TestDatabase
let link: Link
let gateways: readonly Gateway[]
let server: PageServer
let browser: Browser
let context: BrowserContext
let page: Page
let complaints: string[]

beforeAll(async () => {
  folder = await temporaryFolder('front-end')
  const building = buildFrontEnd(folder.path)
  browser = await launchBrowser(inject('browser'))
  database = await createDatabase({ seed: true })
  const url = new URL(database.url)
  link = await startLink(Number(url.port || 5432))
  url.port = String(link.port)
  gateways = await Promise.all([
    startGateway({ DATABASE_URL: database.url }),
    startGateway({ DATABASE_URL: url.href, CACHE_TICK_MS: String(TICK_MS) }),
  ])
  await building
  const [writes, reads] = gateways as [Gateway, Gateway]
  server = await servePage({ folder: folder.path, writes: writes.url, reads: reads.url })
})

beforeEach(async () => {
  context = await browser.newContext()
  page = await context.newPage()
  complaints = []
  page.on('pageerror', (error) => complaints.push(error.message))
  await page.goto(server.url)
  await page.getByLabel('Access token').fill(await tokenFor(admin))
  await page.getByRole('button', { name: 'Sign in' }).click()
  await campaigns().first().waitFor()
  await calls().first().waitFor()
})

afterEach(async () => {
  await context?.close()
  expect(complaints).toEqual([])
})

afterAll(async () => {
  await browser?.close()
  server?.close()
  await Promise.all((gateways ?? []).map((gateway) => gateway.stop()))
  await link?.close()
  await database?.drop()
  await folder?.remove()
})

const campaigns = (): Locator => page.locator('.campaigns > li')
const calls = (): Locator => page.locator('.calls > li')

/** Records each text that an element shows from now on, without repetitions. */
async function recordTexts(element: Locator): Promise<() => Promise<readonly string[]>> {
  const shown = await element.evaluateHandle((node) => {
    const texts = [node.textContent ?? '']
    new MutationObserver(() => {
      const text = node.textContent ?? ''
      if (text !== texts.at(-1)) texts.push(text)
    }).observe(node, { subtree: true, childList: true, characterData: true })
    return texts
  })
  return () => shown.jsonValue()
}

/** Waits until the page has got answers to queries that it sent after this call. */
async function moreAnswers(count: number): Promise<void> {
  const before = server.passed.length
  await expect.poll(() => server.passed.length, { timeout: 10_000 }).toBeGreaterThanOrEqual(before + count)
}

/** Places a bid on the newest call. Returns whether the bid was on the page when the form closed. */
async function placeBid(cents: number): Promise<boolean> {
  const call = calls().first()
  await call.getByRole('button', { name: /^Bid on/ }).click()
  await call.getByLabel(/^Amount/).fill(`0.${String(cents).padStart(2, '0')}`)
  await call.getByRole('button', { name: 'Place bid' }).click()
  await call.getByLabel(/^Amount/).waitFor({ state: 'detached' })
  return (await call.textContent())?.includes(`0.${String(cents).padStart(2, '0')}`) ?? false
}

describe('The example front end', () => {
  it('shows a pause and a new name at once, and never the older ones again, although another instance answers its queries.', async () => {
    const row = campaigns().filter({ hasText: 'active' }).first()
    const name = (await row.locator('.name').textContent()) ?? ''
    const own = campaigns().filter({ hasText: name }).first()
    const statuses = await recordTexts(own.locator('.status'))
    await own.getByRole('button', { name: 'Pause' }).click()
    await own.getByText('paused', { exact: true }).waitFor()
    await moreAnswers(2)
    expect(await statuses()).toEqual(['active', 'paused'])

    await own.getByRole('button', { name: 'Rename' }).click()
    await page.getByLabel(`New name of ${name}`).fill('Renamed on this page')
    await page.keyboard.press('Enter')
    const renamed = campaigns().filter({ hasText: 'Renamed on this page' })
    await renamed.waitFor()
    const names = await recordTexts(renamed.locator('.name'))
    await moreAnswers(2)
    expect(await names()).toEqual(['Renamed on this page'])
    expect(server.passed.filter(({ method, token }) => method === 'GET' && token !== undefined).length).toBeGreaterThan(2)
  })

  it.each([
    'light',
    'dark',
  ] as const)('has no serious fault of accessibility in %s colours, also with an open form.', async (colorScheme) => {
    await page.emulateMedia({ colorScheme })
    await calls()
      .first()
      .getByRole('button', { name: /^Bid on/ })
      .click()
    await campaigns()
      .first()
      .getByRole('button', { name: /^Rename/ })
      .click()
    const { violations } = await new AxeBuilder({ page }).analyze()
    expect(violations.map(({ id, nodes }) => [id, nodes.length])).toEqual([])
  })

  it('reads by GET with the hash of the query, and what did not change comes as a 304.', async () => {
    await moreAnswers(2)
    const queries = server.passed.slice(-6).filter(({ method }) => method === 'GET')
    expect(queries.map(({ status }) => status)).toContain(304)
  })

  it('shows a bid as soon as it is placed, and does not if a proxy takes the consistency token away.', async () => {
    for (const cents of [11, 12, 13]) expect(await placeBid(cents)).toBe(true)
    server.losesTokens = true
    try {
      const shown: boolean[] = []
      for (const cents of [21, 22, 23]) shown.push(await placeBid(cents))
      expect(shown).toContain(false)
    } finally {
      server.losesTokens = false
    }
  })

  it('shows a call that another program wrote within moments, and marks it as new.', async () => {
    await database.query(
      `insert into calls (tenant_id, campaign_id, caller_state, started_at)
       select tenant_id, campaign_id, 'HI', clock_timestamp() from calls where tenant_id = 'acme' order by id limit 1`,
    )
    const call = calls().filter({ hasText: 'HI' }).first()
    await call.waitFor({ timeout: 5000 })
    expect(await call.getAttribute('data-new')).toBe('true')
  })

  it.each([
    ['cut', 'the connection is lost. The page connects again.'],
    ['full', 'Too many streams are open. The page tries again.'],
  ] as const)('says why its live query does not continue (%s), and opens it again.', async (mode, reason) => {
    const notices = page.getByRole('status')
    expect(await notices.count()).toBe(0)
    server.streams = mode
    try {
      await expect
        .poll(() => notices.allTextContents(), { timeout: 10_000 })
        .toContainEqual(expect.stringMatching(`^Not updated since .*: ${reason}$`))
      expect(await calls().count()).toBeGreaterThan(0)
    } finally {
      server.streams = 'pass'
    }
    await expect.poll(() => notices.count(), { timeout: 10_000 }).toBe(0)
  })

  it('says what may be out of date while the database is away, keeps showing it, and stops saying so afterwards.', async () => {
    const shown = await campaigns().count()
    // After a write of this page, its queries may not be answered from a copy that cannot be checked. The live query may, and says so.
    const paused = campaigns().filter({ hasText: 'active' }).first()
    await paused.getByRole('button', { name: /^Pause/ }).click()
    await moreAnswers(2)
    link.mode = 'refuse'
    link.cut()
    const notices = page.getByRole('status')
    await notices.filter({ hasText: /^This may be out of date since \d\d:\d\d:\d\d: / }).waitFor({ timeout: 10_000 })
    await notices.filter({ hasText: /^Not updated since \d\d:\d\d:\d\d: / }).waitFor({ timeout: 10_000 })
    expect(await campaigns().count()).toBe(shown)
    expect(await calls().count()).toBeGreaterThan(0)
    link.mode = 'pass'
    await expect.poll(() => notices.count(), { timeout: 15_000 }).toBe(0)
  })
})
