import type { RampingArrivalRateScenario } from 'k6/options'
import { rampingSchedule, type Schedule } from './schedule.ts'
import type { Settings } from './settings.ts'

const MAX_SECONDS = 15
const SHARE = 0.25
const MAX_USERS = 100

export interface WarmUp {
  /** Duration of the warm-up, s. */
  readonly seconds: number
  readonly scenario: RampingArrivalRateScenario
  readonly schedule: Schedule
}

/**
 * Creates a scenario in which the rate climbs to the rate of the run while the cache fills. The responses are checked for staleness, but
 * their latency has no threshold.
 */
export function warmUp(settings: Settings, exec: string): WarmUp {
  const seconds = Math.min(MAX_SECONDS, settings.seconds * SHARE)
  const startRate = Math.ceil(settings.rate / 10)
  const users = Math.min(MAX_USERS, settings.virtualUsers)
  return {
    seconds,
    scenario: {
      executor: 'ramping-arrival-rate',
      exec,
      startRate,
      stages: [{ duration: `${seconds}s`, target: settings.rate }],
      preAllocatedVUs: users,
      maxVUs: users,
    },
    schedule: rampingSchedule(startRate, [{ seconds, rate: settings.rate }]),
  }
}
