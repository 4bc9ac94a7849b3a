/**
 * Spike test: a low rate, then ten times that rate for a short time, then the low rate again. After the spike, the latency must be as low
 * as before.
 */

import type { Options } from 'k6/options'
import { findMarket, type Market } from './parts/market.ts'
import { constantSchedule, type Ramp, rampingSchedule } from './parts/schedule.ts'
import { readSettings } from './parts/settings.ts'
import { correctness, latency, trendStats } from './parts/thresholds.ts'
import { Visitor } from './parts/visitor.ts'

const settings = readSettings({ rate: 1000, duration: '1m', virtualUsers: 1000, writeShare: 0.02, p95Ms: 50 })
const { rate, seconds, virtualUsers } = settings
const calm = Math.ceil(rate / 10)
const ramps: readonly Ramp[] = [
  { seconds: seconds * 0.3, rate: calm },
  { seconds: seconds * 0.05, rate },
  { seconds: seconds * 0.1, rate },
  { seconds: seconds * 0.05, rate: calm },
]
const spike = rampingSchedule(calm, ramps)
const after = constantSchedule(calm)
let visitor: Visitor | undefined

export const options: Options = {
  scenarios: {
    spike: {
      executor: 'ramping-arrival-rate',
      startRate: calm,
      stages: ramps.map((ramp) => ({ duration: `${ramp.seconds}s`, target: ramp.rate })),
      preAllocatedVUs: virtualUsers,
      maxVUs: virtualUsers,
    },
    after: {
      executor: 'constant-arrival-rate',
      exec: 'calmAgain',
      startTime: `${seconds * 0.6}s`,
      rate: calm,
      duration: `${seconds * 0.4}s`,
      preAllocatedVUs: virtualUsers,
      maxVUs: virtualUsers,
    },
  },
  thresholds: { ...correctness, ...latency('after', settings.p95Ms) },
  summaryTrendStats: trendStats,
}

export function setup(): Promise<Market> {
  return findMarket(settings)
}

export default async function (market: Market): Promise<void> {
  visitor ??= new Visitor(settings, market)
  await visitor.act(spike)
}

export async function calmAgain(market: Market): Promise<void> {
  visitor ??= new Visitor(settings, market)
  await visitor.act(after)
}
