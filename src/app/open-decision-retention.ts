import { systemEnv } from '../engine/cache/index.ts'
import { createDecisionRetention } from '../market/modules/routing/decision-retention.ts'
import type { MarketDatabase } from '../market/tables/database.ts'
import type { Logger } from '../operations/telemetry/logger.ts'

/** Deletes the decisions on pings and posts after a number of days. A failure is logged, and the next day tries again. */
export function openDecisionRetention({ db }: MarketDatabase, days: number, logger: Logger) {
  return createDecisionRetention({
    db,
    env: systemEnv,
    days,
    onFailed: (error) => logger.warn(error, 'old decisions could not be deleted'),
  })
}
