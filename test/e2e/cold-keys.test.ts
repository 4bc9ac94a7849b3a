import { Agent, request } from 'node:http'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { needs } from '../servers/availability.ts'
import { createDatabase, type TestDatabase } from '../servers/database.ts'
import { type RedisServer, startRedis } from '../servers/redis.ts'
import { admin, type Gateway, startGateway, tokenFor } from './gateway.ts'

const REQUESTS = 500
/** Least duration of a load, ms. Loads that are faster on the average than 20 ms need not take turns across processes. */
const LOAD_MS = 50
/** Cache policies of the values in the answers of the test. */
const POLICIES = ['Query.campaigns', 'Campaign']

describe('500 requests for a cold key whose load is slow', needs('redis-server'), () => {
  let database: TestDatabase
  let redis: RedisServer
  let gateways: readonly [Gateway, Gateway]
  let authorization: string
  let keys = 0
  const agent = new Agent({ maxSockets: REQUESTS })

  beforeAll(async () => {
    database = await createDatabase({ seed: true })
    redis = await startRedis()
    const env = { DATABASE_URL: database.url, REDIS_URL: redis.url }
    gateways = await Promise.all([startGateway(env), startGateway(env)])
    authorization = `Bearer ${await tokenFor(admin)}`
  })

  afterAll(async () => {
    agent.destroy()
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

  const waitingStatements = async () => {
    const waiting = "select count(*)::int as count from pg_locks where relation = 'campaigns'::regclass and not granted"
    return (await database.query(waiting))[0]?.['count']
  }

  /** Sends a request on a connection of its own. `sent` settles when the operating system has its bytes. */
  const send = ({ url }: Gateway, body: string) => {
    const headers = { 'content-type': 'application/json', authorization }
    const sending = request(`${url}/graphql`, { method: 'POST', headers, agent })
    const sent = new Promise<void>((resolve, reject) => void sending.on('finish', resolve).on('error', reject))
    const answer = new Promise<string>((resolve, reject) => void sending.on('response', (it) => resolve(text(it))).on('error', reject))
    sending.end(body)
    return { sent, answer }
  }

  /**
   * Sends the requests, a share to each gateway. No load can end before each gateway has missed the key and has got all its requests, because
   * the table is locked until then, and for LOAD_MS after a statement waits for the lock. Returns the number of loads of each policy.
   */
  const stampede = async (asked: readonly Gateway[]) => {
    const before = await loads()
    const body = JSON.stringify({ query: `{ campaigns(first: ${++keys}) { nodes { id name } } }` })
    await database.query('begin')
    await database.query('lock table campaigns in access exclusive mode')
    const requests = Array.from({ length: REQUESTS }, (_, index) => send(asked[index % asked.length] as Gateway, body))
    const answers = requests.map(({ answer }) => answer)
    await Promise.all(requests.map(({ sent }) => sent))
    for (const gateway of asked) await expect.poll(() => inFlight(gateway), { timeout: 20_000, interval: 5 }).toBeGreaterThan(0)
    // A gateway accepts connections in their order, and then reads what has come: it answers the second of these after it read all requests.
    for (const gateway of [...asked, ...asked]) await inFlight(gateway)
    await expect.poll(waitingStatements, { timeout: 20_000, interval: 5 }).toBeGreaterThan(0)
    await database.query('select pg_sleep($1)', [LOAD_MS / 1000])
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
