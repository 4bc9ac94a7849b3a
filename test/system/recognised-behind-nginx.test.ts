import { once } from 'node:events'
import { Agent, request } from 'node:http'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { admin, type Gateway, startGateway, tokenFor } from '../e2e/gateway.ts'
import { createDatabase, type TestDatabase } from '../servers/database.ts'
import { startNginx } from '../servers/nginx.ts'
import { type RedisServer, startRedis } from '../servers/redis.ts'

const CLIENTS = 200
/** Rounds in which each gateway sees the bytes of each client's requests for the first and for the second time. */
const WARM_ROUNDS = 12
const MEASURED_ROUNDS = 6
const QUERIES = ['{ campaigns(first: 1) { nodes { id name } } }', '{ campaigns(first: 20) { nodes { id name status keywords } } }']

let database: TestDatabase
let redis: RedisServer
let gateways: readonly Gateway[]

beforeAll(async () => {
  ;[database, redis] = await Promise.all([createDatabase({ seed: true }), startRedis()])
  const env = { DATABASE_URL: database.url, REDIS_URL: redis.url, TRUSTED_PROXIES: '127.0.0.1' }
  gateways = await Promise.all([startGateway(env), startGateway(env)])
})

afterAll(async () => {
  await Promise.all(gateways?.map((gateway) => gateway.stop()) ?? [])
  await redis?.stop()
  await database?.drop()
})

interface Counts {
  readonly recognised: number
  readonly atHand: number
}

async function counts(): Promise<Counts> {
  const texts = await Promise.all(gateways.map(async ({ url }) => (await fetch(`${url}/metrics`)).text()))
  const sum = (name: string) => texts.reduce((total, text) => total + Number(new RegExp(`^${name} (\\d+)$`, 'm').exec(text)?.[1]), 0)
  return { recognised: sum('tidegate_answers_recognised_total'), atHand: sum('tidegate_answers_at_hand_total') }
}

interface Client {
  readonly agent: Agent
  readonly authorization: string
}

/** Sends both queries by POST and by GET on the client's connection, one after the other. */
async function sendAll(url: string, { agent, authorization }: Client): Promise<void> {
  for (const query of QUERIES) {
    const body = JSON.stringify({ query })
    await send(`${url}/graphql`, agent, { authorization, 'content-type': 'application/json', 'content-length': String(body.length) }, body)
    await send(`${url}/graphql?${new URLSearchParams({ query })}`, agent, { authorization, 'apollo-require-preflight': 'true' })
  }
}

async function send(url: string, agent: Agent, headers: Readonly<Record<string, string>>, body?: string): Promise<void> {
  const sent = request(url, { agent, method: body === undefined ? 'GET' : 'POST', headers })
  sent.end(body)
  const [response] = await once(sent, 'response')
  response.resume()
  await once(response, 'end')
  expect(response.statusCode).toBe(200)
}

/** Returns the share of the answers from memory whose requests were recognised by their bytes, once all requests have been repeated. */
async function measureShare(changes: Readonly<Record<string, string>> = {}): Promise<number> {
  const [a, b] = gateways.map(({ url }) => new URL(url)) as [URL, URL]
  const nginx = await startNginx([a, b], changes)
  const clients: Client[] = await Promise.all(
    Array.from({ length: CLIENTS }, async (_, index) => ({
      agent: new Agent({ keepAlive: true, maxSockets: 1 }),
      authorization: `Bearer ${await tokenFor(admin, `token-${index}`)}`,
    })),
  )
  try {
    const rounds = (count: number) =>
      Promise.all(
        clients.map(async (client) => {
          for (let round = 0; round < count; round++) await sendAll(nginx.url, client)
        }),
      )
    await rounds(WARM_ROUNDS)
    const before = await counts()
    await rounds(MEASURED_ROUNDS)
    const after = await counts()
    const answers = after.atHand - before.atHand
    // Nearly all answers of the measured rounds come from memory; else the share says little.
    expect(answers).toBeGreaterThan(0.9 * CLIENTS * MEASURED_ROUNDS * QUERIES.length * 2)
    return (after.recognised - before.recognised) / answers
  } finally {
    for (const { agent } of clients) agent.destroy()
    await nginx.stop()
  }
}

describe('gateways behind the nginx.conf of this project, with 200 clients that each have a token and a connection of their own', () => {
  it('recognise at least 80 % of the requests that are answered from memory', async () => {
    const share = await measureShare()
    expect(share).toBeGreaterThan(0.8)
  }, 300_000)

  it('recognise none of them if nginx adds a header field that differs each time; this test detects such a configuration', async () => {
    const share = await measureShare({
      'proxy_set_header X-Forwarded-Proto $scheme;':
        'proxy_set_header X-Forwarded-Proto $scheme;\nproxy_set_header X-Request-ID $request_id;',
    })
    expect(share).toBe(0)
  }, 300_000)
})
