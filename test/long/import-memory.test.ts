import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runImport } from '../import/import-command.ts'
import { createDatabase, type TestDatabase } from '../servers/database.ts'
import { type TemporaryFolder, temporaryFolder } from '../servers/temporary-folder.ts'

/** `npm run test:thorough -- import` imports the documented maximum of a million lines. */
const LINES = process.env['IMPORT_ALL'] ? 1_000_000 : 100_000
const MAX_RSS_KIB = 200 * 1024

/** Writes the maximum resident size of the process, KiB, to the file in MEMORY_FILE when the process ends. */
const METER = `data:text/javascript,${encodeURIComponent(`
  import { writeFileSync } from 'node:fs'
  process.on('exit', () => writeFileSync(process.env.MEMORY_FILE, String(process.resourceUsage().maxRSS)))
`)}`

describe('npm run db:import', () => {
  let database: TestDatabase
  let folder: TemporaryFolder

  beforeAll(async () => {
    database = await createDatabase()
    folder = await temporaryFolder('import-memory')
    await mkdir(join(folder.path, 'data'))
    const stream = createWriteStream(join(folder.path, 'data/made-top-domains.txt'))
    for (let rank = 1; rank <= LINES; rank += 1) if (!stream.write(`site-${rank.toString(36)}-name.com\n`)) await once(stream, 'drain')
    stream.end()
    await once(stream, 'close')
  })

  afterAll(async () => {
    await folder?.remove()
    await database?.drop()
  })

  it('shows its usage with --help.', async () => {
    const { code, stdout } = await runImport(['--help'], {})
    expect(code).toBe(0)
    expect(stdout).toContain('npm run db:import -- DIR [--tenant imported]')
  })

  it(`stores all ${LINES} lines of a file and uses less than 200 MB of memory.`, { timeout: 900_000 }, async () => {
    const MEMORY_FILE = join(folder.path, 'memory')
    const { code, stdout } = await runImport([join(folder.path, 'data')], { DATABASE_URL: database.url, MEMORY_FILE }, ['--import', METER])
    expect(code).toBe(0)
    expect(stdout).toContain(`made-top-domains.txt (ranked domain list): ${LINES} rows, ${LINES} domains added`)
    // A small file is read completely before the first progress line is due.
    if (LINES === 1_000_000) expect(stdout).toContain('made-top-domains.txt: 50 % read')
    expect(Number(await readFile(MEMORY_FILE, 'utf8'))).toBeLessThan(MAX_RSS_KIB)
    expect(await database.query('select count(*)::int as domains, max(popularity_rank) as last from domains')).toEqual([
      { domains: LINES, last: LINES },
    ])
  })
})
