import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect, it, onTestFinished } from 'vitest'
import { readMigrations } from '#src/engine/postgres/read-migrations.ts'
import { temporaryFolder } from '../servers/temporary-folder.ts'

const MIGRATION = 'export const migration = { up: async () => {}, down: async () => {} }\n'

/** Reads the given files from two folders as one list of migrations. */
async function read(one: readonly string[], other: readonly string[] = [], text = MIGRATION) {
  const folder = await temporaryFolder('migrations')
  onTestFinished(folder.remove)
  const folders = [one, other].map((names, index) => ({ path: join(folder.path, String(index)), names }))
  for (const { path, names } of folders) {
    await mkdir(path)
    for (const name of names) await writeFile(join(path, name), text)
  }
  return readMigrations(folders.map(({ path }) => pathToFileURL(path)))
}

it('Migrations of several folders are read in the order of their numbers, and other files are ignored.', async () => {
  const migrations = await read(['0003-calls.ts', '0001-tables.ts', '0001-tables.d.ts', 'notes.md'], ['0002-log.ts', '0002-log.js.map'])
  expect(Object.keys(migrations)).toEqual(['0001-tables', '0002-log', '0003-calls'])
  expect(migrations['0002-log']).toEqual({ up: expect.any(Function), down: expect.any(Function) })
})

it.each<[string, readonly string[], readonly string[], RegExp]>([
  [
    'a missing number',
    ['0001-tables.ts', '0003-calls.ts'],
    [],
    /^Expected migration 0002, found .*0003-calls\.ts: .* call it 0002-calls, or add/,
  ],
  ['no migration number 1', ['0002-calls.ts'], [], /^Expected migration 0001, found .*0002-calls\.ts/],
  [
    'a repeated number',
    ['0001-tables.ts', '0002-calls.ts'],
    ['0002-bids.ts'],
    /^Two migrations have the number 0002, .*1\/0002-bids\.ts and .*0\/0002-calls\.ts: give the newer one the next free number/,
  ],
  [
    'a file name without a number',
    ['0001-tables.ts', 'calls.ts'],
    [],
    /^Expected a migration to be called NNNN-title\.ts .* found .*calls\.ts/,
  ],
])('Migrations with %s are rejected with an error that names the files.', async (_, one, other, message) => {
  await expect(read(one, other)).rejects.toMatchObject({ code: 'CONFIGURATION', message: expect.stringMatching(message) })
})

it('A file that exports no migration is rejected with an error that names the file.', async () => {
  await expect(read(['0001-tables.ts'], [], 'export const up = async () => {}\n')).rejects.toThrow(
    /^Expected .*0001-tables\.ts to export `migration` with the functions up and down/,
  )
})
