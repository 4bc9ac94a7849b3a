import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { gzipSync } from 'node:zlib'
import { CompiledQuery, type Kysely, sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { importDncList } from '#src/market/import/dnc/import-dnc-list.ts'
import { type Line, openLines, readLines } from '#src/market/import/dnc/read-lines.ts'
import type { Database } from '#src/market/tables/tables.ts'
import { createScratchDatabase, type ScratchDatabase } from '../modules/scratch-database.ts'
import { type TemporaryFolder, temporaryFolder } from '../servers/temporary-folder.ts'
import { dncHashes as hashes, madeCaller, watchSwitch } from './dnc-callers.ts'

const CALLERS = 12_000
const NUMBER = '+12125550187'

let scratch: ScratchDatabase
let folder: TemporaryFolder
let lists = 0

beforeAll(async () => {
  scratch = await createScratchDatabase()
  folder = await temporaryFolder('dnc')
})
afterAll(async () => {
  await folder?.remove()
  await scratch?.drop()
})

const newList = () => `list-${++lists}`
const textOf = (group: string, count: number) => Array.from({ length: count }, (_, index) => madeCaller(group, index)).join('\n')
const linesOf = (text: string) => readLines(Readable.from([Buffer.from(text)]))
const importText = (list: string, text: string, db: Kysely<Database> = scratch.db) =>
  importDncList(db, { list, lines: linesOf(text), hashes, isAlone: false })
const stateOf = async (list: string) => {
  const { rows } = await sql`select version, entries, importing_version, (select count(*) from dnc_entries where list = name) as stored
    from dnc_lists where name = ${list}`.execute(scratch.db)
  return rows[0]
}

describe('The import of a do-not-call list', () => {
  it('switches from one version to the next at once, so no reader sees a mixture, and deletes the old version.', async () => {
    const list = newList()
    expect(await importText(list, textOf('old', CALLERS))).toEqual({ version: 1, entries: CALLERS })
    const importing = importText(list, textOf('new', CALLERS))
    const query = async (text: string, parameters: readonly unknown[]) =>
      (await scratch.db.executeQuery<Record<string, unknown>>(CompiledQuery.raw(text, [...parameters]))).rows
    const seen = await watchSwitch(query, list, CALLERS, importing)
    expect(await importing).toEqual({ version: 2, entries: CALLERS })
    expect(seen).toEqual({ old: expect.any(Number), new: expect.any(Number), mixed: 0 })
    expect(Math.min(seen.old, seen.new)).toBeGreaterThan(0)
    expect(await stateOf(list)).toEqual({ version: 2, entries: CALLERS, importingVersion: null, stored: CALLERS })
  })

  it('is watched by a reader that notices a list that is deleted and filled again in place.', async () => {
    const list = newList()
    await importText(list, textOf('old', 50))
    const query = async (text: string, parameters: readonly unknown[]) =>
      (await scratch.db.executeQuery<Record<string, unknown>>(CompiledQuery.raw(text, [...parameters]))).rows
    const inPlace = async () => {
      await sql`delete from dnc_entries where list = ${list}`.execute(scratch.db)
      for (let index = 0; index < 50; index++)
        await sql`insert into dnc_entries values (${list}, 1, ${hashes.ofDnc(madeCaller('new', index))})`.execute(scratch.db)
    }
    expect((await watchSwitch(query, list, 50, inPlace())).mixed).toBeGreaterThan(0)
  })

  it('takes numbers and hashes, compressed or not, counts a repeated caller once and ignores empty lines.', async () => {
    const list = newList()
    const text = `${NUMBER}\r\n\n${madeCaller('old', 1).toUpperCase()}\n${NUMBER}\n`
    const path = join(folder.path, 'list.gz')
    await writeFile(path, gzipSync(text))
    expect(await importDncList(scratch.db, { list, lines: openLines(path), hashes, isAlone: false })).toEqual({ version: 1, entries: 2 })
  })

  it.each<[string, string | Buffer, string, number]>([
    ['a wrong line', `${textOf('new', 6000)}\n${NUMBER}x\n`, 'NOT_A_CALLER', 6001],
    ['a line without an end in sight', `${NUMBER}\n${'5'.repeat(3_000_000)}`, 'NOT_A_CALLER', 2],
    ['bytes that are no text', Buffer.from([0, 255, 10]), 'NOT_A_CALLER', 1],
    ['a national number, which could be of another country', '2125550187', 'NOT_A_CALLER', 1],
    ['no caller', '\n\n', 'NOT_A_CALLER', 0],
    ['a file that was cut off', gzipSync(textOf('new', 9000)).subarray(0, 100_000), 'UNREADABLE', expect.any(Number) as number],
  ])('T30: of a file with %s changes nothing and names the line, but not its text.', async (_, content, code, line) => {
    const list = newList()
    await importText(list, textOf('old', 3))
    const before = await stateOf(list)
    const path = join(folder.path, `${list}${code === 'UNREADABLE' ? '.gz' : ''}`)
    await writeFile(path, content)
    const result = await importDncList(scratch.db, { list, lines: openLines(path), hashes, isAlone: false })
    expect(result).toMatchObject({ problem: { code, line } })
    expect(JSON.stringify(result)).not.toContain('5550187')
    expect(await stateOf(list)).toEqual({ ...(before as object), importingVersion: 2 })
  })

  it('is refused while another import of the list runs, and lists do not wait for each other.', async () => {
    const list = newList()
    const isLoading = Promise.withResolvers<void>()
    const goOn = Promise.withResolvers<void>()
    const slow = async function* (): AsyncGenerator<Line> {
      isLoading.resolve()
      await goOn.promise
      yield { number: 1, text: NUMBER }
    }
    const first = importDncList(scratch.db, { list, lines: slow(), hashes, isAlone: false })
    await isLoading.promise
    await expect(importText(list, NUMBER)).rejects.toThrow('but one is running: wait until it has ended')
    expect(await importText(newList(), NUMBER)).toEqual({ version: 1, entries: 1 })
    goOn.resolve()
    expect(await first).toEqual({ version: 1, entries: 1 })
  })

  it('deletes what a dead import has left, and does not use its number again.', async () => {
    const list = newList()
    await importText(list, textOf('old', 3))
    await sql`update dnc_lists set importing_version = 2 where name = ${list}`.execute(scratch.db)
    await sql`insert into dnc_entries select ${list}, 2, caller from dnc_entries where list = ${list}`.execute(scratch.db)
    expect(await importText(list, textOf('new', 4))).toEqual({ version: 3, entries: 4 })
    expect(await stateOf(list)).toEqual({ version: 3, entries: 4, importingVersion: null, stored: 4 })
  })

  it('that lost its lock does not switch the list after another import has begun.', async () => {
    const list = newList()
    const overtaken = async function* (): AsyncGenerator<Line> {
      yield { number: 1, text: NUMBER }
      await importDncList(scratch.db, { list, lines: linesOf(textOf('new', 4)), hashes, isAlone: true })
    }
    await expect(importDncList(scratch.db, { list, lines: overtaken(), hashes, isAlone: true })).rejects.toThrow('another import has begun')
    expect(await stateOf(list)).toEqual({ version: 2, entries: 4, importingVersion: null, stored: 4 })
  })
})
