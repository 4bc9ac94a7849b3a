import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { startGateway, tokenFor } from '../../e2e/gateway.ts'
import { type Dashboard, operator, overflowOf, RULES_OF_COLOUR, seriousFaults, settled, startDashboard, tenantAdmin } from './dashboard.ts'
import { plantOperations } from './planted-history.ts'
import { NEEDLESS_CAUSE, NEEDLESS_FIELD, STORM_CAUSE } from './planted-subjects.ts'

const VIEWS = ['', '/operations', '/operations?by=field', '/operations/LiveCallBoard', '/operations/field/Campaign.bids']
const PATIENCE_MS = 15_000
/** Script that makes a page read its figures now, as when a reader comes back to its tab. */
const READ_NOW = `document.dispatchEvent(new Event('visibilitychange'))`
/** Time to the first paint that a machine under load must keep, too. The task of a quiet machine is one second. */
const MAX_FIRST_PAINT_MS = 5000

let dashboard: Dashboard

beforeAll(async () => {
  dashboard = await startDashboard()
})

afterAll(() => dashboard?.close())

/** Moves the focus with the Tab key until it is at the element with this text. */
async function tabTo(page: Page, text: string | RegExp): Promise<void> {
  const focused = () =>
    page.evaluate<string>(`document.activeElement?.getAttribute('aria-label') ?? document.activeElement?.textContent ?? ''`)
  for (let step = 0; step < 120; step++) {
    await page.keyboard.press('Tab')
    const found = (await focused()).trim()
    if (typeof text === 'string' ? found === text : text.test(found)) return
  }
  throw new Error(`Expected to reach "${text}" with the Tab key, got to "${await focused()}".`)
}

describe('A reader without a token', () => {
  it('sees the sign-in page at every address, and the page reads nothing from the management API.', async () => {
    for (const path of VIEWS) {
      const { page, complaints } = await dashboard.open(path, { principal: null })
      const calls: string[] = []
      page.on('request', (request) => void (request.url().includes('/api/') && calls.push(request.url())))
      await page.getByRole('button', { name: 'Sign in' }).waitFor()
      await page.waitForLoadState('networkidle')
      expect(await page.locator('body').innerText()).not.toMatch(/acme ·|instances|CampaignsPage|LiveCallBoard/)
      expect([calls, complaints]).toEqual([[], []])
      if (path === '') expect(await seriousFaults(page)).toEqual([])
      await page.context().close()
    }
  })

  it('signs in with the keyboard alone. The token is in no address, and a text that is no token is refused with a reason.', async () => {
    const { page } = await dashboard.open('/operations', { principal: null })
    await tabTo(page, /Sign in|^$/)
    const field = page.getByRole('textbox', { name: /Access token/ })
    await field.focus()
    await page.keyboard.insertText('no token')
    await page.keyboard.press('Tab')
    await page.keyboard.press('Enter')
    await expect.poll(() => page.getByRole('alert').innerText()).toContain('Expected an access token')
    await field.fill('')
    await field.focus()
    const token = await tokenFor(operator)
    await page.keyboard.insertText(token)
    await page.keyboard.press('Tab')
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: 'Operations and fields' }).waitFor({ timeout: PATIENCE_MS })
    expect(page.url()).not.toContain(token.slice(0, 20))
    await page.context().close()
  })

  it('sees why a token is refused that the gateway does not accept.', async () => {
    const { page } = await dashboard.open('', { principal: null })
    const [head, payload] = (await tokenFor(operator)).split('.')
    await page.getByRole('textbox', { name: /Access token/ }).fill(`${head}.${payload}.wrong`)
    await page.getByRole('button', { name: 'Sign in' }).click()
    await expect.poll(() => page.getByRole('alert').innerText()).toContain('UNAUTHENTICATED')
    await page.context().close()
  })
})

describe('A gateway without a history', () => {
  it('lets a reader sign in with a token, and its views say in one sentence how to turn the history on.', async () => {
    const plain = await startGateway({ DATABASE_URL: dashboard.database.url, WARMING: 'off', HISTORY_DAYS: '0' })
    onTestFinished(async () => void (await plain.stop()))
    const { page } = await dashboard.open('', { principal: null, origin: plain.url })
    await page.getByRole('textbox', { name: /Access token/ }).fill(await tokenFor(operator))
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.getByRole('heading', { name: 'Overview' }).waitFor({ timeout: PATIENCE_MS })
    const strip = page.getByRole('region', { name: 'Live figures' })
    await expect
      .poll(() => strip.innerText())
      .toMatch(/^BAD_USER_INPUT The history is off, so there are no figures: set HISTORY_DAYS to 7\.\s+Request \S+$/)
    await page.getByRole('link', { name: 'Keys and tags' }).click()
    await page.getByRole('heading', { name: 'Keys and tags' }).waitFor({ timeout: PATIENCE_MS })
    await page.context().close()
  })
})

describe('An OPERATOR', () => {
  it('reads the answers from cache, the field hit rate, the reachable one and all other live figures in the strip.', async () => {
    const { page } = await dashboard.open('')
    await settled(page)
    const titles = await page.locator('.strip dt').allInnerTexts()
    expect(titles).toEqual([
      'Requests',
      'Answers from cache',
      'Field hit rate',
      'Hits p50 / p99',
      'Misses p50 / p99',
      'DB time saved',
      'Last log sync',
      'Breakers',
      'Instances',
      'Stale reads found',
    ])
    expect(await page.locator('.strip').innerText()).toMatch(
      /\d\d\.\d %\s+of all answers, 24 h[\s\S]*\d\d\.\d %\s+of \d\d\.\d % reachable, 24 h/,
    )
    await page.context().close()
  })

  it('reads why the hit rate fell: the field, the cause and the write, and follows a link to the field.', async () => {
    const { page } = await dashboard.open('?window=24h')
    await settled(page)
    const note = page.locator('.note-box').first()
    expect(await note.innerText()).toMatch(/−\d+\.\d points of the field hit rate for \d+ min/)
    expect(await note.innerText()).toContain('Campaign.bids')
    expect(await note.innerText()).toContain(STORM_CAUSE)
    await note.getByRole('link', { name: /See the field/ }).click()
    await page.getByRole('heading', { name: 'Campaign.bids' }).waitFor()
    expect(page.url()).toContain('/dashboard/operations/field/Campaign.bids')
    await page.context().close()
  })

  it('reads the same values, moments and length of a fall in its sentence, its band and the points of the chart.', async () => {
    const { page } = await dashboard.open('?window=24h')
    await settled(page)
    const notes = await page.locator('.note-box').allInnerTexts()
    expect(await page.locator('.chart .band').count()).toBe(2 * notes.length)
    const chart = page.getByRole('slider', { name: 'Field hit rate: moment' })
    const table = page.locator('details.chart-table').nth(1)
    await table.locator('summary').click()
    // The rows are rendered after the table is opened.
    await table.locator('tbody tr').first().waitFor()
    const rows = await table.locator('tbody tr').allInnerTexts()
    for (const note of notes) {
      const values =
        /fell by (\S+) points, from (\S+) % in the step of ([\d:]{5}):00 to (\S+) % in the step of ([\d:]{5}):00 \(steps of 5 minutes\)/
      const [, fall, before, beforeAt, after, lowestAt] = values.exec(note) ?? []
      expect([note, (Number(before) - Number(after)).toFixed(1)]).toEqual([note, fall])
      // The table has the drawn points.
      const rowOf = (time: string | undefined) => rows.find((row) => row.startsWith(`${time}`) || row.includes(` ${time}\t`))
      expect(rowOf(beforeAt)).toContain(`${before} %`)
      expect(rowOf(lowestAt)).toContain(`${after} %`)
    }
    expect(await chart.getAttribute('aria-valuemax')).toBe(String(rows.length - 1))
    await page.context().close()
  })

  it('goes from a fall to its advice: the field that it names, the line of the schema, the gain in points and the cost.', async () => {
    const { page } = await dashboard.open('?window=24h')
    await settled(page)
    const note = page.locator('.note-box', { hasText: NEEDLESS_CAUSE })
    expect(await note.innerText()).toContain(`misses of ${NEEDLESS_FIELD} (invalidated)`)
    await note.getByRole('link', { name: 'See what to change' }).click()
    await page.getByRole('heading', { name: 'Advice' }).waitFor()
    await settled(page)
    const card = page.locator('.recommendations > li', { hasText: 'narrower-depends' })
    const text = await card.innerText()
    expect(text).toContain(`reloads of ${NEEDLESS_FIELD} returned the value that had been invalidated while the field hit rate fell`)
    expect(text).toContain(`They were caused by ${NEEDLESS_CAUSE}.`)
    expect(text).toContain('depends: ["DomainCount[campaign_id: $parent.id]"]')
    // The field has the narrower dependency already, and the planted figures are older than it.
    expect(text).toMatch(/Gain\s+0 points of the field hit rate\s+None is left: all living processes have the change/)
    expect(text).toMatch(/Cost\s+None\s+None: nothing more is stored/)
    // Each card has both figures, or says why one is not known.
    for (const effect of await page.locator('.recommendations .effects section').allInnerTexts())
      expect(effect).toMatch(
        /^(Gain|Cost)\s+(None|[<+]?\s*\d|No figure\s+[\s\S]*(No figure can exist|Not known): |– not known\s+[\s\S]*[Nn]ot known: )/,
      )
    await page.context().close()
  })

  it('sees a trend in every row of Operations, also in those below the edge of the window.', async () => {
    for (const by of ['operation', 'field']) {
      const { page } = await dashboard.open(`/operations?by=${by}`)
      await page.setViewportSize({ width: 1440, height: 400 })
      await settled(page)
      const rows = await page.locator('tbody tr').count()
      expect([by, rows > 5, await page.locator('tbody tr .spark path[d^="M"]').count()]).toEqual([by, true, rows])
      await page.context().close()
    }
  })

  it('goes to a view, sorts its table, opens a row, reads a moment of its chart and sees it as JSON, with the keyboard alone.', async () => {
    const { page, complaints } = await dashboard.open('')
    await settled(page)
    await tabTo(page, 'Operations')
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: 'Operations and fields' }).waitFor()
    await settled(page)
    await tabTo(page, 'Operation')
    await page.keyboard.press('Enter')
    await expect.poll(() => page.url()).toContain('order=operation')
    const first = page.locator('tbody tr').first()
    await expect.poll(() => first.innerText()).toContain('BuyerDetail')
    await tabTo(page, 'BuyerDetail')
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: 'CampaignsPage', level: 1 }).waitFor()
    await settled(page)
    await tabTo(page, 'Answers by layer: moment')
    await page.keyboard.press('Home')
    const chart = page.getByRole('slider', { name: 'Answers by layer: moment' })
    expect(await chart.getAttribute('aria-valuetext')).toMatch(/^\d.*: .*\/s in all\. .*Memory/)
    await page.keyboard.press('Shift+Tab')
    await page.getByRole('button', { name: 'JSON' }).focus()
    await page.keyboard.press('Enter')
    const answer = page.getByLabel('Answer', { exact: true }).last()
    await expect.poll(() => answer.innerText()).toContain('"range"')
    await page.keyboard.press('Escape')
    expect(await page.evaluate(`document.activeElement.textContent`)).toBe('JSON')
    expect(complaints).toEqual([])
    await page.context().close()
  })

  it('gets the same view from an address that a colleague sends: with its time range, order and search.', async () => {
    const { page } = await dashboard.open('/operations?window=7d&by=field&order=-savedMs&name=campaign')
    await settled(page)
    const names = await page.locator('tbody th').allInnerTexts()
    expect(names.length).toBeGreaterThan(2)
    expect(names.every((name) => name.toLowerCase().includes('campaign'))).toBe(true)
    expect(await page.locator('th[aria-sort="descending"]').innerText()).toContain('DB saved')
    expect(await page.locator('.choice button[aria-pressed="true"]').allInnerTexts()).toEqual(['Fields', '7 d'])
    await page.context().close()
  })

  it('sees as JSON exactly what the management API answers at the shown address.', async () => {
    const { page } = await dashboard.open('/operations?window=7d')
    await settled(page)
    await page.getByRole('button', { name: 'JSON' }).click()
    const address = await page.getByRole('dialog').getByRole('combobox').inputValue()
    expect(address).toBe('/api/v1/cache/query-stats?window=7d&by=operation&sort=misses&trend=true&offset=0&limit=100')
    const answer = page.getByRole('dialog').locator('pre')
    await expect.poll(() => answer.innerText()).toContain('"operations"')
    const authorization = `Bearer ${await tokenFor(operator)}`
    const direct = await (await fetch(dashboard.gateway.url + address, { headers: { authorization } })).json()
    expect(Object.keys(JSON.parse(await answer.innerText()))).toEqual(Object.keys(direct as object))
    await page.context().close()
  })

  it('finds one of ten thousand operations, and goes from page to page.', async () => {
    await plantOperations(dashboard.database, Date.now(), 10_000)
    const { page } = await dashboard.open('/operations?window=1h')
    await settled(page)
    await expect.poll(() => page.getByRole('navigation', { name: 'Pages of Operations' }).innerText()).toMatch(/1 to 100 of 10,\d\d\d/)
    await page.getByRole('button', { name: 'Next' }).click()
    await expect.poll(() => page.getByRole('navigation', { name: 'Pages of Operations' }).innerText()).toContain('101 to 200')
    await page.getByRole('searchbox').fill('operation09876')
    await expect.poll(() => page.locator('tbody th').allInnerTexts(), { timeout: PATIENCE_MS }).toEqual(['Operation09876'])
    await page.context().close()
  })
})

describe('The ADMIN of a tenant', () => {
  it('sees the figures of the own tenant, and reads in one sentence which parts need the role OPERATOR.', async () => {
    const { page, complaints } = await dashboard.open('', { principal: tenantAdmin })
    await settled(page)
    const text = await page.locator('body').innerText()
    expect(text).toContain('Tenant acme, all processes')
    expect(text).toContain('Only an OPERATOR sees this. Operations are not counted by tenant.'.split('. ')[0])
    expect(text).not.toContain('LiveCallBoard')
    expect(complaints).toEqual([])
    await page.context().close()
  })
})

describe('Every view', () => {
  it.each(
    VIEWS,
  )('has no serious fault of accessibility in light and dark colours, and does not scroll sideways on a phone: %s', async (path) => {
    const { page, complaints, foreign } = await dashboard.open(path)
    await settled(page)
    expect(await seriousFaults(page)).toEqual([])
    // Colours that change slowly would be judged halfway.
    await page.emulateMedia({ colorScheme: 'dark', reducedMotion: 'reduce' })
    await page.setViewportSize({ width: 390, height: 800 })
    await expect.poll(() => overflowOf(page)).toBe(0)
    expect(await seriousFaults(page, RULES_OF_COLOUR)).toEqual([])
    expect([complaints, foreign]).toEqual([[], []])
    await page.context().close()
  })
})

describe('The page', () => {
  it('is painted soon, and shows its figures soon after.', async () => {
    const { page } = await dashboard.open('')
    await settled(page)
    const painted = await page.evaluate<number>(`performance.getEntriesByName('first-contentful-paint')[0].startTime`)
    expect(painted).toBeLessThan(MAX_FIRST_PAINT_MS)
    await page.context().close()
  })

  it('is signed in as an OPERATOR in development, on this machine, and again after signing out if the reader wants to.', async () => {
    const { page } = await dashboard.open('', { principal: null })
    const local = page.getByRole('button', { name: 'Use the development token of this machine' })
    await local.click()
    await settled(page)
    expect(await page.locator('header').innerText()).toContain('all tenants')
    await page.getByRole('button', { name: 'Sign out' }).click()
    await local.waitFor()
    await page.context().close()
  })

  it('keeps the colours that the reader chose.', async () => {
    const { page } = await dashboard.open('')
    await page.getByLabel('Colours').selectOption('dark')
    await page.reload()
    await settled(page)
    expect(await page.getByLabel('Colours').inputValue()).toBe('dark')
    expect(await page.evaluate(`getComputedStyle(document.body).colorScheme`)).toBe('dark')
    await page.context().close()
  })

  it('ends the session when the token is refused, and says so.', async () => {
    const { page } = await dashboard.open('')
    await settled(page)
    await page.route('**/api/v1/cache/**', (route) =>
      route.fulfill({
        status: 401,
        json: { errors: [{ message: 'Expired.', extensions: { code: 'UNAUTHENTICATED', requestId: 'test' } }] },
      }),
    )
    await page.evaluate(READ_NOW)
    await page.getByRole('button', { name: 'Sign in' }).waitFor()
    expect(await page.getByRole('status').first().innerText()).toContain('has expired or was revoked')
    await page.context().close()
  })

  it('keeps the last figures and says how old they are while the gateway cannot be reached.', async () => {
    const { page } = await dashboard.open('')
    await settled(page)
    await page.route('**/api/v1/cache/**', (route) => route.abort('connectionrefused'))
    await page.evaluate(READ_NOW)
    await expect.poll(() => page.getByRole('alert').first().innerText(), { timeout: PATIENCE_MS }).toContain('UNREACHABLE')
    expect(await page.locator('.strip dt').count()).toBe(10)
    await page.context().close()
  })
})
