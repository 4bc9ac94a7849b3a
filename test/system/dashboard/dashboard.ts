import { globSync, statSync } from 'node:fs'
import { join } from 'node:path'
import AxeBuilder from '@axe-core/playwright'
import type { Browser, Page } from 'playwright-core'
import { expect, inject } from 'vitest'
import type { Principal } from '#src/gateway/identity/principal.ts'
import { type Gateway, startGateway, tokenFor } from '../../e2e/gateway.ts'
import { launchBrowser } from '../../servers/browser.ts'
import { createDatabase, type TestDatabase } from '../../servers/database.ts'
import { type RedisServer, startRedis } from '../../servers/redis.ts'
import { plantHistory } from './planted-history.ts'

const PATIENCE_MS = 15_000
const root = join(import.meta.dirname, '../../..')

export const operator: Principal = { tenant: 'acme', userId: 'operator', role: 'OPERATOR' }
export const tenantAdmin: Principal = { tenant: 'acme', userId: '1', role: 'ADMIN' }

export interface OpenOptions {
  /** Reader who is signed in; null for none. Default: an OPERATOR. */
  readonly principal?: Principal | null
  readonly theme?: 'light' | 'dark'
  /** Width of the page, CSS pixels. Default: 1440. */
  readonly width?: number
  /** Address of the gateway. Default: the one with a week of history. */
  readonly origin?: string
}

export interface OpenPage {
  readonly page: Page
  /** Errors of the page: messages in the console, such as violations of the Content-Security-Policy, and exceptions. */
  readonly complaints: string[]
  /** Addresses of other origins that the page requested. */
  readonly foreign: string[]
}

/** A gateway with Redis and a week of history, and a browser that shows its dashboard. */
export interface Dashboard {
  readonly gateway: Gateway
  readonly database: TestDatabase
  /** Opens a page of the dashboard, such as `/operations`, in a browser session of its own. */
  open(path: string, options?: OpenOptions): Promise<OpenPage>
  close(): Promise<void>
}

/** Starts a gateway, and fills its history. @throws if the dashboard is not built from the present sources. */
export async function startDashboard(env: Readonly<Record<string, string>> = {}): Promise<Dashboard> {
  requireBuild()
  const database = await createDatabase({ seed: true })
  const redis: RedisServer = await startRedis()
  await plantHistory(database, Date.now())
  const gateway = await startGateway({ DATABASE_URL: database.url, REDIS_URL: redis.url, WARMING: 'off', ...env })
  const browser: Browser = await launchBrowser(inject('browser'))
  return {
    gateway,
    database,
    open: async (path, { principal = operator, theme = 'light', width = 1440, origin = gateway.url } = {}) => {
      const context = await browser.newContext({ viewport: { width, height: 1000 }, colorScheme: theme, timezoneId: 'Europe/Berlin' })
      const page = await context.newPage()
      const [complaints, foreign]: [string[], string[]] = [[], []]
      page.on('console', (message) => void (['error', 'warning'].includes(message.type()) && complaints.push(message.text())))
      page.on('pageerror', (error) => void complaints.push(error.message))
      page.on('request', (request) => void (request.url().startsWith(origin) || foreign.push(request.url())))
      const token = principal === null ? '' : await tokenFor(principal)
      // Only a tab without any token takes the one that the page contains in development.
      await page.addInitScript(`sessionStorage.getItem('tidegate-token') ?? sessionStorage.setItem('tidegate-token', '${token}')`)
      await page.goto(`${origin}/dashboard${path}`)
      return { page, complaints, foreign }
    },
    close: async () => {
      await browser.close()
      await gateway.stop()
      await redis.stop()
      await database.drop()
    },
  }
}

/** Waits until a page shows all figures that it reads when it is opened. */
export async function settled(page: Page): Promise<void> {
  await page.locator('.strip[data-waiting="false"]').waitFor()
  const waiting = page.locator('[aria-busy="true"], .waiting, .chart-space')
  await expect.poll(() => waiting.count(), { timeout: PATIENCE_MS }).toBe(0)
  await page.waitForLoadState('networkidle')
  await expect.poll(() => waiting.count(), { timeout: PATIENCE_MS }).toBe(0)
}

/** Returns the serious faults that axe finds on a page, one sentence for each. @param rules Names of axe's rules. Default: all of them. */
export async function seriousFaults(page: Page, rules?: readonly string[]): Promise<readonly string[]> {
  const axe = new AxeBuilder({ page })
  const { violations } = await (rules ? axe.withRules([...rules]) : axe).analyze()
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.target.join(' ')}: ${node.failureSummary ?? ''}`))
}

/** The rules that depend on the colours. A page that was checked with all rules in one theme needs only these in the other. */
export const RULES_OF_COLOUR = ['color-contrast', 'link-in-text-block']

/** Returns by how many CSS pixels a page is wider than its window. */
export function overflowOf(page: Page): Promise<number> {
  return page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth')
}

/** Returns the names of the tables of which a column is seen only by scrolling to the side. */
export function clippedTables(page: Page): Promise<readonly string[]> {
  return page
    .locator('.scroll')
    .evaluateAll((all) => all.filter((one) => one.scrollWidth > one.clientWidth).map((one) => one.getAttribute('aria-label') ?? 'a table'))
}

function requireBuild(): void {
  const built = statSync(join(root, 'web/dist/index.html'), { throwIfNoEntry: false })?.mtimeMs ?? 0
  const newer = globSync(['web/index.html', 'web/src/**/*.{ts,tsx,css}'], { cwd: root }).filter(
    (file) => statSync(join(root, file)).mtimeMs > built,
  )
  if (newer.length > 0)
    throw new Error(`Expected a dashboard that is built from the present sources, got changes in ${newer[0]}: run npm run build:dashboard.`)
}
