import { describe, expect, it } from 'vitest'
import type { CacheEvent } from '#src/engine/cache/index.ts'
import { FrequencySketch, hashText } from '#src/engine/cache/memory/frequency-sketch.ts'
import { MemoryTier } from '#src/engine/cache/memory/memory-tier.ts'
import type { Entry } from '#src/engine/cache/model/entry.ts'
import fc from '../property.ts'
import { policy } from './instance.ts'
import { ManualEnv } from './manual-env.ts'

const KEPT_MS = 60_000

const KEEPING = {
  freshMs: KEPT_MS,
  keptMs: KEPT_MS,
  waitsForSecondSight: false,
  lifeMs: 60_000,
  isInBoth: false,
  ageMs: 0,
  untilMs: Infinity,
}

function entryOf(value: unknown, { stamp = 1, epoch = 'first' } = {}): Entry {
  return { value, tags: ['*'], slots: new Uint32Array(2), epoch, stamp, loadedAt: 0, until: Infinity, ttlMs: undefined, costMs: 1 }
}

function openTier({ maxBytes = 2 ** 20, tenantQuota = 0.5, seed = 1 } = {}) {
  const env = new ManualEnv(seed)
  const evictions = { count: 0 }
  const stored = { count: 0 }
  const onEvent = ({ type }: CacheEvent) => {
    if (type === 'evicted') evictions.count++
    if (type === 'stored') stored.count++
  }
  const tier = new MemoryTier({ env, maxBytes, tenantQuota, onEvent })
  return {
    env,
    tier,
    evictions,
    stored,
    keep: (key: string, value: unknown = key) => tier.set(key, entryOf(value), policy, KEEPING),
    /** Reads a key like a client of the cache: a miss stores the entry. Returns whether it was a hit. */
    read: (key: string) => {
      if (tier.get(key) !== undefined) return true
      tier.set(key, entryOf(key), policy, KEEPING)
      return false
    },
    heldValue: (key: string) => tier.get(key)?.entry.value,
  }
}

function bytesOfOne(key: string): number {
  const { tier, keep } = openTier()
  keep(key)
  return tier.bytes
}

const keyOf = (tenant: string, number: number) => `${tenant}:Row:${String(number).padStart(6, '0')}`
const room = (entries: number) => entries * bytesOfOne(keyOf('acme', 0))
const numbers = (count: number, from = 0) => Array.from({ length: count }, (_, index) => from + index)

const key = fc.tuple(fc.constantFrom('a', 'b', 'c'), fc.nat(30)).map(([tenant, number]) => keyOf(tenant, number))
const operation = fc.oneof(
  { weight: 60, arbitrary: fc.record({ kind: fc.constant('set' as const), key, length: fc.nat(3000) }) },
  { weight: 40, arbitrary: fc.record({ kind: fc.constant('get' as const), key }) },
  { weight: 10, arbitrary: fc.record({ kind: fc.constant('delete' as const), key }) },
  { weight: 10, arbitrary: fc.record({ kind: fc.constant('advance' as const), ms: fc.nat(KEPT_MS) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('clear' as const) }) },
)
const settings = fc.record({
  maxBytes: fc.integer({ min: 1000, max: 40_000 }),
  tenantQuota: fc.constantFrom(0, 0.2, 0.5, 1),
  seed: fc.nat(),
})

describe('the cache tier in the process', () => {
  it('under random operations never exceeds its size limit, returns either the last stored value or nothing, and counts each eviction', () => {
    fc.assert(
      fc.property(settings, fc.array(operation, { maxLength: 400, size: 'max' }), (options, operations) => {
        const { env, tier, evictions } = openTier(options)
        const last = new Map<string, string>()
        let gone = 0
        let added = 0
        for (const step of operations) {
          const before = tier.size
          if (step.kind === 'advance') env.suspend(step.ms)
          if (step.kind === 'get') {
            const found = tier.get(step.key)
            if (found !== undefined) expect(found.entry.value).toBe(last.get(step.key))
          }
          if (step.kind === 'set') {
            const isNew = tier.get(step.key) === undefined
            const evicted = evictions.count
            last.set(step.key, 'x'.repeat(step.length))
            tier.set(step.key, entryOf(last.get(step.key)), policy, KEEPING)
            const wasTaken = tier.size - before + evictions.count - evicted
            if (isNew) added += wasTaken
            else gone -= wasTaken
          }
          if (step.kind === 'delete') tier.delete(step.key)
          if (step.kind === 'clear') tier.clear()
          if (step.kind === 'delete' || step.kind === 'clear') {
            gone += before - tier.size
            if (step.kind === 'clear') last.clear()
            else last.delete(step.key)
          }
          expect(tier.bytes).toBeLessThanOrEqual(options.maxBytes)
          expect(tier.tenants).toBeLessThanOrEqual(Math.min(3, tier.size))
          expect(['a', 'b', 'c'].reduce((sum, tenant) => sum + tier.bytesOf(tenant), 0)).toBe(tier.bytes)
        }
        expect(evictions.count).toBe(added - gone - tier.size)
        expect(gone).toBeGreaterThanOrEqual(0)
        tier.clear()
        expect([tier.size, tier.bytes, tier.tenants]).toEqual([0, 0, 0])
      }),
    )
  })

  it('has the same hits and misses whenever the same keys are read with the same random seed', () => {
    const held = (seed: number) => {
      const { read } = openTier({ maxBytes: room(50), seed })
      return numbers(5000).map((number) => read(keyOf('acme', (number * number) % 97)))
    }
    expect(held(7)).toEqual(held(7))
  })

  it('does not replace a newer copy with an older copy of the same epoch', () => {
    const { tier, heldValue } = openTier()
    tier.set('acme:a', entryOf('newer', { stamp: 5 }), policy, KEEPING)
    tier.set('acme:a', entryOf('older', { stamp: 4 }), policy, KEEPING)
    expect(heldValue('acme:a')).toBe('newer')
    tier.set('acme:a', entryOf('after a failover', { stamp: 1, epoch: 'second' }), policy, KEEPING)
    expect(heldValue('acme:a')).toBe('after a failover')
  })

  it('returns the time until which a copy is fresh, and still returns the copy afterwards', () => {
    const { env, tier } = openTier()
    tier.set('acme:a', entryOf(1), policy, { ...KEEPING, freshMs: 50, keptMs: 200 })
    const freshUntil = env.monotonic() + 50
    env.suspend(100)
    expect(tier.get('acme:a')).toMatchObject({ freshUntil })
  })

  it('stores a new copy without modifying the old entry, which a reader may still use', () => {
    const { tier, keep } = openTier()
    keep('acme:a', 'first')
    const given = tier.get('acme:a')
    keep('acme:a', 'second')
    expect(given?.entry.value).toBe('first')
  })

  it('reports an entry as stored only if it was stored', () => {
    const { tier, keep, stored } = openTier({ maxBytes: room(20) })
    keep(keyOf('acme', 0), 'x'.repeat(100_000))
    expect({ size: tier.size, stored: stored.count }).toEqual({ size: 0, stored: 0 })
    let held = 0
    for (const number of numbers(60)) {
      const key = keyOf('acme', number)
      keep(key, 'x'.repeat(number * bytesOfOne(key)))
      if (tier.peek(key)) held++
    }
    expect(stored.count).toBe(held)
    expect(held).toBeGreaterThan(0)
    expect(held).toBeLessThan(60)
  })

  it('does not store a value larger than its limit, and removes the older value of that key', () => {
    const { tier, keep, evictions } = openTier({ maxBytes: 5000 })
    keep('acme:a', 'small')
    keep('acme:a', 'x'.repeat(5000))
    expect([tier.get('acme:a'), tier.size, tier.bytes, evictions.count]).toEqual([undefined, 0, 0, 0])
  })

  it('evicts other entries if a copy is replaced by a larger copy that would exceed the size limit', () => {
    const { tier, keep, heldValue, evictions } = openTier({ maxBytes: room(10) })
    for (const number of numbers(10)) keep(keyOf('acme', number))
    keep(keyOf('acme', 3), 'x'.repeat(Math.floor(room(2) / 2)))
    expect(heldValue(keyOf('acme', 3))).toMatch(/^x+$/)
    expect(tier.bytes).toBeLessThanOrEqual(room(10))
    expect(evictions.count).toBeGreaterThanOrEqual(2)
  })

  it('evicts expired entries first, however often they were used', () => {
    const newcomersHeld = (idleMs: number) => {
      const { env, tier, read } = openTier({ maxBytes: room(200) })
      for (const _ of numbers(20)) for (const number of numbers(400)) read(keyOf('acme', number))
      env.suspend(idleMs)
      for (const number of numbers(150, 1000)) read(keyOf('acme', number))
      return numbers(150, 1000).filter((number) => tier.get(keyOf('acme', number))).length
    }
    expect(newcomersHeld(0)).toBeLessThan(50)
    expect(newcomersHeld(KEPT_MS)).toBe(150)
  })

  it.each([
    [0, 0.5],
    [Number.NaN, 0.5],
    [1000, -0.1],
    [1000, 1.1],
  ])('rejects a size limit of %d bytes with a quota of %d per tenant (the quota is a share from 0 to 1)', (maxBytes, tenantQuota) => {
    expect(() => openTier({ maxBytes, tenantQuota })).toThrow(RangeError)
  })
})

describe('a frequently used entry', () => {
  it('survives scans over keys that are used once, which would evict the entry from an LRU cache', () => {
    const { tier, read } = openTier({ maxBytes: room(300) })
    const hot = numbers(100).map((number) => keyOf('acme', number))
    let hits = 0
    for (const number of numbers(50_000)) {
      read(keyOf('acme', 1000 + number))
      if (number % 10 === 0 && read(hot[(number / 10) % hot.length] ?? '')) hits++
    }
    expect(hits).toBeGreaterThan(4500)
    for (const number of numbers(1000, 100_000)) read(keyOf('acme', number))
    expect(hot.filter((key) => tier.get(key)).length).toBeGreaterThan(85)
  })

  it('survives a loop over more keys than fit into the cache, in which an LRU cache would have no hits', () => {
    const { read } = openTier({ maxBytes: room(200) })
    for (const _ of numbers(20)) for (const number of numbers(400)) read(keyOf('acme', number))
    const hits = numbers(400).filter((number) => read(keyOf('acme', number))).length
    expect(hits).toBeGreaterThan(140)
  })

  it('is evicted when the access pattern has changed', () => {
    const { read } = openTier({ maxBytes: room(200) })
    for (const _ of numbers(50)) for (const number of numbers(150)) read(keyOf('acme', number))
    for (const _ of numbers(30)) for (const number of numbers(150, 1000)) read(keyOf('acme', number))
    expect(numbers(150, 1000).filter((number) => read(keyOf('acme', number))).length).toBe(150)
  })

  it('does not displace recently used entries if all keys are read again and again, alternately forwards and backwards', () => {
    const { read } = openTier({ maxBytes: room(200) })
    const there = numbers(400)
    const back = [...there].reverse()
    for (const _ of numbers(10)) for (const number of [...there, ...back]) read(keyOf('acme', number))
    const hits = [...there, ...back].filter((number) => read(keyOf('acme', number))).length
    expect(hits).toBeGreaterThan(380)
  })
})

describe('a tenant of the cache tier in the process', () => {
  it('can use the whole memory while no other tenant needs any', () => {
    const { tier, keep } = openTier({ maxBytes: room(100) })
    for (const number of numbers(100)) keep(keyOf('acme', number))
    expect(tier.bytesOf('acme')).toBe(room(100))
    expect(tier.bytesOf('other')).toBe(0)
  })

  it('loses only the memory that it uses above its quota, as soon as another tenant needs memory', () => {
    const { tier, read } = openTier({ maxBytes: room(100), tenantQuota: 0.4 })
    for (const _ of numbers(20)) for (const number of numbers(100)) read(keyOf('acme', number))
    for (const number of numbers(60)) read(keyOf('bees', number))
    expect(numbers(60).filter((number) => tier.get(keyOf('bees', number))).length).toBe(60)
    expect(tier.bytesOf('acme')).toBe(room(40))
  })

  it.each([1, 3])("does not evict another tenant's entries by reading many keys %d times each", (times) => {
    const { tier, read, evictions } = openTier({ maxBytes: room(1000) })
    const hot = numbers(400).map((number) => keyOf('bees', number))
    for (const _ of numbers(3)) for (const key of hot) read(key)
    let hits = 0
    for (const number of numbers(100_000)) {
      for (const _ of numbers(times)) read(keyOf('acme', number))
      if (number % 10 === 0 && read(hot[(number / 10) % hot.length] ?? '')) hits++
    }
    expect(hits).toBeGreaterThan(9500)
    expect(tier.bytesOf('acme')).toBeLessThanOrEqual(room(600))
    expect(evictions.count).toBeGreaterThan(90_000)
  })

  it('uses no memory for its quota accounting after its last entry is removed', () => {
    const { tier, keep } = openTier({ maxBytes: room(50) })
    for (const number of numbers(5000)) keep(keyOf(`tenant${String(number).padStart(5, '0')}`, 0))
    expect(tier.tenants).toBe(tier.size)
    tier.delete(keyOf('acme', 0))
    for (const number of numbers(5000)) tier.delete(keyOf(`tenant${String(number).padStart(5, '0')}`, 0))
    expect([tier.size, tier.tenants]).toEqual([0, 0])
  })
})

describe('the frequency sketch of the cache (it estimates how often each key was used)', () => {
  it('estimates at least the true number of uses of a key (or 15 if the key had more uses), even after the sketch has grown', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(50), { maxLength: 300 }), fc.integer({ min: 1, max: 5000 }), (uses, entries) => {
        const sketch = new FrequencySketch()
        sketch.scaleTo(1000)
        const counts = new Map<number, number>()
        for (const use of uses) {
          sketch.add(hashText(`key ${use}`, 1))
          counts.set(use, (counts.get(use) ?? 0) + 1)
        }
        sketch.scaleTo(entries)
        for (const [use, count] of counts) expect(sketch.estimate(hashText(`key ${use}`, 1))).toBeGreaterThanOrEqual(Math.min(15, count))
      }),
    )
  })

  it('halves the frequencies of all keys when it ages, whether the keys are cached or not', () => {
    const sketch = new FrequencySketch()
    sketch.scaleTo(100)
    const held = { frequency: 12, generation: 0 }
    const hash = hashText('key', 1)
    sketch.raise(hash, 8)
    for (const number of numbers(100 * 16)) sketch.add(hashText(`other ${number}`, 1))
    expect(sketch.generation).toBe(1)
    expect(sketch.frequencyOf(held)).toBe(6)
    expect(sketch.estimate(hash)).toBe(4)
  })
})
