import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { sumOf } from '../../load/gateway/prometheus.ts'
import { type Gateway, startGateway } from '../e2e/gateway.ts'
import { createDatabase, type TestDatabase } from '../servers/database.ts'
import { type RedisCluster, startRedisCluster } from '../servers/redis-cluster.ts'

const SCRIPT = join(import.meta.dirname, '../../deploy/redis-cluster/cluster.sh')
const RENAME = 'mutation ($input: UpdateCampaignInput!) { updateCampaign(input: $input) { campaign { version } errors { code } } }'
const STALENESS_BOUND_MS = 1000
/** Searches in a round, none of which was sent before. Their keys belong to all three primaries. */
const SEARCHES = 12

let database: TestDatabase
let cluster: RedisCluster
let gateways: readonly Gateway[]

beforeAll(async () => {
  ;[database, cluster] = await Promise.all([createDatabase({ seed: true }), startRedisCluster()])
  const env = { DATABASE_URL: database.url, REDIS_URL: cluster.url }
  gateways = await Promise.all([startGateway(env), startGateway(env)])
})

afterAll(async () => {
  await Promise.all(gateways?.map((gateway) => gateway.stop()) ?? [])
  await cluster?.stop()
  await database?.drop()
})

/** Sum of a counter over both gateways. */
async function count(name: string, labels = ''): Promise<number> {
  const texts = await Promise.all(gateways.map(async ({ url }) => (await fetch(`${url}/metrics`)).text()))
  return texts.reduce((sum, text) => sum + sumOf(text, name, labels), 0)
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false))
    socket.once('connect', () => socket.destroy())
  })
}

const errors = () => count('tidegate_cache_shared_errors_total')
const sharedReads = () => count('tidegate_cache_reads_total', 'layer="l2"')

describe('Two gateways on the Redis Cluster of deploy/redis-cluster', () => {
  it('answer every read while a primary dies, none older than its token or the bound, share values again when its replica has taken over, and do without the cluster when all of it is stopped.', async () => {
    const [writer, reader] = gateways as [Gateway, Gateway]
    const { data } = await writer.ask('{ campaigns(first: 1) { nodes { id version } } }')
    const [{ id, version: first }] = data?.['campaigns'].nodes ?? []
    let version: number = first
    const acknowledged: { readonly version: number; readonly at: number }[] = []
    let searches = 0

    /** Writes on one gateway, and reads on the other with the token and without. New keys are stored by one, and read by the other. */
    const round = async () => {
      const written = await writer.ask(RENAME, { variables: { input: { id, version, name: `version ${version + 1}` } } })
      expect(written.data?.['updateCampaign'].errors).toEqual([])
      version = written.data?.['updateCampaign'].campaign.version
      acknowledged.push({ version, at: performance.now() })
      const query = `{ campaign(id: "${id}") { version } }`
      const startedAt = performance.now()
      const known = acknowledged.filter(({ at }) => at < startedAt - STALENESS_BOUND_MS).at(-1)?.version ?? 0
      const [withToken, without] = await Promise.all([reader.ask(query, { consistencyToken: written.token ?? '' }), reader.ask(query)])
      expect(withToken.data?.['campaign'].version).toBe(version)
      expect(without.data?.['campaign'].version).toBeGreaterThanOrEqual(known)
      for (const { ask } of [writer, reader])
        for (let search = 1; search <= SEARCHES; search++) {
          const { status, errors } = await ask(`{ searchDomains(query: "word${searches + search}", first: 1) { nodes { id } } }`)
          expect([status, errors]).toEqual([200, undefined])
        }
      searches += SEARCHES
    }

    await round()
    expect(await sharedReads()).toBeGreaterThan(0)
    const [victim] = await cluster.primaries()
    const errorsBefore = await errors()
    await cluster.kill(victim as number)
    const hasPromoted = async () => {
      await round()
      const primaries = await cluster.primaries()
      return primaries.length === 3 && !primaries.includes(victim as number)
    }
    await expect.poll(hasPromoted, { timeout: 15_000, interval: 50 }).toBe(true)
    expect(await errors()).toBeGreaterThan(errorsBefore)

    const isShared = async () => {
      const before = [await errors(), await sharedReads()] as const
      await round()
      return [(await errors()) - before[0], (await sharedReads()) > before[1]]
    }
    await expect.poll(isShared, { timeout: 10_000, interval: 100 }).toEqual([0, true])

    await cluster.stop()
    const ports = [...cluster.url.matchAll(/:(\d+)/g)].map(([, port]) => Number(port))
    expect(ports).toHaveLength(6)
    expect(await Promise.all(ports.map(accepts))).toEqual(ports.map(() => false))
    await round()
  })
})

describe('deploy/redis-cluster/cluster.sh', () => {
  const run = (...args: readonly string[]) =>
    promisify(execFile)('sh', [SCRIPT, ...args]).then(
      ({ stdout }) => stdout,
      ({ stderr }) => stderr as string,
    )

  it('refuses wrong arguments and a folder that exists, with one sentence that says what to do.', async () => {
    expect(await run()).toBe('cluster.sh: expected "start" or "stop"\n')
    expect(await run('start', '/nowhere/cluster', '7000')).toBe('cluster.sh: expected 6 ports, got 1\n')
    expect(await run('start', import.meta.dirname)).toMatch(
      /^cluster\.sh: .* exists: a cluster runs there already, or run "cluster\.sh stop .*" first\n$/,
    )
    expect(existsSync(import.meta.dirname)).toBe(true)
  })
})
