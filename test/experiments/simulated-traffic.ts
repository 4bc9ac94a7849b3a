import { BUCKETS } from '#src/gateway/policies/experiment.ts'
import { Random } from '#src/market/seed/random.ts'
import type { BucketSums } from '#src/operations/experiments/compare-arms.ts'

export interface TrafficOptions {
  readonly seed: string
  /** Number of hours that are simulated. */
  readonly hours: number
  /** Time to live of the values, in seconds, from `changeHour` on. Before, it is `ttl`. */
  readonly trialTtl?: number
  /** Time to live of the values, in seconds. */
  readonly ttl: number
  /** First hour with the TTL of the trial. */
  readonly changeHour?: number
  readonly keys?: number
  /** Expected reads per hour of all keys together, on average over a day. */
  readonly readsPerHour?: number
  /** Exponent of Zipf's law. */
  readonly exponent?: number
}

/** Reads and hits of each bucket in each hour, at `hour * BUCKETS + bucket`. */
export interface Traffic {
  readonly hours: number
  readonly reads: Float64Array
  readonly hits: Float64Array
}

/** Draws from the distributions that the traffic needs. */
class Draws {
  readonly #random: Random

  constructor(seed: string) {
    this.#random = new Random(seed)
  }

  /** Returns a number that is greater than 0 and at most 1. */
  uniform(): number {
    return 1 - this.#random.next()
  }

  exponential(mean: number): number {
    return -Math.log(this.uniform()) * mean
  }

  normal(): number {
    return Math.sqrt(-2 * Math.log(this.uniform())) * Math.cos(2 * Math.PI * this.uniform())
  }

  /** Returns a Poisson number. Above a mean of 50, the rounded normal distribution is close enough. */
  poisson(mean: number): number {
    if (mean > 50) return Math.max(0, Math.round(mean + Math.sqrt(mean) * this.normal()))
    const limit = Math.exp(-mean)
    let count = 0
    for (let product = this.uniform(); product > limit; product *= this.uniform()) count += 1
    return count
  }
}

/**
 * Simulates a cache, key by key. Reads of a key are a Poisson process whose rate follows Zipf's law, the time of day, and a drift of the key's own.
 * A read hits if the value was filled less than a TTL ago, and was not invalidated since. Each key has its own rate of invalidations
 * (a Poisson process), which differ by orders of magnitude, and at random hours everything is invalidated at once, as by an import. Between a fill
 * and the end of its value all reads hit, so only their number is drawn: that is exact, and fast for hot keys.
 */
export function simulateTraffic(options: TrafficOptions): Traffic {
  const { seed, hours, ttl, trialTtl = ttl, changeHour = hours, keys = 10_000, readsPerHour = 20_000, exponent = 1 } = options
  // Streams of their own, so that traffic that differs only in the TTL has the same keys, buckets, rates and imports.
  const world = new Draws(`${seed}/keys`)
  const draws = new Draws(`${seed}/events`)
  const reads = new Float64Array(hours * BUCKETS)
  const hits = new Float64Array(hours * BUCKETS)
  const imports: number[] = []
  for (let time = world.exponential(12); time < hours; time += world.exponential(12)) imports.push(time)
  let total = 0
  for (let rank = 1; rank <= keys; rank += 1) total += rank ** -exponent
  const rates = new Float64Array(hours)
  for (let rank = 1; rank <= keys; rank += 1) {
    const bucket = Math.floor((1 - world.uniform()) * BUCKETS)
    const invalidations = Math.exp(Math.log(2) + 2 * world.normal())
    let drift = 0.3 * world.normal()
    for (let hour = 0; hour < hours; hour += 1) {
      const timeOfDay = 1 + 0.5 * Math.sin((2 * Math.PI * hour) / 24)
      rates[hour] = ((readsPerHour * rank ** -exponent) / total) * timeOfDay * Math.exp(drift)
      drift = 0.95 * drift + 0.3 * Math.sqrt(1 - 0.95 ** 2) * world.normal()
    }
    let nextImport = 0
    let hour = 0
    let time = 0
    for (;;) {
      // The next read misses. Passes the hours with their rates until it comes.
      let work = draws.exponential(1)
      while (hour < hours && work > (hour + 1 - time) * (rates[hour] as number)) {
        work -= (hour + 1 - time) * (rates[hour] as number)
        hour += 1
        time = hour
      }
      if (hour >= hours) break
      time += work / (rates[hour] as number)
      const miss = hour * BUCKETS + bucket
      reads[miss] = (reads[miss] as number) + 1
      while ((imports[nextImport] ?? hours) <= time) nextImport += 1
      const life = (hour < changeHour ? ttl : trialTtl) / 3600
      const end = Math.min(time + life, time + draws.exponential(1 / invalidations), imports[nextImport] ?? hours, hours)
      while (time < end) {
        const until = Math.min(end, hour + 1)
        const count = draws.poisson((until - time) * (rates[hour] as number))
        const cell = hour * BUCKETS + bucket
        reads[cell] = (reads[cell] as number) + count
        hits[cell] = (hits[cell] as number) + count
        time = until
        if (time === hour + 1) hour += 1
      }
    }
  }
  return { hours, reads, hits }
}

export const emptySums = (): BucketSums => ({ reads: new Float64Array(BUCKETS), hits: new Float64Array(BUCKETS) })

/** Adds one hour to the sums of each bucket, which come from the traffic of its arm. */
export function addHour(sums: BucketSums, hour: number, arms: (bucket: number) => Traffic): void {
  for (let bucket = 0; bucket < BUCKETS; bucket += 1) {
    const traffic = arms(bucket)
    const cell = hour * BUCKETS + bucket
    sums.reads[bucket] = (sums.reads[bucket] as number) + (traffic.reads[cell] as number)
    sums.hits[bucket] = (sums.hits[bucket] as number) + (traffic.hits[cell] as number)
  }
}
