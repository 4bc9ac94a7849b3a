import { hash } from 'node:crypto'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { describe, expect, it } from 'vitest'
import { Cache } from '../../src/cache/cache.ts'
import { MemoryLog } from '../../src/cache/memory-log.ts'
import { PersistedQueries } from '../../src/graphql/persisted-queries.ts'
import { ResponseHeads } from '../../src/http/response-head.ts'
import { Representation } from '../../src/responses/content-encoder.ts'
import { jsonBytes } from '../../src/responses/json-bytes.ts'
import { type Caller, type RawRequest, RequestIndex } from '../../src/responses/request-index.ts'
import { divideRequestMemory } from '../../src/responses/request-memory.ts'
import { storedResponse } from '../../src/responses/stored-response.ts'
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

describe('what is kept of requests', () => {
  it('is divided so that the parts are no more than the whole', () => {
    const { documents, requests, persistedQueries, tokens } = divideRequestMemory(1001)
    expect([documents, requests, persistedQueries, tokens]).toEqual([500, 250, 125, 125])
  })

  it('includes the requests of a user when anonymous callers make up thousands', () => {
    const index = new RequestIndex<object>({ maxBytes: 1_000_000 })
    for (let number = 0; number < OWN; number++) index.set(requestOf(USER, `own ${number}`), {})
    for (let number = 0; number < MADE_UP; number++) index.set(requestOf(null, `made up ${number}`), {})
    const kept = Array.from({ length: OWN }, (_, number) => index.get(requestOf(USER, `own ${number}`))).filter(Boolean)
    expect(kept.length).toBe(OWN)
    expect(index.bytes).toBeLessThanOrEqual(1_000_000)
  })

  it('includes no request with headers that are longer than usual ones, which would take more than is counted', () => {
    const index = new RequestIndex<object>({ maxBytes: 1_000_000 })
    const long = requestOf(null, '{}', 'x'.repeat(2000))
    index.set(long, {})
    expect([index.get(long), index.bytes]).toEqual([undefined, 0])
  })

  it('includes the persisted queries of a user when anonymous callers register thousands', async () => {
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

  it('leaves a user room in the shared tier when anonymous callers have registered all they may', async () => {
    const remote = new MapTier()
    const log = new MemoryLog()
    const { queries, cache } = await startQueries(10_000, remote, log)
    const long = (name: string) => `query ${name} { a } # ${'x'.repeat(30_000)}`
    const register = (name: string, owner: string) => queries.register(hash('sha256', long(name)), long(name), owner)
    for (let number = 0; number < 100; number++) await register(`MadeUp${number}`, '')
    await register('Own', OWNER)
    // A second process has nothing of its own.
    const { queries: others, cache: another } = await startQueries(10_000, remote, log)
    expect(await others.get(`apq:${hash('sha256', long('Own'))}`)).toBe(long('Own'))
    expect(await others.get(`apq:${hash('sha256', long('MadeUp0'))}`)).toBe(long('MadeUp0'))
    expect(await others.get(`apq:${hash('sha256', long('MadeUp99'))}`)).toBeUndefined()
    await Promise.all([cache.close(), another.close()])
  })
})

describe('the estimate of what JSON takes', () => {
  const shapes: Record<string, string> = {
    'empty objects': `[${Array.from({ length: 3000 }, () => '{}').join()}]`,
    'empty lists': `[${Array.from({ length: 3000 }, () => '[]').join()}]`,
    'short texts': `[${Array.from({ length: 3000 }, (_, index) => `"t${index}"`).join()}]`,
    'objects with names of their own': `[${Array.from({ length: 1000 }, (_, index) => `{"n${index}":${index}}`).join()}]`,
    'one long text': JSON.stringify('x'.repeat(30_000)),
  }

  it.each(Object.entries(shapes))('is the truth for %s, or at most six times as much', (_, text) => {
    const bytes = heldBy(() => JSON.parse(text))
    expect(jsonBytes(JSON.parse(text))).toBeGreaterThan(0.8 * bytes)
    expect(jsonBytes(JSON.parse(text))).toBeLessThan(6 * bytes)
  })

  it('would be a fraction of the truth if it went by the length of the text, which this test notices', () => {
    const text = shapes['empty objects'] as string
    expect(4 * text.length).toBeLessThan(0.8 * heldBy(() => JSON.parse(text)))
  })
})

describe('an answer that has left the cache', () => {
  const KNOWN = { contentType: 'application/json' }

  /** Whether the bytes of an answer live on after nothing but what was prepared from it is left. */
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
    // A weak reference holds its target until the turn in which it was made has ended.
    await nextTurn()
    collectGarbage()
    return bytes.deref() !== undefined
  }

  it('is not held by the head that was made for it, while the request stays known', async () => {
    const heads = new ResponseHeads(5000)
    const held = isHeldAfterwards((representation, response) => heads.of({ known: KNOWN, response }, representation, 'GET', undefined, 0))
    expect(await held).toBe(false)
    expect(heads).toBeDefined()
  })

  it('would be held if heads were kept with the requests that are known, which this test notices', async () => {
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

/** What the heap holds of a value, bytes: the mean of several. */
function heldBy(make: () => unknown): number {
  const kept: unknown[] = [make()]
  collectGarbage()
  const before = process.memoryUsage().heapUsed
  for (let number = 0; number < 20; number++) kept.push(make())
  collectGarbage()
  return (process.memoryUsage().heapUsed - before) / (kept.length - 1)
}
