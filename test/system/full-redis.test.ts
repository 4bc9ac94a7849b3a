import { hash } from 'node:crypto'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { sumOf } from '../../load/gateway/prometheus.ts'
import { admin, type Gateway, startGateway, tokenFor } from '../e2e/gateway.ts'
import { createDatabase, type TestDatabase } from '../servers/database.ts'
import { type RedisServer, startRedis } from '../servers/redis.ts'

const RENAME = 'mutation ($input: UpdateCampaignInput!) { updateCampaign(input: $input) { campaign { version } errors { code } } }'

let database: TestDatabase
let redis: RedisServer
let gateway: Gateway
let administrator: Redis

beforeAll(async () => {
  ;[database, redis] = await Promise.all([createDatabase({ seed: true }), startRedis()])
  administrator = new Redis(redis.url)
  gateway = await startGateway({ DATABASE_URL: database.url, REDIS_URL: redis.url, RATE_LIMIT_CALLER: '100000' })
})
afterAll(async () => {
  administrator?.disconnect()
  await gateway?.stop()
  await redis?.stop()
  await database?.drop()
})

const metrics = async () => (await fetch(`${gateway.url}/metrics`)).text()

/** Sends a query by the hash of its text alone, or with the text. @returns the status and the code of the first error. */
async function persisted(query: string, withText: boolean): Promise<readonly unknown[]> {
  const extensions = { persistedQuery: { version: 1, sha256Hash: hash('sha256', query) } }
  const response = await fetch(`${gateway.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${await tokenFor(admin)}` },
    body: JSON.stringify(withText ? { query, extensions } : { extensions }),
  })
  const { errors } = (await response.json()) as { readonly errors?: readonly { readonly extensions: { readonly code: string } }[] }
  return [response.status, errors?.[0]?.extensions.code]
}

describe('A Redis with the policy noeviction whose memory is full', () => {
  it('costs no request and no write, and is used again when it has memory', async () => {
    const read = (first: number) => gateway.ask(`{ campaigns(first: ${first}) { nodes { id version } } }`)
    expect((await read(2)).status).toBe(200)
    await expect.poll(() => administrator.dbsize()).toBeGreaterThan(0)
    await administrator.config('SET', 'maxmemory', '1', 'maxmemory-policy', 'noeviction')
    await expect(administrator.set('x', 'y')).rejects.toThrow('OOM')

    for (let first = 3; first < 20; first++) expect((await read(first)).status).toBe(200)
    const [campaign] = (await read(1)).data?.['campaigns'].nodes ?? []
    const renamed = await gateway.ask(RENAME, { variables: { input: { ...campaign, name: 'while Redis is full' } } })
    expect([renamed.status, renamed.data?.['updateCampaign'].errors]).toEqual([200, []])
    const seen = await gateway.ask(`{ campaign(id: "${campaign.id}") { name } }`, { consistencyToken: renamed.token ?? '' })
    expect(seen.data?.['campaign'].name).toBe('while Redis is full')
    expect(await persisted('{ campaigns(first: 1) { nodes { name } } }', true)).toEqual([200, undefined])
    expect(await persisted('{ campaigns(first: 1) { nodes { name } } }', false)).toEqual([200, undefined])
    expect((await fetch(`${gateway.url}/readyz`)).status).toBe(200)
    const full = await metrics()
    expect(sumOf(full, 'tidegate_cache_shared_errors_total', 'operation="set"')).toBeGreaterThan(0)
    expect(sumOf(full, 'tidegate_redis_up')).toBe(1)

    await administrator.config('SET', 'maxmemory', '0')
    const before = await administrator.dbsize()
    let first = 20
    const readAnother = async () => {
      await read(first++)
      return administrator.dbsize()
    }
    await expect.poll(readAnother, { timeout: 10_000, interval: 200 }).toBeGreaterThan(before)
  })
})
