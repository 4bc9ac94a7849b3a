import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { EVERYTHING_TAG, MemoryLog, tenantTag } from '#src/engine/cache/index.ts'
import type { CacheEvent } from '#src/engine/cache/model/events.ts'
import { OperationRecorder } from '#src/gateway/warming/operation-recorder.ts'
import type { RecordStore } from '#src/operations/warming/record-store.ts'
import { Warming, type WarmingEvent } from '#src/operations/warming/warming.ts'
import { MapTier } from '../cache/instance.ts'
import { ManualEnv } from '../cache/manual-env.ts'
import { startTinyGateway, viewer } from '../graphql/tiny-gateway.ts'
import { TINY_SDL, TinyStore } from '../graphql/tiny-module.ts'

const NOTES = 'query Notes($folder: String) { notes(folder: $folder) { nodes { id text } } }'
const WORDS = '{ words { nodes { name } } }'

/** Records in a Map. */
class MapRecords implements RecordStore {
  readonly records = new Map<
    string,
    { readonly schema: string; readonly process: string; readonly bytes: Uint8Array; readonly at: number }
  >()
  failing = false

  async write(schema: string, process: string, bytes: Uint8Array, at: number) {
    if (this.failing) throw new Error('Redis is down.')
    this.records.set(`${schema} ${process}`, { schema, process, bytes, at })
  }

  async schemas() {
    const newest = [...this.records.values()].sort((a, b) => b.at - a.at)
    return [...new Set(newest.map(({ schema }) => schema))]
  }

  async read(schema: string) {
    return [...this.records.values()].filter((record) => record.schema === schema)
  }
}

/** Starts everything that processes share: the database, its log, the shared tier and the records. */
function startWorld() {
  const env = new ManualEnv()
  const store = new TinyStore()
  for (const [index, tenantId] of ['acme', 'acme', 'globex'].entries())
    store.notes.push({ id: index + 1, tenantId, folder: index % 2 === 0 ? 'in' : 'out', text: `note ${index}` })
  return { env, store, log: new MemoryLog(), remote: new MapTier(), records: new MapRecords() }
}

type World = ReturnType<typeof startWorld>

async function startProcess(
  { env, store, log, remote, records }: World,
  name: string,
  options: { readonly sdl?: string; readonly secrets?: readonly string[] } = {},
) {
  const listeners: ((event: CacheEvent) => void)[] = []
  let recorder: OperationRecorder | undefined
  const gateway = await startTinyGateway({
    env,
    store,
    log,
    remote,
    ...(options.sdl === undefined ? {} : { sdl: options.sdl }),
    cacheOptions: { hotKeys: 100, onEvent: (event) => listeners.forEach((listener) => void listener(event)) },
    usage: { hit: (known) => recorder?.hit(known), answered: (...use) => recorder?.answered(...use) },
  })
  recorder = new OperationRecorder({ cache: gateway.cache, env, maxOperations: 100 })
  const events: WarmingEvent[] = []
  const warming = new Warming({
    cache: gateway.cache,
    graphql: gateway.endpoint,
    recorder,
    otherPolicies: new Map(),
    records: { store: records, isReady: () => true },
    secrets: options.secrets ?? ['a secret'],
    process: name,
    concurrentLoads: 4,
    maxPerSecond: 100,
    processorTime: () => 0,
    env,
    onEvent: (event) => events.push(event),
  })
  listeners.push((event) => warming.onCacheEvent(event))
  onTestFinished(async () => {
    await warming.close()
    await gateway[Symbol.asyncDispose]()
  })
  return {
    gateway,
    warming,
    events,
    level: async (query: string, tenant: string, variables = {}) =>
      (await gateway.ask(query, { viewer: viewer(tenant), variables })).headers.get('x-cache-level'),
    /** Documents or folders of the operations that warming handled, in order. */
    replayed: () =>
      events.flatMap((event) =>
        event.type === 'replayed' ? [`${event.operation.tenant} ${event.operation.variables['folder'] ?? 'words'}`] : [],
      ),
    finished: () => events.flatMap((event) => (event.type === 'finished' ? [event.progress] : [])),
  }
}

type Process = Awaited<ReturnType<typeof startProcess>>

/** Lets time pass until something has happened that also needs work outside the simulated time. */
function passUntil({ env }: World, hasHappened: () => boolean): Promise<unknown> {
  const look = async () => {
    await env.advance(200)
    return hasHappened()
  }
  return vi.waitUntil(look, { timeout: 20_000, interval: 1 })
}

/** Uses some operations, the first ones more often. */
async function use({ gateway }: Process): Promise<void> {
  const uses: readonly [string, string, Record<string, unknown>][] = [
    [NOTES, 'acme', { folder: 'in' }],
    [NOTES, 'acme', { folder: 'out' }],
    [NOTES, 'globex', { folder: 'in' }],
    [WORDS, 'globex', {}],
  ]
  for (const [index, [query, tenant, variables]] of uses.entries())
    for (let time = 0; time < 20 - 4 * index; time++) await gateway.ask(query, { viewer: viewer(tenant), variables })
}

describe('a process that starts', () => {
  it('copies hot entries of other processes before it is ready, and executes only operations that it could not copy.', async () => {
    const world = startWorld()
    const first = await startProcess(world, 'first')
    await use(first)
    await first.warming.close()
    for (const key of world.remote.entries.keys())
      if (key.includes('response@') && key.includes('"folder":"out"')) world.remote.entries.delete(key)
    const second = await startProcess(world, 'second')
    await second.warming.prepare()
    expect(second.events).toMatchObject([{ type: 'copied' }])
    expect(await second.level(NOTES, 'acme', { folder: 'in' })).toBe('L1')
    second.warming.begin()
    await world.env.advance(2000)
    expect(second.finished()).toMatchObject([{ reason: 'start', done: { cached: 3, executed: 1 } }])
    expect(await second.level(NOTES, 'acme', { folder: 'out' })).toBe('L1')
  })

  it('starts with a cold cache if records of hot operations cannot be read or were written with another secret.', async () => {
    const world = startWorld()
    const first = await startProcess(world, 'first')
    await use(first)
    await first.warming.close()
    const other = await startProcess(world, 'other', { secrets: ['another secret'] })
    await other.warming.prepare()
    expect(other.events).toEqual([])
    world.records.schemas = () => Promise.reject(new Error('Redis is down.'))
    const third = await startProcess(world, 'third')
    await third.warming.prepare()
    expect(third.events).toMatchObject([{ type: 'record-failed' }])
  })

  it('is ready after two seconds, even if Redis does not answer.', async () => {
    const world = startWorld()
    world.records.schemas = () => new Promise(() => undefined)
    const { warming } = await startProcess(world, 'first')
    let isReady = false
    const preparing = warming.prepare().then(() => {
      isReady = true
    })
    await world.env.advance(1990)
    expect(isReady).toBe(false)
    await world.env.advance(20)
    await preparing
  })

  it('saves a record of its hot operations every few seconds, and tries again after a failure.', async () => {
    const world = startWorld()
    const first = await startProcess(world, 'first')
    first.warming.begin()
    await use(first)
    world.records.failing = true
    // Compression runs outside the simulated time.
    await passUntil(world, () => first.events.length > 0)
    expect(first.events).toMatchObject([{ type: 'record-failed' }])
    world.records.failing = false
    await use(first)
    await passUntil(world, () => world.records.records.size > 0)
    expect([...world.records.records.keys()]).toEqual([expect.stringMatching(/ first$/)])
  })
})

describe('a deploy with another schema', () => {
  it('executes hot operations of the previous release, fairly between tenants, and copies entries of unchanged types.', async () => {
    const world = startWorld()
    const former = await startProcess(world, 'former')
    await use(former)
    await former.warming.close()
    // The lists of notes have another shape; the words have the same.
    const sdl = TINY_SDL.replace('type NoteList {', 'type NoteList { pages: Int')
    const newer = await startProcess(world, 'newer', { sdl })
    await newer.warming.prepare()
    expect(await newer.level(WORDS, 'globex')).toBe('L1')
    newer.warming.begin()
    await world.env.advance(2000)
    expect(newer.finished()).toMatchObject([{ reason: 'deploy', done: { refused: 0, failed: 0 } }])
    expect(newer.replayed().slice(0, 2).toSorted()).toEqual(['acme in', 'globex in'])
    expect(await newer.level(NOTES, 'acme', { folder: 'out' })).toBe('L1')
  })

  it('skips operations that are invalid in the new schema.', async () => {
    const world = startWorld()
    const former = await startProcess(world, 'former', { sdl: TINY_SDL.replace('length: Int!', 'retired: String length: Int!') })
    await use(former)
    await former.gateway.ask('{ notes { nodes { retired } } }', { viewer: viewer('acme') })
    await former.warming.close()
    const newer = await startProcess(world, 'newer')
    await newer.warming.prepare()
    newer.warming.begin()
    await world.env.advance(2000)
    expect(newer.finished()).toMatchObject([{ reason: 'deploy', done: { refused: 1, failed: 0 } }])
  })
})

describe('the warm-up after an invalidation', () => {
  it('executes the hottest operations first if everything is invalidated.', async () => {
    const world = startWorld()
    const first = await startProcess(world, 'first')
    await use(first)
    await first.gateway.cache.invalidate([EVERYTHING_TAG])
    await world.env.advance(1000)
    expect(first.replayed()).toEqual(['acme in', 'acme out', 'globex in', 'globex words'])
    expect(first.finished()).toMatchObject([{ reason: 'invalidation', done: { executed: 4 } }])
    expect(await first.level(NOTES, 'acme', { folder: 'in' })).toBe('L1')
  })

  it('executes only operations of the tenant if one tenant is invalidated.', async () => {
    const world = startWorld()
    const first = await startProcess(world, 'first')
    await use(first)
    await first.gateway.cache.invalidate([tenantTag('globex')])
    await world.env.advance(1000)
    expect(new Set(first.replayed().map((name) => name.split(' ')[0]))).toEqual(new Set(['globex']))
  })

  it('starts at most once in five seconds, even if the invalidation is repeated more often.', async () => {
    const world = startWorld()
    const first = await startProcess(world, 'first')
    await use(first)
    for (let time = 0; time < 40; time++) {
      await first.gateway.cache.invalidate([tenantTag('acme')])
      await world.env.advance(200)
    }
    expect(first.finished()).toHaveLength(2)
    await world.env.advance(6000)
    expect(first.finished()).toHaveLength(3)
    expect(await first.level(NOTES, 'acme', { folder: 'in' })).toBe('L1')
  })

  it('does not start if only one row is invalidated.', async () => {
    const world = startWorld()
    const first = await startProcess(world, 'first')
    await use(first)
    await first.gateway.ask('mutation { setText(id: "1", text: "new") { id } }', { viewer: viewer('acme', 'EDITOR') })
    await world.env.advance(6000)
    expect(first.finished()).toEqual([])
  })
})
