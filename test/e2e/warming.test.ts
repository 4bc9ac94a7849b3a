import { Redis } from 'ioredis'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { needs } from '../servers/availability.ts'
import { createDatabase, type TestDatabase } from '../servers/database.ts'
import { type RedisServer, startRedis } from '../servers/redis.ts'
import { type Gateway, startGateway } from './gateway.ts'

const LIST = 'query List($first: Int) { campaigns(first: $first) { nodes { id name } } }'
const CAMPAIGN = 'query Campaign($id: ID!) { campaign(id: $id) { id name version } }'

describe('warming', needs('redis-server'), () => {
  let database: TestDatabase
  let redis: RedisServer
  let env: Record<string, string>
  let ids: readonly string[]
  let gateway: Gateway

  beforeAll(async () => {
    database = await createDatabase({ seed: true })
    redis = await startRedis()
    env = { DATABASE_URL: database.url, REDIS_URL: redis.url, METRICS: 'on' }
    gateway = await startGateway(env)
    const { data } = await gateway.ask(LIST, { variables: { first: 20 } })
    ids = data?.['campaigns'].nodes.map(({ id }: { readonly id: string }) => id)
    for (let round = 0; round < 3; round++) await readAll()
  })

  afterAll(async () => {
    await gateway?.stop()
    await redis?.stop()
    await database?.drop()
  })

  /** Reads each campaign once. Returns the levels of the cache that answered. */
  async function readAll(): Promise<readonly (string | null)[]> {
    const levels: (string | null)[] = []
    for (const id of ids) {
      const { headers, errors } = await gateway.ask(CAMPAIGN, { variables: { id } })
      expect(errors).toBeUndefined()
      levels.push(headers.get('x-cache-level'))
    }
    return levels
  }

  async function figure(name: string): Promise<number> {
    const text = await (await fetch(`${gateway.url}/metrics`)).text()
    const line = text.split('\n').find((candidate) => candidate.startsWith(`${name} `))
    return Number(line?.slice(name.length + 1))
  }

  /** Waits until a log line with this message came since the given number of lines. */
  async function logged(message: string, since: number): Promise<Record<string, unknown>> {
    const find = () => gateway.output.slice(since).find((candidate) => candidate.includes(`"msg":"${message}"`))
    await expect.poll(find, { timeout: 10_000, message: `a log line ${JSON.stringify(message)}` }).toBeDefined()
    return JSON.parse(find() ?? '')
  }

  /** Expects records in Redis in which no variable can be read. */
  async function expectSealedRecords(): Promise<void> {
    const client = new Redis(redis.url)
    const names = (await client.keys('*:warming:*:*')).filter((name) => !name.endsWith(':schemas'))
    const records = await Promise.all(names.map((name) => client.getBuffer(name)))
    client.disconnect()
    expect(records.length).toBeGreaterThan(0)
    for (const record of records) expect(record?.includes(ids[0] ?? 'no id')).toBe(false)
  }

  async function restart(more: Readonly<Record<string, string>> = {}): Promise<void> {
    await gateway.stop()
    gateway = await startGateway({ ...env, ...more })
  }

  it('lets a restarted process answer its first request, and all recorded operations, from memory.', async () => {
    await restart()
    expect(new Set(await readAll())).toEqual(new Set(['L1']))
    expect(await figure('tidegate_warming_copied_entries_total')).toBeGreaterThan(ids.length)
    expect(await logged('warming finished', 0)).toMatchObject({ reason: 'start', refused: 0, failed: 0 })
    await expectSealedRecords()
  })

  it('executes the recorded operations after a restart if Redis has lost their values, so that the values are in memory before a client requests them.', async () => {
    await readAll()
    await gateway.stop()
    const client = new Redis(redis.url)
    const values = (await client.keys('*')).filter((key) => !key.includes(':warming:'))
    await client.unlink(values)
    client.disconnect()
    gateway = await startGateway(env)
    const finished = await logged('warming finished', 0)
    expect(finished).toMatchObject({ reason: 'start', failed: 0 })
    expect(finished['executed']).toBeGreaterThanOrEqual(ids.length)
    expect(new Set(await readAll())).toEqual(new Set(['L1']))
  })

  it('executes the recorded operations again after everything was invalidated.', async () => {
    // A test before may have restarted the process, whose warm-up may not have ended yet.
    await logged('warming finished', 0)
    await readAll()
    const since = gateway.output.length
    await database.query("insert into cache.pending (tags) values ('{*}')")
    const finished = await logged('warming finished', since)
    expect(finished).toMatchObject({ reason: 'invalidation', failed: 0 })
    expect(new Set(await readAll())).toEqual(new Set(['L1']))
  })

  it('executes the operations of the former schema version after a deploy that changes the policies.', async () => {
    await readAll()
    await restart({ CACHE_POLICIES: '{"Campaign": {"l1": 30, "l2": 600}}' })
    const finished = await logged('warming finished', 0)
    expect(finished).toMatchObject({ reason: 'deploy', failed: 0 })
    expect(new Set(await readAll())).toEqual(new Set(['L1']))
  })
})
