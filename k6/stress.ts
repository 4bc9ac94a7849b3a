/**
 * Stress test: the rate climbs until it exceeds what two cores can handle. Then iterations may be dropped and responses may be slow, but no
 * response may be wrong.
 */

import type { Options } from 'k6/options'
import { findMarket, type Market } from './parts/market.ts'
import { type Ramp, rampingSchedule } from './parts/schedule.ts'
import { readSettings } from './parts/settings.ts'
import { correctness, trendStats } from './parts/thresholds.ts'
import { Visitor } from './parts/visitor.ts'

const settings = readSettings({ rate: 1500, duration: '2m', virtualUsers: 1000, writeShare: 0.02, p95Ms: 50 })
const { rate, seconds, virtualUsers } = settings
const startRate = Math.ceil(rate / 20)
const ramps: readonly Ramp[] = [
  { seconds: seconds * 0.7, rate },
  { seconds: seconds * 0.2, rate },
  { seconds: seconds * 0.1, rate: startRate },
]
const schedule = rampingSchedule(startRate, ramps)
let visitor: Visitor | undefined

export const options: Options = {
  scenarios: {
    stress: {
      executor: 'ramping-arrival-rate',
      startRate,
      stages: ramps.map((ramp) => ({ duration: `${ramp.seconds}s`, target: ramp.rate })),
      preAllocatedVUs: virtualUsers,
      maxVUs: virtualUsers,
    },
  },
  thresholds: { ...correctness },
  summaryTrendStats: trendStats,
}

export function setup(): Promise<Market> {
  return findMarket(settings)
}

export default async function (market: Market): Promise<void> {
  visitor ??= new Visitor(settings, market)
  await visitor.act(schedule)
}
