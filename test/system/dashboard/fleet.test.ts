import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { type Gateway, startGateway } from '../../e2e/gateway.ts'
import { type RedisServer, startRedis } from '../../servers/redis.ts'
import { type Dashboard, overflowOf, seriousFaults, settled, startDashboard } from './dashboard.ts'
import { type SlowLink, startSlowLink } from './slow-link.ts'

const PATIENCE_MS = 20_000
/** Time between two looks at a page, ms. A list has at most 100 items, so no more than 70 queries may be sent within the patience. */
const POLL_MS = 500
const NARROW = 390
const SENTENCE = 'section[aria-label="Is it the database, Redis, or us?"]'

let dashboard: Dashboard
let redis: RedisServer
const links: SlowLink[] = []
let slow: Gateway | undefined

beforeAll(async () => {
  dashboard = await startDashboard()
  redis = await startRedis()
})
afterEach(async () => {
  await slow?.stop()
  slow = undefined
  for (const link of links.splice(0)) await link.close()
})
afterAll(async () => {
  await redis?.stop()
  await dashboard?.close()
})

async function linkTo(port: number): Promise<SlowLink> {
  const link = await startSlowLink(port)
  links.push(link)
  return link
}

/** Sends queries that no tier has cached, one after the other. @param from Size of the first list; each further one is longer by one. */
async function ask(gateway: Gateway, queries: number, from = 1): Promise<void> {
  for (let first = from; first < from + queries; first++) {
    const { errors } = await gateway.ask('query Names($first: Int!) { campaigns(first: $first) { nodes { id name } } }', {
      variables: { first },
    })
    expect(errors).toBeUndefined()
  }
}

/**
 * Returns the words of the sentence and its evidence once the sentence contains a text. Meanwhile the gateway answers further queries, because
 * the sentence is about the last minute, in which a loaded machine may have answered only a few.
 * @param asked Number of queries that were sent before.
 */
async function sentence(gateway: Gateway, expected: string, asked: number): Promise<string> {
  const { page } = await dashboard.open('/fleet', { origin: gateway.url })
  await settled(page)
  let next = asked + 1
  const words = async () => {
    await ask(gateway, 1, next++)
    return page.locator(SENTENCE).innerText()
  }
  await expect.poll(words, { timeout: PATIENCE_MS, interval: POLL_MS }).toContain(expected)
  const text = await page.locator(SENTENCE).innerText()
  await page.context().close()
  return text
}

describe('The sentence of the fleet', () => {
  it('says that nothing is wrong while the database and Redis are fast, and shows how fast they are, also on a phone.', async () => {
    await ask(dashboard.gateway, 25)
    const { page } = await dashboard.open('/fleet')
    await settled(page)
    const box = page.locator(SENTENCE)
    await expect
      .poll(() => box.innerText(), { timeout: PATIENCE_MS })
      .toMatch(/SQL statements\s+p50 [\d.]+ ms, p99 [\d.]+ ms of \d+ in the last minute[\s\S]+Redis commands\s+p50 [\d.]+ ms/)
    const text = await box.innerText()
    expect(text).toContain('Nothing is wrong')
    expect(text).toMatch(/Waits for a connection of the pool\s+p50 [\d.]+ ms/)
    const table = await page.getByRole('table', { name: 'How long processes wait' }).innerText()
    expect(table).toMatch(/[\d.]+ \/ [\d.]+ ms\s+us/)
    expect(await seriousFaults(page)).toEqual([])
    await page.setViewportSize({ width: NARROW, height: 900 })
    expect(await overflowOf(page)).toBeLessThanOrEqual(0)
    await page.context().close()
  })

  it('says that Redis is slow if commands take long, and how long.', async () => {
    const link = await linkTo(redis.port)
    const env = { REDIS_URL: `redis://127.0.0.1:${link.port}`, REDIS_COMMAND_TIMEOUT_MS: '2000' }
    slow = await startGateway({ DATABASE_URL: dashboard.database.url, ...env, WARMING: 'off' })
    // So long that a loaded machine, whose event loop may be late by half of it, does not explain it.
    link.delayMs = 100
    await ask(slow, 30)
    const text = await sentence(slow, 'Redis is slow', 30)
    expect(text).toMatch(/Redis commands of \S+ are slow: p50 [12]\d\d ms/)
    expect(text).not.toContain('SQL statements of')
  })

  it('says that the database is slow if statements take long, and how long.', async () => {
    const link = await linkTo(Number(new URL(dashboard.database.url).port))
    const url = new URL(dashboard.database.url)
    url.port = String(link.port)
    url.hostname = '127.0.0.1'
    slow = await startGateway({ DATABASE_URL: url.href, WARMING: 'off' })
    link.delayMs = 120
    await ask(slow, 12)
    const text = await sentence(slow, 'the database is slow', 12)
    expect(text).toMatch(/SQL statements of \S+ are slow: p50 1\d\d ms/)
  })
})

describe('The figures of the fleet', () => {
  it('say what they count, so that no two of them seem to contradict each other.', async () => {
    const { page } = await dashboard.open('/fleet')
    await settled(page)
    const text = await page.getByRole('main').innerText()
    for (const words of ['as PostgreSQL estimates it', 'of all programs', 'since the start of Redis']) expect(text).toContain(words)
    await page.context().close()
  })
})

describe('The dashboard', () => {
  it('leads to the explorer, and the explorer leads back.', async () => {
    const { page } = await dashboard.open('/fleet')
    await settled(page)
    await page.getByRole('banner').getByRole('link', { name: 'Explorer' }).click()
    await page.getByRole('link', { name: 'Dashboard of the cache' }).click()
    await page.getByRole('navigation', { name: 'Views' }).waitFor()
    expect(new URL(page.url()).pathname).toBe('/dashboard')
    await page.context().close()
  })

  it('says in plain words that warming is off and how to turn it on, without an error, and still shows the last warm-ups.', async () => {
    const { page } = await dashboard.open('/warm-up')
    await settled(page)
    const text = await page.getByRole('main').innerText()
    expect(text).toContain('Warming is off')
    expect(text).toContain('WARMING=on')
    expect(text).toContain('Last warm-ups')
    expect(text).not.toContain('BAD_USER_INPUT')
    expect(await page.getByRole('button', { name: 'Show what would be warmed' }).count()).toBe(0)
    await page.context().close()
  })
})
