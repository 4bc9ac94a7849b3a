import type { Config } from '../config/config.ts'
import { systemEnv } from '../engine/cache/model/env.ts'
import { inTransaction } from '../engine/postgres/transaction.ts'
import { EXPLORER_PATH } from '../gateway/http/explorer-page.ts'
import { allTenants } from '../market/modules/tenants/active-tenants.ts'
import { POLICIES_OUTSIDE_SCHEMA } from '../market/modules/tenants/standing-policy.ts'
import type { MarketDatabase } from '../market/tables/database.ts'
import { createManagement, type Management } from '../operations/admin/create-management.ts'
import type { ManagementOptions } from '../operations/admin/management-options.ts'
import { gatewayVersion } from '../operations/telemetry/version.ts'
import { PAGES_FOLDER } from './pages-folder.ts'
import { sharedCountsOf } from './shared-counts.ts'

export interface OpenManagementOptions
  extends Pick<
    ManagementOptions,
    | 'cache'
    | 'graphql'
    | 'entities'
    | 'authentication'
    | 'warming'
    | 'history'
    | 'purging'
    | 'redis'
    | 'waiting'
    | 'dashboardToken'
    | 'logger'
  > {
  readonly config: Config
  readonly database: MarketDatabase
  readonly metrics: Pick<ManagementOptions, 'shareOfHits' | 'readersOf' | 'policiesByOperation'>
}

/** Creates the management of a process, and makes the process known to the others. @throws if the database does not answer. */
export async function openManagement({ config, database, metrics, ...parts }: OpenManagementOptions): Promise<Management> {
  const { db } = database
  const management = createManagement({
    ...config.management,
    ...config.cache,
    ...config.server,
    ...parts,
    shareOfHits: metrics.shareOfHits,
    readersOf: metrics.readersOf,
    policiesByOperation: metrics.policiesByOperation,
    db,
    database,
    inTransaction: (work) => inTransaction(db, work, { attempts: 5 }),
    port: config.management.port,
    explorerPath: config.management.isPublic && config.server.landingPage ? EXPLORER_PATH : undefined,
    dashboardFolder: PAGES_FOLDER,
    otherPolicies: POLICIES_OUTSIDE_SCHEMA,
    tenants: () => allTenants(db),
    sharedCounts: sharedCountsOf(config, parts.redis),
    version: gatewayVersion(),
    env: systemEnv,
  })
  await management.start()
  return management
}
