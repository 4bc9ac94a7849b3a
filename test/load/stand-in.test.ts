import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type LoadRun, runLoad, runScripts, type ScriptOutcome } from './run-load.ts'

/** Time for which the server stalls, ms. It is longer than a second, so that the slowest requests wait for more than a second. */
const STALL_MS = 1300

let folder: string
const servers: Server[] = []

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tidegate-k6-'))
})

afterAll(async () => {
  for (const server of servers) server.close()
  await rm(folder, { recursive: true })
})

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener)
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

/** Runs a load script against a server. */
async function runScript(name: string, lines: readonly string[], url = 'http://127.0.0.1:1'): Promise<LoadRun> {
  const path = join(folder, `${name}.ts`)
  await writeFile(path, lines.join('\n'))
  return runLoad([path, '--quiet', '--base-url', url])
}

const scenario = (rate: number, duration: string, users: number) =>
  `{ executor: 'constant-arrival-rate', rate: ${rate}, duration: '${duration}', preAllocatedVUs: ${users} }`
const ONE = `export const options = { scenarios: { test: ${scenario(1, '100ms', 1)} } }`

interface Case {
  readonly name: string
  readonly lines: readonly string[]
  readonly exitCode: number
  readonly message: readonly string[]
}

const refused: readonly Case[] = [
  {
    name: 'an unsupported module of k6',
    lines: ["import ws from 'k6/ws'", 'export default () => ws'],
    message: ['import "k6/ws"', 'k6/http'],
  },
  { name: 'a module of Node', lines: ["import 'node:fs'"], message: ['import "node:fs"', 'files by relative path'] },
  {
    name: 'an unsupported export of a k6 module',
    lines: ["import { group } from 'k6'", ONE, 'export default () => group'],
    message: ['k6.group', 'check'],
  },
  {
    name: 'an unsupported method of k6/http',
    lines: ["import http from 'k6/http'", ONE, "export default () => http.get('http://x')"],
    message: ['k6/http.get', 'asyncRequest'],
  },
  {
    name: 'an unsupported request parameter',
    lines: ["import http from 'k6/http'", ONE, "export default () => http.asyncRequest('GET', __ENV.BASE_URL, null, { redirects: 1 })"],
    message: ['redirects', 'headers, tags'],
  },
  {
    name: 'an unsupported property of the response',
    lines: ["import http from 'k6/http'", ONE, "export default async () => (await http.asyncRequest('GET', __ENV.BASE_URL)).json()"],
    message: ['response.json', 'status'],
  },
].map((entry) => ({ ...entry, exitCode: 107 }))

const failing: readonly Case[] = [
  { name: 'a script that throws while it is read', lines: ["throw new Error('bad')"], exitCode: 107, message: ['bad'] },
  {
    name: 'invalid options',
    lines: ['export const options = { scenarios: { a: { executor: 1 } } }'],
    exitCode: 104,
    message: ['constant-arrival-rate'],
  },
  {
    name: 'a threshold on an unknown metric',
    lines: [`${ONE}; options.thresholds = { nothing: ['count==0'] }`, 'export default () => 1'],
    exitCode: 104,
    message: ['nothing'],
  },
  {
    name: 'setup() that throws',
    lines: [ONE, 'export default () => 1', "export async function setup() { throw new Error('no') }"],
    exitCode: 107,
    message: ['no'],
  },
  {
    name: 'setup() that never ends',
    lines: [`${ONE}; options.setupTimeout = '50ms'`, 'export default () => 1', 'export const setup = () => new Promise(() => 1)'],
    exitCode: 100,
    message: ['setup()'],
  },
  {
    name: 'a test that aborts itself',
    lines: ["import exec from 'k6/execution'", ONE, "export default () => exec.test.abort('why')"],
    exitCode: 108,
    message: ['why'],
  },
]

describe('A script that the k6 stand-in cannot run', () => {
  const outcomes = new Map<string, ScriptOutcome>()

  beforeAll(async () => {
    const cases = [...refused, ...failing]
    const files = cases.map(({ name }) => join(folder, `${name.replaceAll(/\W/g, '')}.ts`))
    await Promise.all(cases.map(({ lines }, index) => writeFile(files[index] as string, lines.join('\n'))))
    const found = await runScripts(files)
    cases.forEach(({ name }, index) => {
      outcomes.set(name, found[index] as ScriptOutcome)
    })
  })

  it.each(refused)('ends with an error that names the missing feature and the supported features: $name', ({ name, message }) => {
    expect(outcomes.get(name)).toMatchObject({ code: 'UNSUPPORTED', exitCode: 107 })
    for (const part of message) expect(outcomes.get(name)?.message).toContain(part)
  })

  it.each(failing)('ends with the exit code of k6: $name', ({ name, exitCode, message }) => {
    expect(outcomes.get(name)?.exitCode).toBe(exitCode)
    for (const part of message) expect(outcomes.get(name)?.message).toContain(part)
  })
})

const COUNTING = [
  "import { check } from 'k6'",
  "import http from 'k6/http'",
  "import { Counter, Trend } from 'k6/metrics'",
  "import exec from 'k6/execution'",
  "const own = new Counter('own')",
  "const late = new Trend('late', true)",
  'let iterations = 0',
]

it('A stall of one second in the server shows up as a 99th percentile of at least a second, because no request waits for another request.', async () => {
  let stallsUntil: number | undefined
  const url = await serve((_, response) => {
    const now = performance.now()
    stallsUntil ??= now + 500 + STALL_MS
    const isStalled = now > stallsUntil - STALL_MS && now < stallsUntil
    setTimeout(() => response.end('{}'), isStalled ? stallsUntil - now : 0)
  })
  const run = await runScript(
    'stall',
    [
      ...COUNTING,
      `export const options = { scenarios: { test: ${scenario(40, '2500ms', 100)} }, summaryTrendStats: ['max', 'p(99)'] }`,
      'export default async function () {',
      '  const scheduledAt = exec.scenario.startTime + exec.scenario.iterationInTest * 25',
      "  await http.asyncRequest('GET', __ENV.BASE_URL)",
      '  late.add(Date.now() - scheduledAt)',
      '}',
      "export const handleSummary = (data) => ({ stdout: JSON.stringify(data), stderr: '' })",
    ],
    url,
  )
  expect(run.code, run.stderr).toBe(0)
  const { metrics, state } = JSON.parse(run.stdout.slice(0, run.stdout.indexOf('running ('))) as {
    readonly metrics: Readonly<Record<string, { readonly values: Readonly<Record<string, number>>; readonly contains: string }>>
    readonly state: { readonly testRunDurationMs: number }
  }
  expect(metrics['http_req_duration']?.values['p(99)']).toBeGreaterThanOrEqual(1000)
  expect(metrics['late']?.values['p(99)']).toBeGreaterThanOrEqual(1000)
  expect(metrics['late']?.contains).toBe('time')
  expect(metrics['iterations']?.values['count']).toBe(100)
  expect(metrics['dropped_iterations']).toBeUndefined()
  expect(state.testRunDurationMs).toBeGreaterThanOrEqual(2500)
})

it('Iterations without a free virtual user are dropped and counted, a crossed threshold gives exit code 99, and virtual users share no variables.', async () => {
  const url = await serve((_, response) => setTimeout(() => response.end('{}'), 600))
  const run = await runScript(
    'dropping',
    [
      ...COUNTING,
      `export const options = { scenarios: { test: ${scenario(10, '1s', 2)} }, thresholds: { dropped_iterations: ['count==0'], own: ['count==2'] } }`,
      'export default async function (data: { tenant: string; status: number; error_code: number }) {',
      '  own.add(++iterations, { user: String(exec.vu.idInTest) })',
      "  const response = await http.asyncRequest('GET', __ENV.BASE_URL)",
      "  check(response, { 'the status is 200': ({ status }) => status === 200, 'setup was given': () => data.tenant === 'acme' })",
      "  check(data, { 'a failed connection is a response': ({ status, error_code }) => status === 0 && error_code === 1212 })",
      '}',
      "const setupRequest = () => http.asyncRequest('GET', 'http://127.0.0.1:1')",
      'export const setup = async () => {',
      '  const { status, error_code } = await setupRequest()',
      "  return { tenant: 'acme', status, error_code }",
      '}',
    ],
    url,
  )
  // The two virtual users start at 0 and 100 ms, are busy for 600 ms, and run once more, so the counter of each of them adds up to 1 + 2.
  expect(run.stdout).toMatch(/✗ 'count==0' count=[6-8]/)
  expect(run.stdout).toMatch(/dropped_iterations\.+: [6-8] /)
  expect(run.stdout).toMatch(/own\.+: [46] /)
  expect(run.stdout).toContain('✓ setup was given')
  expect(run.stdout).toContain('✓ a failed connection is a response')
  expect(run.stdout).toMatch(/http_req_failed\.+: \d+\.\d\d% +1 out of \d/)
  expect(run.stderr).toContain("thresholds on metrics 'dropped_iterations, own' have been crossed")
  expect(run.code).toBe(99)
})
