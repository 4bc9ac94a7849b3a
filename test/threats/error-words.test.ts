import { setImmediate as nextTurn } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { errorCodes } from '#src/errors.ts'
import { batched, type Module } from '#src/gateway/contract/module.ts'
import { MapTier } from '../cache/instance.ts'
import { viewer } from '../graphql/tiny-gateway.ts'
import { CANARY, TinyStore } from '../graphql/tiny-module.ts'
import { bearer, get, post, type Reply, startTinyServer } from './tiny-server.ts'

const QUERY = '{ notes { nodes { text } } }'
const INNER = new RegExp(`${CANARY}|secret_table|23505|ECONNREFUSED|SELECT|postgres|redis|node_modules|\\.ts:|\\bat \\w`, 'i')

/** Errors as the drivers of the database and of Redis throw them, with details that must not reach a client. */
const FAILURES: readonly (readonly [title: string, code: keyof typeof errorCodes, thrown: () => unknown])[] = [
  [
    'a failing SQL statement',
    'INTERNAL_SERVER_ERROR',
    () =>
      Object.assign(new Error(`duplicate key value violates unique constraint "secret_table_pkey" ${CANARY}`), {
        code: '23505',
        detail: `Key (token)=(${CANARY})`,
        query: `SELECT ${CANARY} from secret_table`,
      }),
  ],
  [
    'a database that cannot be reached',
    'UNAVAILABLE',
    () => Object.assign(new Error(`connect ECONNREFUSED postgres://me:${CANARY}@db`), { code: 'ECONNREFUSED' }),
  ],
  ['a bug', 'INTERNAL_SERVER_ERROR', () => new TypeError(`Cannot read ${CANARY}`, { cause: new Error(CANARY) })],
  ['a thrown value that is not an error', 'INTERNAL_SERVER_ERROR', () => CANARY],
  [
    'an error that imitates an error for clients',
    'INTERNAL_SERVER_ERROR',
    () => Object.assign(new Error(CANARY), { extensions: { code: 'BAD_USER_INPUT', sql: CANARY }, status: 200 }),
  ],
]

interface Source {
  thrown: (() => unknown) | undefined
  held: Promise<void> | undefined
  loads: number
}

function failingAt(source: Source): (module: Module) => Module {
  const notes = batched<unknown, unknown, { ids: number[] }>(async (parents) => {
    source.loads++
    await source.held
    if (source.thrown) throw source.thrown()
    return parents.map(() => ({ ids: [1] }))
  })
  return (module) => ({ ...module, resolvers: { ...module.resolvers, Query: { ...(module.resolvers['Query'] as object), notes } } })
}

function oneNote(): TinyStore {
  const store = new TinyStore()
  store.put({ id: 1, tenantId: 't1', folder: 'in', text: 'one' })
  store.written = []
  return store
}

function expectNothingInner({ text, headers }: Reply): void {
  expect(text).not.toMatch(INNER)
  expect(JSON.stringify(headers)).not.toMatch(INNER)
}

describe('T10: an internal error', () => {
  it.each(FAILURES)('T10: reaches the client only as a code and a request id, on every response path: %s', async (_, code, thrown) => {
    const source: Source = { thrown, held: undefined, loads: 0 }
    await using server = await startTinyServer({ gateway: { store: oneNote(), adapt: failingAt(source) } })
    const authorization = await bearer(viewer('t1'))
    const requests = [post(QUERY, { authorization }), get(QUERY, { authorization }), post(`{ lucky ${QUERY.slice(1)}`, { authorization })]
    // Sends each request often enough for its operation to be executed by compiled code.
    for (const request of [...requests, ...requests, ...requests, ...requests]) {
      const answer = await server.send({ ...request, headers: { ...request.headers, 'x-request-id': 'mine' } })
      expectNothingInner(answer)
      const { message } = errorCodes[code]
      expect(JSON.parse(answer.text)).toMatchObject({ errors: [{ message, path: ['notes'], extensions: { code, requestId: 'mine' } }] })
      expect(Object.keys(JSON.parse(answer.text).errors[0].extensions).sort()).toEqual(['code', 'requestId'])
      expect([answer.headers['cache-control'], answer.headers['etag']]).toEqual(['no-store', undefined])
    }
    expect(source.loads).toBe(12)
  })

  it.each(
    FAILURES,
  )("T10: reaches each caller who waits for the same execution with that caller's own request id: %s", async (_, code, thrown) => {
    const ids = ['one', 'two', 'three', 'four', 'five', 'six']
    const source: Source = { thrown: undefined, held: undefined, loads: 0 }
    const { promise: everybodyWaits, resolve: open } = Promise.withResolvers<void>()
    let waiting = 0
    await using server = await startTinyServer({
      gateway: { store: oneNote(), adapt: failingAt(source) },
      onRecall: () => {
        if (++waiting === ids.length) void nextTurn().then(open)
      },
    })
    const request = post(QUERY, { authorization: await bearer(viewer('t1')) })
    expect((await server.send(request)).status).toBe(200)
    Object.assign(source, { thrown, held: everybodyWaits, loads: 0 })
    await server.gateway.cache.invalidate({ tenant: 't1' })
    const answers = await Promise.all(ids.map((id) => server.send({ ...request, headers: { ...request.headers, 'x-request-id': id } })))
    expect(source.loads).toBe(1)
    for (const [index, answer] of answers.entries()) {
      expectNothingInner(answer)
      const { errors } = JSON.parse(answer.text)
      expect(errors.map(({ extensions }: { extensions: unknown }) => extensions)).toEqual([{ code, requestId: ids[index] }])
      expect(answer.headers['x-request-id']).toBe(ids[index])
      expect(answer.headers['cache-control']).toBe('no-store')
    }
    expect(server.gateway.hidden.map(({ requestId }) => requestId).sort()).toEqual(ids.toSorted())
    source.thrown = undefined
    expect(JSON.parse((await server.send(request)).text)).toEqual({ data: { notes: { nodes: [{ text: 'one' }] } } })
  })

  it('T10: in the code for Redis changes no response and appears in no response', async () => {
    const remote = new MapTier()
    const failure = async () => Promise.reject(new Error(`NOAUTH redis://:${CANARY}@cache`))
    Object.assign(remote, { getMany: failure, setMany: failure, deleteMany: failure })
    await using server = await startTinyServer({ gateway: { store: oneNote(), remote } })
    await using plain = await startTinyServer({ gateway: { store: oneNote(), enabled: false } })
    const request = post(QUERY, { authorization: await bearer(viewer('t1')) })
    const expected = await plain.send(request)
    for (let i = 0; i < 3; i++) {
      const answer = await server.send(request)
      expectNothingInner(answer)
      expect([answer.status, answer.text]).toEqual([200, expected.text])
    }
    expect(server.atHand.count).toBeGreaterThan(0)
  })

  it('T10: in a COMMIT reaches the client only as UNAVAILABLE', async () => {
    await using server = await startTinyServer({ gateway: { store: oneNote() } })
    server.store.losesCommit = true
    const authorization = await bearer(viewer('t1', 'EDITOR'))
    const answer = await server.send(post('mutation { setText(id: "1", text: "x") { text } }', { authorization }))
    expectNothingInner(answer)
    expect(JSON.parse(answer.text).errors).toMatchObject([{ message: errorCodes.UNAVAILABLE.message, extensions: { code: 'UNAVAILABLE' } }])
  })
})
