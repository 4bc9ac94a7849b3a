import { describe, expect, it } from 'vitest'
import { drawQuantile, WeightedChoice, zipfWeights } from '#src/market/seed/distributions.ts'
import { buyerName } from '#src/market/seed/names.ts'
import { Random } from '#src/market/seed/random.ts'

describe('the seeded random numbers', () => {
  it('are the same for the same seed, and different for another seed', () => {
    const draw = (seed: string) => {
      const random = new Random(seed)
      return Array.from({ length: 5 }, () => random.next())
    }
    expect(draw('a')).toEqual(draw('a'))
    expect(draw('a')).not.toEqual(draw('b'))
  })

  it('are evenly distributed: each hundredth of the range gets about a hundredth of the numbers', () => {
    const random = new Random('even')
    const counts = new Array<number>(100).fill(0)
    for (let index = 0; index < 100_000; index += 1) {
      const bin = Math.floor(random.next() * 100)
      counts[bin] = (counts[bin] as number) + 1
    }
    expect(Math.min(...counts)).toBeGreaterThan(850)
    expect(Math.max(...counts)).toBeLessThan(1_150)
  })
})

describe('a weighted random choice', () => {
  it('picks each index in proportion to its weight, and never an index with weight 0', () => {
    const random = new Random('weights')
    const choice = new WeightedChoice([5, 0, 3, 2])
    const counts = [0, 0, 0, 0]
    for (let index = 0; index < 20_000; index += 1) {
      const drawn = choice.draw(random)
      counts[drawn] = (counts[drawn] as number) + 1
    }
    expect(counts.map((count) => Math.round(count / 1_000))).toEqual([10, 0, 6, 4])
  })

  it('fails if no index has a weight', () => {
    expect(() => new WeightedChoice([0, 0])).toThrow(RangeError)
  })
})

describe('a random number drawn from quantiles', () => {
  it('lies between the first and the last quantile, and has the middle quantile as its median', () => {
    const random = new Random('quantiles')
    const drawn = Array.from({ length: 10_000 }, () => drawQuantile(random, [0.1, 0.5, 0.9], [1, 2, 10])).sort((a, b) => a - b)
    expect(drawn[0]).toBe(1)
    expect(drawn.at(-1)).toBe(10)
    expect(drawn[5_000]).toBeCloseTo(2, 1)
  })
})

it('The weights of items decrease with their rank.', () => {
  expect(zipfWeights(3, 1)).toEqual([1, 1 / 2, 1 / 3])
})

it('A thousand seeded buyers have a thousand different names.', () => {
  expect(new Set(Array.from({ length: 1_000 }, (_, index) => buyerName(index))).size).toBe(1_000)
})
