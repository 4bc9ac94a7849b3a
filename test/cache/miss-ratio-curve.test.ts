import { describe, expect, it } from 'vitest'
import { MissRatioCurve } from '#src/engine/cache/memory/miss-ratio-curve.ts'
import { curveErrors } from '../../bench/cache/miss-ratio-curve.ts'
import { readTraces } from '../../bench/cache/traces.ts'
import { needs } from '../servers/availability.ts'
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
    expect(largest(curveErrors(zipfKeys(60_000, 20_000), 4000))).toBeLessThan(MAX_ERROR)
  })

  it('counts a read after an invalidation as a miss with any memory, and a read after an eviction only where the memory is too small.', () => {
    const curve = new MissRatioCurve({ monotonic: () => 0 }, 4, 1)
    const hash = curve.hashOf('acme:a')
    curve.miss('acme:a', hash, 1, LIFE, false)
    curve.hit('acme:a', hash, 1, LIFE)
    curve.replaced('acme:a', hash, 1, LIFE)
    expect(curve.estimate()?.points.map(({ missRatio }) => missRatio)).toEqual([1, 1, 1, 1, 1])
    expect(curve.estimate()?.unavoidable).toBe(1)
    for (const key of ['acme:b', 'acme:c', 'acme:d', 'acme:e']) curve.miss(key, curve.hashOf(key), 1, LIFE, false)
    curve.miss('acme:a', hash, 1, LIFE, true)
    // With 8 and 16 entries, the copy would still be there.
    expect(curve.estimate()?.points.map(({ missRatio }) => Math.round(missRatio * 7))).toEqual([7, 7, 7, 6, 6])
  })

  it('forgets older reads, so that it shows the present workload.', () => {
    let reads = 0
    const curve = new MissRatioCurve({ monotonic: () => 10 * reads }, 8, 1)
    const read = (key: string, wasFound: boolean) => {
      reads++
      if (wasFound) curve.hit(key, curve.hashOf(key), 1, LIFE)
      else curve.miss(key, curve.hashOf(key), 1, LIFE, false)
    }
    for (let at = 0; at < 20_000; at++) read(`acme:${at}`, false)
    for (let at = 0; at < 400_000; at++) read('acme:a', true)
    expect(curve.estimate()?.unavoidable).toBeLessThan(0.8 * (20_000 / 420_000))
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
