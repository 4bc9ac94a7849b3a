import { afterAll, beforeAll, expect, it } from 'vitest'
import { createDatabase, type TestDatabase } from '../servers/database.ts'

let database: TestDatabase

beforeAll(async () => {
  database = await createDatabase()
})

afterAll(() => database?.drop())

it('functions without sequential scans are not compiled: the price of the scans that are left would have it done at every call', async () => {
  const functions = await database.query(
    "select proname as name, proconfig as settings from pg_proc where 'enable_seqscan=off' = any(proconfig)",
  )
  expect(functions.map(({ name }) => name)).toContain('publish')
  for (const { settings } of functions) expect(settings).toContain('jit=off')
})
