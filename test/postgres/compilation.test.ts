import { afterAll, beforeAll, expect, it } from 'vitest'
import { createDatabase, type TestDatabase } from '../servers/database.ts'

let database: TestDatabase

beforeAll(async () => {
  database = await createDatabase()
})

afterAll(() => database?.drop())

it('PostgreSQL does not JIT-compile the functions that avoid sequential scans, because it would compile such a function again at every call of the function.', async () => {
  const functions = await database.query(
    "select proname as name, proconfig as settings from pg_proc where 'enable_seqscan=off' = any(proconfig)",
  )
  expect(functions.map(({ name }) => name)).toContain('publish')
  for (const { settings } of functions) expect(settings).toContain('jit=off')
})
