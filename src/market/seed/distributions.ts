import type { Random } from './random.ts'

/** Draws an index with a probability in proportion to its weight, in constant time (Vose's alias method). */
export class WeightedChoice {
  readonly #probability: Float64Array
  readonly #alias: Int32Array

  /** Prepares the drawing of indexes. @throws RangeError if no weight is positive. */
  constructor(weights: readonly number[]) {
    const total = weights.reduce((sum, weight) => sum + weight, 0)
    if (!(total > 0)) throw new RangeError('At least one weight must be positive.')
    const count = weights.length
    this.#probability = new Float64Array(count).fill(1)
    this.#alias = new Int32Array(count)
    const scaled = weights.map((weight) => (weight * count) / total)
    const small: number[] = []
    const large: number[] = []
    scaled.forEach((weight, index) => {
      if (weight < 1) small.push(index)
      else large.push(index)
    })
    for (let low = small.pop(); low !== undefined; low = small.pop()) {
      const high = large.at(-1)
      if (high === undefined) break
      this.#probability[low] = scaled[low] as number
      this.#alias[low] = high
      scaled[high] = (scaled[high] as number) - 1 + (scaled[low] as number)
      if ((scaled[high] as number) < 1) {
        large.pop()
        small.push(high)
      }
    }
  }

  draw(random: Random): number {
    const index = Math.floor(random.next() * this.#probability.length)
    return random.next() < (this.#probability[index] as number) ? index : (this.#alias[index] as number)
  }
}

/**
 * Draws a number from the distribution whose quantiles at `levels` are `values`. Between two levels the value is interpolated linearly.
 * Below the first level the result is the first value, above the last level the last value.
 */
export function drawQuantile(random: Random, levels: readonly number[], values: readonly number[]): number {
  const level = random.next()
  const above = levels.findIndex((known) => known > level)
  if (above <= 0) return (above === 0 ? values[0] : values.at(-1)) as number
  const [lowLevel, highLevel] = [levels[above - 1] as number, levels[above] as number]
  const [low, high] = [values[above - 1] as number, values[above] as number]
  return low + ((level - lowLevel) / (highLevel - lowLevel)) * (high - low)
}

/** Returns weights for the ranks 1 to `count`. A rank's weight is the rank to the power of -`exponent`. */
export function zipfWeights(count: number, exponent: number): number[] {
  return Array.from({ length: count }, (_, index) => (index + 1) ** -exponent)
}
