import { quantile } from '../cache/measure.ts'
import type { Exchange, LoadResult } from './load.ts'
import type { Counters, Observed } from './observer.ts'

/** Figures of one run. */
export interface Figures {
  readonly pings: number
  readonly pingsPerSecond: number
  /** Latency of pings, and of posts if there were any, from the moment at which each was due, ms. */
  readonly p50: number
  readonly p99: number
  readonly maxMs: number
  readonly postP50: number
  readonly postP99: number
  readonly errors: number
  /** Number of answers by outcome. Errors are counted with what came in place of an answer. */
  readonly outcomes: Readonly<Record<string, number>>
  /** Longest time by which this process sent a ping too late, ms. */
  readonly maxDelayMs: number
  /** Everything that was counted, divided by the number of pings. */
  readonly perPing: Counters
  /** Share of the reads of cached values that memory, or Redis, served. */
  readonly hitRatio: number
  /** Sessions that waited for a lock at the same time, on average; and the same by kind of lock. */
  readonly waiting: number
  readonly waitingByLock: Readonly<Record<string, number>>
  readonly deadlocks: number
}

export function figuresOf({ exchanges, maxDelayMs }: LoadResult, { counters, waits }: Observed, seconds: number): Figures {
  const pings = exchanges.filter(({ kind }) => kind === 'ping')
  const latencies = pings.map(({ ms }) => ms)
  const postLatencies = exchanges.filter(({ kind }) => kind === 'post').map(({ ms }) => ms)
  const each = Object.entries(counters).map(([name, value]) => [name, value / pings.length])
  const byLock = Object.entries(waits.byLock).map(([lock, sum]) => [lock, sum / waits.samples])
  return {
    pings: pings.length,
    pingsPerSecond: pings.length / seconds,
    p50: quantile(latencies, 0.5),
    p99: quantile(latencies, 0.99),
    maxMs: Math.max(...latencies),
    postP50: quantile(postLatencies, 0.5),
    postP99: quantile(postLatencies, 0.99),
    errors: exchanges.filter(({ outcome }) => outcome.startsWith('ERROR')).length,
    outcomes: outcomesOf(exchanges),
    maxDelayMs,
    perPing: Object.fromEntries(each),
    hitRatio: (counters.memoryHits + counters.redisHits) / counters.reads,
    waiting: Object.values(waits.byLock).reduce((sum, sessions) => sum + sessions, 0) / waits.samples,
    waitingByLock: Object.fromEntries(byLock),
    deadlocks: counters.deadlocks,
  }
}

function outcomesOf(exchanges: readonly Exchange[]): Readonly<Record<string, number>> {
  const outcomes: Record<string, number> = {}
  for (const { kind, outcome } of exchanges) {
    const name = `${kind} ${outcome.slice(0, 200)}`
    outcomes[name] = (outcomes[name] ?? 0) + 1
  }
  return outcomes
}
