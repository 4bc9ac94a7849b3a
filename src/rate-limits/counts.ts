import { type RateLimiterAbstract, RateLimiterMemory, RateLimiterRedis, RateLimiterRes } from 'rate-limiter-flexible'

export interface Taken {
  /** Requests of those asked for that the budget of this minute still had. */
  readonly granted: number
  /** When the budget is whole again, in ms from now. */
  readonly resetMs: number
}

/** Counts the requests of each key in windows of a minute, which begin with the first request. */
export interface Counts {
  /** Takes `requests` from the budget of the key, or what is left of it. */
  take(key: string, requests: number): Promise<Taken>
}

export interface SharedCountsOptions {
  /** A client of ioredis. */
  readonly client: unknown
  /** Instances with the same prefix share their budgets. */
  readonly prefix: string
  readonly perMinute: number
  /** After so long without an answer of Redis the process counts by itself, ms. */
  readonly timeoutMs: number
  /** Calls back after a time, in ms. */
  readonly setTimer: (callback: () => void, ms: number) => { cancel(): void }
  /** A clock that never goes back, ms. */
  readonly monotonic: () => number
}

const WINDOW_SECONDS = 60
/** After a failure of Redis the process counts by itself for so long before it tries again. */
const RETRY_AFTER_MS = 1000

/** The process counts by itself. */
export function localCounts(perMinute: number): Counts {
  return countsOf(new RateLimiterMemory({ points: perMinute, duration: WINDOW_SECONDS }), perMinute)
}

/** All processes with one Redis count together. While Redis does not answer, each counts by itself. */
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
        // What Redis granted counts here, too: without it this process goes on with the rest, not with a whole budget.
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
