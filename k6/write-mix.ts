/** Write test: three of ten requests are writes. Readers check, with and without consistency tokens, that responses show the writes. */

import type { Options } from 'k6/options'
import { findMarket, type Market } from './parts/market.ts'
import { constantSchedule } from './parts/schedule.ts'
import { readSettings } from './parts/settings.ts'
import { correctness, correctnessUnderFaults, latency, trendStats } from './parts/thresholds.ts'
import { Visitor } from './parts/visitor.ts'

const settings = readSettings({ rate: 100, duration: '1m', virtualUsers: 100, writeShare: 0.3, p95Ms: 100 })
const { rate, seconds, virtualUsers } = settings
const schedule = constantSchedule(rate)
let visitor: Visitor | undefined

export const options: Options = {
  scenarios: {
    write_mix: { executor: 'constant-arrival-rate', rate, duration: `${seconds}s`, preAllocatedVUs: virtualUsers, maxVUs: virtualUsers },
  },
  thresholds: {
    ...(settings.hasFaults ? correctnessUnderFaults : correctness),
    ...latency('write_mix', settings.p95Ms),
    dropped_iterations: ['count==0'],
  },
  summaryTrendStats: trendStats,
}

export function setup(): Promise<Market> {
  return findMarket(settings)
}

export default async function (market: Market): Promise<void> {
  visitor ??= new Visitor(settings, market)
  await visitor.act(schedule)
}
