import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import { needs } from '../servers/availability.ts'
import { createDatabase, type TestDatabase } from '../servers/database.ts'
import { startRedis } from '../servers/redis.ts'
import { type AskOptions, admin, type Gateway, startGateway, tokenFor } from './gateway.ts'
import { introspectionQuery } from './schema-walk.ts'

const LIST = '{ campaigns(first: 2) { nodes { id } } }'
const editor = { tenant: 'acme', userId: '2', role: 'VIEWER' } as const
const PER_MINUTE = 100

describe('a gateway with rate limits', () => {
  let database: TestDatabase
  const cleanups: (() => Promise<unknown>)[] = []

  beforeAll(async () => {
    database = await createDatabase({ seed: true })
    return () => database.drop()
  })

  afterEach(async () => {
    for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
  })

  async function gateway(env: Readonly<Record<string, string>>): Promise<Gateway> {
    const started = await startGateway({ DATABASE_URL: database.url, ...env })
    cleanups.push(() => started.stop())
    return started
  }

  /** Sends requests to the gateways in turn, with one request to each at a time. Returns the number of responses by status. */
  async function statuses(gateways: readonly Gateway[], requests: number, query = LIST, options?: AskOptions) {
    const counts = new Map<number, number>()
    for (let sent = 0; sent < requests; sent += gateways.length) {
      const round = await Promise.all(gateways.map((each) => each.ask(query, options)))
      for (const { status } of round) counts.set(status, (counts.get(status) ?? 0) + 1)
    }
    return counts
  }

  it(
    'shares the budget of a caller with other gateways on the same Redis, and also counts cached responses',
    needs('redis-server'),
    async () => {
      const redis = await startRedis()
      cleanups.push(() => redis.stop())
      const env = { REDIS_URL: redis.url, RATE_LIMIT_CALLER: String(PER_MINUTE) }
      const gateways = await Promise.all([gateway(env), gateway(env)])
      const given = await statuses(gateways, PER_MINUTE * 1.5)
      expect([...given.keys()].sort()).toEqual([200, 429])
      expect(given.get(200)).toBeGreaterThanOrEqual(PER_MINUTE * 0.95)
      expect(given.get(200)).toBeLessThanOrEqual(PER_MINUTE)
      const refused = await gateways[0].ask(LIST)
      expect(refused).toMatchObject({ status: 429, data: undefined })
      expect(refused.errors?.[0]?.extensions.code).toBe('RATE_LIMITED')
      expect(refused.errors?.[0]?.message).toMatch(
        /^Expected at most 100 requests a minute \(RATE_LIMIT_CALLER\), .*: send the request again in \d+ s\.$/,
      )
      const seconds = Number(refused.headers.get('retry-after'))
      expect(seconds).toBeGreaterThan(0)
      expect(seconds).toBeLessThanOrEqual(60)
      expect((await gateways[0].ask(LIST, { principal: editor })).status).toBe(200)
    },
  )

  it('shares no budget with another gateway if there is no Redis', async () => {
    const gateways = await Promise.all([gateway({ RATE_LIMIT_CALLER: '10' }), gateway({ RATE_LIMIT_CALLER: '10' })])
    expect((await statuses(gateways, 30)).get(200)).toBe(20)
  })

  it('counts the requests of all users of a tenant together, counts each operation of a batch, and does not count introspection', async () => {
    const one = await gateway({ RATE_LIMIT_TENANT: '10', BATCH_LIMIT: '5' })
    expect(await statuses([one], 11, introspectionQuery)).toEqual(new Map([[200, 11]]))
    const batch = JSON.stringify([{ query: LIST }, { query: '{ viewer { id } }' }, { query: LIST }])
    const authorization = `Bearer ${await tokenFor(admin)}`
    const sent = await fetch(`${one.url}/graphql`, {
      method: 'POST',
      body: batch,
      headers: { 'content-type': 'application/json', authorization },
    })
    expect(sent.status).toBe(200)
    expect((await statuses([one], 5, LIST, { principal: admin })).get(200)).toBe(5)
    expect(await statuses([one], 4, LIST, { principal: editor })).toEqual(
      new Map([
        [200, 2],
        [429, 2],
      ]),
    )
    // A request without an access token belongs to no tenant.
    expect((await one.ask('{ tlds { name } }', { principal: null })).status).toBe(200)
  })
})
