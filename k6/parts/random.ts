export type Random = () => number

/** Creates a generator of random numbers in [0, 1) (mulberry32). The same seed gives the same numbers, in k6 and in Node. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** Cumulative sums of the Zipf weights 1/rank, by the number of ranks. */
const sumsByCount = new Map<number, readonly number[]>()

/**
 * Draws one of the values, which are sorted by rank. With `zipf`, values are drawn by Zipf's law (exponent 1), the first most often. With
 * `uniform`, all values are drawn equally often.
 */
export function draw<Value>(values: readonly Value[], random: Random, distribution: 'zipf' | 'uniform'): Value {
  const index = distribution === 'uniform' ? Math.floor(random() * values.length) : rankAt(zipfSums(values.length), random())
  const value = values[index]
  if (value === undefined) throw new Error('Expected at least one value to draw from, got none: is the database seeded?')
  return value
}

function zipfSums(count: number): readonly number[] {
  const known = sumsByCount.get(count)
  if (known) return known
  let sum = 0
  const sums = Array.from({ length: count }, (_, index) => {
    sum += 1 / (index + 1)
    return sum
  })
  sumsByCount.set(count, sums)
  return sums
}

function rankAt(sums: readonly number[], share: number): number {
  const wanted = share * (sums[sums.length - 1] ?? 0)
  let low = 0
  let high = sums.length - 1
  while (low < high) {
    const middle = (low + high) >> 1
    if ((sums[middle] ?? 0) > wanted) high = middle
    else low = middle + 1
  }
  return low
}
