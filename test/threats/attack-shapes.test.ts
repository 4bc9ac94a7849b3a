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

/**
 * Placeholder ids. The limit that an attack exceeds does not depend on the rows, so the table of tests can be built
 * before the database exists.
 */
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
  publisher: 'x',
  foreignCampaign: 'x',
  from: 'x',
  to: 'x',
}
const MAX_MESSAGE_LENGTH = 501
/** The single operation of the corpus that a limit must reject. */
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
  )('is rejected with a short error that states the reason: %s (%i, %s)', async (kind) => {
    const attack = attackShapes(ids).find((other) => other.kind === kind) ?? expect.unreachable(kind)
    const reply = await sendTo(closed.url, attack)
    expectShortErrors(reply)
    expectRefusal(reply, attack)
  })

  it('does not damage the gateway, which answers the next request', async () => {
    expect(await sendTo(closed.url, post('{viewer{role}}'))).toMatchObject({ status: 200, data: { viewer: { role: 'ADMIN' } } })
  })
})

function expectRefusal({ status, errors = [], data }: Reply, { expected }: Attack): void {
  const [first] = errors
  expect(errors.map(({ extensions }) => extensions?.['code'])).not.toContain('INTERNAL_SERVER_ERROR')
  // A root field that fails is null, beside the other fields.
  const values = Object.values(data ?? {}).filter((value) => value !== null)
  expect({ status, code: first?.extensions?.['code'], values }).toEqual({ status: expected.status, code: expected.code, values: [] })
  if (expected.setting === undefined) return
  const { setting, limit, value } = first?.extensions ?? {}
  expect(setting).toBe(expected.setting)
  expect(Number(value)).toBeGreaterThan(Number(limit))
  expect(first?.message).toContain(`${value}`)
  expect(first?.message).toContain(`${limit}`)
  expect(first?.message).toContain(expected.setting)
}

describe('a request that a real client sends', () => {
  it('is within every limit if it is an operation of the test corpus', async () => {
    expect(corpus.length).toBeGreaterThan(80)
    for (const { name, document, variables, operationName } of corpus) {
      const reply = await sendTo(open.url, post(document, {}, variables, operationName))
      expect(reply.status, name).toBeLessThan(500)
      const codes = (reply.errors ?? []).map(({ extensions }) => extensions?.['code'])
      expect([name, codes.includes('LIMIT_EXCEEDED')]).toEqual([name, name === REFUSED_OF_CORPUS])
      if (!name.startsWith('failing: ')) expect([name, codes]).toEqual([name, []])
    }
  })

  it('is within every limit if it is the query in README', async () => {
    const readme = await readFile(join(import.meta.dirname, '../../README.md'), 'utf8')
    const bodies = [...readme.matchAll(/-d '(\{"query":.*\})'/g)].map(([, body = '']) => body)
    expect(bodies.length).toBeGreaterThan(0)
    for (const body of bodies) {
      const { status, errors } = await sendTo(closed.url, post('', { body }))
      expect([body, status, errors]).toEqual([body, 200, undefined])
    }
  })

  it('is within every limit if it is the introspection query of a known tool and introspection is on', async () => {
    for (const [name, query] of introspectionQueries()) {
      const reply = await sendTo(open.url, post(query, { caller: 'nobody' }))
      expect([name, reply.status, reply.errors]).toEqual([name, 200, undefined])
      expect([name, Object.keys(Object(reply.data?.['__schema']))]).toEqual([name, expect.arrayContaining(['types', 'directives'])])
    }
  })
})

describe('an introspection query that no tool sends, while introspection is on,', () => {
  const loop = (depth: number) => `{__schema{types{${'fields{type{'.repeat(depth)}name${'}}'.repeat(depth)}}}}`
  const aliases = (count: number, make: (index: number) => string) => Array.from({ length: count }, (_, index) => make(index)).join(' ')
  it.each([
    ['all types by 40 aliases', `{__schema{${aliases(40, (index) => `a${index}:types{fields{name args{name}}}`)}}}`, 'MAX_COST'],
    ['all types by 60 aliases', `{__schema{${aliases(60, (index) => `a${index}:types{name}`)}}}`, 'MAX_ALIASES'],
    ['one type by 50 aliases', `{${aliases(50, (index) => `a${index}:__type(name:"Query"){name}`)}}`, 'MAX_ROOT_FIELDS'],
    ['nested fields', loop(9), 'MAX_DEPTH'],
    [
      'one type by 30 aliases, with nested fields',
      `{${aliases(30, (index) => `a${index}:__type(name:"Query"){fields{type{fields{args{name}}}}}`)}}`,
      'MAX_COST',
    ],
  ])('is rejected like any other expensive operation: %s', async (_, query, setting) => {
    const reply = await sendTo(open.url, post(query, { caller: 'nobody' }))
    expect([reply.status, reply.errors?.[0]?.extensions]).toEqual([400, expect.objectContaining({ code: 'LIMIT_EXCEEDED', setting })])
  })

  it.each([
    ['nested types of fields', loop(3)],
    ['nested possible types', '{__schema{types{possibleTypes{possibleTypes{interfaces{possibleTypes{name}}}}}}}'],
  ])('is rejected by the validation rule against deeply nested introspection: %s', async (_, query) => {
    const reply = await sendTo(open.url, post(query, { caller: 'nobody' }))
    expect([reply.status, reply.errors?.[0]?.extensions?.['code']]).toEqual([200, 'GRAPHQL_VALIDATION_FAILED'])
  })
})
