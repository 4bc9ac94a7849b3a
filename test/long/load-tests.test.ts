import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type Gateway, startGateway, tokenFor } from '../e2e/gateway.ts'
import { runLoad } from '../load/run-load.ts'
import { createDatabase, type TestDatabase } from '../servers/database.ts'
import { startFaultyProxy } from './faulty-proxy.ts'

let database: TestDatabase
let gateway: Gateway
let tokens: string

beforeAll(async () => {
  database = await createDatabase({ seed: true })
  gateway = await startGateway({ DATABASE_URL: database.url })
  tokens = (await Promise.all(['acme', 'brightline'].map((tenant) => tokenFor({ tenant, userId: 'load', role: 'EDITOR' })))).join(',')
})

afterAll(async () => {
  await gateway?.stop()
  await database?.drop()
})

/** Latency is not tested here, because the machine may be busy. */
function run(scenario: string, args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  return runLoad([scenario, '--quiet', ...args], { BASE_URL: gateway.url, TOKENS: tokens, P95_MS: '60000', VUS: '120', ...env })
}

it.each([
  'load',
  'stress',
  'spike',
  'soak',
  'stampede',
  'write-mix',
])('The load test script %s runs, and no response is older than the guarantees allow.', async (scenario) => {
  const { code, stdout, stderr } = await run(scenario, ['--duration', '2s', '--rate', '40'])
  expect(stderr).toBe('')
  expect(stdout).toContain("stale_answers\n    ✓ 'count==0' count=0")
  expect(stdout).toContain('✓ the answer has data and no errors')
  expect(code).toBe(0)
})

it.each([
  ['makes a load test fail, with and without consistency tokens', {}],
  ['makes a load test fail that allows for lost requests, too', { FAULTS: 'on' }],
])('A gateway whose cache is never invalidated %s.', async (_, env) => {
  const proxy = await startFaultyProxy(gateway.url, 'never invalidates')
  try {
    const { code, stdout, stderr } = await run('write-mix', ['--duration', '4s', '--rate', '30', '--base-url', proxy.url], {
      VUS: '4',
      ...env,
    })
    expect(stderr).toContain('stale_answers')
    expect(stdout).toMatch(/✗ 'count==0' count=[1-9]/)
    expect(stdout).toContain('✗ no version is older than promised')
    expect(stdout).toMatch(/wrong answers +[1-9]/)
    expect(code).toBe(99)
  } finally {
    proxy.stop()
  }
})

it('A single response with status 503 makes a load test fail.', async () => {
  const proxy = await startFaultyProxy(gateway.url, 'answers 503')
  try {
    const { code, stderr } = await run('smoke', ['--duration', '3s', '--base-url', proxy.url])
    expect(stderr).toContain('server_errors')
    expect(code).toBe(99)
  } finally {
    proxy.stop()
  }
})

it('A second without responses makes a load test fail by its latency threshold, and the report shows the latency.', async () => {
  const proxy = await startFaultyProxy(gateway.url, 'stalls')
  const out = await mkdtemp(join(tmpdir(), 'tidegate-load-'))
  try {
    const args = ['--duration', '3s', '--base-url', proxy.url, '--out', out]
    const { code, stderr } = await run('smoke', args, { P95_MS: '900' })
    expect(stderr).toContain('http_req_duration{scenario:smoke}')
    expect(code).toBe(99)
    const report = JSON.parse(await readFile(join(out, 'report.json'), 'utf8'))
    expect(report.hasPassed).toBe(false)
    expect(Math.max(...report.seconds.map(({ p99 }: { readonly p99: number }) => p99))).toBeGreaterThanOrEqual(1000)
    expect(report.summary.setup_data).toBeUndefined()
    expect(await readFile(join(out, 'report.html'), 'utf8')).not.toContain(tokens.split(',')[0])
  } finally {
    proxy.stop()
    await rm(out, { recursive: true })
  }
})

it('SIGINT ends a load test early, with its summary and exit code 105.', async () => {
  const env = { BASE_URL: gateway.url, TOKENS: tokens, P95_MS: '60000' }
  const { code, stdout } = await runLoad(['smoke', '--duration', '10m'], env, 'running (')
  expect(stdout).toContain("✓ 'count==0' count=0")
  expect(stdout).toContain('smoke ✗ [')
  expect(code).toBe(105)
})

it('A run with faults restarts Redis twice and kills a gateway once, and no response is older than the guarantees allow.', async () => {
  const { stdout, stderr } = await runLoad(['write-mix', '--faults', '--quiet', '--duration', '20s', '--rate', '40'], { P95_MS: '60000' })
  expect([...stderr.matchAll(/^load: (.+) at [\d.]+ s$/gm)].map(([, what]) => what)).toEqual([
    'Redis stopped',
    'Redis started again',
    'one of two gateways killed',
    'one of two gateways started again',
    'Redis stopped',
    'Redis started again',
  ])
  expect(stdout).toContain("stale_answers\n    ✓ 'count==0' count=0")
  // Requests that were in flight at the killed gateway are lost, which in so short a run may be more than 0.1 %.
  expect(Number(/errors +([\d.]+)%/.exec(stdout)?.[1])).toBeLessThan(2)
})
