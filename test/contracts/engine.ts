import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Cache, type CachePolicy, cacheKey, type InvalidationLog, type Outcome, type RemoteTier, rowTag } from '#src/engine/cache/index.ts'
import { Thing } from '../cache/instance.ts'
import type { NeedOptions } from '../servers/availability.ts'
import { Dice } from '../simulation/scheduler.ts'

/** The backends that the tests run the cache engine on: an invalidation log and a shared cache tier for each of two instances. */
export interface Ground {
  readonly logs: readonly [InvalidationLog, InvalidationLog]
  readonly remotes: readonly [RemoteTier, RemoteTier] | undefined
  close(): Promise<void>
}

const policy: CachePolicy = { name: 'Thing', l1Ms: 60_000, l2Ms: 900_000, staleWhileRevalidateMs: 0, staleIfErrorMs: 0 }

/** Tests the numbered guarantees (G1, G2, …) of the engine's README on the given backends. */
export function describeEngine(name: string, prepare: () => Promise<Ground>, options: NeedOptions = {}): void {
  describe(`the cache engine on ${name}`, options, () => {
    let ground: Ground
    let caches: readonly [Cache, Cache]
    const source = new Map<string, number>()
    let loads: string[] = []
    let beforeLoadEnds: (() => Promise<void>) | undefined
    let nextId = 0

    beforeAll(async () => {
      ground = await prepare()
      const open = (instance: 0 | 1) =>
        new Cache({
          log: ground.logs[instance],
          entities: [],
          secrets: ['secret'],
          sketchColumns: 2 ** 12,
          ...(ground.remotes ? { remote: ground.remotes[instance] } : {}),
        })
      caches = [open(0), open(1)]
      for (const cache of caches) await cache.start()
    }, 60_000)

    afterAll(async () => {
      for (const cache of caches ?? []) await cache.close()
      await ground?.close()
    })

    const request = (id: number, tenant = 'acme') => ({
      key: cacheKey(tenant, 'Thing', [id]),
      tags: [rowTag(Thing, tenant, id)],
    })

    const readMany = (
      cache: Cache,
      ids: readonly number[],
      token?: string,
      tenant = 'acme',
      observe?: (index: number, outcome: Outcome) => void,
    ) =>
      cache.getMany<{ version: number }>(
        ids.map((id) => request(id, tenant)),
        policy,
        async (indexes) => {
          const wanted = indexes.map((index) => `${tenant}:${ids[index]}`)
          loads.push(...wanted)
          const read = wanted.map((key) => ({ value: { version: source.get(key) ?? 0 } }))
          await beforeLoadEnds?.()
          return read
        },
        { session: cache.openSession(token), ...(observe ? { observe } : {}) },
      )

    const read = async (cache: Cache, id: number, token?: string, tenant?: string): Promise<number> => {
      const [value] = await readMany(cache, [id], token, tenant)
      if (!value || value instanceof Error) throw value ?? new Error('nothing was read')
      return value.version
    }

    const write = async (cache: Cache, id: number, version: number): Promise<string> => {
      source.set(`acme:${id}`, version)
      await ground.logs[caches.indexOf(cache) as 0 | 1].append([rowTag(Thing, 'acme', id)], 'mutation write')
      return cache.acknowledge(cache.openSession())
    }

    it('G1 returns, on the instance that acknowledged a write, no value older than that write', async () => {
      const [cache] = caches
      const id = nextId++
      for (let version = 1; version <= 20; version++) {
        await write(cache, id, version)
        expect(await read(cache, id)).toBe(version)
        expect(await read(cache, id)).toBe(version)
      }
    })

    it('G2 returns, on any instance, no value older than a write to a reader with the consistency token of that write', async () => {
      const [a, b] = caches
      const id = nextId++
      for (let version = 1; version <= 20; version++) {
        await read(b, id)
        const token = await write(a, id, version)
        expect(await read(b, id, token)).toBe(version)
      }
    })

    it('G3 returns the new value to readers without a consistency token within the staleness bound', async () => {
      const [a, b] = caches
      const id = nextId++
      await read(b, id)
      await write(a, id, 7)
      await expect.poll(() => read(b, id), { timeout: 1000, interval: 10 }).toBe(7)
    })

    it('G4 does not store a value that was invalidated during its load, and does not return such a value to later readers', async () => {
      const [a, b] = caches
      const id = nextId++
      source.set(`acme:${id}`, 1)
      const { promise: released, resolve: release } = Promise.withResolvers<void>()
      const { promise: started, resolve: begin } = Promise.withResolvers<void>()
      beforeLoadEnds = () => {
        begin()
        return released
      }
      const early = read(a, id)
      await started
      beforeLoadEnds = undefined
      const token = await write(a, id, 2)
      const late = read(a, id)
      release()
      expect(await late).toBe(2)
      await early
      expect(await read(a, id)).toBe(2)
      expect(await read(b, id, token)).toBe(2)
    })

    it('G5 loads a key once for all concurrent reads, whether they read one key or many', async () => {
      const [cache] = caches
      const ids = [nextId++, nextId++, nextId++]
      loads = []
      await Promise.all([...Array.from({ length: 100 }, () => readMany(cache, ids)), ...ids.map((id) => read(cache, id))])
      expect(loads.toSorted()).toEqual(ids.map((id) => `acme:${id}`).toSorted())
    })

    it('G8 never returns a value of one tenant to another tenant', async () => {
      const [cache] = caches
      const id = nextId++
      source.set(`acme:${id}`, 1)
      source.set(`globex:${id}`, 2)
      expect(await Promise.all([read(cache, id), read(cache, id, undefined, 'globex')])).toEqual([1, 2])
      expect(await Promise.all([read(cache, id), read(cache, id, undefined, 'globex')])).toEqual([1, 2])
    })

    it('G9 never stores an error', async () => {
      const [cache] = caches
      const id = nextId++
      beforeLoadEnds = () => Promise.reject(new Error('the source failed'))
      await expect(read(cache, id)).rejects.toThrow('the source failed')
      beforeLoadEnds = undefined
      expect(await read(cache, id)).toBe(0)
    })

    it('G10 returns values that no reader can modify', async () => {
      const [cache] = caches
      const [value] = await readMany(cache, [nextId++])
      expect(Object.isFrozen(value)).toBe(true)
    })

    it('G1 G2 G6 G7 keeps its guarantees while both instances read and write at random', async () => {
      const dice = new Dice(7)
      const ids = Array.from({ length: 5 }, () => nextId++)
      const versions = new Map(ids.map((id) => [id, 0]))
      const layers = new Map<string, number>()
      const client = async () => {
        let token: string | undefined
        const known = new Map<number, number>()
        for (let turn = 0; turn < 60; turn++) {
          const cache = dice.pick(caches)
          const id = dice.pick(ids)
          if (dice.chance(0.2)) {
            const version = (versions.get(id) ?? 0) + 1
            versions.set(id, version)
            token = await write(cache, id, version)
            known.set(id, version)
          } else {
            const wanted = ids.filter((each) => each === id || dice.chance(0.3))
            const values = await readMany(cache, wanted, token, 'acme', (_, { layer }) => layers.set(layer, (layers.get(layer) ?? 0) + 1))
            values.forEach((value, index) => {
              if (value instanceof Error) throw value
              expect(value.version).toBeGreaterThanOrEqual(known.get(wanted[index] as number) ?? 0)
            })
          }
        }
      }
      await Promise.all(Array.from({ length: 8 }, client))
      expect(layers.get('l1')).toBeGreaterThan(0)
      for (const cache of caches)
        await expect
          .poll(() => Promise.all(ids.map((id) => read(cache, id))), { timeout: 1000 })
          .toEqual(ids.map((id) => source.get(`acme:${id}`) ?? 0))
    })
  })
}
