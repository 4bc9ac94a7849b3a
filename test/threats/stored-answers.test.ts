import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { MemoryLog } from '#src/engine/cache/log/memory-log.ts'
import { openRedis, type RedisHandle } from '#src/engine/redis/open-redis.ts'
import { batched, type Module } from '#src/gateway/contract/module.ts'
import { viewer } from '../graphql/tiny-gateway.ts'
import { TinyStore } from '../graphql/tiny-module.ts'
import { needs } from '../servers/availability.ts'
import { type RedisServer, startRedis } from '../servers/redis.ts'
import { bearer, get, post, type Sent, startTinyServer } from './tiny-server.ts'

/** Number of executions that is sufficient for an operation to be executed by compiled code. */
const EXECUTIONS = 4

let redis: RedisServer
const handles: RedisHandle[] = []

beforeAll(async () => {
  redis = await startRedis()
})

afterAll(async () => {
  for (const handle of handles) await handle.close()
  await redis?.stop()
})

function openRemote() {
  const handle = openRedis({
    url: redis.url,
    commandTimeoutMs: 5000,
    prefix: 'threats',
    onDown: () => undefined,
    onUp: () => undefined,
  })
  handles.push(handle)
  return handle.remote
}

/** Starts two processes that share a log, a store and a Redis server, and one process without a cache. */
async function startProcesses(adapt: (module: Module) => Module = (module) => module) {
  const log = new MemoryLog()
  const store = new TinyStore()
  for (const id of [1, 2, 3]) store.put({ id, tenantId: 't1', folder: 'in', text: `note ${id}` })
  store.written = []
  const start = (remote = openRemote()) => startTinyServer({ gateway: { store, log, remote, adapt } })
  const [one, other] = [await start(), await start()]
  const plain = await startTinyServer({ gateway: { store, log: new MemoryLog(), enabled: false, adapt } })
  return {
    one,
    other,
    plain,
    store,
    async [Symbol.asyncDispose]() {
      for (const server of [one, other, plain]) await server[Symbol.asyncDispose]()
    },
  }
}

type Processes = Awaited<ReturnType<typeof startProcesses>>

/**
 * Returns the responses from every source: executed, from the cache of the process, from the fast path, and from an
 * entry of another process in Redis.
 */
async function everyWay({ one, other }: Processes, request: Sent): Promise<ReadonlyMap<string, string>> {
  const answers = new Map<string, string>()
  const made = await one.send(request)
  answers.set(`made: ${made.headers['x-cache']}`, made.text)
  answers.set('again', (await one.send(request)).text)
  answers.set('at hand', (await one.untilAtHand(request)).text)
  const shared = await other.send(request)
  answers.set(`shared: ${shared.headers['x-cache-level']}`, shared.text)
  answers.set('shared, again', (await other.send(request)).text)
  answers.set('shared, at hand', (await other.untilAtHand(request)).text)
  expect([...answers.keys()]).toEqual(['made: MISS', 'again', 'at hand', 'shared: L2', 'shared, again', 'shared, at hand'])
  return answers
}

describe('T16: property names that every object has, such as __proto__,', needs('redis-server'), () => {
  const NAMES = ['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'valueOf', '__defineGetter__', 'prototype', 'then', 'toJSON']
  const aliased = (field: string) => NAMES.map((name) => `${name}: ${field}`).join(' ')
  const prototypes = () =>
    [Object.prototype, Array.prototype, Function.prototype, String.prototype].map((prototype) => Reflect.ownKeys(prototype).map(String))

  const requests: readonly (readonly [title: string, query: string, variables: string])[] = [
    ['aliases of root fields', `{ ${aliased('words { nodes { name } }')} }`, '{}'],
    ['aliases of nested fields', `{ notes { nodes { ${aliased('text')} } ${NAMES[0]}: nodes { ${aliased('length')} } } }`, '{}'],
    ['aliases of fields that are all null', `{ ${aliased('note(id: "404") { id }')} }`, '{}'],
    [
      'variables',
      `query ($__proto__: ID!, $constructor: String, $hasOwnProperty: ID!) {
        one: note(id: $__proto__) { text } two: note(id: $hasOwnProperty) { text } notes(folder: $constructor) { nodes { text } } }`,
      '{"__proto__": "1", "constructor": "in", "hasOwnProperty": "2"}',
    ],
    [
      'variables whose values are objects',
      'query ($__proto__: String, $toString: String) { notes(folder: $__proto__) { nodes { text } } word(name: "call") { name } words { nodes { name } } again: notes(folder: $toString) { nodes { id } } }',
      '{"__proto__": {"polluted": true}, "constructor": {"prototype": {"polluted": true}}, "toString": null}',
    ],
    ['an operation', `query constructor { ${aliased('words { nodes { letters } }')} }`, '{"__proto__": {"polluted": true}}'],
    [
      'fragments',
      'query __proto__ { words { ...toString } } fragment toString on WordList { nodes { ...__proto__ } } fragment __proto__ on Word { name }',
      '{}',
    ],
  ]

  it.each(requests)('T16: give the same JSON on every response path: %s', async (_, query, variables) => {
    const before = prototypes()
    await using processes = await startProcesses()
    const authorization = await bearer(viewer('t1'))
    const request = {
      ...post(query, { authorization, 'x-request-id': 'same' }),
      body: `{"query":${JSON.stringify(query)},"variables":${variables},"__proto__":{"polluted":true}}`,
    }
    const expected = await processes.plain.send(request)
    expect(prototypes()).toEqual(before)
    expect(Reflect.get({}, 'polluted')).toBeUndefined()
    if (!expected.text.includes('"errors"'))
      for (const [way, text] of await everyWay(processes, request)) expect([way, text]).toEqual([way, expected.text])
    for (const server of [processes.plain, processes.one, processes.other]) {
      for (let execution = 1; execution <= EXECUTIONS; execution++) {
        await server.gateway.cache.invalidate('everything')
        const { status, text } = await server.send(request)
        expect([execution, status, text]).toEqual([execution, expected.status, expected.text])
      }
    }
    expect(prototypes()).toEqual(before)
    expect(Reflect.get({}, 'polluted')).toBeUndefined()
  })

  it('T16: appear in the response exactly as they were selected', async () => {
    await using processes = await startProcesses()
    const request = get(`{ ${aliased('word(name: "call") { name }')} }`)
    for (const [, text] of await everyWay(processes, request))
      expect(text).toBe(`{"data":{${NAMES.map((name) => `"${name}":{"name":"call"}`).join(',')}}}`)
  })

  it.each(NAMES)('T16: lead to separate cache entries as values of a variable: %s', async (name) => {
    await using processes = await startProcesses()
    const authorization = await bearer(viewer('t1'))
    const query = `query ($${name}: ID!) { note(id: $${name}) { text } }`
    for (const id of [1, 2, 3, 2, 1]) {
      for (const server of [processes.one, processes.other]) {
        const { text } = await server.send({
          ...post(query, { authorization }),
          body: `{"query":"${query}","variables":{"${name}":"${id}"}}`,
        })
        expect(text).toBe(`{"data":{"note":{"text":"note ${id}"}}}`)
      }
    }
  })

  it('T16: match nothing if a request sends them as the name of an operation, as an extension or as a document hash', async () => {
    await using server = await startTinyServer()
    const before = prototypes()
    for (const name of NAMES) {
      const { text } = await server.send({
        ...post(''),
        body: JSON.stringify({ query: '{ words { nodes { name } } }', operationName: name, extensions: { [name]: { [name]: 1 } } }),
      })
      expect(JSON.parse(text).data).toBeUndefined()
      const extensions = { persistedQuery: { version: 1, sha256Hash: name } }
      const unknown = await server.send({ ...post(''), body: JSON.stringify({ extensions }) })
      expect(JSON.parse(unknown.text).errors[0].extensions.code).toBe('BAD_USER_INPUT')
    }
    expect(server.store.loads).toEqual([])
    expect(prototypes()).toEqual(before)
  })
})

describe('T24: a resolver that modifies a cached value', needs('redis-server'), () => {
  /** Modifies everything that it receives from a cached field, in all possible ways, before it returns it. */
  const vandal = (attempts: unknown[]): ((module: Module) => Module) => {
    const nodes = ({ ids }: { ids: number[] }) => {
      for (const spoil of [
        () => ids.reverse(),
        () => ids.push(4),
        () => Object.assign(ids, { 0: 9 }),
        () => Reflect.set(ids, 'length', 0),
      ]) {
        try {
          spoil()
        } catch (error) {
          attempts.push(error)
        }
      }
      return ids.map((id) => ({ id, text: `note ${id}`, folder: 'in' }))
    }
    const notes = batched<unknown, unknown, { ids: number[] }>(async (parents) => parents.map(() => ({ ids: [1, 2, 3] })))
    return (module) => ({
      ...module,
      resolvers: {
        ...module.resolvers,
        Query: { ...(module.resolvers['Query'] as object), notes },
        NoteList: { ...(module.resolvers['NoteList'] as object), nodes },
      },
    })
  }
  const FIRST = '{ notes { nodes { id } } }'
  const READS = [FIRST, '{ notes { nodes { text id } } }', '{ notes { nodes { id } } lucky }', '{ again: notes { nodes { id } } }']

  it('T24: changes nothing for later readers, from any cache tier and by any operation', async () => {
    const attempts: unknown[] = []
    await using processes = await startProcesses(vandal(attempts))
    const authorization = await bearer(viewer('t1'))
    for (let i = 0; i < 3; i++) {
      for (const server of [processes.one, processes.other]) {
        for (const query of READS) {
          const { text } = await server.send(post(query, { authorization }))
          const list = Object.values(JSON.parse(text).data)[0] as { nodes: { id: string }[] }
          expect([i, query, list.nodes.map(({ id }) => id)]).toEqual([i, query, ['1', '2', '3']])
        }
      }
    }
    expect(attempts.length).toBeGreaterThan(0)
    expect(processes.one.atHand.count + processes.other.atHand.count).toBeGreaterThan(0)
  })

  it('T24: cannot change the copy in Redis', async () => {
    const attempts: unknown[] = []
    await using processes = await startProcesses(vandal(attempts))
    const request = post(FIRST, { authorization: await bearer(viewer('t1')) })
    for (const [way, text] of await everyWay(processes, request))
      expect([way, text]).toEqual([way, '{"data":{"notes":{"nodes":[{"id":"1"},{"id":"2"},{"id":"3"}]}}}'])
    const other = post('{ other: notes { nodes { id } } }', { authorization: await bearer(viewer('t1')) })
    const shared = await processes.other.send(other)
    expect(shared.text).toBe('{"data":{"other":{"nodes":[{"id":"1"},{"id":"2"},{"id":"3"}]}}}')
  })
})
