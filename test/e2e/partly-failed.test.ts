import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Link, startLink } from '../faults/link.ts'
import { createDatabase, type TestDatabase } from '../servers/database.ts'
import { type Answer, admin, type Gateway, startGateway } from './gateway.ts'

const GOOD = 'tlds(kind: GENERIC) { name } campaigns(first: 2) { nodes { id name } }'

let database: TestDatabase
let link: Link
let gateway: Gateway
/** The data of the fields of GOOD. */
let good: Answer['data']

const viewer = { ...admin, role: 'VIEWER' } as const

beforeAll(async () => {
  database = await createDatabase({ seed: true })
  const databaseUrl = new URL(database.url)
  link = await startLink(Number(databaseUrl.port || 5432))
  databaseUrl.port = String(link.port)
  gateway = await startGateway({ DATABASE_URL: databaseUrl.href })
  const { data, errors } = await gateway.ask(`{ ${GOOD} }`)
  expect([errors, data?.['campaigns'].nodes.length]).toEqual([undefined, 2])
  good = data
})

afterAll(async () => {
  await gateway?.stop()
  await link?.close()
  await database?.drop()
})

describe('a page of three root fields of which one fails gets the other two and one error', () => {
  const failures = [
    ['a cursor is wrong', 'bids(after: "none") { nodes { id } }', 'bids', 'BAD_USER_INPUT'],
    ['the caller lacks the role', 'suppressions { nodes { id } }', 'suppressions', 'FORBIDDEN'],
    [
      'a value of a group needs a role',
      'analytics { revenueByBuyer(from: "2026-01-01T00:00:00Z") { revenue { amount } } }',
      'revenueByBuyer',
      'FORBIDDEN',
    ],
  ] as const

  it.each(failures)('when %s: the right fields come from the cache, and no cache stores the page', async (_title, field, name, code) => {
    // The third execution is that of compiled code.
    for (let asked = 0; asked < 4; asked++) {
      const { status, data, errors, headers } = await gateway.ask(`{ ${GOOD} ${field} }`, { principal: viewer })
      expect([status, errors?.map(({ extensions }) => extensions.code), errors?.[0]?.path?.at(-1)]).toEqual([200, [code], name])
      expect(data).toEqual({ ...good, ...(name === 'revenueByBuyer' ? { analytics: { [name]: null } } : { [name]: null }) })
      expect([headers.get('cache-control'), headers.get('x-cache')]).toEqual(['no-store', 'HIT'])
    }
  })

  it('when the database is down: stale values are marked, and the page is whole as soon as the database is back', async () => {
    const page = `{ ${GOOD} bids(first: 1) { nodes { id } } }`
    link.mode = 'refuse'
    link.cut()
    await expect.poll(async () => (await gateway.ask(`{ ${GOOD} }`)).extensions?.['stale'], { timeout: 10_000 }).toBeDefined()
    for (let asked = 0; asked < 2; asked++) {
      const { status, data, errors, headers, extensions } = await gateway.ask(page)
      expect([status, errors?.map(({ path, extensions: { code } }) => [path, code])]).toEqual([200, [[['bids'], 'UNAVAILABLE']]])
      expect(data).toEqual({ ...good, bids: null })
      expect([headers.get('cache-control'), extensions?.['stale']]).toEqual(['no-store', expect.anything()])
    }
    link.mode = 'pass'
    const whole = { errors: undefined, data: { ...good, bids: { nodes: [expect.anything()] } } }
    await expect.poll(() => gateway.ask(page), { timeout: 10_000 }).toMatchObject(whole)
  })
})
