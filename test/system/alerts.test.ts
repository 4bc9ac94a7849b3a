import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { boardExpressions, metricsIn, RULE_FOLDER, readAlertFiles } from '../architecture/alert-rules.ts'
import { startGateway } from '../e2e/gateway.ts'
import { createDatabase } from '../servers/database.ts'
import { freePort } from '../servers/free-port.ts'
import { startRedis } from '../servers/redis.ts'
import { requiredProgram } from './required-program.ts'

const run = promisify(execFile)

/** Runs promtool. Returns its output; rejects with its output if it reports a fault. */
async function promtool(...args: string[]): Promise<string> {
  const { stdout, stderr } = await run(requiredProgram('promtool'), args, { cwd: RULE_FOLDER })
  return stdout + stderr
}

/** Checks expressions with promtool, each as a recording rule. */
async function checkExpressions(expressions: readonly string[]): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'tidegate-expressions-'))
  try {
    const rules = expressions.map((expr, index) => ({ record: `panel:${index}`, expr }))
    const file = join(folder, 'rules.yml')
    // JSON is valid YAML.
    await writeFile(file, JSON.stringify({ groups: [{ name: 'panels', rules }] }))
    return await promtool('check', 'rules', file)
  } finally {
    await rm(folder, { recursive: true })
  }
}

const missingFrom = (names: Iterable<string>, served: ReadonlySet<string>) => [...names].filter((name) => !served.has(name))

describe('The files for Prometheus', () => {
  it('are valid: the example configuration, the recording rules and the alerts', async () => {
    expect(await promtool('check', 'config', 'prometheus.yml')).toContain('2 rule files found')
    expect(await promtool('check', 'rules', 'recording.yml', 'alerts.yml')).not.toContain('FAILED')
  })

  it('contain alerts that fire with their figures when they should, and only then', async () => {
    expect(await promtool('test', 'rules', 'alerts.test.yml')).toContain('SUCCESS')
  }, 300_000)
})

describe('The dashboard for Grafana', () => {
  const expressions = boardExpressions().map(({ expression }) => expression)

  it('contains only valid expressions', async () => {
    expect(expressions.length).toBeGreaterThan(50)
    expect(await checkExpressions(expressions)).toContain(`${expressions.length} rules found`)
  })

  it('is checked by a function that reports an invalid expression', async () => {
    await expect(checkExpressions([...expressions, 'rate(tidegate_redis_up)'])).rejects.toThrow('expected type range vector')
  })
})

describe('A running gateway with two workers', () => {
  it('serves every metric that the alerts, the recording rules and the dashboard name', async () => {
    const [database, redis, port] = await Promise.all([createDatabase({ seed: true }), startRedis(), freePort()])
    const env = { DATABASE_URL: database.url, REDIS_URL: redis.url, WORKERS: '2', METRICS_PORT: String(port) }
    const gateway = await startGateway(env)
    try {
      for (let read = 0; read < 4; read++) expect((await gateway.ask('{ campaigns(first: 2) { nodes { name } } }')).status).toBe(200)
      const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text()
      const served = new Set([...text.matchAll(/^# TYPE (\S+) /gm)].map(([, name]) => name as string))
      const rules = readAlertFiles().alerts + (await readFile(join(RULE_FOLDER, 'recording.yml'), 'utf8'))
      const named = [rules, ...boardExpressions().map(({ expression }) => expression)].flatMap((expressions) => [...metricsIn(expressions)])
      expect(new Set(named).size).toBeGreaterThan(40)
      expect(missingFrom(new Set(named), served)).toEqual([])
      expect(missingFrom(metricsIn('rate(tidegate_cache_reeds_total[5m])'), served)).toEqual(['tidegate_cache_reeds_total'])
      // Each worker reads Redis and the database. Their figures are those of one server, not sums.
      const connections = await database.query("select setting::int - 3 as accepted from pg_settings where name = 'max_connections'")
      expect(text).toContain(`\ntidegate_database_connections_max ${connections[0]?.['accepted']}\n`)
      expect(text).toContain('\ntidegate_redis_clients_max{node="primary"} 10000\n')
      expect(text).toContain('\ntidegate_cache_staleness_bound_seconds 1\n')
      expect(text).toMatch(/^tidegate_database_pool_max 20$/m)
    } finally {
      await gateway.stop()
      await redis.stop()
      await database.drop()
    }
  })
})
