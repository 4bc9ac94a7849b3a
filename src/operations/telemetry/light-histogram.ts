import type { Registry } from 'prom-client'
import { type LightValue, registerLight } from './light-metric.ts'

/** All observations of a histogram that have the same labels. */
export class Series {
  readonly labels: Readonly<Record<string, string>>
  /** Number of observations in each bucket: one bucket for each bound, and one for values above all bounds. */
  readonly counts: Float64Array
  readonly #bounds: readonly number[]
  sum = 0

  constructor(labels: Readonly<Record<string, string>>, bounds: readonly number[]) {
    this.labels = labels
    this.counts = new Float64Array(bounds.length + 1)
    this.#bounds = bounds
  }

  observe(value: number): void {
    const bounds = this.#bounds
    let at = 0
    while (at < bounds.length && value > (bounds[at] as number)) at++
    this.counts[at] = (this.counts[at] as number) + 1
    this.sum += value
  }
}

/**
 * A Prometheus histogram whose `observe` takes a few nanoseconds. The histogram of prom-client takes 2 µs, mostly to look up the labels.
 */
export class LightHistogram {
  readonly #name: string
  readonly #help: string
  readonly #bounds: readonly number[]
  readonly #series = new Map<string, Series>()

  /** @param bounds Upper bounds of the buckets, ascending. */
  constructor(name: string, help: string, bounds: readonly number[]) {
    this.#name = name
    this.#help = help
    this.#bounds = bounds
  }

  series(labels: Readonly<Record<string, string>>): Series {
    const id = Object.values(labels).join('\n')
    let series = this.#series.get(id)
    if (!series) {
      series = new Series(labels, this.#bounds)
      this.#series.set(id, series)
    }
    return series
  }

  register(registry: Registry): void {
    registerLight(registry, { name: this.#name, help: this.#help, type: 'histogram', values: () => this.#values() })
  }

  #values(): LightValue[] {
    const values: LightValue[] = []
    for (const { labels, counts, sum } of this.#series.values()) {
      let total = 0
      for (const [index, count] of counts.entries()) {
        total += count
        values.push({ labels: { le: this.#bounds[index] ?? '+Inf', ...labels }, value: total, metricName: `${this.#name}_bucket` })
      }
      values.push({ labels, value: sum, metricName: `${this.#name}_sum` }, { labels, value: total, metricName: `${this.#name}_count` })
    }
    return values
  }
}
