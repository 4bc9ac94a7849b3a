import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Gateway, startGateway, tokenFor } from '../e2e/gateway.ts'
import { createDatabase, type TestDatabase } from '../servers/database.ts'
import { type RedisServer, startRedis } from '../servers/redis.ts'

const root = join(import.meta.dirname, '../..')
const LIST = '{ campaigns(first: 3) { nodes { id name version } } }'
const RENAME =
  'mutation Rename($input: UpdateCampaignInput!) { updateCampaign(input: $input) { campaign { name version } errors { message code } } }'
const FIELD = 'Query.campaigns'
const WRITES = 25

let database: TestDatabase
let redis: RedisServer
let gateway: Gateway
/** Time at which the storm of mutations began, which is the moment of the drop. */
let storm: string

interface Run {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** Runs the command as an operator would, in another process, with a token of the role. */
async function tidegate(args: readonly string[], role: 'OPERATOR' | 'ADMIN' | 'VIEWER' = 'OPERATOR'): Promise<Run> {
  const env = {
    PATH: process.env['PATH'],
    TIDEGATE_URL: gateway.url,
    TIDEGATE_TOKEN: await tokenFor({ tenant: 'acme', userId: role === 'OPERATOR' ? 'operator' : '1', role }),
  }
  try {
    const { stdout, stderr } = await promisify(execFile)(process.execPath, ['src/tidegate.ts', ...args], { cwd: root, env })
    return { code: 0, stdout, stderr }
  } catch (error) {
    return error as Run
  }
}

async function rename(name: string): Promise<void> {
  const { data } = await gateway.ask(LIST)
  const { id, version } = data?.['campaigns'].nodes[0] ?? {}
  const { data: written } = await gateway.ask(RENAME, { variables: { input: { id, version, name } } })
  expect(written?.['updateCampaign'].errors).toEqual([])
}

/** Adds figures of the field Query.campaigns to the history, as a process that counted them would. The writes of the storm are real ones. */
async function plant(at: string, figures: readonly object[]): Promise<void> {
  const rows = figures.map((row) => ({ subject: 'field', key: FIELD, layer: '', cause: '', ms: 0, saved: 0, bytes: 0, ...row }))
  const statement = `select record_cache_metrics('planted', (extract(epoch from ${at}))::bigint, ${at}, $1::jsonb, '[]'::jsonb) as added`
  expect(await database.query(statement, [JSON.stringify(rows)])).toEqual([{ added: true }])
}

beforeAll(async () => {
  database = await createDatabase({ seed: true })
  redis = await startRedis()
  gateway = await startGateway({ DATABASE_URL: database.url, REDIS_URL: redis.url, WARMING: 'off' })
  const [row] = await database.query(`select date_trunc('minute', clock_timestamp()) as at`)
  storm = (row?.['at'] as Date).toISOString()
  await plant(`timestamptz '${storm}' - interval '3 minutes'`, [
    { operation: 'hit', layer: 'l1', count: 9500 },
    { operation: 'miss', layer: 'origin', count: 500 },
    { operation: 'miss by cause', cause: 'expired', count: 500 },
  ])
  await plant(`timestamptz '${storm}'`, [
    { operation: 'hit', layer: 'l1', count: 4000 },
    { operation: 'miss', layer: 'origin', count: 6000 },
    { operation: 'miss by cause', cause: 'invalidated', count: 6000 },
    { operation: 'reload', count: 6000 },
    { operation: 'needless reload', count: 5900 },
  ])
  for (let write = 0; write < WRITES; write++) await rename(`storm ${write}`)
})

afterAll(async () => {
  await gateway?.stop()
  await redis?.stop()
  await database?.drop()
})

describe('the command line alone answers', () => {
  it('what the hit rate is, and what it could be.', async () => {
    const { code, stdout } = await tidegate(['stats'])
    expect(code).toBe(0)
    const { figures } = JSON.parse((await tidegate(['stats', '--json'])).stdout)
    // The reads of this test are counted, too, and are few beside the planted ones.
    expect(figures.hitRate).toBeCloseTo(13_500 / 20_000, 1)
    expect(figures.reachableHitRate).toBeCloseTo(1 - 6000 / 20_000, 1)
    expect(figures.misses).toMatchObject({ expired: 500 })
    expect(figures.misses.invalidated).toBeGreaterThanOrEqual(6000)
    expect(stdout).toMatch(/field hit rate {2}\d\d\.\d % of 2\d,\d{3} reads of fields\n {2}reachable {7}\d\d\.\d %/)
    expect(stdout).toMatch(/misses {10}invalidated 6,\d{3}, expired 500/)
    expect((await tidegate(['stats', '--by', 'field'])).stdout).toMatch(/^FIELD +READS[\s\S]*\nQuery\.campaigns +2\d,\d{3} /)
  })

  it('why the hit rate fell at a planted moment: it names the field, the cause and the mutation.', async () => {
    const { stdout } = await tidegate(['report', '--at', storm])
    expect(stdout).toMatch(/field +Query\.campaigns\n +cause +invalidated\n +write +mutation updateCampaign/)
    const { drop } = JSON.parse((await tidegate(['report', '--at', storm, '--json'])).stdout)
    expect(drop.before).toBeCloseTo(0.95, 1)
    expect(drop.after).toBeCloseTo(0.4, 1)
  })

  it('why an answer is this old: when its parts were loaded, and which write changed them last.', async () => {
    await gateway.ask(LIST)
    const { stdout } = await tidegate(['explain', '--tenant', 'acme', '--role', 'ADMIN', '--query', LIST])
    expect(stdout).toMatch(/PATH +POLICY +FROM +AGE +TTL/)
    expect(stdout.replaceAll(/\s+/g, ' ')).toContain('last write: mutation updateCampaign at 2')
  })

  it('what a mutation invalidated.', async () => {
    await rename('the last one')
    const { stdout } = await tidegate(['invalidations', '--cause', 'mutation updateCampaign', '--limit', '1', '--json'])
    const { invalidations } = JSON.parse(stdout)
    expect(invalidations).toHaveLength(1)
    expect(invalidations[0]).toMatchObject({ causes: ['mutation updateCampaign'] })
    expect(invalidations[0].tags).toContainEqual(expect.stringMatching(/^acme:Campaign:\d+$/))
    expect((await tidegate(['invalidations', '--cause', 'mutation updateCampaign'])).stdout).toMatch(
      /mutation updateCampaign\n {2}log position \d+/,
    )
  })

  it('what Redis and PostgreSQL do.', async () => {
    const { stdout } = await tidegate(['stats'])
    expect(stdout).toMatch(
      /Redis\n {2}state +connected, accepts writes\n {2}commands +(SLOW: )?p50 [\d.]+ m?s, p99 [\d.]+ m?s in the last minute[\s\S]*?\n {2}memory +[\d.]+ MiB of no limit/,
    )
    expect(stdout).toMatch(/PostgreSQL\n {2}state +reachable, version \d+/)
    expect(stdout).toMatch(/\n {2}statements +(SLOW: )?p50 [\d.]+ m?s, p99 [\d.]+ m?s in the last minute/)
    await redis.stop()
    await expect
      .poll(async () => (await tidegate(['stats'])).stdout, { timeout: 20_000 })
      .toContain('not connected: each process uses its own memory')
    await redis.start()
  })

  it('what to change.', async () => {
    const { code, stdout } = await tidegate(['report'])
    expect(code).toBe(0)
    expect(stdout).toMatch(/What to change\n {2}1\. Query\.campaigns/)
  })
})

describe('the command purge', () => {
  it('shows the dry run without invalidating, then invalidates, and is named as the cause.', async () => {
    await gateway.ask(LIST)
    const dry = await tidegate(['purge', '--table', 'campaigns', '--tenant', 'acme', '--dry-run'])
    expect(dry).toMatchObject({ code: 0, stdout: expect.stringMatching(/^A purge would invalidate [1-9]\d* entr/) })
    expect((await gateway.ask(LIST)).headers.get('x-cache')).toBe('HIT')
    const done = await tidegate(['purge', '--table', 'campaigns', '--tenant', 'acme', '--yes', '--reason', 'test of the command'])
    expect(done).toMatchObject({ code: 0, stdout: expect.stringMatching(/^Invalidated on 1 process/) })
    expect((await gateway.ask(LIST)).headers.get('x-cache')).not.toBe('HIT')
    expect((await tidegate(['invalidations', '--limit', '1'])).stdout).toMatch(/operator operator of acme.*test of the command/)
  })

  it('is refused for the wrong role, another tenant, and a filter that selects everything, each with one sentence.', async () => {
    expect(await tidegate(['purge', 'acme:Campaign:1', '--yes'], 'VIEWER')).toMatchObject({
      code: 3,
      stderr: expect.stringMatching(/^error {2}/),
    })
    expect((await tidegate(['purge', 'other:Campaign:1', '--yes'], 'ADMIN')).code).toBe(3)
    const broad = await tidegate(['purge', '--pattern', '*', '--yes'])
    expect(broad).toMatchObject({ code: 2, stderr: expect.stringContaining('tidegate purge --all TENANT') })
    for (const { stderr } of [broad]) expect(stderr).not.toContain('    at ')
  })
})

it('The completion knows the tags of the running gateway.', async () => {
  await gateway.ask(LIST)
  expect((await tidegate(['completion', 'tags', 'acme:Campaign:'])).stdout).toMatch(/^acme:Campaign:\d+\n/)
})
