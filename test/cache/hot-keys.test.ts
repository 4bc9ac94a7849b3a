import { describe, expect, it } from 'vitest'
import { HotKeys } from '#src/engine/cache/memory/hot-keys.ts'
import { HotSet } from '#src/engine/cache/memory/hot-set.ts'
import type { Entry } from '#src/engine/cache/model/entry.ts'
import { ManualEnv } from './manual-env.ts'

const entryOf = (costMs: number): Entry => ({
  value: 1,
  tags: [],
  slots: new Uint32Array(),
  epoch: 'e',
  stamp: 1,
  loadedAt: 0,
  until: Number.POSITIVE_INFINITY,
  ttlMs: undefined,
  costMs,
})

describe('the hottest keys', () => {
  it('are the keys with the largest product of the number of hits and the duration of the load.', () => {
    const hot = new HotKeys(new ManualEnv(), 10)
    for (let hit = 0; hit < 50; hit++) hot.hit('cheap', entryOf(1))
    for (let hit = 0; hit < 5; hit++) hot.hit('dear', entryOf(100))
    hot.hit('rare', entryOf(10))
    expect(hot.hottest()).toEqual([
      { key: 'dear', savedMs: 500 },
      { key: 'cheap', savedMs: 50 },
      { key: 'rare', savedMs: 10 },
    ])
  })

  it('are estimated from a random sample of the hits if there are many hits.', async () => {
    const env = new ManualEnv()
    const hot = new HotKeys(env, 10)
    const hits = 200_000
    for (let hit = 0; hit < hits; hit++) {
      hot.hit(hit % 4 === 0 ? 'rarer' : 'usual', entryOf(1))
      if (hit % 1000 === 0) await env.advance(10)
    }
    const [usual, rarer] = hot.hottest()
    expect((usual?.savedMs ?? 0) / (hits * 0.75)).toBeCloseTo(1, 0)
    expect(usual?.key).toBe('usual')
    expect((rarer?.savedMs ?? 0) / (usual?.savedMs ?? 1)).toBeGreaterThan(0.2)
    expect((rarer?.savedMs ?? 0) / (usual?.savedMs ?? 1)).toBeLessThan(0.5)
  })

  it('are limited in number, and the keys with the smallest weights are dropped.', () => {
    const set = new HotSet<number>({ maxKeys: 100, halfLifeMs: 1000, monotonic: () => 0 })
    for (let key = 0; key < 10_000; key++) set.add(`key ${key}`, key % 1000 === 0 ? 100 : 1, () => key)
    expect(set.hottest().length).toBe(100)
    expect(set.hottest().filter(({ weight }) => weight === 100)).toHaveLength(10)
  })

  it('are mainly keys of recent hits, because the weight of a hit is halved after each half-life.', () => {
    let now = 0
    const set = new HotSet<true>({ maxKeys: 10, halfLifeMs: 1000, monotonic: () => now })
    set.add('old', 8, () => true)
    now = 1000
    set.add('new', 5, () => true)
    expect(set.hottest().map(({ key, weight }) => [key, weight])).toEqual([
      ['new', 5],
      ['old', 4],
    ])
    now = 500_000
    set.add('newest', 1, () => true)
    expect(set.hottest()[0]).toMatchObject({ key: 'newest', weight: 1 })
  })
})
