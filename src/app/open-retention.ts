import type { MarketConfig } from '../config/market-variables.ts'
import { systemEnv } from '../engine/cache/index.ts'
import { createRetention } from '../market/modules/routing/retention.ts'
import type { MarketDatabase } from '../market/tables/database.ts'
import type { Logger } from '../operations/telemetry/logger.ts'

/** Deletes old decisions and reservations. A failure is logged, and the next day tries again. */
export function openRetention({ db }: MarketDatabase, { decisionDays, reservationDays }: MarketConfig, logger: Logger) {
  return createRetention({
    db,
    env: systemEnv,
    decisionDays,
    reservationDays,
    onFailed: (error) => logger.warn(error, 'old decisions or reservations could not be deleted'),
  })
}
