import { execFile } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Gateway, JWT_SECRET, start, startGateway } from '../e2e/gateway.ts'
import { createDatabase, type TestDatabase } from '../servers/database.ts'
import { type TemporaryFolder, temporaryFolder } from '../servers/temporary-folder.ts'

const root = join(import.meta.dirname, '../..')
const CAMPAIGNS = `query Campaigns($first: Int!) @warm(cron: "0 6 * * *", tenants: ACTIVE, roles: [ADMIN], variables: { first: 7 }) {
  campaigns(first: $first) { nodes { id name } }
}
query TopLevelDomains @warm { tlds { name } }
`

describe('The command that warms a running gateway', () => {
  let database: TestDatabase
  let folder: TemporaryFolder
  let file: string
  let gateway: Gateway

  beforeAll(async () => {
    database = await createDatabase({ seed: true })
    folder = await temporaryFolder('warming')
    file = join(folder.path, 'warm.graphql')
    await writeFile(file, CAMPAIGNS)
    gateway = await startGateway({ DATABASE_URL: database.url, WARM_FILE: file })
  })

  afterAll(async () => {
    await gateway?.stop()
    await folder?.remove()
    await database?.drop()
  })

  const run = (args: readonly string[]) =>
    new Promise<{ readonly code: number; readonly stdout: string; readonly stderr: string }>((resolve) => {
      const env = { PATH: process.env['PATH'], DATABASE_URL: database.url, JWT_SECRET, WARM_FILE: file }
      execFile(process.execPath, ['scripts/warm.ts', ...args], { cwd: root, env }, (error, stdout, stderr) =>
        resolve({ code: typeof error?.code === 'number' ? error.code : error ? -1 : 0, stdout, stderr }),
      )
    })

  it('is not needed for a query with a cron pattern, because the gateway warms that query itself and logs each run', async () => {
    const scheduled = join(folder.path, 'scheduled.graphql')
    await writeFile(scheduled, 'query EverySecond @warm(cron: "* * * * * *") { tlds { name } }\n')
    const started = await start({ DATABASE_URL: database.url, WARM_FILE: scheduled, PORT: '0' })
    await started.ready
    while (!started.output.some((line) => /"reason":"schedule".*"executed":1.*"warming finished"/.test(line))) await pause(50)
    started.process.kill('SIGTERM')
    expect(await started.exited).toBe(0)
  })

  it('loads the queries of the file and the dashboards for all active tenants, after which requests are hits', async () => {
    const { code, stdout, stderr } = await run(['--url', gateway.url])
    expect([code, stderr]).toEqual([0, ''])
    expect(stdout).toMatch(/^\d+ of \d+ operations done\n/)
    expect(stdout).toMatch(/\n\d+ warmed, 0 cached before, 0 failed, in [\d.]+ s\n$/)
    const { headers } = await gateway.ask('query($first: Int!) { campaigns(first: $first) { nodes { id name } } }', {
      variables: { first: 7 },
    })
    expect(headers.get('x-cache')).toBe('HIT')
    const dashboard = await gateway.ask('{ analytics { dashboard(period: MONTH) { current { calls } } } }')
    expect(dashboard.headers.get('x-cache')).toBe('HIT')
    const again = await run(['--url', gateway.url, '--tenant', 'acme', 'Campaigns', 'TopLevelDomains'])
    expect(again).toMatchObject({ code: 0, stdout: expect.stringMatching(/\n0 warmed, 2 cached before, 0 failed/) })
  })

  it('exits with 1 and a remedy if the gateway or a named query does not exist, and exits with 2 for wrong arguments', async () => {
    const [away, unknown, wrong] = await Promise.all([
      run(['--url', 'http://127.0.0.1:1', '--tenant', 'acme']),
      run(['--url', gateway.url, 'Nothing']),
      run(['--concurrent', '1000']),
    ])
    expect(away.code).toBe(1)
    expect(away.stderr).toMatch(/^warm: .*no response \(.*\): start the gateway, or correct --url\n/)
    expect(unknown).toMatchObject({
      code: 1,
      stderr:
        'warm: There is no query Nothing. Known queries: Dashboards, Routes, Campaigns, TopLevelDomains. Name one of these, or give another file with --file.\n',
    })
    expect(wrong.code).toBe(2)
    expect(wrong.stderr).toContain('warm: --concurrent: expected a whole number from 1 to 64, got 1000.')
  })

  it('is not needed to find a mistake in the file, because the gateway does not start with an invalid file', async () => {
    const broken = join(folder.path, 'broken.graphql')
    await writeFile(broken, 'query Campaigns @warm(tenants: ACTIVE) {\n  campaigns { nodes { colour } }\n}\n')
    const started = await start({ DATABASE_URL: database.url, WARM_FILE: broken })
    expect(await started.exited).toBe(1)
    expect(started.output.join('\n')).toContain(
      `tidegate: ${broken}:2: query Campaigns: expected a query that is valid for the schema, got: Cannot query field "colour" on type "Campaign". Correct it.`,
    )
  })
})
