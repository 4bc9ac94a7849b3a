import { type RateLimiterAbstract, RateLimiterMemory, RateLimiterRedis, RateLimiterRes } from 'rate-limiter-flexible'

export interface Taken {
  /** Number of requests that were granted. This is less than the requested number if the rest of the budget of this minute is smaller. */
  readonly granted: number
  /** Time until the budget is full again, ms. */
  readonly resetMs: number
}

/** Counts the requests of each key (a caller or a tenant) in windows of one minute. A window begins with the first request in it. */
export interface Counts {
  /** Takes this number of requests from the budget of the key. If the rest of the budget is smaller, the rest is taken. */
  take(key: string, requests: number): Promise<Taken>
}

export interface SharedCountsOptions {
  /** Redis client of the library `ioredis`. */
  readonly client: unknown
  /** Prefix of the keys in Redis. Instances of the gateway with the same prefix share their budgets. */
  readonly prefix: string
  readonly perMinute: number
  /** Time to wait for an answer from Redis, ms. When this time is over, the process counts in its own memory. */
  readonly timeoutMs: number
  /** Starts a timer that calls back after `ms`. */
  readonly setTimer: (callback: () => void, ms: number) => { cancel(): void }
  /** Monotonic clock, ms. */
  readonly monotonic: () => number
}

const WINDOW_SECONDS = 60
/** Time after a failure of Redis until Redis is tried again, ms. Meanwhile the process counts in its own memory. */
const RETRY_AFTER_MS = 1000

/** Returns counts in the memory of this process, which are not shared with other processes. */
export function localCounts(perMinute: number): Counts {
  return countsOf(new RateLimiterMemory({ points: perMinute, duration: WINDOW_SECONDS }), perMinute)
}

/** Returns counts that all processes with the same Redis share. While Redis does not answer, each process counts in its own memory. */
export function sharedCounts({ client, prefix, perMinute, timeoutMs, setTimer, monotonic }: SharedCountsOptions): Counts {
  const limiter = new RateLimiterRedis({
    storeClient: client,
    keyPrefix: prefix,
    points: perMinute,
    duration: WINDOW_SECONDS,
    rejectIfRedisNotReady: true,
  })
  const shared = countsOf(limiter, perMinute)
  const local = localCounts(perMinute)
  let localUntil = Number.NEGATIVE_INFINITY
  return {
    async take(key, requests) {
      if (monotonic() < localUntil) return local.take(key, requests)
      try {
        const taken = await withDeadline(shared.take(key, requests), timeoutMs, setTimer)
        // Requests that Redis granted are also counted in this process. So when Redis fails, this process continues with the rest of the
        // budget instead of a full one.
        if (taken.granted > 0) await local.take(key, taken.granted)
        return taken
      } catch {
        localUntil = monotonic() + RETRY_AFTER_MS
        return local.take(key, requests)
      }
    },
  }
}

function countsOf(limiter: RateLimiterAbstract, perMinute: number): Counts {
  return {
    async take(key, requests) {
      try {
        const { msBeforeNext } = await limiter.consume(key, requests)
        return { granted: requests, resetMs: msBeforeNext }
      } catch (refused) {
        if (!(refused instanceof RateLimiterRes)) throw refused
        const tooMany = refused.consumedPoints - perMinute
        return { granted: Math.max(0, requests - tooMany), resetMs: refused.msBeforeNext }
      }
    },
  }
}

function withDeadline<Value>(promise: Promise<Value>, ms: number, setTimer: SharedCountsOptions['setTimer']): Promise<Value> {
  return new Promise((resolve, reject) => {
    const timer = setTimer(() => reject(new Error(`Redis did not answer within ${ms} ms.`)), ms)
    promise.then(resolve, reject).finally(() => timer.cancel())
  })
}
