import type { Cache } from '../../engine/cache/cache.ts'
import { systemEnv } from '../../engine/cache/model/env.ts'
import { sqlState } from '../../engine/postgres/failure.ts'
import type { DatabaseHandle } from '../../engine/postgres/open-database.ts'
import { statementRunner } from '../../engine/postgres/run-statement.ts'
import type { Logger } from '../telemetry/logger.ts'
import type { UsageFigures } from '../telemetry/usage.ts'
import { boundedReader } from './bounded-reader.ts'
import { History } from './history.ts'

export interface CreateHistoryOptions<Tables> {
  readonly database: Pick<DatabaseHandle<Tables>, 'db' | 'runAside'>
  readonly cache: Pick<Cache, 'now'>
  /** Time for which the history is kept, days; 0 means that there is no history. */
  readonly days: number
  /** Returns the cumulative figures of this process. */
  readonly figures: () => UsageFigures
  readonly logger: Logger
}

/** SQLSTATEs of errors that an invalid value causes, for example a text that the encoding of the database does not have. */
const REFUSED = /^2[23]/

/** Creates the history of the processes that share a database; undefined if it is turned off. */
export function createHistory<Tables>({ database, cache, days, figures, logger }: CreateHistoryOptions<Tables>): History | undefined {
  if (days === 0) return undefined
  return new History({
    run: statementRunner(database.db),
    read: boundedReader(database),
    env: systemEnv,
    now: () => cache.now(),
    days,
    figures,
    isRefused: (error) => REFUSED.test(sqlState(error) ?? ''),
    onFailure: (error) => logger.warn({ error }, 'history of the cache was not stored: retrying'),
    onAdviceFailure: (error) => logger.warn({ error }, 'recommendations for operations were not stored: retrying in ten minutes'),
  })
}
