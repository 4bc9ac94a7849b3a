import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { type Gateway, startGateway } from '../e2e/gateway.ts'
import { needs } from '../servers/availability.ts'
import { createDatabase, type TestDatabase } from '../servers/database.ts'
import { startRedis } from '../servers/redis.ts'

let database: TestDatabase
const running: Gateway[] = []

beforeAll(async () => {
  database = await createDatabase({ seed: true })
})

afterEach(async () => {
  await Promise.all(running.splice(0).map((gateway) => gateway.stop()))
})

afterAll(() => database?.drop())

async function run(env: Readonly<Record<string, string>> = {}): Promise<Gateway> {
  const gateway = await startGateway({ DATABASE_URL: database.url, ...env })
  running.push(gateway)
  return gateway
}

describe('Redis', needs('redis-server'), () => {
  it('can stop and restart under load without an error for any client, and its cached values are used again after the restart', async () => {
    const redis = await startRedis()
    const gateway = await run({ REDIS_URL: redis.url })
    const failures: unknown[] = []
    let sending = true
    let sent = 0
    const load = (async () => {
      while (sending) {
        sent++
        const id = (sent % 10) + 1
        void gateway.ask(`{ campaigns(first: ${id}) { nodes { id name } } }`).then(
          ({ status, errors }) => {
            if (status !== 200 || errors) failures.push(errors)
          },
          (error) => failures.push(error),
        )
        await pause(20)
      }
    })()
    await pause(500)
    await redis.stop()
    await pause(1500)
    await redis.start()
    const second = await run({ REDIS_URL: redis.url })
    let asked = 10
    await expect
      .poll(
        async () => {
          const list = `{ campaigns(first: ${++asked}) { nodes { id } } }`
          await gateway.ask(list)
          await second.ask(list)
          return shared(second)
        },
        { interval: 200, timeout: 15_000 },
      )
      .toBeGreaterThan(0)
    sending = false
    await load
    expect(failures).toEqual([])
    expect(sent).toBeGreaterThan(50)
    await redis.stop()
  })
})

describe('SIGTERM under load', () => {
  it('lets requests in flight finish, loses no acknowledged write, and ends the process with exit code 0', async () => {
    const gateway = await run()
    const { data } = await gateway.ask('{ campaigns(first: 1) { nodes { id } } }')
    const campaignId = data?.['campaigns'].nodes[0].id
    const track = 'mutation Track($events: [EventInput!]!) { trackEvents(input: { events: $events }) { accepted errors { message } } }'
    const acknowledged: string[] = []
    const refused: unknown[] = []
    let stopping = false
    const clients = Array.from({ length: 10 }, async (_, client) => {
      for (let i = 0; !stopping || i === 0; i++) {
        const eventId = `sigterm-${client}-${i}`
        const events = [{ eventId, campaignId, kind: 'CLICK', occurredAt: new Date().toISOString() }]
        try {
          const answer = await gateway.ask(track, { variables: { events } })
          if (answer.data?.['trackEvents'].accepted === 1) acknowledged.push(eventId)
          else refused.push(answer)
        } catch (error) {
          // After the port is closed, new connections are refused. A response that has begun is never cut off.
          if (!stopping) refused.push(error)
          return
        }
      }
    })
    await expect.poll(() => acknowledged.length, { timeout: 20_000 }).toBeGreaterThan(50)
    stopping = true
    expect(await gateway.stop('SIGTERM')).toBe(0)
    await Promise.all(clients)
    expect(refused).toEqual([])
    const [stored] = await database.query(
      "select count(*)::int as count from events where event_id like 'sigterm-%' and event_id = any($1)",
      [acknowledged],
    )
    expect(stored).toEqual({ count: acknowledged.length })
  })
})

/** Returns the number of values that came from Redis, according to the metrics of the gateway. */
async function shared(gateway: Gateway): Promise<number> {
  const text = await (await fetch(`${gateway.url}/metrics`)).text()
  return Number(/tidegate_cache_shared_reads_total\{outcome="hit"\} (\d+)/.exec(text)?.[1] ?? 0)
}
