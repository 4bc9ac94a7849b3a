export type MetricType = 'counter' | 'gauge' | 'rate' | 'trend'

/** Collects the values of one metric and computes its statistics, as k6's sink for metrics of the same type does. */
export interface Sink {
  add(value: number): void
  /** Returns the value of one statistic, such as `count` or `p(95)`; undefined if metrics of this type do not have the statistic. */
  statistic(name: string, durationMs: number): number | undefined
  /** Returns the statistics that the summary shows, by name. */
  values(trendStats: readonly string[], durationMs: number): Readonly<Record<string, number>>
}

export function createSink(type: MetricType): Sink {
  switch (type) {
    case 'counter':
      return new CounterSink()
    case 'gauge':
      return new GaugeSink()
    case 'rate':
      return new RateSink()
    case 'trend':
      return new TrendSink()
  }
}

const PERCENTILE = /^p\((\d+(?:\.\d+)?)\)$/

class CounterSink implements Sink {
  #count = 0

  add(value: number): void {
    this.#count += value
  }

  statistic(name: string, durationMs: number): number | undefined {
    if (name === 'count') return this.#count
    return name === 'rate' ? (durationMs > 0 ? (this.#count * 1000) / durationMs : 0) : undefined
  }

  values(_trendStats: readonly string[], durationMs: number): Readonly<Record<string, number>> {
    return { count: this.#count, rate: this.statistic('rate', durationMs) ?? 0 }
  }
}

class GaugeSink implements Sink {
  #value = 0
  #min = Number.POSITIVE_INFINITY
  #max = Number.NEGATIVE_INFINITY

  add(value: number): void {
    this.#value = value
    this.#min = Math.min(this.#min, value)
    this.#max = Math.max(this.#max, value)
  }

  statistic(name: string): number | undefined {
    return name === 'value' ? this.#value : undefined
  }

  values(): Readonly<Record<string, number>> {
    const isEmpty = this.#min > this.#max
    return { value: this.#value, min: isEmpty ? 0 : this.#min, max: isEmpty ? 0 : this.#max }
  }
}

class RateSink implements Sink {
  #passes = 0
  #total = 0

  add(value: number): void {
    this.#total++
    if (value !== 0) this.#passes++
  }

  statistic(name: string): number | undefined {
    if (name !== 'rate') return undefined
    return this.#total === 0 ? 0 : this.#passes / this.#total
  }

  values(): Readonly<Record<string, number>> {
    return { rate: this.statistic('rate') ?? 0, passes: this.#passes, fails: this.#total - this.#passes }
  }
}

/** Collects values such as durations. It keeps every value, so that percentiles are exact. */
class TrendSink implements Sink {
  #values = new Float64Array(64)
  #count = 0
  #sum = 0
  #isSorted = true

  add(value: number): void {
    if (this.#count === this.#values.length) {
      const grown = new Float64Array(this.#count * 2)
      grown.set(this.#values)
      this.#values = grown
    }
    this.#values[this.#count++] = value
    this.#sum += value
    this.#isSorted = false
  }

  statistic(name: string): number | undefined {
    if (name === 'count') return this.#count
    if (name === 'avg') return this.#count === 0 ? 0 : this.#sum / this.#count
    if (name === 'min') return this.#percentile(0)
    if (name === 'max') return this.#percentile(1)
    if (name === 'med') return this.#percentile(0.5)
    const percent = PERCENTILE.exec(name)?.[1]
    return percent === undefined || Number(percent) > 100 ? undefined : this.#percentile(Number(percent) / 100)
  }

  values(trendStats: readonly string[]): Readonly<Record<string, number>> {
    return Object.fromEntries(trendStats.map((name) => [name, this.statistic(name) ?? 0]))
  }

  /**
   * Returns a percentile: interpolates between the two values whose ranks are next to the wanted rank.
   * @param share Percentile as a share, from 0 to 1.
   */
  #percentile(share: number): number {
    if (this.#count === 0) return 0
    const values = this.#values.subarray(0, this.#count)
    if (!this.#isSorted) values.sort()
    this.#isSorted = true
    const rank = share * (this.#count - 1)
    const below = values[Math.floor(rank)] ?? 0
    const above = values[Math.ceil(rank)] ?? 0
    return below + (above - below) * (rank - Math.floor(rank))
  }
}
