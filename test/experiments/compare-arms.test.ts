import { describe, expect, it } from 'vitest'
import { BUCKETS } from '#src/gateway/policies/experiment.ts'
import { type BucketSums, compareArms } from '#src/operations/experiments/compare-arms.ts'
import fc from '../property.ts'
import { emptySums } from './simulated-traffic.ts'

const isTrial = (bucket: number) => bucket % 2 === 0

/** Returns sums with the same reads and hits in each bucket, or those that a function returns for it. */
function sums(of: (bucket: number) => readonly [reads: number, hits: number]): BucketSums {
  const result = emptySums()
  for (let bucket = 0; bucket < BUCKETS; bucket += 1) [result.reads[bucket], result.hits[bucket]] = of(bucket)
  return result
}

const none = emptySums()

describe('The comparison of two cache policies', () => {
  it('is undecided, without a difference and without rates, before the first read.', () => {
    expect(compareArms({ before: none, during: none, isTrial, look: 1 })).toEqual({
      control: { reads: 0, hitRate: null },
      trial: { reads: 0, hitRate: null },
      points: null,
      low: null,
      high: null,
      verdict: 'undecided',
      readsNeeded: null,
    })
  })

  it('is undecided if one arm has no reads.', () => {
    const during = sums((bucket) => (isTrial(bucket) ? [0, 0] : [100, 50]))
    const { control, trial, points, verdict } = compareArms({ before: none, during, isTrial, look: 3 })
    expect({ control, trial, points, verdict }).toEqual({
      control: { reads: 12_800, hitRate: 0.5 },
      trial: { reads: 0, hitRate: null },
      points: null,
      verdict: 'undecided',
    })
  })

  it('has a difference of 0 and an interval around it if every read hits.', () => {
    const every = sums(() => [10, 10])
    const { points, low, high, verdict } = compareArms({ before: every, during: every, isTrial, look: 1 })
    expect(points).toBe(0)
    expect(low).toBeLessThan(0)
    expect(high).toBeGreaterThan(0)
    expect(verdict).toBe('undecided')
  })

  it('has no interval if one bucket holds all reads of an arm, however many they are.', () => {
    const during = sums((bucket) => {
      if (bucket === 0) return [1_000_000, 999_000]
      return isTrial(bucket) ? [0, 0] : [100, 1]
    })
    const { points, low, high, verdict, readsNeeded } = compareArms({ before: none, during, isTrial, look: 1 })
    expect(points).toBeCloseTo(98.9)
    expect({ low, high, verdict, readsNeeded }).toEqual({ low: null, high: null, verdict: 'undecided', readsNeeded: null })
  })

  it('is undecided if one bucket holds all reads of both arms.', () => {
    const during = sums((bucket) => (bucket === 7 ? [5000, 4000] : [0, 0]))
    expect(compareArms({ before: during, during, isTrial, look: 9 }).verdict).toBe('undecided')
  })

  it('is undecided if few buckets have many reads, because each bucket is one observation.', () => {
    const withBuckets = (count: number) =>
      sums((bucket) => (bucket < count ? [1_000_000, (isTrial(bucket) ? 600_000 : 500_000) + 5000 * (bucket % 4)] : [0, 0]))
    expect(compareArms({ before: none, during: withBuckets(4), isTrial, look: 48 }).verdict).toBe('undecided')
    expect(compareArms({ before: none, during: withBuckets(40), isTrial, look: 48 }).verdict).toBe('trial')
  })

  it('ignores a bucket that was read in the lead-in alone.', () => {
    const before = sums((bucket) => [100, bucket % 50])
    const during = sums((bucket) => [100, (bucket % 50) + (isTrial(bucket) ? 5 : 0)])
    const hold = (of: BucketSums, reads: number, hits: number) =>
      sums((bucket) => (bucket === 20 ? [reads, hits] : [of.reads[bucket] as number, of.hits[bucket] as number]))
    const withIt = compareArms({ before: hold(before, 1, 1), during: hold(during, 0, 0), isTrial, look: 1 })
    const without = compareArms({ before: hold(before, 0, 0), during: hold(during, 0, 0), isTrial, look: 1 })
    expect(withIt.points).toBeCloseTo(without.points as number, 2)
    expect(withIt.trial.reads).toBe(12_700)
  })

  it('expects the hit rate of all buckets from a bucket that was not read in the lead-in.', () => {
    const before = sums((bucket) => (bucket < 2 ? [0, 0] : [100, 40]))
    const during = sums(() => [100, 40])
    expect(compareArms({ before, during, isTrial, look: 1 }).points).toBeCloseTo(0, 1)
  })

  it('finds five points that the lead-in shows, although the hit rates of the buckets differ by far more.', () => {
    const before = sums((bucket) => [1000, 3 * (bucket % 250)])
    const during = sums((bucket) => [1000, 3 * (bucket % 250) + ((bucket * 7) % 11) - 5 + (isTrial(bucket) ? 50 : 0)])
    const adjusted = compareArms({ before, during, isTrial, look: 1 })
    expect(adjusted.verdict).toBe('trial')
    expect(adjusted.points).toBeCloseTo(5, 0)
    expect(adjusted.readsNeeded).toBe(0)
    const unadjusted = compareArms({ before: none, during, isTrial, look: 1 })
    expect(unadjusted.verdict).toBe('undecided')
    expect(unadjusted.readsNeeded).toBeGreaterThan(256_000)
  })

  it('expects a bucket whose share of the reads doubled to have twice as many hits for each miss.', () => {
    const before = sums((bucket) => [1000, bucket < 64 ? 500 : 300])
    // Reads of the buckets below 64 double, those of the others fall by a third, so that all have as many reads as before.
    const during = sums((bucket) =>
      bucket < 64 ? [2000, (2000 * 2) / 3] : [2000 / 3, (2000 / 3) * ((0.3 * 2) / 3 / (0.7 + (0.3 * 2) / 3))],
    )
    const halves = (bucket: number) => bucket % 64 < 16
    const { points, low, high } = compareArms({ before, during, isTrial: (bucket) => halves(bucket) || bucket < 32, look: 1 })
    expect(points).toBeCloseTo(0, 1)
    expect(low).toBeLessThan(0)
    expect(high).toBeGreaterThan(0)
  })

  it('widens the interval from look to look for the same sums, and for a small trial.', () => {
    const before = sums((bucket) => [1000, 3 * (bucket % 250)])
    const during = sums((bucket) => [1000, 3 * (bucket % 250) + ((bucket * 7) % 11)])
    const width = (look: number, trial: (bucket: number) => boolean) => {
      const { low, high } = compareArms({ before, during, isTrial: trial, look })
      return (high as number) - (low as number)
    }
    expect(width(2, isTrial)).toBeGreaterThan(width(1, isTrial))
    expect(width(72, isTrial)).toBeGreaterThan(width(71, isTrial))
    expect(width(1, (bucket) => bucket % 10 === 0)).toBeGreaterThan(width(1, isTrial))
  })

  it('never returns NaN, contains its estimate, and is mirrored if the arms are swapped, for any sums.', () => {
    const cells = fc.array(fc.tuple(fc.oneof(fc.nat(3), fc.nat(1_000_000)), fc.double({ min: 0, max: 1, noNaN: true })), {
      minLength: BUCKETS,
      maxLength: BUCKETS,
    })
    const sparse = fc.oneof(fc.constant(1), fc.integer({ min: 1, max: BUCKETS / 2 }))
    fc.assert(
      fc.property(
        cells,
        cells,
        sparse,
        fc.integer({ min: 1, max: 254 }),
        fc.integer({ min: 1, max: 1000 }),
        (earlier, later, step, trials, look) => {
          const drawn = (list: readonly (readonly [number, number])[]) =>
            sums((bucket) => {
              const [reads, share] = list[bucket] as readonly [number, number]
              return bucket % step === 0 ? [reads, Math.round(reads * share)] : [0, 0]
            })
          const input = { before: drawn(earlier), during: drawn(later), look }
          const one = compareArms({ ...input, isTrial: (bucket) => bucket < trials })
          const other = compareArms({ ...input, isTrial: (bucket) => bucket >= trials })
          const numbers = [one.points, one.low, one.high, one.readsNeeded, one.trial.hitRate, one.control.hitRate]
          expect(numbers.filter((value) => Number.isNaN(value))).toEqual([])
          expect(other.trial).toEqual(one.control)
          if (one.points === null) return
          expect(other.points).toBeCloseTo(-one.points, 6)
          if (one.low === null || one.high === null) return
          expect(one.low).toBeLessThanOrEqual(one.points)
          expect(one.high).toBeGreaterThanOrEqual(one.points)
          expect(one.verdict).toBe(one.low > 0 ? 'trial' : one.high < 0 ? 'control' : 'undecided')
        },
      ),
    )
  })
})
