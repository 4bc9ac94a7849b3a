import { access } from 'node:fs/promises'
import { type Browser, type ConsoleMessage, chromium, type Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createDatabase, type TestDatabase } from '../servers/database.ts'
import { type Gateway, startGateway } from './gateway.ts'

const CHROMIUM = '/usr/bin/chromium'
const INSTALL = 'Tests need Chromium. Install it with: apt-get install chromium'
const ARGUMENTS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]
const CDN = /embeddable-sandbox\.cdn\.apollographql\.com/

let database: TestDatabase
let gateway: Gateway
let browser: Browser
let page: Page
/** What the console complained of. */
let complaints: ConsoleMessage[]
/** Addresses elsewhere that the page asked for. */
let askedElsewhere: string[]

beforeAll(async () => {
  await access(CHROMIUM).catch(() => {
    throw new Error(INSTALL)
  })
  browser = await chromium.launch({ executablePath: CHROMIUM, args: ARGUMENTS })
  database = await createDatabase({ seed: true })
  gateway = await startGateway({ DATABASE_URL: database.url })
})

beforeEach(async () => {
  page = await browser.newPage()
  complaints = []
  askedElsewhere = []
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) complaints.push(message)
  })
  // No internet, on machines that have it as well.
  await page.route(
    ({ origin }) => origin !== gateway.url,
    (route) => {
      askedElsewhere.push(route.request().url())
      return route.abort('internetdisconnected')
    },
  )
})

afterEach(() => page?.close())

afterAll(async () => {
  await browser?.close()
  await gateway?.stop()
  await database?.drop()
})

describe('the page at /', () => {
  it('comes with a policy of its own for each visit, and is kept nowhere', async () => {
    const visits = await Promise.all([visit(), visit()])
    for (const { status, headers, html, policy } of visits) {
      expect(status).toBe(200)
      expect(headers.get('content-type')).toBe('text/html; charset=utf-8')
      expect(headers.get('cache-control')).toBe('no-store')
      expect(headers.get('vary')).toContain('Accept')
      expect(policy).toContain("default-src 'none'")
      const nonces = [...html.matchAll(/<(?:script|style) nonce="([^"]+)"/g)].map(([, nonce]) => nonce)
      expect(nonces).toHaveLength(2)
      for (const nonce of nonces) expect(policy).toContain(`script-src 'nonce-${nonce}'`)
    }
    expect(visits[0]?.policy).not.toBe(visits[1]?.policy)
  })

  it('shows GraphiQL within seconds where there is no internet, and a person runs a query in it', async () => {
    await page.goto(gateway.url)
    const graphiql = page.frameLocator('iframe[src="/graphiql"]')
    const editor = graphiql.locator('.graphiql-query-editor')
    await editor.waitFor({ timeout: 15_000 })
    await editor.click()
    await page.keyboard.press('ControlOrMeta+A')
    // As pasted: the editor would close each brace that is typed.
    await page.keyboard.insertText('query TopLevelDomains { tlds(kind: COUNTRY_CODE) { name kind } }')
    await graphiql.getByRole('button', { name: /execute query/i }).click()
    const answer = graphiql.locator('.result-window')
    await expect.poll(() => answer.innerText(), { timeout: 15_000 }).toContain('COUNTRY_CODE')
    expect(await answer.innerText()).toContain('"tlds"')

    expect(askedElsewhere).not.toEqual([])
    expect(askedElsewhere.filter((url) => !CDN.test(url))).toEqual([])
    expect(complaints.filter((message) => !CDN.test(message.location().url)).map((message) => message.text())).toEqual([])
  })
})

async function visit() {
  const response = await fetch(gateway.url, { headers: { accept: 'text/html' } })
  const policy = response.headers.get('content-security-policy') ?? ''
  return { status: response.status, headers: response.headers, html: await response.text(), policy }
}
