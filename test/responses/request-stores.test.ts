import { hash } from 'node:crypto'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { describe, expect, it } from 'vitest'
import { Cache } from '#src/engine/cache/cache.ts'
import { MemoryLog } from '#src/engine/cache/log/memory-log.ts'
import { divideRequestMemory } from '#src/gateway/budgets/request-memory.ts'
import { PersistedQueries } from '#src/gateway/graphql/document/persisted-queries.ts'
import { ResponseHeads } from '#src/gateway/http/response-head.ts'
import { Representation } from '#src/gateway/responses/content-encoder.ts'
import { jsonBytes } from '#src/gateway/responses/json-bytes.ts'
import { type Caller, type RawRequest, RequestIndex } from '#src/gateway/responses/request-index.ts'
import { storedResponse } from '#src/gateway/responses/stored-response.ts'
import { MapTier } from '../cache/instance.ts'

const USER: Caller = { tenant: 'acme', role: 'VIEWER', userId: '1' }
const OWNER = 'acme 1'
const MADE_UP = 3000
const OWN = 50

const requestOf = (caller: Caller | null, text: string, accept = ''): RawRequest => ({
  method: 'POST',
  caller,
  accept,
  contentType: 'application/json',
  preflighted: false,
  text,
})

async function startQueries(maxBytes: number, remote?: MapTier, log = new MemoryLog()) {
  const cache = new Cache({ log, entities: [], secrets: ['a secret for tests only'], ...(remote ? { remote } : {}) })
  await cache.start()
  return {
    queries: new PersistedQueries(
      cache,
      () => 0,
      () => undefined,
      maxBytes,
    ),
    cache,
  }
}

const documentOf = (name: string) => `query ${name} { campaigns { nodes { id name } } }`

describe('the in-memory stores of recognised requests and of persisted queries', () => {
  it('are sized so that their limits do not exceed the configured total', () => {
    const { documents, requests, recognised, persistedQueries, tokens } = divideRequestMemory(1001)
    expect([documents, requests, recognised, persistedQueries, tokens]).toEqual([500, 125, 125, 125, 125])
  })

  it('keep the requests of a user while anonymous callers send thousands of other requests', () => {
    const index = new RequestIndex<object>({ maxBytes: 1_000_000 })
    for (let number = 0; number < OWN; number++) index.set(requestOf(USER, `own ${number}`), {})
    for (let number = 0; number < MADE_UP; number++) index.set(requestOf(null, `made up ${number}`), {})
    const kept = Array.from({ length: OWN }, (_, number) => index.get(requestOf(USER, `own ${number}`))).filter(Boolean)
    expect(kept.length).toBe(OWN)
    expect(index.bytes).toBeLessThanOrEqual(1_000_000)
  })

  it('store no request with unusually long headers, which would use more memory than is counted', () => {
    const index = new RequestIndex<object>({ maxBytes: 1_000_000 })
    const long = requestOf(null, '{}', 'x'.repeat(2000))
    index.set(long, {})
    expect([index.get(long), index.bytes]).toEqual([undefined, 0])
  })

  it('keep the persisted queries of a user while anonymous callers register thousands of others', async () => {
    const { queries, cache } = await startQueries(200_000)
    const register = (name: string, owner: string) => queries.register(hash('sha256', documentOf(name)), documentOf(name), owner)
    for (let number = 0; number < OWN; number++) await register(`Own${number}`, OWNER)
    for (let number = 0; number < MADE_UP; number++) await register(`MadeUp${number}`, '')
    const found = await Promise.all(
      Array.from({ length: OWN }, (_, number) => queries.get(`apq:${hash('sha256', documentOf(`Own${number}`))}`)),
    )
    expect(found.filter((document) => document === undefined)).toEqual([])
    expect(queries.bytes).toBeLessThanOrEqual(200_000)
    await cache.close()
  })

  it('still let a user register a persisted query in the shared tier after anonymous callers have used up their limit', async () => {
    const remote = new MapTier()
    const log = new MemoryLog()
    const { queries, cache } = await startQueries(10_000, remote, log)
    const long = (name: string) => `query ${name} { a } # ${'x'.repeat(30_000)}`
    const register = (name: string, owner: string) => queries.register(hash('sha256', long(name)), long(name), owner)
    for (let number = 0; number < 100; number++) await register(`MadeUp${number}`, '')
    await register('Own', OWNER)
    await cache.close()
    // A second process starts with an empty store, so it finds the query only in the shared tier.
    const { queries: others, cache: another } = await startQueries(10_000, remote, log)
    expect(await others.get(`apq:${hash('sha256', long('Own'))}`)).toBe(long('Own'))
    expect(await others.get(`apq:${hash('sha256', long('MadeUp0'))}`)).toBe(long('MadeUp0'))
    expect(await others.get(`apq:${hash('sha256', long('MadeUp99'))}`)).toBeUndefined()
    await another.close()
  })
})

describe('the estimate of the memory that a parsed JSON value uses', () => {
  // Each copy has different texts and names, because V8 may share equal strings between copies.
  const shapes: Record<string, (copy: number) => string> = {
    'empty objects': () => `[${Array.from({ length: 3000 }, () => '{}').join()}]`,
    'empty lists': () => `[${Array.from({ length: 3000 }, () => '[]').join()}]`,
    'short texts': (copy) => `[${Array.from({ length: 3000 }, (_, index) => `"t${copy}-${index}"`).join()}]`,
    'objects with different property names': (copy) =>
      `[${Array.from({ length: 1000 }, (_, index) => `{"n${copy}_${index}":${index}}`).join()}]`,
    'one long text': (copy) => JSON.stringify(`${copy}${'x'.repeat(30_000)}`),
  }

  it.each(Object.entries(shapes))('is at least 80 % of the real memory for %s, and at most six times the real memory', (_, textOf) => {
    const bytes = heldBy((copy) => JSON.parse(textOf(copy)))
    expect(jsonBytes(JSON.parse(textOf(0)))).toBeGreaterThan(0.8 * bytes)
    expect(jsonBytes(JSON.parse(textOf(0)))).toBeLessThan(6 * bytes)
  })

  it('would be far too low if it were computed from the length of the text; this test detects such an estimate', () => {
    const textOf = shapes['empty objects'] as (copy: number) => string
    expect(4 * textOf(0).length).toBeLessThan(0.8 * heldBy((copy) => JSON.parse(textOf(copy))))
  })
})

describe('a response that was evicted from the cache', () => {
  const KNOWN = { contentType: 'application/json' }

  /** Returns whether the bytes of a response stay in memory as long as the prepared data is referenced. */
  async function isHeldAfterwards(
    prepare: (representation: Representation, response: ReturnType<typeof storedResponse>) => unknown,
  ): Promise<boolean> {
    const bytesOf = () => {
      const response = storedResponse({ madeAt: 0, lifeMs: 60_000, headers: [] }, '{"data":{}}')
      const representation = new Representation('identity', response.bytes)
      prepare(representation, response)
      return new WeakRef(response.bytes)
    }
    const bytes = bytesOf()
    // A weak reference keeps its target alive until the end of the turn in which it was created.
    await nextTurn()
    collectGarbage()
    return bytes.deref() !== undefined
  }

  it('is freed from memory, although the gateway still recognises its request and has prepared its headers', async () => {
    const heads = new ResponseHeads(5000)
    const held = isHeldAfterwards((representation, response) => heads.prepared({ known: KNOWN, response }, representation, 'GET', 0))
    expect(await held).toBe(false)
    expect(heads).toBeDefined()
  })

  it('would stay in memory if its headers were stored with the recognised request; this test detects such a gateway', async () => {
    const heads = new WeakMap<object, unknown>()
    const held = isHeldAfterwards((representation) => heads.set(KNOWN, { representation }))
    expect(await held).toBe(true)
    expect(heads.has(KNOWN)).toBe(true)
  })
})

const collectGarbage = exposedGc()

function exposedGc(): () => void {
  setFlagsFromString('--expose-gc')
  return runInNewContext('gc')
}

/** Returns the heap size of a value, bytes, as the average of several copies. */
function heldBy(make: (copy: number) => unknown): number {
  const kept: unknown[] = [make(0)]
  collectGarbage()
  const before = process.memoryUsage().heapUsed
  for (let copy = 1; copy <= 20; copy++) kept.push(make(copy))
  collectGarbage()
  return (process.memoryUsage().heapUsed - before) / (kept.length - 1)
}
