import { type Audit, type AuditResult, serverAudits } from 'graphql-http'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createDatabase, type TestDatabase } from '../servers/database.ts'
import { type Gateway, startGateway } from './gateway.ts'

/** Audits that fail because of CSRF prevention: they send queries by GET without a header that forces a preflight. */
const REFUSED_WITHOUT_PREFLIGHT = ['5A70', '6A70', 'D6D5']

let database: TestDatabase
let gateway: Gateway

beforeAll(async () => {
  database = await createDatabase()
  gateway = await startGateway({ DATABASE_URL: database.url })
})

afterAll(async () => {
  await gateway?.stop()
  await database?.drop()
})

const run = (audits: readonly Audit[]): Promise<readonly AuditResult[]> => Promise.all(audits.map(async (audit) => audit.fn()))

describe('the public audits of GraphQL over HTTP (the npm package graphql-http)', () => {
  it('all pass if each GET request has the preflight header', async () => {
    const results = await run(
      serverAudits({
        url: `${gateway.url}/graphql`,
        fetchFn: (input: string, init: RequestInit = {}) =>
          fetch(input, { ...init, headers: { ...(init.headers as Record<string, string>), 'apollo-require-preflight': 'true' } }),
      }),
    )
    expect(results).toHaveLength(61)
    expect(results.filter(({ status }) => status !== 'ok').map(({ id, name, status }) => ({ id, name, status }))).toEqual([])
  })

  it('pass without the preflight header, except for the GET requests that CSRF prevention refuses', async () => {
    const results = await run(serverAudits({ url: `${gateway.url}/graphql`, fetchFn: fetch }))
    expect(
      results
        .filter(({ status }) => status !== 'ok')
        .map(({ id }) => id)
        .toSorted(),
    ).toEqual(REFUSED_WITHOUT_PREFLIGHT)
  })
})
