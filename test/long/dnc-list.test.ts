import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { appendFile, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { importDncList } from '#src/market/import/dnc/import-dnc-list.ts'
import { readLines } from '#src/market/import/dnc/read-lines.ts'
import { DNC_KEY, dncHashes as hashes, madeCaller, watchSwitch } from '../import/dnc-callers.ts'
import { runImport } from '../import/import-command.ts'
import { createEmbeddedScratchDatabase } from '../modules/scratch-database.ts'
import { createDatabase, type TestDatabase } from '../servers/database.ts'
import { type TemporaryFolder, temporaryFolder } from '../servers/temporary-folder.ts'

/** `npm run test:thorough -- dnc` imports the documented million. */
const CALLERS = process.env['DNC_ALL'] ? 1_000_000 : 100_000
const NUMBER = '+12125550187'
const MAX_RSS_KIB = 200 * 1024

/** Writes the maximum resident size of the process, KiB, to the file in MEMORY_FILE when the process ends. */
const METER = `data:text/javascript,${encodeURIComponent(`
  import { writeFileSync } from 'node:fs'
  process.on('exit', () => writeFileSync(process.env.MEMORY_FILE, String(process.resourceUsage().maxRSS)))
`)}`

describe('npm run db:import -- FILE --list NAME', () => {
  let database: TestDatabase
  let folder: TemporaryFolder

  beforeAll(async () => {
    database = await createDatabase()
    folder = await temporaryFolder('dnc-memory')
    for (const group of ['old', 'new']) {
      const stream = createWriteStream(join(folder.path, group))
      for (let index = 0; index < CALLERS; index++) if (!stream.write(`${madeCaller(group, index)}\n`)) await once(stream, 'drain')
      stream.end()
      await once(stream, 'close')
    }
  }, 300_000)

  afterAll(async () => {
    await folder?.remove()
    await database?.drop()
  })

  it(`replaces ${CALLERS} callers by others in less than 200 MB, readers see no mixture, and a wrong last line changes nothing.`, {
    timeout: 1_800_000,
  }, async () => {
    const MEMORY_FILE = join(folder.path, 'memory')
    const env = { DATABASE_URL: database.url, CALLER_HASH_KEY: DNC_KEY, JWT_SECRET: DNC_KEY, CACHE_SECRET: DNC_KEY, MEMORY_FILE }
    const take = (group: string) => runImport([join(folder.path, group), '--list', 'national'], env, ['--import', METER])
    const stored = async () =>
      database.query(
        'select version, entries::int, (select count(*)::int from dnc_entries where list = name) as stored from dnc_lists where name = $1',
        ['national'],
      )
    expect(await take('old')).toMatchObject({ code: 0 })
    const importing = take('new')
    const seen = await watchSwitch((text, parameters) => database.query(text, parameters), 'national', CALLERS, importing)
    const { code, stdout, stderr } = await importing
    expect({ code, stderr, mixed: seen.mixed }).toEqual({ code: 0, stderr: '', mixed: 0 })
    expect(Math.min(seen.old, seen.new)).toBeGreaterThan(0)
    const rss = Number(await readFile(MEMORY_FILE, 'utf8'))
    process.stdout.write(
      `${stdout.trim()} ${Math.round(rss / 1024)} MB; reads of the old version: ${seen.old}, of the new one: ${seen.new}.\n`,
    )
    expect(rss).toBeLessThan(MAX_RSS_KIB)
    expect(await stored()).toEqual([{ version: 2, entries: CALLERS, stored: CALLERS }])
    await appendFile(join(folder.path, 'old'), 'no number\n')
    expect(await take('old')).toMatchObject({ code: 1, stderr: expect.stringContaining(`old:${CALLERS + 1}: expected a number`) })
    expect(await stored()).toEqual([{ version: 2, entries: CALLERS, stored: CALLERS }])
  })

  it('works with the embedded database, which has one connection.', async () => {
    const embedded = await createEmbeddedScratchDatabase()
    try {
      const options = { list: 'national', hashes, isAlone: embedded.handle.embedded }
      expect(await importDncList(embedded.db, { ...options, lines: readLines(Readable.from([Buffer.from(NUMBER)])) })).toEqual({
        version: 1,
        entries: 1,
      })
      expect(await importDncList(embedded.db, { ...options, lines: readLines(Readable.from([Buffer.from(NUMBER)])) })).toEqual({
        version: 2,
        entries: 1,
      })
    } finally {
      await embedded.drop()
    }
  })

  it('is a command that prints the result, or the wrong line without its text, and exits with code 1.', async () => {
    const env = { DATABASE_URL: database.url, CALLER_HASH_KEY: DNC_KEY, JWT_SECRET: DNC_KEY, CACHE_SECRET: DNC_KEY }
    const path = join(folder.path, 'list.txt')
    await writeFile(path, `${NUMBER}\n`)
    const right = await runImport([path, '--list', 'short'], env)
    expect(right).toMatchObject({ code: 0, stdout: expect.stringMatching(/^The list short has 1 callers \(version 1\)/) })
    await writeFile(path, `${NUMBER}\n${NUMBER}x\n`)
    const wrong = await runImport([path, '--list', 'short'], env)
    expect(wrong).toMatchObject({ code: 1, stderr: expect.stringMatching(/list\.txt:2: expected a number .* \[NOT_A_CALLER\]/) })
    expect(JSON.stringify([right, wrong])).not.toContain('5550187')
  })
})
