import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { Agent, createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Subscriber } from '../../bench/live/subscriber.ts'
import { admin, ask, type Gateway, startGateway, tokenFor } from '../e2e/gateway.ts'
import { createDatabase, type TestDatabase } from '../servers/database.ts'
import { freePort } from '../servers/free-port.ts'
import { type Nginx, startNginx } from '../servers/nginx.ts'
import { type RedisServer, startRedis } from '../servers/redis.ts'
import { startLoad } from './load.ts'

const root = join(import.meta.dirname, '../..')
const RENAME = 'mutation ($input: UpdateCampaignInput!) { updateCampaign(input: $input) { campaign { name } errors { code } } }'

let database: TestDatabase
let redis: RedisServer
let env: Readonly<Record<string, string>>

beforeAll(async () => {
  ;[database, redis] = await Promise.all([createDatabase({ seed: true }), startRedis()])
  env = { DATABASE_URL: database.url, REDIS_URL: redis.url, TRUSTED_PROXIES: '127.0.0.1' }
})

afterAll(async () => {
  await redis?.stop()
  await database?.drop()
})

describe('the nginx.conf of this project in front of two gateways', () => {
  let gateways: readonly [Gateway, Gateway]
  let nginx: Nginx

  beforeAll(async () => {
    gateways = await Promise.all([startGateway(env), startGateway(env)])
    nginx = await startNginx([new URL(gateways[0].url), new URL(gateways[1].url)])
  })

  afterAll(async () => {
    await nginx?.stop()
    await Promise.all(gateways?.map((gateway) => gateway.stop()) ?? [])
  })

  it('is valid for nginx, and forwards /readyz', async () => {
    const response = await fetch(`${nginx.url}/readyz`)
    expect([response.status, await response.json()]).toEqual([200, { status: 'ready' }])
  })

  it('distributes requests over both gateways', async () => {
    const before = await Promise.all(gateways.map(operations))
    // A query that was never sent before cannot come from memory, so the gateway counts it as an operation.
    for (let i = 0; i < 20; i++) expect((await ask(nginx.url, `{ q${i}: campaigns(first: 1) { nodes { id } } }`)).status).toBe(200)
    const after = await Promise.all(gateways.map(operations))
    const shares = after.map((count, index) => count - (before[index] ?? 0))
    expect(Math.min(...shares), `shares of 20 requests: ${shares}`).toBeGreaterThanOrEqual(5)
  })

  it('lets a client read its own write, whichever gateway receives the read', async () => {
    for (let round = 0; round < 6; round++) {
      const { id, version } = await firstCampaign(nginx.url)
      const name = `renamed through nginx ${round}`
      const written = await ask(nginx.url, RENAME, { variables: { input: { id, version, name } } })
      expect(written.data?.['updateCampaign']).toEqual({ campaign: { name }, errors: [] })
      const query = `{ campaign(id: "${id}") { name } }`
      for (let read = 0; read < 2; read++) {
        const answer = await ask(nginx.url, query, { consistencyToken: written.token ?? '' })
        expect(answer.data?.['campaign'].name).toBe(name)
      }
    }
  })

  it("makes a cookie Secure only if nginx itself received the request by https, whatever the client's headers claim", async () => {
    const rename = async (url: string) => {
      const { id, version } = await firstCampaign(url)
      const response = await fetch(`${url}/graphql`, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          authorization: `Bearer ${await tokenFor(admin)}`,
          cookie: 'a=browser',
          'x-forwarded-proto': 'https',
        },
        body: JSON.stringify({ query: RENAME, variables: { input: { id, version, name: 'renamed by a browser' } } }),
      })
      return response.headers.get('set-cookie')
    }
    expect(await rename(gateways[0].url)).toContain('; Secure')
    expect(await rename(nginx.url)).toMatch(/^tidegate-consistency=(?!.*Secure)/)
  })
})

describe('a live query through the nginx.conf of this project', () => {
  it('passes each result on while the stream stays open, although an event is much smaller than the buffers of nginx', async () => {
    const gateways = await Promise.all([startGateway(env), startGateway(env)])
    const nginx = await startNginx([new URL(gateways[0].url), new URL(gateways[1].url)])
    const { id, version } = await firstCampaign(gateways[0].url)
    const names: unknown[] = []
    const subscriber = new Subscriber({
      agent: new Agent(),
      url: () => nginx.url,
      authorization: `Bearer ${await tokenFor(admin)}`,
      body: JSON.stringify({ query: `query @live { campaign(id: "${id}") { name } }` }),
      onResult: ({ data }) => names.push((data as { readonly campaign: { readonly name: string } }).campaign.name),
    })
    subscriber.open()
    await expect.poll(() => names.length, { timeout: 10_000 }).toBe(1)
    const input = { id, version, name: 'renamed while a stream is open' }
    expect((await ask(gateways[1].url, RENAME, { variables: { input } })).data?.['updateCampaign'].errors).toEqual([])
    await expect.poll(() => names[1], { timeout: 10_000 }).toBe('renamed while a stream is open')
    expect(subscriber.connections).toBe(1)
    subscriber.close()
    await nginx.stop()
    await Promise.all(gateways.map((gateway) => gateway.stop()))
  })
})

describe('the nginx.conf of this project in front of one running and one stopped gateway', () => {
  it('sends every request to the running gateway', async () => {
    const gateways = await Promise.all([startGateway(env), startGateway(env)])
    const nginx = await startNginx([new URL(gateways[0].url), new URL(gateways[1].url)])
    const statuses = async () => {
      const answers = []
      for (let i = 0; i < 10; i++) answers.push(await ask(nginx.url, `{ campaigns(first: ${i + 1}) { nodes { id } } }`))
      return new Set(answers.map(({ status }) => status))
    }
    expect(await statuses()).toEqual(new Set([200]))
    expect(await gateways[1].stop()).toBe(0)
    expect(await statuses()).toEqual(new Set([200]))
    await nginx.stop()
    await gateways[0].stop()
  })
})

describe('the nginx.conf of this project in front of two gateways with two workers each', () => {
  // The times in the settings of production and in nginx.conf are all shortened, so that the test is fast.
  const shorterTimes = { 'keepalive_timeout 4s': 'keepalive_timeout 2s', 'fail_timeout=3s': 'fail_timeout=1s' }
  const production = () => ({ ...env, WORKERS: '2', DRAIN_SECONDS: '3' })

  it('loses no request while both gateways are restarted', async () => {
    const ports = [await freePort(), await freePort()] as const
    const startAt = (port: number) => startGateway({ ...production(), PORT: String(port) })
    const gateways = await Promise.all(ports.map(startAt))
    const nginx = await startNginx([new URL(`http://127.0.0.1:${ports[0]}`), new URL(`http://127.0.0.1:${ports[1]}`)], shorterTimes)
    const load = startLoad(nginx.url, 4)
    for (const [index, port] of ports.entries()) {
      expect(await gateways[index]?.stop()).toBe(0)
      gateways[index] = await startAt(port)
    }
    const { failed, answered } = await load.stop()
    expect(failed).toEqual([])
    expect(answered).toBeGreaterThan(100)
    await nginx.stop()
    await Promise.all(gateways.map((gateway) => gateway.stop()))
  }, 240_000)

  it('skips a suspended gateway, so that only requests already sent to it and one request per fail_timeout can fail', async () => {
    const gateways = await Promise.all([startGateway(env), startGateway(env)])
    const [suspended] = gateways
    // A tenth of the timeout in nginx.conf.
    const nginx = await startNginx([new URL(gateways[0].url), new URL(gateways[1].url)], {
      'proxy_read_timeout 20s': 'proxy_read_timeout 2s',
    })
    const clients = 4
    const load = startLoad(nginx.url, clients)
    await load.untilAnswered(50)
    suspended.process.kill('SIGSTOP')
    await load.untilFailed(1)
    await load.untilAnswered(load.answered() + 50)
    await new Promise((resolve) => setTimeout(resolve, 9000))
    suspended.process.kill('SIGCONT')
    const { failed } = await load.stop()
    // During the test fail_timeout ended at most four times, each time with one failed request.
    expect(failed.length).toBeLessThanOrEqual(clients + 4)
    await nginx.stop()
    await Promise.all(gateways.map((gateway) => gateway.stop()))
  }, 120_000)
})

describe('the nginx.conf and the health check of this project, with a gateway that hangs', () => {
  it('lose only the requests that the gateway already had: the check kills it, and it gets requests again when it was started again', async () => {
    const ports = [await freePort(), await freePort()] as const
    const startAt = (port: number) => startGateway({ ...env, PORT: String(port) })
    const [hanging, other] = await Promise.all(ports.map(startAt))
    if (!hanging || !other) throw new Error('Expected two gateways.')
    const nginx = await startNginx([new URL(hanging.url), new URL(other.url)])
    const clients = 4
    const load = startLoad(nginx.url, clients)
    await load.untilAnswered(50)
    hanging.process.kill('SIGSTOP')
    const before = load.answered()
    const check = promisify(execFile)(process.execPath, ['src/check-health.ts'], { cwd: root, env: { PORT: String(ports[0]) } })
    await expect(check).rejects.toMatchObject({ code: 1, stdout: expect.stringContaining(`${hanging.process.pid} were killed`) })
    // Meanwhile the other gateway has answered.
    expect(load.answered()).toBeGreaterThan(before + 50)
    const restarted = await startAt(ports[0])
    await expect.poll(() => operations(restarted), { timeout: 20_000 }).toBeGreaterThan(5)
    const { failed } = await load.stop()
    expect(failed.length).toBeLessThanOrEqual(clients)
    await nginx.stop()
    await Promise.all([restarted.stop(), other.stop()])
  }, 120_000)
})

describe('the metrics of gateways behind the nginx.conf of this project', () => {
  it('are hidden from clients, and on METRICS_PORT are sums over all workers that never decrease', async () => {
    const port = await freePort()
    const gateway = await startGateway({ ...env, WORKERS: '3', METRICS_PORT: String(port) })
    const nginx = await startNginx([new URL(gateway.url), new URL(gateway.url)])
    expect((await fetch(`${nginx.url}/metrics`)).status).toBe(404)
    expect((await fetch(`${gateway.url}/metrics`)).status).toBe(404)
    const seen: number[] = []
    for (let scrape = 1; scrape <= 10; scrape++) {
      // From the second request on, the response comes from memory.
      for (let i = 0; i < 6; i++)
        expect((await ask(gateway.url, '{ campaigns(first: 1) { nodes { id } } }', { headers: { connection: 'close' } })).status).toBe(200)
      seen.push(await operationsAt(`http://127.0.0.1:${port}`))
    }
    expect(seen).toEqual(Array.from({ length: 10 }, (_, index) => 6 * (index + 1)))
    await nginx.stop()
    expect(await gateway.stop()).toBe(0)
  }, 120_000)
})

describe('the headers that the nginx.conf of this project adds', () => {
  it('contain the address of the client, the scheme and the requested host', async () => {
    const seen: IncomingHttpHeaders[] = []
    const recorder = createServer((request, response) => {
      seen.push(request.headers)
      response.end()
    }).listen(0, '127.0.0.1')
    await once(recorder, 'listening')
    const upstream = new URL(`http://127.0.0.1:${(recorder.address() as AddressInfo).port}`)
    const nginx = await startNginx([upstream, upstream])
    await fetch(nginx.url, { headers: { 'x-forwarded-for': '192.0.2.1', 'x-forwarded-proto': 'https' } })
    await nginx.stop()
    recorder.closeAllConnections()
    recorder.close()
    expect(seen.at(-1)).toMatchObject({ host: '127.0.0.1', 'x-forwarded-for': '192.0.2.1, 127.0.0.1', 'x-forwarded-proto': 'http' })
  })
})

async function firstCampaign(url: string): Promise<{ readonly id: string; readonly version: number }> {
  const { data } = await ask(url, '{ campaigns(first: 1) { nodes { id version } } }')
  return data?.['campaigns'].nodes[0]
}

/** Returns the number of operations that a gateway has executed, according to its metrics. */
function operations({ url }: Gateway): Promise<number> {
  return operationsAt(url)
}

async function operationsAt(url: string): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text()
  const counts = [...text.matchAll(/^tidegate_operation_duration_seconds_count\S* (\d+)$/gm)].map(([, count]) => Number(count))
  return counts.reduce((sum, count) => sum + count, 0)
}
