import type { Options } from 'k6/options'
import { findMarket, type Market } from './market.ts'
import { constantSchedule } from './schedule.ts'
import { readSettings, type Settings } from './settings.ts'
import { correctness, latency, trendStats } from './thresholds.ts'
import { Visitor } from './visitor.ts'
import { warmUp } from './warm-up.ts'

/** Exports of a script with a steady load: k6 reads them. */
export interface SteadyLoad {
  readonly options: Options
  readonly setup: () => Promise<Market>
  /** Sends one visit at the constant rate. */
  readonly visit: (market: Market) => Promise<void>
  /** Sends one visit while the rate rises at the start. k6 looks for it as the export `warm`. */
  readonly warm: (market: Market) => Promise<void>
}

/**
 * Returns a load test whose rate rises at the start and then is constant.
 * @param name Name of the scenario with the constant rate.
 * @param defaults Settings that no variable of the environment sets.
 */
export function steadyLoad(name: string, defaults: Parameters<typeof readSettings>[0]): SteadyLoad {
  const settings: Settings = readSettings(defaults)
  const { rate, seconds, virtualUsers } = settings
  const schedule = constantSchedule(rate)
  const climb = warmUp(settings, 'warm')
  let visitor: Visitor | undefined
  const visit = async (market: Market, at: typeof schedule) => {
    visitor ??= new Visitor(settings, market)
    await visitor.act(at)
  }
  return {
    options: {
      scenarios: {
        warm_up: climb.scenario,
        [name]: {
          executor: 'constant-arrival-rate',
          startTime: `${climb.seconds}s`,
          rate,
          duration: `${seconds - climb.seconds}s`,
          preAllocatedVUs: virtualUsers,
          maxVUs: virtualUsers,
        },
      },
      thresholds: { ...correctness, ...latency(name, settings.p95Ms), [`dropped_iterations{scenario:${name}}`]: ['count==0'] },
      summaryTrendStats: trendStats,
    },
    setup: () => findMarket(settings),
    visit: (market) => visit(market, schedule),
    warm: (market) => visit(market, climb.schedule),
  }
}
