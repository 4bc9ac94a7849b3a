import { cp, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { importFolder } from '#src/market/import/import-folder.ts'
import { type Gateway, startGateway } from '../e2e/gateway.ts'
import { createScratchDatabase, type ScratchDatabase } from '../modules/scratch-database.ts'
import { createDatabase, type TestDatabase } from '../servers/database.ts'
import { type TemporaryFolder, temporaryFolder } from '../servers/temporary-folder.ts'
import { runImport } from './import-command.ts'
import { cuts } from './import-database.ts'

describe('the command npm run db:import', () => {
  const QUERY = `{
    domainByName(name: "google.com") { name popularityRank }
    analytics { performance(from: "2011-07-01T00:00:00Z", to: "2011-07-02T00:00:00Z") { calls revenue { amount } } }
  }`
  const principal = { tenant: 'served', userId: 'reports', role: 'ADMIN' } as const
  let database: TestDatabase
  let folder: TemporaryFolder
  let gateway: Gateway

  beforeAll(async () => {
    database = await createDatabase()
    folder = await temporaryFolder('import-command')
    await database.query(`insert into tenants (id, name, currency) values ('served', 'Served', 'USD')`)
    gateway = await startGateway({ DATABASE_URL: database.url })
  })

  afterAll(async () => {
    await gateway?.stop()
    await folder?.remove()
    await database?.drop()
  })

  it('reports the stored and the rejected files, and a running gateway serves the new rows within the staleness bound, although it had cached their absence.', async () => {
    const mixed = join(folder.path, 'mixed')
    await cp(cuts, mixed, { recursive: true })
    await writeFile(join(mixed, 'bad-top-domains.txt'), 'example.com\nnot a name\n')
    const before = await gateway.ask(QUERY, { principal })
    expect(before).toMatchObject({ errors: undefined, data: { domainByName: null, analytics: { performance: { calls: 0 } } } })
    expect((await gateway.ask(QUERY, { principal })).headers.get('x-cache')).toBe('HIT')

    const { code, stdout, stderr } = await runImport([mixed, '--tenant', 'served'], { DATABASE_URL: database.url })
    const importedAt = performance.now()
    expect({ code, stderr }).toEqual({ code: 1, stderr: '' })
    const lines = stdout.trim().split('\n')
    expect(lines).toContain('opendns-domains/opendns-top-domains.txt (ranked domain list): 200 rows, 200 domains added')
    expect(lines).toContain('  left out 1, first in line 188: the source cut off the end of the domain name')
    expect(lines).toContain('Not imported, sums of replays without their rows: optimal-rtb/rtb.results.1458.tsv')
    expect(lines).toContain('bad-top-domains.txt (ranked domain list): refused, nothing of it was stored')
    expect(stdout).toMatch(
      /^ {2}bad-top-domains\.txt:2: column domain: expected a domain name .*, got "not a name"\. .* \[NOT_A_DOMAIN\]$/m,
    )
    expect(lines.at(-2)).toMatch(
      /^Imported 15 files into tenant served in \d+\.\d s: \d+ domains, 199 buyers, \d+ calls, \d+ bids, \d+ events added\.$/,
    )
    expect(lines.at(-1)).toBe('Refused 1 files: bad-top-domains.txt. Correct these files and import them again.')

    for (;;) {
      const sentAt = performance.now()
      const { data } = await gateway.ask(QUERY, { principal })
      if (data?.['domainByName'] !== null && data?.['analytics'].performance.calls > 0) {
        expect(data?.['domainByName']).toEqual({ name: 'google.com', popularityRank: 1 })
        expect(data?.['analytics'].performance.revenue.amount).toBeGreaterThan(0)
        break
      }
      // Only a request that was sent within the staleness bound may get an old answer.
      expect(sentAt - importedAt).toBeLessThan(1_000)
    }
  })

  it('prints one line that says that the folder argument is missing, and exits with 1.', async () => {
    const { code, stderr } = await runImport([], {})
    expect({ code, stderr }).toEqual({ code: 1, stderr: 'db:import: expected one folder, got 0: npm run db:import -- DIR.\n' })
  })
})

describe('An import of a folder', () => {
  let scratch: ScratchDatabase

  beforeAll(async () => {
    scratch = await createScratchDatabase()
  })

  afterAll(async () => {
    await scratch?.drop()
  })

  it.each([
    ['that does not exist', '/does/not/exist', 'a', /^Cannot read \/does\/not\/exist as a folder \(ENOENT\): give the folder/],
    ['without a file of a known format', join(cuts, 'optimal-rtb'), 'a', / contains no file of a known format: give a folder/],
    ['into a tenant with an invalid name', cuts, 'A B', /^--tenant must be 1 to 63 lower-case letters.*got "A B"\.$/],
  ])('%s is rejected before anything is written.', async (_, path, tenant, message) => {
    const refused = { code: 'BAD_USER_INPUT', message: expect.stringMatching(message) }
    await expect(importFolder(scratch.db, { path, tenant, now: 0 })).rejects.toMatchObject(refused)
    expect(await scratch.db.selectFrom('tenants').selectAll().execute()).toEqual([])
  })
})
