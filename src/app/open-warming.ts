import type { Config } from '../config/config.ts'
import { systemEnv } from '../engine/cache/model/env.ts'
import { activeTenants } from '../market/modules/tenants/active-tenants.ts'
import { POLICIES_OUTSIDE_SCHEMA } from '../market/modules/tenants/standing-policy.ts'
import type { MarketDatabase } from '../market/tables/database.ts'
import type { Logger } from '../operations/telemetry/logger.ts'
import { createWarmingLog } from '../operations/telemetry/warming-log.ts'
import { type CreateWarmingOptions, createWarming, type ProcessWarming } from '../operations/warming/create-warming.ts'

export interface OpenWarmingOptions extends Pick<CreateWarmingOptions, 'cache' | 'graphql' | 'recorder' | 'redis' | 'prefix' | 'onEvent'> {
  readonly config: Config
  readonly database: MarketDatabase
  readonly logger: Logger
}

/** Creates the warming of a process, and copies the hottest entries from Redis. */
export async function openWarming({ config, database, logger, onEvent, ...parts }: OpenWarmingOptions): Promise<ProcessWarming> {
  const log = createWarmingLog(logger)
  const warming = await createWarming({
    ...config.warming,
    ...parts,
    otherPolicies: POLICIES_OUTSIDE_SCHEMA,
    secrets: config.cache.secrets,
    concurrentLoads: config.cache.concurrentLoads,
    activeTenants: () => activeTenants(database.db, parts.cache.now()),
    env: systemEnv,
    onEvent: (event) => {
      onEvent(event)
      log(event)
    },
  })
  await warming.prepare()
  return warming
}
