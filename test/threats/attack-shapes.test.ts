import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type CorpusOperation, holdOpenBids, type Ids, idsOf } from '../corpus/operations.ts'
import { type Gateway, startGateway } from '../e2e/gateway.ts'
import { type Attack, attackShapes } from '../hostile/attack-shapes.ts'
import type { HostileRequest } from '../hostile/request.ts'
import { openWorld } from '../hostile/world.ts'
import { createDatabase, type TestDatabase } from '../servers/database.ts'
import { introspectionQueries } from './introspection-queries.ts'
import { type Reply, sendTo } from './send-hostile.ts'

/** Which limit an attack passes does not depend on the rows: a table of tests can be made before there is a database. */
const NO_IDS: Ids = {
  tenant: 'x',
  user: 'x',
  campaigns: ['x', 'x'],
  domain: 'x',
  domainName: 'x',
  liveDomain: 'x',
  text: 'x',
  call: 'x',
  bid: 'x',
  buyer: 'x',
  foreignCampaign: 'x',
  from: 'x',
  to: 'x',
}
const MAX_MESSAGE_LENGTH = 501
/** The corpus has one operation that a limit is to refuse. */
const REFUSED_OF_CORPUS = 'failing: aliases without end'

let database: TestDatabase
let closed: Gateway
let open: Gateway
let ids: Ids
let corpus: readonly CorpusOperation[]

beforeAll(async () => {
  database = await createDatabase({ seed: true })
  await holdOpenBids(database)
  ids = await idsOf(database, 'acme', Date.now())
  ;({ corpus } = await openWorld(ids))
  const env = { NODE_ENV: 'production', DATABASE_URL: database.url }
  ;[closed, open] = await Promise.all([startGateway(env), startGateway({ ...env, INTROSPECTION: 'on' })])
})

afterAll(async () => {
  await Promise.all([closed?.stop(), open?.stop()])
  await database?.drop()
})

function post(query: string, more: Partial<HostileRequest> = {}, variables?: unknown, operationName?: string): HostileRequest {
  const envelope = { query, ...(variables === undefined ? {} : { variables }), ...(operationName === undefined ? {} : { operationName }) }
  return { kind: query, caller: 'ADMIN', method: 'POST', envelopes: [envelope], ...more }
}

function expectShortErrors({ errors = [], text }: Reply): void {
  expect(text).not.toContain('Did you mean')
  for (const { message } of errors) expect(message.length).toBeLessThanOrEqual(MAX_MESSAGE_LENGTH)
}

describe('a published attack on GraphQL servers', () => {
  it.each(
    attackShapes(NO_IDS).map(({ kind, expected: { status, code, setting } }) => [kind, status, setting ?? code] as const),
  )('is refused by a short error that says why: %s (%i, %s)', async (kind) => {
    const attack = attackShapes(ids).find((other) => other.kind === kind) ?? expect.unreachable(kind)
    const reply = await sendTo(closed.url, attack)
    expectShortErrors(reply)
    expectRefusal(reply, attack)
  })

  it('leaves the gateway as it was: the next request is answered', async () => {
    expect(await sendTo(closed.url, post('{viewer{role}}'))).toMatchObject({ status: 200, data: { viewer: { role: 'ADMIN' } } })
  })
})

function expectRefusal({ status, errors = [], data }: Reply, { expected }: Attack): void {
  const [first] = errors
  expect(errors.map(({ extensions }) => extensions?.['code'])).not.toContain('INTERNAL_SERVER_ERROR')
  expect({ status, code: first?.extensions?.['code'], data: data ?? null }).toEqual({
    status: expected.status,
    code: expected.code,
    data: null,
  })
  if (expected.setting === undefined) return
  const { setting, limit, value } = first?.extensions ?? {}
  expect(setting).toBe(expected.setting)
  expect(Number(value)).toBeGreaterThan(Number(limit))
  expect(first?.message).toContain(`${value}`)
  expect(first?.message).toContain(`${limit}`)
  expect(first?.message).toContain(expected.setting)
}

describe('what real clients send', () => {
  it('is within every limit: the operations of the corpus', async () => {
    expect(corpus.length).toBeGreaterThan(80)
    for (const { name, document, variables, operationName } of corpus) {
      const reply = await sendTo(open.url, post(document, {}, variables, operationName))
      expect(reply.status, name).toBeLessThan(500)
      const codes = (reply.errors ?? []).map(({ extensions }) => extensions?.['code'])
      expect([name, codes.includes('LIMIT_EXCEEDED')]).toEqual([name, name === REFUSED_OF_CORPUS])
      if (!name.startsWith('failing: ')) expect([name, codes]).toEqual([name, []])
    }
  })

  it('is within every limit: the query that README shows', async () => {
    const readme = await readFile(join(import.meta.dirname, '../../README.md'), 'utf8')
    const bodies = [...readme.matchAll(/-d '(\{"query":.*\})'/g)].map(([, body = '']) => body)
    expect(bodies.length).toBeGreaterThan(0)
    for (const body of bodies) {
      const { status, errors } = await sendTo(closed.url, post('', { body }))
      expect([body, status, errors]).toEqual([body, 200, undefined])
    }
  })

  it('is within every limit where introspection is on: the introspection queries of tools', async () => {
    for (const [name, query] of introspectionQueries()) {
      const reply = await sendTo(open.url, post(query, { caller: 'nobody' }))
      expect([name, reply.status, reply.errors]).toEqual([name, 200, undefined])
      expect([name, Object.keys(Object(reply.data?.['__schema']))]).toEqual([name, expect.arrayContaining(['types', 'directives'])])
    }
  })
})

describe('an introspection that no tool sends, where introspection is on', () => {
  const loop = (depth: number) => `{__schema{types{${'fields{type{'.repeat(depth)}name${'}}'.repeat(depth)}}}}`
  const aliases = (count: number, make: (index: number) => string) => Array.from({ length: count }, (_, index) => make(index)).join(' ')
  it.each([
    ['all types by 40 aliases', `{__schema{${aliases(40, (index) => `a${index}:types{fields{name args{name}}}`)}}}`, 'MAX_COST'],
    ['all types by 60 aliases', `{__schema{${aliases(60, (index) => `a${index}:types{name}`)}}}`, 'MAX_ALIASES'],
    ['one type by 50 aliases', `{${aliases(50, (index) => `a${index}:__type(name:"Query"){name}`)}}`, 'MAX_ROOT_FIELDS'],
    ['fields within each other', loop(9), 'MAX_DEPTH'],
    [
      'one type by 30 aliases, with the fields of its fields',
      `{${aliases(30, (index) => `a${index}:__type(name:"Query"){fields{type{fields{args{name}}}}}`)}}`,
      'MAX_COST',
    ],
  ])('is refused like any other dear operation: %s', async (_, query, setting) => {
    const reply = await sendTo(open.url, post(query, { caller: 'nobody' }))
    expect([reply.status, reply.errors?.[0]?.extensions]).toEqual([400, expect.objectContaining({ code: 'LIMIT_EXCEEDED', setting })])
  })

  it.each([
    ['fields of the types of fields', loop(3)],
    ['possible types within each other', '{__schema{types{possibleTypes{possibleTypes{interfaces{possibleTypes{name}}}}}}}'],
  ])('is refused by validation where lists of the schema lie within each other: %s', async (_, query) => {
    const reply = await sendTo(open.url, post(query, { caller: 'nobody' }))
    expect([reply.status, reply.errors?.[0]?.extensions?.['code']]).toEqual([200, 'GRAPHQL_VALIDATION_FAILED'])
  })
})
