import { describe, expect, it } from 'vitest'
import { MemoryLog } from '#src/engine/cache/index.ts'
import { MissRatioCurve } from '#src/engine/cache/memory/miss-ratio-curve.ts'
import { curveErrors } from '../../bench/cache/miss-ratio-curve.ts'
import { readTraces } from '../../bench/cache/traces.ts'
import { needs } from '../servers/availability.ts'
import { policy, Source, startInstance, thing } from './instance.ts'
import { ManualEnv } from './manual-env.ts'

const folder = process.env['DATA_DIR']

/** Largest difference between the curve and a full simulation, as a share of the reads. */
const MAX_ERROR = 0.02
const LIFE = Number.POSITIVE_INFINITY

const largest = (errors: readonly number[]) => Math.max(...errors.map(Math.abs))

/** Returns keys whose frequencies follow Zipf's law, in random order. */
function zipfKeys(count: number, keys: number): string[] {
  const env = new ManualEnv(7)
  const sums: number[] = []
  let sum = 0
  for (let rank = 1; rank <= keys; rank++) {
    sum += 1 / rank
    sums.push(sum)
  }
  return Array.from({ length: count }, () => {
    const drawn = env.random() * sum
    let [low, high] = [0, keys - 1]
    while (low < high) {
      const middle = (low + high) >> 1
      if ((sums[middle] as number) < drawn) low = middle + 1
      else high = middle
    }
    return `acme:${low}`
  })
}

describe('The miss-ratio curve', () => {
  it('is within 2 points of a full simulation for each size, although it simulates only a sample of the keys.', () => {
    expect(largest(curveErrors(zipfKeys(40_000, 15_000), 3000))).toBeLessThan(MAX_ERROR)
  })

  it('counts a read of an evicted key as a miss only where the memory is too small or the copy has expired, and any other read that got no copy everywhere.', () => {
    let now = 0
    const curve = new MissRatioCurve({ monotonic: () => now }, 4, 1)
    const miss = (key: string, wasEvicted: boolean, servedUntil = LIFE) => {
      curve.miss(key, curve.hashOf(key), wasEvicted)
      curve.stored(key, curve.hashOf(key), 1, servedUntil)
    }
    const misses = (reads: number) => curve.estimate()?.points.map(({ missRatio }) => Math.round(missRatio * reads))
    miss('acme:a', false)
    miss('acme:a', false)
    expect(misses(2)).toEqual([2, 2, 2, 2, 2])
    for (const key of ['acme:b', 'acme:c', 'acme:d', 'acme:e']) miss(key, false, 1000)
    miss('acme:a', true)
    // With 8 and 16 entries, the copy would still be there.
    expect(misses(7)).toEqual([7, 7, 7, 6, 6])
    now = 1000
    miss('acme:b', true)
    expect(misses(8)).toEqual([8, 8, 8, 7, 7])
    expect(Math.round((curve.estimate()?.unavoidable ?? 0) * 8)).toBe(7)
  })

  it('counts each read once, and neither warming, a refresh, nor an explanation, in a whole cache.', async () => {
    const source = new Source()
    const log = new MemoryLog()
    const { cache, read } = await startInstance(source, log)
    const counted = () => cache.inventory.missRatioCurve()
    const session = cache.openSession()
    await cache.warm([thing(1), thing(2)], policy, source.loader([1, 2]), { session })
    expect(counted()).toBeUndefined()
    await read([1, 2])
    expect(counted()?.points.at(-1)?.missRatio).toBe(0)
    await read([3])
    expect(counted()?.points.at(-1)?.missRatio).toBeCloseTo(1 / 3, 10)
    await cache.warm([thing(1)], policy, source.loader([1]), { session })
    await cache.explain(thing(1), policy)
    await cache.getMany([thing(1)], policy, source.loader([1]), { session, refresh: true })
    expect(counted()?.points.at(-1)?.missRatio).toBeCloseTo(1 / 3, 10)
    await cache.invalidate({ tenant: 'acme', type: 'Thing' })
    await read([1])
    expect(counted()).toMatchObject({ unavoidable: 0.5 })
    expect(counted()?.points.map(({ missRatio }) => missRatio)).toEqual([0.5, 0.5, 0.5, 0.5, 0.5])
  })

  it('samples more keys again when reads become rare, and says nothing while the sample has too few keys.', () => {
    let now = 0
    const curve = new MissRatioCurve({ monotonic: () => now }, 100_000, 0.5)
    const read = (at: number) => {
      const key = `acme:${at % 3000}`
      curve.hit(key, curve.hashOf(key), 1, LIFE)
    }
    for (let at = 0; at < 60_000; at++) read(at)
    expect(curve.estimate()).toBeUndefined()
    for (let at = 0; at < 60_000; at++) {
      now += 50
      read(at)
    }
    expect(curve.estimate()?.points.at(-1)?.missRatio).toBeLessThan(0.5)
  })

  it('is not known before the first read.', () => {
    expect(new MissRatioCurve({ monotonic: () => 0 }, 100, 0.5).estimate()).toBeUndefined()
  })
})

describe('The miss-ratio curve of recorded accesses', needs('DATA_DIR', 'xz'), () => {
  it.each([
    ['web07', 5000],
    ['web12', 5000],
    ['2_pools', 5000],
    ['sprite', 1000],
  ])('is within 2 points of a full simulation for the trace %s around %i entries.', async (name, size) => {
    for await (const { accesses } of readTraces(folder as string, [name]))
      expect(
        largest(
          curveErrors(
            Array.from(accesses, (key) => `trace:${key}`),
            size,
          ),
        ),
      ).toBeLessThan(MAX_ERROR)
  })
})
