import { afterAll, beforeAll, expect, it } from 'vitest'
import { type Gateway, startGateway, tokenFor } from '../e2e/gateway.ts'
import { runLoad } from '../load/run-load.ts'
import { createDatabase, type TestDatabase } from '../servers/database.ts'

let database: TestDatabase
let gateway: Gateway

beforeAll(async () => {
  database = await createDatabase({ seed: true })
  gateway = await startGateway({ DATABASE_URL: database.url })
})

afterAll(async () => {
  await gateway?.stop()
  await database?.drop()
})

it('The smoke load test passes on a gateway, with reads, writes and consistency tokens.', async () => {
  const tokens = await Promise.all(['acme', 'northstar'].map((tenant) => tokenFor({ tenant, userId: 'load', role: 'EDITOR' })))
  // The latency limit is high, because the machine may be busy. Longer runs test latency.
  const env = { BASE_URL: gateway.url, TOKENS: tokens.join(','), P95_MS: '10000', WRITE_SHARE: '0.4', VUS: '60' }
  const run = await runLoad(['smoke', '--quiet', '--duration', '1s', '--rate', '20'], env)
  expect(run.stderr).toBe('')
  expect(run.stdout).toContain('✓ no version is older than promised')
  expect(run.stdout).toMatch(/iterations\.+: 20 /)
  expect(run.stdout).toMatch(/answers_bypass\.+: [1-9]/)
  expect(run.stdout).toMatch(/wrong answers +0\n/)
  expect(run.code).toBe(0)
})
