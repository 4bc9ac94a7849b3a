/**
 * Stampede test: all readers read one campaign, which a writer changes several times a second. Each change invalidates the cached campaign
 * that all readers share.
 */

import type { Options } from 'k6/options'
import { findMarket, type Market } from './parts/market.ts'
import { constantSchedule } from './parts/schedule.ts'
import { readSettings } from './parts/settings.ts'
import { correctness, latency, trendStats } from './parts/thresholds.ts'
import { Visitor } from './parts/visitor.ts'

const settings = readSettings({ rate: 500, duration: '30s', virtualUsers: 500, writeShare: 0, p95Ms: 50 })
const { rate, seconds, virtualUsers } = settings
const schedule = constantSchedule(rate)
const WRITES_A_SECOND = 5
const WRITERS = 10
let visitor: Visitor | undefined

export const options: Options = {
  scenarios: {
    readers: { executor: 'constant-arrival-rate', rate, duration: `${seconds}s`, preAllocatedVUs: virtualUsers, maxVUs: virtualUsers },
    writer: {
      executor: 'constant-arrival-rate',
      exec: 'invalidate',
      rate: WRITES_A_SECOND,
      duration: `${seconds}s`,
      preAllocatedVUs: WRITERS,
      maxVUs: WRITERS,
    },
  },
  thresholds: { ...correctness, ...latency('readers', settings.p95Ms), dropped_iterations: ['count==0'] },
  summaryTrendStats: trendStats,
}

export function setup(): Promise<Market> {
  return findMarket(settings)
}

export default async function (market: Market): Promise<void> {
  visitor ??= new Visitor(settings, market)
  await visitor.readHottest(schedule)
}

export async function invalidate(market: Market): Promise<void> {
  visitor ??= new Visitor(settings, market)
  await visitor.writeHottest()
}
