/** Smoke test: a few requests of every kind, to see whether everything works. */

import type { Options } from 'k6/options'
import { findMarket, type Market } from './parts/market.ts'
import { constantSchedule } from './parts/schedule.ts'
import { readSettings } from './parts/settings.ts'
import { correctness, latency, trendStats } from './parts/thresholds.ts'
import { Visitor } from './parts/visitor.ts'

const settings = readSettings({ rate: 10, duration: '5s', virtualUsers: 20, writeShare: 0.2, p95Ms: 1000 })
const { rate, seconds, virtualUsers } = settings
const schedule = constantSchedule(rate)
let visitor: Visitor | undefined

export const options: Options = {
  scenarios: {
    smoke: { executor: 'constant-arrival-rate', rate, duration: `${seconds}s`, preAllocatedVUs: virtualUsers, maxVUs: virtualUsers },
  },
  thresholds: { ...correctness, ...latency('smoke', settings.p95Ms), dropped_iterations: ['count==0'] },
  summaryTrendStats: trendStats,
}

export function setup(): Promise<Market> {
  return findMarket(settings)
}

export default async function (market: Market): Promise<void> {
  visitor ??= new Visitor(settings, market)
  await visitor.act(schedule)
}
