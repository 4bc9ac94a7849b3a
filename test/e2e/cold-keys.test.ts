import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { needs } from '../servers/availability.ts'
import { createDatabase, type TestDatabase } from '../servers/database.ts'
import { type RedisServer, startRedis } from '../servers/redis.ts'
import { admin, type Gateway, startGateway, tokenFor } from './gateway.ts'

const REQUESTS = 500
/** Cache policies of the values in the answers of the test. */
const POLICIES = ['Query.campaigns', 'Campaign']

describe('500 requests for a cold key whose load is slow', needs('redis-server'), () => {
  let database: TestDatabase
  let redis: RedisServer
  let gateways: readonly [Gateway, Gateway]
  let authorization: string
  let keys = 0

  beforeAll(async () => {
    database = await createDatabase({ seed: true })
    redis = await startRedis()
    const env = { DATABASE_URL: database.url, REDIS_URL: redis.url }
    gateways = await Promise.all([startGateway(env), startGateway(env)])
    authorization = `Bearer ${await tokenFor(admin)}`
  })

  afterAll(async () => {
    await Promise.all(gateways?.map((gateway) => gateway.stop()) ?? [])
    await redis?.stop()
    await database?.drop()
  })

  /** Returns the sum of a metric over both gateways, for each value of a label. */
  const sums = async (metric: string, label: string): Promise<Readonly<Record<string, number>>> => {
    const found: Record<string, number> = {}
    for (const { url } of gateways) {
      const text = await (await fetch(`${url}/metrics`)).text()
      for (const [, labels = '', value] of text.matchAll(new RegExp(`^${metric}\\{(.*)\\} (\\d+)$`, 'gm'))) {
        const name = new RegExp(`${label}="([^"]*)"`).exec(labels)?.[1] ?? ''
        found[name] = (found[name] ?? 0) + Number(value)
      }
    }
    return found
  }
  const loads = () => sums('tidegate_cache_load_duration_seconds_count', 'policy')
  const spared = async () => (await sums('tidegate_cache_load_waits_total', 'outcome'))['spared'] ?? 0
  const inFlight = async ({ url }: Gateway) =>
    Number(/^tidegate_cache_loads_in_flight (\d+)$/m.exec(await (await fetch(`${url}/metrics`)).text())?.[1])

  /**
   * Sends the requests, a share to each gateway. No load can end before each gateway has missed the key, because the table is locked until
   * then. Returns the number of loads of each policy.
   */
  const stampede = async (asked: readonly Gateway[]) => {
    const before = await loads()
    const body = JSON.stringify({ query: `{ campaigns(first: ${++keys}) { nodes { id name } } }` })
    const headers = { 'content-type': 'application/json', authorization }
    await database.query('begin')
    await database.query('lock table campaigns in access exclusive mode')
    const answers = Array.from({ length: REQUESTS }, async (_, index) => {
      const response = await fetch(`${asked[index % asked.length]?.url}/graphql`, { method: 'POST', headers, body })
      return response.text()
    })
    for (const gateway of asked) await expect.poll(() => inFlight(gateway), { timeout: 20_000, interval: 5 }).toBeGreaterThan(0)
    await database.query('commit')
    const texts = new Set(await Promise.all(answers))
    expect(texts.size).toBe(1)
    const [data] = [...texts].map((text) => JSON.parse(text).data.campaigns.nodes)
    expect(data).toHaveLength(keys)
    const after = await loads()
    return POLICIES.map((policy) => (after[policy] ?? 0) - (before[policy] ?? 0))
  }

  it('cause one load with two processes that share Redis, also the first time, one with one process, and one in each when Redis is away', async () => {
    expect(await stampede(gateways)).toEqual([1, 1])
    expect(await spared()).toBeGreaterThan(0)
    expect(await stampede(gateways)).toEqual([1, 1])
    expect(await stampede(gateways.slice(0, 1))).toEqual([1, 1])
    await redis.stop()
    expect(await stampede(gateways)).toEqual([2, 2])
  })
})
