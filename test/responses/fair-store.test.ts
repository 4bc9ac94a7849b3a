import { LRUCache } from 'lru-cache'
import { describe, expect, it } from 'vitest'
import { BYTES_PER_ENTRY, FairStore } from '#src/gateway/budgets/fair-store.ts'
import fc from '../property.ts'

const MAX_BYTES = 100_000
const VALUE_BYTES = 250
const OWN_ENTRIES = 60
const MADE_UP = 3000

type Store = Pick<FairStore<string, string>, 'get' | 'use' | 'set'>

const fair = () => new FairStore<string, string>({ maxBytes: MAX_BYTES, bytesOf: () => VALUE_BYTES })

/** Broken variant of the store: a single size limit for all callers. */
function unfair(): Store {
  const entries = new LRUCache<string, string>({ maxSize: MAX_BYTES, sizeCalculation: () => VALUE_BYTES + BYTES_PER_ENTRY })
  return { get: (key) => entries.get(key), use: (key) => entries.get(key), set: (key, value) => void entries.set(key, value) }
}

/** Broken variant of the store: an entry belongs to the caller who used it last. */
function greedy(): Store {
  const store = fair()
  return {
    get: (key) => store.get(key),
    set: (key, value, owner) => store.set(key, value, owner),
    use(key, owner) {
      const value = store.get(key)
      if (value !== undefined) store.set(key, value, owner)
      return value
    },
  }
}

/** Returns the share of one caller's entries that are still in the store, 0 to 1, after another caller has added many entries. */
function keptAfterFlood(store: Store): number {
  for (let index = 0; index < OWN_ENTRIES; index++) store.set(`own ${index}`, 'own', 'acme 1')
  for (let index = 0; index < MADE_UP; index++) store.set(`made up ${index}`, 'made up', '')
  return (
    Array.from({ length: OWN_ENTRIES }, (_, index) => store.get(`own ${index}`)).filter((value) => value === 'own').length / OWN_ENTRIES
  )
}

/** Returns the same share as `keptAfterFlood`, but the flooding caller also reads the entries of the first caller. */
function keptAfterTouching(store: Store): number {
  for (let index = 0; index < OWN_ENTRIES; index++) store.set(`own ${index}`, 'own', 'acme 1')
  for (let index = 0; index < MADE_UP; index++) {
    store.set(`made up ${index}`, 'made up', '')
    if (index === 200) for (let own = 0; own < OWN_ENTRIES; own++) store.use(`own ${own}`, '')
  }
  return (
    Array.from({ length: OWN_ENTRIES }, (_, index) => store.get(`own ${index}`)).filter((value) => value === 'own').length / OWN_ENTRIES
  )
}

describe('a store whose memory is divided fairly among callers (the owners of its entries)', () => {
  it('evicts only entries of an owner who floods the store', () => {
    expect(keptAfterFlood(fair())).toBe(1)
  })

  it('would lose all entries of other owners in a flood if it did not divide its memory; this test detects such a store', () => {
    expect(keptAfterFlood(unfair())).toBe(0)
  })

  it('keeps the owner of an entry if a caller who owns more entries uses the entry', () => {
    expect(keptAfterTouching(fair())).toBe(1)
  })

  it('would lose entries in a flood if each reader became the owner of the entry; this test detects such a store', () => {
    expect(keptAfterTouching(greedy())).toBeLessThan(0.95)
  })

  it('lets one owner use the whole memory while no other owner needs any, and later evicts what exceeds the fair share of that owner', () => {
    const store = fair()
    for (let index = 0; index < 500; index++) store.set(`a ${index}`, 'a', 'a')
    expect(store.bytesOf('a')).toBe(MAX_BYTES)
    for (let index = 0; index < 500; index++) store.set(`b ${index}`, 'b', 'b')
    expect(store.bytesOf('a')).toBeGreaterThan(MAX_BYTES / 2)
    expect(store.bytesOf('b')).toBeGreaterThan(MAX_BYTES / 4)
    expect([store.get('a 499'), store.get('a 0')]).toEqual(['a', undefined])
  })

  it('gives an entry to another caller who uses it and owns fewer entries', () => {
    const store = fair()
    for (let index = 0; index < 10; index++) store.set(`a ${index}`, 'a', 'a')
    expect(store.use('a 3', 'b')).toBe('a')
    expect([store.bytesOf('a'), store.bytesOf('b')]).toEqual([9 * (VALUE_BYTES + BYTES_PER_ENTRY), VALUE_BYTES + BYTES_PER_ENTRY])
  })

  it('never exceeds its limit, and counts its entries and their bytes exactly', () => {
    const step = fc.record({
      action: fc.constantFrom('set', 'get', 'use'),
      key: fc.nat(30),
      owner: fc.constantFrom('a', 'b', 'c'),
      bytes: fc.nat(900),
    })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const store = new FairStore<number, { owner: string; bytes: number }>({ maxBytes: 4000, bytesOf: ({ bytes }) => bytes })
        for (const { action, key, owner, bytes } of steps) {
          if (action === 'set') store.set(key, { owner, bytes }, owner)
          else if (action === 'get') store.get(key)
          else store.use(key, owner)
          expect(store.bytes).toBeLessThanOrEqual(4000)
          expect(store.bytesOf('a') + store.bytesOf('b') + store.bytesOf('c')).toBe(store.bytes)
        }
        const kept = Array.from({ length: 31 }, (_, key) => store.get(key)).filter((value) => value !== undefined)
        expect(kept.length).toBe(store.size)
        expect(kept.reduce((total, { bytes }) => total + bytes + BYTES_PER_ENTRY, 0)).toBe(store.bytes)
      }),
      { numRuns: 100 },
    )
  })

  it('evicts the least recently used entry of an owner', () => {
    const store = new FairStore<string, string>({ maxBytes: 3 * BYTES_PER_ENTRY, bytesOf: () => 0 })
    for (const key of ['1', '2', '3']) store.set(key, key, 'a')
    store.get('1')
    store.set('4', '4', 'a')
    expect(['1', '2', '3', '4'].filter((key) => store.get(key) !== undefined)).toEqual(['1', '3', '4'])
  })

  it('does not store an entry larger than its limit', () => {
    const store = new FairStore<string, string>({ maxBytes: 1000, bytesOf: (value) => value.length })
    store.set('1', 'short', 'a')
    store.set('1', 'x'.repeat(1000), 'a')
    expect([store.get('1'), store.bytes, store.size]).toEqual([undefined, 0, 0])
  })
})
