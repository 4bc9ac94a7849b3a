import { Redis } from 'ioredis'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { admin, type Gateway, startGateway, tokenFor } from '../e2e/gateway.ts'
import { needs } from '../servers/availability.ts'
import { createDatabase, type TestDatabase } from '../servers/database.ts'
import { type RedisServer, startRedis } from '../servers/redis.ts'

/** Matches all secrets of these tests. The last two are secrets of every gateway that the tests start. */
const SECRETS = /canary-[a-z]+|end-to-end-jwt-secret|end-to-end-cache-secret/g
const SEARCH = 'query ($text: String!) { searchDomains(query: $text) { totalCount } }'

describe('T21: secrets in the configuration and in requests', needs('redis-server'), () => {
  let database: TestDatabase
  let redis: RedisServer
  let client: Redis
  let gateway: Gateway
  let bearer: string

  beforeAll(async () => {
    ;[database, redis] = await Promise.all([createDatabase({ seed: true }), startRedis()])
    client = new Redis(redis.url)
    client.on('error', () => undefined)
    await client.config('SET', 'requirepass', 'canary-redis')
    const url = new URL(database.url)
    url.searchParams.set('application_name', 'canary-dsn')
    const withPassword = redis.url.replace('//', '//:canary-redis@')
    gateway = await startGateway({ DATABASE_URL: url.href, REDIS_URL: withPassword, LOG_LEVEL: 'trace', METRICS: 'on' })
    bearer = await tokenFor(admin)
  })
  afterAll(async () => {
    await gateway?.stop()
    client?.disconnect()
    await redis?.stop()
    await database?.drop()
  })

  const secretsIn = (texts: readonly string[]) => [
    ...new Set(texts.flatMap((text) => [...text.matchAll(SECRETS)].map(([secret]) => secret))),
  ]

  async function sendSecrets(): Promise<void> {
    const headers = { cookie: 'session=canary-cookie', 'x-api-key': 'canary-header', 'consistency-token': 'canary-token' }
    const variables = { text: 'canary-variable' }
    for (let time = 0; time < 2; time++) await gateway.ask(SEARCH, { headers, variables })
    await gateway.ask('query canaryName { searchDomains(query: "canary-literal") { totalCount } }', { headers })
    await gateway.ask('{ nothing(a: "canary-unknown") }', { headers })
    await gateway.ask(SEARCH, { headers, variables: { text: ['canary-invalid'] } })
    await gateway.ask(SEARCH, { headers: { ...headers, authorization: 'Bearer canary-bearer' } })
    await fetch(`${gateway.url}/graphql?token=canary-path`, { headers: { authorization: 'Basic canary-basic' } })
  }

  it('T21: appear in no log line and in no metric, and in a Redis key only as an argument of a field, even after failures', async () => {
    await sendSecrets()
    const keys = await client.keys('*')
    expect(keys.length).toBeGreaterThan(0)
    await database.query('alter table domains rename to domains_away')
    const failed = await gateway.ask(SEARCH, { variables: { text: 'canary-failing' } })
    expect(failed.errors?.map(({ extensions }) => extensions.code)).toEqual(['INTERNAL_SERVER_ERROR'])
    await database.query('alter table domains_away rename to domains')
    await redis.stop()
    await sendSecrets()
    const metrics = await (await fetch(`${gateway.url}/metrics`)).text()
    expect(metrics).toContain('tidegate_')
    expect(gateway.output.join('\n')).toMatch(/domains.*does not exist/)
    expect({ log: secretsIn(gateway.output), metrics: secretsIn([metrics]) }).toEqual({ log: [], metrics: [] })
    // Arguments of a field are readable in its Redis key, just as the value is readable in the entry.
    expect(secretsIn(keys).filter((secret) => secret !== 'canary-variable')).toEqual([])
    expect([...gateway.output, metrics, ...keys].filter((text) => text.includes(bearer.split('.')[2] ?? bearer))).toEqual([])
  })

  it('T21: are found in a line that contains them, so this test detects a gateway that writes such a line', () => {
    const line = '{"url":"redis://:canary-redis@localhost","cookie":"canary-cookie","key":"end-to-end-jwt-secret-of-enough-length"}'
    expect(secretsIn([line])).toEqual(['canary-redis', 'canary-cookie', 'end-to-end-jwt-secret'])
  })
})
