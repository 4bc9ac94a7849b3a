import { get } from 'node:http'
import { text } from 'node:stream/consumers'
import type { Browser, ConsoleMessage, Page, Route } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest'
import { launchBrowser } from '../servers/browser.ts'
import { createDatabase, type TestDatabase } from '../servers/database.ts'
import { type Gateway, startGateway } from './gateway.ts'

const PATIENCE_MS = 15_000
const CDN = /^https:\/\/embeddable-sandbox\.cdn\.apollographql\.com\//
const SANDBOX = /^https:\/\/sandbox\.embed\.apollographql\.com\//

/**
 * Imitates the script of Apollo Sandbox: opens a frame of Apollo's site, and lets that frame send its requests through the landing page.
 */
const SANDBOX_SCRIPT = `
window.EmbeddedSandbox = class {
  constructor({ target, initialEndpoint, allowDynamicStyles, includeCookies }) {
    if (includeCookies !== undefined) console.warn('includeCookies is deprecated')
    const frame = document.createElement('iframe')
    frame.src = 'https://sandbox.embed.apollographql.com/sandbox/explorer?endpoint=' + initialEndpoint
    if (allowDynamicStyles !== false) frame.setAttribute('style', 'height: 100%')
    document.querySelector(target).append(frame)
    fetch(initialEndpoint, { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"query":"{ __typename }"}' })
      .then((response) => response.json())
      .then(({ data }) => document.title = data.__typename)
  }
}`

let database: TestDatabase
let gateway: Gateway
let browser: Browser
let page: Page
/** Messages in the browser console. */
let complaints: ConsoleMessage[]

beforeAll(async () => {
  browser = await launchBrowser(inject('browser'))
  database = await createDatabase({ seed: true })
  gateway = await startGateway({ DATABASE_URL: database.url })
})

beforeEach(async () => {
  page = await browser.newPage()
  complaints = []
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) complaints.push(message)
  })
})

afterEach(() => page?.close())

afterAll(async () => {
  await browser?.close()
  await gateway?.stop()
  await database?.drop()
})

describe('the landing page at /', () => {
  it('has a different content security policy for each visit, and is not stored by caches', async () => {
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

  it('leads to the explorer without internet access', async () => {
    const asked: string[] = []
    await elsewhere(async (route) => {
      asked.push(route.request().url())
      await route.abort('internetdisconnected')
    })
    await page.goto(gateway.url)
    await page.waitForURL(`${gateway.url}/explorer`, { timeout: PATIENCE_MS })
    expect(asked).toEqual([expect.stringMatching(CDN)])
  })

  it('gives no access token to a visitor who uses another host name or a proxy, or comes from another machine', async () => {
    const html = async (headers: Readonly<Record<string, string>>) => {
      const { port } = new URL(gateway.url)
      return new Promise<string>((resolve, reject) => {
        get({ port, host: '127.0.0.1', headers: { accept: 'text/html', ...headers } }, async (response) =>
          resolve(await text(response)),
        ).on('error', reject)
      })
    }
    expect(await html({})).toContain('Bearer ')
    expect(await html({ host: 'localhost:4000' })).toContain('Bearer ')
    for (const host of ['elsewhere.example', 'localhost.elsewhere.example', '127.0.0.1.elsewhere.example:4000'])
      expect(await html({ host })).not.toContain('Bearer ')
    expect(await html({ 'x-forwarded-for': '192.0.2.7' })).not.toContain('Bearer ')
  })

  it("leads to the explorer within seconds if Apollo's server does not respond", async () => {
    await page.clock.install()
    await elsewhere(() => undefined)
    await page.goto(gateway.url, { waitUntil: 'domcontentloaded' })
    await page.clock.fastForward(3000)
    await page.waitForURL(`${gateway.url}/explorer`, { timeout: PATIENCE_MS })
  })

  it("shows Apollo Sandbox instead of the explorer if Apollo's script can be loaded, and lets Sandbox send requests to the gateway", async () => {
    await page.clock.install()
    await elsewhere((route) => {
      const url = route.request().url()
      if (CDN.test(url)) return route.fulfill({ contentType: 'text/javascript', body: SANDBOX_SCRIPT })
      if (SANDBOX.test(url)) return route.fulfill({ contentType: 'text/html', body: '<p>Apollo Sandbox</p>' })
      return route.abort('internetdisconnected')
    })
    await page.goto(gateway.url)
    await page.frameLocator('#sandbox iframe').getByText('Apollo Sandbox').waitFor({ timeout: PATIENCE_MS })
    await expect.poll(() => page.title()).toBe('Query')
    await page.clock.fastForward(60_000)
    const frames = await page.locator('iframe').all()
    expect(await Promise.all(frames.map((frame) => frame.getAttribute('src')))).toEqual([expect.stringMatching(SANDBOX)])
    expect((await frames[0]?.boundingBox())?.height).toBeGreaterThan(400)
    expect(complaints.map((message) => message.text())).toEqual([])
  })
})

/** Intercepts requests to other servers, so that the test gives the same result with and without internet. */
const elsewhere = (handle: (route: Route) => unknown) => page.route(({ origin }) => origin !== gateway.url, handle)

async function visit() {
  const response = await fetch(gateway.url, { headers: { accept: 'text/html' } })
  const policy = response.headers.get('content-security-policy') ?? ''
  return { status: response.status, headers: response.headers, html: await response.text(), policy }
}
