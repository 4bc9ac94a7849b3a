import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { issueToken } from '#src/gateway/identity/issue-token.ts'
import { sumOf } from '../../load/gateway/prometheus.ts'
import { admin, ask, type Gateway, startGateway } from '../e2e/gateway.ts'
import { createDatabase, type TestDatabase } from '../servers/database.ts'
import { freePort } from '../servers/free-port.ts'
import { type Nginx, startNginx } from '../servers/nginx.ts'
import { type RedisServer, startRedis } from '../servers/redis.ts'
import { startLoad } from './load.ts'

const RENAME = 'mutation ($input: UpdateCampaignInput!) { updateCampaign(input: $input) { campaign { version } errors { code } } }'
const OLD = 'old-secret-of-the-cache-of-enough-length'
const NEW = 'new-secret-of-the-cache-of-enough-length'
const OLD_JWT = 'end-to-end-jwt-secret-of-enough-length'
const NEW_JWT = 'new-secret-of-the-issuer-of-enough-length'

/** The steps of docs/operations/secrets.md. Both secrets are rotated at once. */
const STEPS = [
  { CACHE_SECRET: OLD, JWT_SECRET: OLD_JWT },
  { CACHE_SECRET: OLD, CACHE_SECRET_PREVIOUS: NEW, JWT_SECRET: NEW_JWT, JWT_SECRET_PREVIOUS: OLD_JWT },
  { CACHE_SECRET: NEW, CACHE_SECRET_PREVIOUS: OLD, JWT_SECRET: NEW_JWT, JWT_SECRET_PREVIOUS: OLD_JWT },
  { CACHE_SECRET: NEW, JWT_SECRET: NEW_JWT, JWT_SECRET_PREVIOUS: OLD_JWT },
] as const

const authorization = async (secret: string) => {
  const token = await issueToken({ secret, issuer: 'tidegate', audience: 'tidegate', principal: admin, expiresInSeconds: 3600 })
  return { authorization: `Bearer ${token}` }
}

let database: TestDatabase
let redis: RedisServer
let nginx: Nginx
let ports: readonly [number, number]
const gateways: Gateway[] = []

beforeAll(async () => {
  ;[database, redis] = await Promise.all([createDatabase({ seed: true }), startRedis()])
  ports = [await freePort(), await freePort()]
})
afterAll(async () => {
  await nginx?.stop()
  await Promise.all(gateways.map((gateway) => gateway.stop()))
  await redis?.stop()
  await database?.drop()
})

function startAt(index: 0 | 1, secrets: Readonly<Record<string, string>>): Promise<Gateway> {
  return startGateway({ DATABASE_URL: database.url, REDIS_URL: redis.url, DRAIN_SECONDS: '2', PORT: String(ports[index]), ...secrets })
}

/** Checks that each gateway serves a write of the other one at once, to a client with the given secret's access token. */
async function writeAndReadAcross(name: string, secret: string): Promise<void> {
  const [a, b] = gateways.map(({ url }) => url)
  const headers = await authorization(secret)
  for (const [writer, reader] of [
    [a, b],
    [b, a],
  ] as const) {
    const { data } = await ask(writer as string, '{ campaigns(first: 1) { nodes { id version } } }', { principal: null, headers })
    const [campaign] = data?.['campaigns'].nodes ?? []
    const written = await ask(writer as string, RENAME, { principal: null, headers, variables: { input: { ...campaign, name } } })
    expect([written.status, written.data?.['updateCampaign'].errors]).toEqual([200, []])
    const options = { principal: null, headers, consistencyToken: written.token ?? '' }
    const read = await ask(reader as string, `{ campaign(id: "${campaign.id}") { name } }`, options)
    expect([name, read.data?.['campaign'].name]).toEqual([name, name])
  }
}

const rejectedEntries = async () => {
  const texts = await Promise.all(gateways.map(async ({ url }) => (await fetch(`${url}/metrics`)).text()))
  return texts.reduce((sum, text) => sum + sumOf(text, 'tidegate_cache_shared_reads_total', 'outcome="rejected"'), 0)
}

describe('A rotation of CACHE_SECRET and JWT_SECRET on two gateways behind nginx', () => {
  it('loses no request, no write and no entry in Redis, and ends with the old tokens refused', async () => {
    gateways.push(...(await Promise.all([startAt(0, STEPS[0]), startAt(1, STEPS[0])])))
    const urls = ports.map((port) => new URL(`http://127.0.0.1:${port}`)) as [URL, URL]
    nginx = await startNginx(urls, { 'keepalive_timeout 4s': 'keepalive_timeout 1s', 'fail_timeout=3s': 'fail_timeout=1s' })
    const load = startLoad(nginx.url, 2)
    for (const [number, secrets] of STEPS.entries()) {
      for (const index of [0, 1] as const) {
        if (number > 0) {
          expect(await gateways[index]?.stop()).toBe(0)
          gateways[index] = await startAt(index, secrets)
        }
        await writeAndReadAcross(`step ${number}.${index}, old token`, OLD_JWT)
      }
      if (number > 0) await writeAndReadAcross(`step ${number}, new token`, NEW_JWT)
      // In the last step the entries that the old secret signed are loaded again.
      if (number < STEPS.length - 1) expect([number, await rejectedEntries()]).toEqual([number, 0])
    }
    const { failed, answered } = await load.stop()
    expect(failed).toEqual([])
    expect(answered).toBeGreaterThan(100)

    expect(await gateways[0]?.stop()).toBe(0)
    gateways[0] = await startAt(0, { CACHE_SECRET: NEW, JWT_SECRET: NEW_JWT })
    const statusOf = async (secret: string) =>
      (await gateways[0]?.ask('{ campaigns(first: 1) { nodes { id } } }', { principal: null, headers: await authorization(secret) }))
        ?.status
    expect([await statusOf(OLD_JWT), await statusOf(NEW_JWT)]).toEqual([401, 200])
  }, 480_000)
})
