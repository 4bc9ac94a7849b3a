import { hash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { Cache } from '#src/engine/cache/cache.ts'
import { MemoryLog } from '#src/engine/cache/log/memory-log.ts'
import { cacheKey } from '#src/engine/cache/model/key.ts'
import { batched, type FieldLoad, type Module, versioned } from '#src/gateway/contract/module.ts'
import { PersistedQueries } from '#src/gateway/graphql/document/persisted-queries.ts'
import { MapTier } from '../cache/instance.ts'
import { startTinyGateway, viewer } from './tiny-gateway.ts'
import { type Note, TINY_SDL, TinyStore } from './tiny-module.ts'

/** Resolves when what was loaded is written to the shared tier, which happens in a later turn of the event loop. */
const written = () => new Promise<void>((resolve) => void setImmediate(() => setImmediate(resolve)))

interface Release {
  readonly sdl?: string
  readonly adapt?: (module: Module) => Module
}

const asking = { viewer: viewer('t1') }
const LISTED = '{ notes { nodes { text } } }'
const COUNTED = '{ notes { count nodes { text } } }'
const counting = TINY_SDL.replace('nodes: [Note!]!', 'nodes: [Note!]! count: Int!')

/** Replaces the loader of `Query.notes` by a loader whose value contains a count in addition to the ids. */
function withCount(store: TinyStore, count: (notes: readonly Note[]) => unknown, version?: number) {
  return (module: Module): Module => {
    const load: FieldLoad<unknown, unknown, { ids: number[]; count: unknown }> = async (parents, _args, read) => {
      const notes = store.notes.filter(({ tenantId }) => tenantId === read.tenant)
      return parents.map(() => ({ ids: notes.map(({ id }) => id), count: count(notes) }))
    }
    const notes = batched(version === undefined ? load : versioned(version, load))
    return { ...module, resolvers: { ...module.resolvers, Query: { ...(module.resolvers['Query'] as object), notes } } }
  }
}

/** Starts two releases that share one log, one store and one shared tier. */
async function startReleases(store: TinyStore, older: Release, newer: Release) {
  const shared = { store, log: new MemoryLog(), remote: new MapTier() }
  const start = (release: Release) => startTinyGateway({ ...shared, ...release })
  const started = { older: await start(older), newer: await start(newer), again: await start(older) }
  return {
    ...started,
    async [Symbol.asyncDispose]() {
      for (const gateway of Object.values(started)) await gateway[Symbol.asyncDispose]()
    },
  }
}

function storeOfTwo(): TinyStore {
  const store = new TinyStore()
  for (const id of [1, 2]) store.put({ id, tenantId: 't1', folder: 'a', text: `note ${id}` })
  store.written = []
  return store
}

describe('two releases that share Redis', () => {
  it('store separate copies of a value if one release added a field to its type, while instances of the same release share a copy', async () => {
    const store = storeOfTwo()
    await using releases = await startReleases(store, {}, { sdl: counting, adapt: withCount(store, (notes) => notes.length) })
    const notes = [{ text: 'note 1' }, { text: 'note 2' }]
    expect((await releases.older.ask(LISTED, asking)).data).toEqual({ notes: { nodes: notes } })
    await written()
    const counted = await releases.newer.ask(COUNTED, asking)
    expect([counted.data, counted.errors]).toEqual([{ notes: { count: 2, nodes: notes } }, []])
    const listed = await releases.again.ask(LISTED, asking)
    expect([listed.data, listed.headers.get('x-cache'), listed.headers.get('x-cache-level')]).toEqual([
      { notes: { nodes: notes } },
      'HIT',
      'L2',
    ])
  })

  it('store separate field values and separate whole responses if one release raised the version of a loader', async () => {
    const store = storeOfTwo()
    await using releases = await startReleases(
      store,
      { sdl: counting, adapt: withCount(store, (notes) => notes.length) },
      { sdl: counting, adapt: withCount(store, () => 7, 2) },
    )
    const count = async (gateway: typeof releases.older, query: string) => {
      const { data } = await gateway.ask(query, asking)
      await written()
      return data
    }
    expect(await count(releases.older, '{ notes { count } }')).toEqual({ notes: { count: 2 } })
    expect(await count(releases.newer, '{ notes { count } }')).toEqual({ notes: { count: 7 } })
    expect(await count(releases.newer, '{ notes { count vandalised } }')).toMatchObject({ notes: { count: 7 } })
    expect(await count(releases.again, '{ notes { count } }')).toEqual({ notes: { count: 2 } })
  })

  it("wrongly read each other's values if one release changed a loader without raising its version", async () => {
    const store = storeOfTwo()
    await using releases = await startReleases(
      store,
      { sdl: counting, adapt: withCount(store, (notes) => notes.length) },
      { sdl: counting, adapt: withCount(store, () => 7) },
    )
    await releases.older.ask('{ notes { count } }', asking)
    await written()
    expect((await releases.newer.ask('{ notes { count } }', asking)).data).toEqual({ notes: { count: 2 } })
  })

  it('share values whose loaders and types did not change', async () => {
    const store = storeOfTwo()
    await using releases = await startReleases(store, {}, { sdl: counting, adapt: withCount(store, (notes) => notes.length) })
    await releases.older.ask('{ note(id: "1") { text } }', asking)
    await written()
    expect((await releases.newer.ask('{ note(id: "1") { text } }', asking)).headers.get('x-cache')).toBe('HIT')
    expect(store.loadsOf('Note')).toBe(1)
  })

  it("see each other's writes", async () => {
    const store = storeOfTwo()
    const editor = { viewer: viewer('t1', 'EDITOR') }
    await using releases = await startReleases(store, {}, { sdl: counting, adapt: withCount(store, (notes) => notes.length) })
    const [older, newer] = [releases.older, releases.newer]
    await Promise.all([older.ask(LISTED, asking), newer.ask(COUNTED, asking)])
    const added = await older.ask('mutation { addNote(folder: "a", text: "note 3") { text } }', editor)
    const token = added.headers.get('consistency-token')
    expect((await newer.ask(COUNTED, { ...asking, sessionToken: token ?? undefined })).data).toMatchObject({ notes: { count: 3 } })
    const another = await newer.ask('mutation { addNote(folder: "b", text: "note 4") { text } }', editor)
    const listed = await older.ask(LISTED, { ...asking, sessionToken: another.headers.get('consistency-token') ?? undefined })
    expect(listed.data).toMatchObject({ notes: { nodes: [{}, {}, {}, { text: 'note 4' }] } })
  })
})

it('A persisted query counts as unknown if another release stored it in another format, or if it is no longer valid.', async () => {
  const cache = new Cache({ log: new MemoryLog(), entities: [], secrets: ['a secret for tests only'], remote: new MapTier() })
  await cache.start()
  const known = '{ words { nodes { name } } }'
  const refused = '{ gone }'
  const put = async (document: string, value: unknown) => {
    const request = { key: cacheKey('public', 'persistedQuery', [hash('sha256', document)]), tags: ['public'] }
    const policy = { name: 'PersistedQuery', l1Ms: 0, l2Ms: 60_000, staleWhileRevalidateMs: 0, staleIfErrorMs: 0 }
    await cache.warm([request], policy, async () => [{ value }], { session: cache.openSession() })
    await written()
  }
  const check = (document: string) => {
    if (document === refused) throw new Error('The schema has no such field.')
  }
  const queries = new PersistedQueries(cache, Date.now, check, 100_000)
  const get = (document: string) => queries.get(`apq:${hash('sha256', document)}`)
  await put(known, { document: known })
  await put(refused, refused)
  expect([await get(known), await get(refused)]).toEqual([undefined, undefined])
  await put(known, known)
  expect(await get(known)).toBe(known)
  await cache.close()
})
