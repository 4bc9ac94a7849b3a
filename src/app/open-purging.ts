import type { Config } from '../config/config.ts'
import type { Cache } from '../engine/cache/cache.ts'
import { systemEnv } from '../engine/cache/model/env.ts'
import { statementRunner } from '../engine/postgres/run-statement.ts'
import type { RedisHandle } from '../engine/redis/open-redis.ts'
import type { MarketDatabase } from '../market/tables/database.ts'
import { createPurging } from '../operations/purging/create-purging.ts'
import type { Purging } from '../operations/purging/purging.ts'
import type { PurgingEvent } from '../operations/purging/purging-event.ts'
import type { Logger } from '../operations/telemetry/logger.ts'
import { createPurgingLog } from '../operations/telemetry/purging-log.ts'

export interface OpenPurgingOptions {
  readonly config: Config
  readonly database: MarketDatabase
  readonly cache: Pick<Cache, 'now'>
  readonly logger: Logger
  /** Undefined if no Redis is configured. */
  readonly redis: Pick<RedisHandle, 'wakeUp'> | undefined
  /** Counts an event in the metrics. */
  readonly onEvent: (event: PurgingEvent) => void
}

/** Creates the purges of the configured CDN; undefined if none is configured. */
export function openPurging({ config, database, cache, redis, logger, onEvent }: OpenPurgingOptions): Purging | undefined {
  if (!config.purging) return undefined
  const log = createPurgingLog(logger)
  return createPurging({
    ...config.purging,
    run: statementRunner(database.db),
    env: systemEnv,
    fetch: globalThis.fetch,
    now: () => cache.now(),
    stalenessBoundMs: config.cache.stalenessBoundMs,
    hint: () => redis?.wakeUp.send(),
    onEvent: (event) => {
      onEvent(event)
      log(event)
    },
  })
}
