import { WorkQueue } from '../generator/work-queue.ts'
import { analyticsModule } from './analytics/resolvers.ts'
import { bidType } from './bids/entity.ts'
import { bidsModule } from './bids/resolvers.ts'
import { buyerType } from './buyers/entity.ts'
import { buyersModule } from './buyers/resolvers.ts'
import { callType } from './calls/entity.ts'
import { callsModule } from './calls/resolvers.ts'
import { campaignType } from './campaigns/entity.ts'
import { campaignsModule } from './campaigns/resolvers.ts'
import { domainType } from './domains/entity.ts'
import { createDomainsModule } from './domains/resolvers.ts'
import type { Module } from './module.ts'
import { createNodeModule } from './node.ts'
import { scalarsModule } from './scalars.ts'
import { tenantType, userType } from './tenants/entity.ts'
import { tenantsModule } from './tenants/resolvers.ts'

export interface ModulesOptions {
  /** Generations of names wait here for one another. By default a queue of its own. */
  readonly generationQueue?: WorkQueue
}

/** All that the gateway serves. What the modules keep in memory lies within what this returns. */
export function createModules({ generationQueue = new WorkQueue() }: ModulesOptions = {}): readonly Module[] {
  return [
    scalarsModule,
    createNodeModule([tenantType, userType, campaignType, domainType, callType, bidType, buyerType]),
    tenantsModule,
    campaignsModule,
    createDomainsModule(generationQueue),
    callsModule,
    bidsModule,
    buyersModule,
    analyticsModule,
  ]
}
