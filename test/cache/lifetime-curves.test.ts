import { expect, it } from 'vitest'
import { Cache, type CachePolicy, cacheKey, MemoryLog } from '#src/engine/cache/index.ts'
import { hashText } from '#src/engine/cache/memory/frequency-sketch.ts'
import { LIFETIME_SCALES, LifetimeCurves } from '#src/engine/cache/memory/lifetime-curves.ts'
import type { Entry } from '#src/engine/cache/model/entry.ts'
import { loadPastCache } from '#src/engine/cache/read/bypass.ts'
import { RepeatedValues } from '#src/engine/cache/read/repeated-values.ts'
import { uncachedRequest } from '#src/gateway/graphql/execution/key-parts.ts'
import { MapTier } from './instance.ts'
import { ManualEnv } from './manual-env.ts'

const TTL_MS = 1000
const policy: CachePolicy = { name: 'Thing', l1Ms: TTL_MS, l2Ms: 0, staleWhileRevalidateMs: 0, staleIfErrorMs: 0 }

function entryOf(value: unknown): Entry {
  return { value, tags: [], slots: new Uint32Array(0), epoch: 'e', stamp: 1, loadedAt: 0, until: Infinity, ttlMs: undefined, costMs: 1 }
}

/** Reads keys at random like a cache whose values expire, and counts which of the reads each longer TTL would have made hits. */
function readThings(keys: number, reads: number) {
  const env = new ManualEnv(3)
  const curves = new LifetimeCurves(env)
  const followed = new Map<string, ReturnType<LifetimeCurves['stored']>>()
  const loadedAt = new Map<string, number[]>()
  const expired = LIFETIME_SCALES.map(() => 0)
  let seen = 0
  for (let read = 0; read < reads; read++) {
    env.suspend(1)
    const key = `acme:Thing:${Math.floor(keys * env.random() ** 3)}`
    const now = env.monotonic()
    const exact = loadedAt.get(key)
    const isMiss = !exact || now - (exact[0] as number) >= TTL_MS
    if (exact) {
      seen++
      for (const [index, scale] of LIFETIME_SCALES.entries()) {
        if (now - (exact[index] as number) < scale * TTL_MS) continue
        expired[index] = (expired[index] as number) + 1
        exact[index] = now
      }
    } else
      loadedAt.set(
        key,
        LIFETIME_SCALES.map(() => now),
      )
    const known = followed.get(key)
    if (!isMiss && known) curves.hit(known, now)
    if (!isMiss) continue
    curves.miss(key, exact ? 'expired' : 'cold')
    followed.set(
      key,
      curves.stored(key, {
        entry: entryOf(1),
        policy,
        lifeMs: TTL_MS,
        isInBoth: false,
        ageMs: 0,
        untilMs: Infinity,
        hash: hashText(key, 5),
      }),
    )
  }
  const [curve] = curves.estimate()
  return { curve, seen, avoided: expired.map((count) => 1 - count / (expired[0] as number)) }
}

it('The simulation of longer TTLs is exact as long as all keys are in its sample.', () => {
  const { curve, seen, avoided } = readThings(2000, 20_000)
  expect(curve?.reads).toBe(seen)
  expect(curve?.expired.map((count) => 1 - count / (curve.expired[0] as number))).toEqual(avoided)
  expect(avoided[0]).toBe(0)
  expect(avoided[3]).toBeGreaterThan(0.3)
})

it('With more keys than its sample holds, it is right to three hundredths, although it follows a part of the keys only.', () => {
  const { curve, seen, avoided } = readThings(40_000, 120_000)
  expect(curve?.reads).toBeLessThan(0.8 * seen)
  for (const [index, share] of avoided.entries())
    expect(Math.abs(share - (1 - (curve?.expired[index] ?? 0) / (curve?.expired[0] ?? 1)))).toBeLessThan(0.03)
})

it('An invalidation ends every simulated copy, and a new TTL begins the count anew.', () => {
  const env = new ManualEnv()
  const curves = new LifetimeCurves(env)
  const store = (given: CachePolicy) =>
    curves.stored('a', { entry: entryOf(1), policy: given, lifeMs: TTL_MS, isInBoth: false, ageMs: 0, untilMs: Infinity, hash: 0 })
  store(policy)
  for (const cause of ['expired', 'invalidated', 'expired'] as const) {
    env.suspend(1.5 * TTL_MS)
    curves.miss('a', cause)
    store(policy)
  }
  // Twice the TTL avoids both expired misses. Had the invalidation not ended its copy, it would have expired at the last read.
  expect(curves.estimate()).toMatchObject([{ reads: 3, expired: [2, 0, 0, 0, 0, 0, 0, 0] }])
  store({ ...policy, l1Ms: 2 * TTL_MS })
  expect(curves.estimate()).toMatchObject([{ reads: 0, expired: [0, 0, 0, 0, 0, 0, 0, 0] }])
})

it.each<[string, Partial<CachePolicy>, { value: unknown; ttlMs?: number }, boolean, object]>([
  [
    'a popular value of the memory only',
    { popularMs: 20 * TTL_MS },
    { value: 1, ttlMs: 20 * TTL_MS },
    false,
    { kind: 'ttl', expired: [9, 0] },
  ],
  [
    'a popular value in both tiers',
    { l2Ms: TTL_MS, popularMs: TTL_MS },
    { value: 1, ttlMs: TTL_MS },
    true,
    { kind: 'popular', expired: [9, 0] },
  ],
  [
    'a null of the memory only that may live for longer',
    { negativeMs: 20 * TTL_MS },
    { value: null },
    false,
    { kind: 'ttl', expired: [9, 0] },
  ],
  [
    'a null of the memory only with a short TTL',
    { negativeMs: 0.2 * TTL_MS },
    { value: null },
    false,
    { kind: 'negative', expired: [9, 9] },
  ],
  ['a null in both tiers', { l2Ms: TTL_MS, negativeMs: 0.2 * TTL_MS }, { value: null }, true, { kind: 'negative', expired: [9, 0] }],
])('The TTL that ends %s is the one that is simulated, as far as it can be longer.', async (_, changed, loaded, isShared, expected) => {
  const env = new ManualEnv()
  const cache = new Cache({ log: new MemoryLog(), env, entities: [], secrets: ['secret'], ...(isShared ? { remote: new MapTier() } : {}) })
  await cache.start()
  for (let round = 0; round < 10; round++) {
    const request = { key: cacheKey('acme', 'Thing', ['a']), tags: [] }
    await cache.getMany([request], { ...policy, ...changed }, async () => [loaded], { session: cache.openSession() })
    env.suspend(1.1 * TTL_MS)
  }
  const [curve] = cache.inventory.simulations().lifetimes
  // Of the longest TTL, only the last copy has not ended.
  expect({ ...curve, expired: [curve?.expired[0], curve?.expired.at(-1)] }).toMatchObject(expected)
  await cache.close()
})

function coherenceOf(env: ManualEnv) {
  return { now: () => env.now(), epoch: 'e', clock: 1, isCurrent: () => true, slots: () => new Uint32Array(0) }
}

it('Loads that a key with fewer parts would have avoided are counted right, also if there are more keys than the sample holds.', () => {
  const env = new ManualEnv(9)
  let isVoid = false
  const repeats = new RepeatedValues({ env, coherence: { ...coherenceOf(env), isCurrent: () => !isVoid }, isShared: false })
  const held = new Set<string>()
  let [loads, repeated] = [0, 0]
  const load = (row: string, value: unknown) =>
    repeats.loaded(
      { key: { tenant: 'acme', text: `key ${loads}` }, tags: [], parts: () => [{ part: 'scope', text: row }] },
      { ...entryOf(value), loadedAt: env.now() },
      { ...policy, l1Ms: 1e9 },
    )
  for (let read = 0; read < 60_000; read++) {
    const row = `acme:Thing:${Math.floor(20_000 * env.random() ** 2)}`
    env.suspend(5)
    loads++
    if (held.has(row)) repeated++
    held.add(row)
    load(row, { of: row })
  }
  const [row] = repeats.estimate()
  expect(row).toMatchObject({ policy: 'Thing', part: 'scope', differing: 0 })
  expect(row?.loads).toBeLessThan(loads)
  expect(Math.abs((row?.repeated ?? 0) / (row?.loads ?? 1) - repeated / loads)).toBeLessThan(0.05)
  // A copy that an invalidation had voided is neither a value that would have been served nor one that differs.
  isVoid = true
  load('acme:Thing:0', 'new')
  expect(repeats.estimate()[0]?.differing).toBe(0)
  isVoid = false
  for (let change = 0; change < 64; change++)
    for (const id of [1, 2, 3, 4]) {
      loads++
      load(`acme:Thing:new ${id} ${change % 16}`, `user ${change}`)
    }
  expect(repeats.estimate()[0]?.differing).toBeGreaterThan(0)
})

it('A key that is loaded again says nothing about its parts, but another key does.', () => {
  const env = new ManualEnv()
  const repeats = new RepeatedValues({ env, coherence: coherenceOf(env), isShared: false })
  const load = (user: string, value: unknown) =>
    repeats.loaded(
      { key: { tenant: 'acme', text: `inbox of ${user}` }, tags: [], parts: () => [{ part: 'scope', text: 'inbox' }] },
      { ...entryOf(value), loadedAt: env.now() },
      policy,
    )
  for (let reload = 0; reload < 100; reload++) load('ann', reload < 50 ? 'same' : reload)
  expect(repeats.estimate()).toMatchObject([{ loads: 100, repeated: 0, differing: 0 }])
  load('bob', 99)
  load('cid', 'other')
  expect(repeats.estimate()).toMatchObject([{ loads: 102, repeated: 1, differing: 1 }])
})

it('A value without a text, such as a BigInt or a cycle, is not compared, and the read that loads it does not fail.', async () => {
  const cache = new Cache({ log: new MemoryLog(), entities: [], secrets: ['secret'] })
  await cache.start()
  const cycle: Record<string, unknown> = {}
  cycle['self'] = cycle
  const request = (name: string) => ({ key: cacheKey('acme', 'Thing', [name]), tags: [], parts: () => [{ part: 'scope', text: name }] })
  const load = async (): Promise<{ value: unknown }[]> => [{ value: 1n }, { value: { big: 2n } }]
  const session = cache.openSession()
  expect(await cache.getMany([request('a'), request('b')], policy, load, { session })).toEqual([1n, { big: 2n }])
  const requestOf = (index: number) => request(`past ${index}`)
  const past = { policy: 'Past', cause: 'not cacheable', count: 2, requestOf } as const
  expect(await cache.loadPast(past, async () => [1n, cycle])).toEqual([1n, cycle])
  const { repeats } = cache.inventory.simulations()
  expect(repeats.reduce((sum, { loads }) => sum + loads, 0)).toBe(0)
  await cache.close()
})

it('A read past the cache does not fail because its value can have no key, such as that of a field with a very long name.', async () => {
  const cache = new Cache({ log: new MemoryLog(), entities: [], secrets: ['secret'] })
  await cache.start()
  const past = (coordinate: string) => {
    const requestOf = () => ({ key: cacheKey('acme', coordinate, []), tags: [] })
    return { policy: coordinate, cause: 'not cacheable', count: 1, requestOf } as const
  }
  for (const coordinate of [`Query.${'long'.repeat(20)}`, '_Service.sdl']) {
    expect(() => past(coordinate).requestOf()).toThrow(TypeError)
    expect(await cache.loadPast(past(coordinate), async () => [1])).toEqual([1])
  }
  await cache.close()
})

it('A field with a very long name and a type that begins with an underscore are followed without a policy, too.', () => {
  const returned = { tenant: 'acme', identity: 'a', keyArgs: {}, parent: undefined, returned: undefined }
  const texts = [`Query.${'long'.repeat(20)}`, '_Service.sdl'].map((coordinate) => uncachedRequest({ ...returned, coordinate }).key.text)
  expect(new Set(texts).size).toBe(2)
})

it('A write that is applied during a load past the cache voids the loaded value, so that the next value does not count as different.', async () => {
  const env = new ManualEnv()
  const coherence = { ...coherenceOf(env), isCurrent: (_: string, stamp: number) => stamp >= coherence.clock }
  const repeats = new RepeatedValues({ env, coherence, isShared: false })
  const requestOf = () => ({ key: cacheKey('acme', 'Query.ticker', []), tags: [] })
  const load = async (value: string, isOvertaken: boolean) => {
    if (isOvertaken) coherence.clock++
    return [value]
  }
  const past = { policy: 'Query.ticker', cause: 'not cacheable', count: 1, requestOf } as const
  const read = (value: string, isOvertaken = false) =>
    loadPastCache(past, () => load(value, isOvertaken), { env, repeats, onEvent: () => undefined })
  await read('old', true)
  await read('new')
  await read('new')
  await read('newer')
  // A value that a write has overtaken is neither a repetition nor a difference.
  await read('old', true)
  expect(repeats.estimate()).toMatchObject([{ loads: 3, repeated: 1, differing: 1 }])
})

it('A time at which a value changes without a write is taken by the clock of the database, whatever the clock of the process shows.', async () => {
  const env = new ManualEnv()
  const databaseNow = () => env.monotonic() + 5e12
  class TimedLog extends MemoryLog {
    override async sync(from: number | null, limit: number, _deadlineMs?: number, onTime?: (now: number) => void) {
      onTime?.(databaseNow())
      return super.sync(from, limit)
    }
  }
  const cache = new Cache({ log: new TimedLog(), env, entities: [], secrets: ['secret'] })
  await cache.start()
  const read = () =>
    cache.getMany(
      [{ key: cacheKey('acme', 'Thing', ['a']), tags: [] }],
      policy,
      async () => [{ value: 1, until: databaseNow() + 1.4 * TTL_MS }],
      { session: cache.openSession() },
    )
  for (let round = 0; round < 10; round++) {
    await read()
    env.suspend(1.5 * TTL_MS)
  }
  // Every value has changed by the next read, so no TTL would have kept it.
  const [curve] = cache.inventory.simulations().lifetimes
  expect(curve?.expired).toEqual(LIFETIME_SCALES.map(() => 9))
  await cache.close()
})

it('A key that has left the sample is not counted any more, although its copy is still in memory.', () => {
  const env = new ManualEnv()
  const curves = new LifetimeCurves(env)
  const store = (key: string, hash: number) =>
    curves.stored(key, { entry: entryOf(1), policy, lifeMs: TTL_MS, isInBoth: false, ageMs: 0, untilMs: Infinity, hash })
  const [staying, leaving] = [store('staying', 0), store('leaving', 1)]
  for (let number = 0; number < 5000; number++) store(`scan ${number}`, number)
  const reads = () => curves.estimate()[0]?.reads
  if (!staying || !leaving) throw new Error('The first keys were not in the sample.')
  for (let read = 0; read < 10; read++) curves.hit(leaving, env.monotonic() + read * TTL_MS)
  expect(reads()).toBe(0)
  curves.hit(staying, env.monotonic())
  expect(reads()).toBe(1)
})

it('A key that has left the sample does not count as used, so that other keys come into a sample that is hardly used.', () => {
  const env = new ManualEnv()
  const curves = new LifetimeCurves(env)
  const store = (number: number) =>
    curves.stored(`${number}`, { entry: entryOf(1), policy, lifeMs: TTL_MS, isInBoth: false, ageMs: 0, untilMs: Infinity, hash: number })
  const stored = Array.from({ length: 6000 }, (_, number) => store(number))
  expect(store(1)).toBeUndefined()
  for (let period = 0; period < 2; period++) {
    env.suspend(11 * 60_000)
    store(0)
    for (const [number, followed] of stored.entries()) if (followed && number % 2 === 1) curves.hit(followed, env.monotonic())
  }
  env.suspend(11 * 60_000)
  expect(store(1)).toBeDefined()
})

it('After a scan of very many keys, keys come into the samples again.', () => {
  const env = new ManualEnv()
  const curves = new LifetimeCurves(env)
  const repeats = new RepeatedValues({ env, coherence: coherenceOf(env), isShared: false })
  let loads = 0
  const load = (key: string) => {
    curves.miss(key, 'expired')
    const entry = { ...entryOf(1), loadedAt: env.now() }
    curves.stored(key, { entry, policy, lifeMs: TTL_MS, isInBoth: false, ageMs: 0, untilMs: Infinity, hash: hashText(key, 5) })
    const request = { key: { tenant: 'acme', text: `${key} ${loads++}` }, tags: [], parts: () => [{ part: 'scope', text: key }] }
    repeats.loaded(request, entry, policy)
  }
  const counts = () => ({ reads: curves.estimate()[0]?.reads ?? 0, loads: repeats.estimate()[0]?.loads ?? 0 })
  const readFew = () => {
    const before = counts()
    for (let read = 0; read < 200; read++) {
      env.suspend(1500)
      load(`few ${read % 10}`)
    }
    const after = counts()
    return { reads: after.reads - before.reads, loads: after.loads - before.loads }
  }
  for (let key = 0; key < 70_000; key++) {
    env.suspend(4)
    load(`scan ${key}`)
  }
  expect(readFew().reads).toBeLessThan(100)
  for (let round = 0; round < 6; round++) readFew()
  expect(readFew()).toEqual({ reads: 200, loads: 200 })
})

it('Of very many loads in a second few are compared, and only for these the keys are composed.', () => {
  const env = new ManualEnv()
  const repeats = new RepeatedValues({ env, coherence: coherenceOf(env), isShared: false })
  let composed = 0
  const load = (name: string) => {
    const requestOf = () => {
      composed++
      return { key: { tenant: 'acme', text: name }, tags: [] }
    }
    repeats.uncached('Ticker', requestOf, 'value', repeats.loadStart())
  }
  for (let read = 0; read < 5000; read++) load('ticker')
  expect(composed).toBeLessThanOrEqual(300)
  for (let read = 0; read < 60_000; read++) {
    env.suspend(1)
    load(`page ${Math.floor(500 * env.random())}`)
  }
  const [row] = repeats.estimate()
  // Each of the 500 keys is loaded every half second, so nearly all loads repeat, and the thin sample says so.
  expect((row?.repeated ?? 0) / (row?.loads ?? 1)).toBeGreaterThan(0.95)
  expect(row?.loads).toBeLessThan(61 * 300)
})
