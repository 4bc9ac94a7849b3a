import type { Config } from '../config/config.ts'
import type { Cache } from '../engine/cache/cache.ts'
import { systemEnv } from '../engine/cache/model/env.ts'
import type { RedisHandle } from '../engine/redis/open-redis.ts'
import type { MarketDatabase } from '../market/tables/database.ts'
import { createPurging } from '../operations/purging/create-purging.ts'
import type { Purging } from '../operations/purging/purging.ts'
import type { PurgingEvent } from '../operations/purging/purging-event.ts'
import type { Logger } from '../operations/telemetry/logger.ts'
import { createPurgingLog } from '../operations/telemetry/purging-log.ts'

export interface OpenPurgingOptions {
  readonly config: Config
  readonly database: Pick<MarketDatabase, 'createRunner'>
  readonly cache: Pick<Cache, 'now'>
  readonly logger: Logger
  /** Undefined if no Redis is configured. */
  readonly redis: Pick<RedisHandle, 'wakeUp'> | undefined
  /** Counts an event in the metrics. */
  readonly onEvent: (event: PurgingEvent) => void
}

/** Maximum time of a statement, ms. It is short, because the lease of a process ends after three seconds without one. */
const STATEMENT_DEADLINE_MS = 1000

/** Creates the purges of the configured CDN; undefined if none is configured. */
export function openPurging({ config, database, cache, redis, logger, onEvent }: OpenPurgingOptions): Purging | undefined {
  if (!config.purging) return undefined
  const log = createPurgingLog(logger)
  // Not the pool: a busy pool would delay the purges, and end the lease.
  const run = database.createRunner('purges')
  return createPurging({
    ...config.purging,
    run: (statement, parameters) => run(statement, parameters, STATEMENT_DEADLINE_MS),
    env: systemEnv,
    fetch: globalThis.fetch,
    now: () => cache.now(),
    stalenessBoundMs: config.cache.stalenessBoundMs,
    hint: () => redis?.wakeUp.send('all'),
    onEvent: (event) => {
      onEvent(event)
      log(event)
    },
  })
}
