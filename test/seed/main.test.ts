import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { compileCache } from '../servers/compile-cache.ts'
import { createDatabase } from '../servers/database.ts'

const main = join(import.meta.dirname, '../../src/market/seed/main.ts')

describe('npm run db:seed', () => {
  it('fills an empty database and prints the numbers of rows; a second run fails with a one-line error', async () => {
    const database = await createDatabase()
    const env = { DATABASE_URL: database.url }
    try {
      const first = await run(['--campaigns', '3', '--scale', '0.01', '--tenants', '2'], env)
      expect(first).toMatchObject({ code: 0, stderr: '' })
      expect(first.stdout).toMatch(
        /^Seeded 2 tenants, 3 campaigns, \d+ domains, 20 buyers, \d+ publishers, 66 calls, \d+ bids, 100 events in \d+\.\d s\.\n$/,
      )
      const second = await run([], env)
      expect(second.code).toBe(1)
      expect(second.stderr).toMatch(/^db:seed: The database holds rows already .*pass --add to add to it\.\n$/)
    } finally {
      await database.drop()
    }
  })

  it.each([
    ['an unknown option', ['--campaings', '3'], {}, /^db:seed: Unknown option '--campaings'/],
    ['an option that is not a number', ['--scale', 'big'], {}, /^db:seed: scale must be more than 0 and at most 1000, got NaN\.\n$/],
    ['an option that is not a date', ['--now', 'soon'], {}, /^db:seed: --now must be a date such as/],
    [
      'a database that does not respond',
      [],
      { DATABASE_URL: 'postgres://postgres@127.0.0.1:1/none' },
      /^db:seed: the database cannot be used .*correct DATABASE_URL\.\n$/,
    ],
  ])('fails with a one-line error that says what is wrong with %s', async (_, argv, env, message) => {
    const { code, stderr } = await run(argv, env)
    expect(code).toBe(1)
    expect(stderr).toMatch(message)
  })
})

function run(argv: readonly string[], env: Readonly<Record<string, string>>): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [main, ...argv],
      { env: { PATH: process.env['PATH'], ...compileCache, ...env } },
      (error, stdout, stderr) => {
        resolve({ code: typeof error?.code === 'number' ? error.code : error ? -1 : 0, stdout, stderr })
      },
    )
  })
}
