import type { Counters } from '../gateway/observer.ts'
import type { Sample } from '../metrics/registry.ts'
import { createSink, type Sink } from '../metrics/sinks.ts'

export const LAYERS = ['l1', 'l2', 'miss', 'stale', 'bypass'] as const
export type Layer = (typeof LAYERS)[number]

/** Measurements in one second of a load test. */
export interface Second {
  readonly second: number
  readonly requests: number
  readonly failed: number
  readonly dropped: number
  readonly wrong: number
  /** Median latency, ms. */
  readonly p50: number
  /** 95th percentile of the latency, ms. */
  readonly p95: number
  /** 99th percentile of the latency, ms. */
  readonly p99: number
  readonly answers: Readonly<Record<Layer, number>>
  /** Median latency of the responses from each cache layer, ms. A layer without a response is absent. */
  readonly latency: Readonly<Partial<Record<Layer, number>>>
  /** Share of cache hits among the responses that used the cache; undefined if no response used it. */
  readonly hitRate: number | undefined
  readonly databaseTransactions: number | undefined
  readonly databaseLoads: number | undefined
}

interface Bucket {
  readonly durations: Sink
  readonly byLayer: Partial<Record<Layer, Sink>>
  requests: number
  failed: number
  dropped: number
  wrong: number
}

/** Groups the samples of a load test by second. */
export class Timeline {
  readonly #now: () => number
  readonly #buckets: Bucket[] = []
  readonly #counters: { readonly second: number; readonly counters: Counters }[] = []
  #startedAt: number | undefined

  /** Creates an empty timeline. @param now Returns the time of a monotonic clock, ms. */
  constructor(now: () => number) {
    this.#now = now
  }

  start(): void {
    this.#startedAt = this.#now()
  }

  add({ metric, value, tags }: Sample): void {
    const bucket = this.#bucket()
    if (metric === 'http_req_duration') {
      bucket.requests++
      bucket.durations.add(value)
      if (tags['expected_response'] !== 'true') bucket.failed++
    } else if (metric === 'dropped_iterations') bucket.dropped += value
    else if (metric === 'stale_answers') bucket.wrong += value
    else if (metric.startsWith('latency_')) {
      const layer = LAYERS.find((name) => metric === `latency_${name}`)
      if (layer === undefined) return
      bucket.byLayer[layer] ??= createSink('trend')
      bucket.byLayer[layer].add(value)
    }
  }

  addCounters(counters: Counters): void {
    this.#counters.push({ second: this.#seconds(), counters })
  }

  seconds(): readonly Second[] {
    return this.#buckets.map((bucket, second) => this.#second(bucket, second))
  }

  #second({ durations, byLayer, requests, failed, dropped, wrong }: Bucket, second: number): Second {
    const statistic = (sink: Sink | undefined, name: string) => sink?.statistic(name, 1000)
    const answers = Object.fromEntries(LAYERS.map((layer) => [layer, statistic(byLayer[layer], 'count') ?? 0])) as Record<Layer, number>
    const latency = Object.fromEntries(LAYERS.flatMap((layer) => (byLayer[layer] ? [[layer, statistic(byLayer[layer], 'med')]] : [])))
    const cached = answers.l1 + answers.l2 + answers.miss + answers.stale
    return {
      second,
      requests,
      failed,
      dropped,
      wrong,
      p50: statistic(durations, 'p(50)') ?? 0,
      p95: statistic(durations, 'p(95)') ?? 0,
      p99: statistic(durations, 'p(99)') ?? 0,
      answers,
      latency,
      hitRate: cached === 0 ? undefined : (answers.l1 + answers.l2) / cached,
      databaseTransactions: this.#rateOf(second, ({ transactions }) => transactions),
      databaseLoads: this.#rateOf(second, ({ loads }) => loads),
    }
  }

  /**
   * Returns the rate of a counter, per second, in one second of the test. The counters are read about once a second. Between two readings,
   * the rate is assumed to be constant.
   */
  #rateOf(second: number, part: (counters: Counters) => number | undefined): number | undefined {
    const after = this.#counters.findIndex((reading) => reading.second >= second + 1)
    const [one, other] = after <= 0 ? this.#counters.slice(-2) : [this.#counters[after - 1], this.#counters[after]]
    if (!one || !other || other.second <= one.second) return undefined
    const [from, to] = [part(one.counters), part(other.counters)]
    return from === undefined || to === undefined ? undefined : (to - from) / (other.second - one.second)
  }

  #bucket(): Bucket {
    const second = Math.floor(this.#seconds())
    while (this.#buckets.length <= second)
      this.#buckets.push({ durations: createSink('trend'), byLayer: {}, requests: 0, failed: 0, dropped: 0, wrong: 0 })
    return this.#buckets[second] as Bucket
  }

  #seconds(): number {
    return this.#startedAt === undefined ? 0 : (this.#now() - this.#startedAt) / 1000
  }
}
