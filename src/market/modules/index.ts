import type { Entity } from '../../engine/cache/model/entity.ts'
import { entitiesOf, type Module } from '../../gateway/contract/module.ts'
import { createNodeModule } from '../../gateway/contract/node.ts'
import { callerHashes } from '../rules/caller.ts'
import { WorkQueue } from '../rules/naming/work-queue.ts'
import { Conditions } from '../rules/routing/evaluate-condition.ts'
import { TimeZones } from '../rules/time-zones.ts'
import type { EventRecorder } from './analytics/event-recorder.ts'
import { createAnalyticsModule } from './analytics/resolvers.ts'
import { bidsModule } from './bids/resolvers.ts'
import { createBuyersModule } from './buyers/resolvers.ts'
import { callsModule } from './calls/resolvers.ts'
import { campaignsModule } from './campaigns/resolvers.ts'
import { createComplianceModule } from './compliance/resolvers.ts'
import { createDomainsModule } from './domains/resolvers.ts'
import { plansModule } from './plans/resolvers.ts'
import { publishersModule } from './publishers/resolvers.ts'
import { createRoutingModule } from './routing/resolvers.ts'
import { ruleSetsModule } from './rule-sets/resolvers.ts'
import { scalarsModule } from './scalars.ts'
import { tenantsModule } from './tenants/resolvers.ts'

/** Services that all modules of a process share. */
export interface MarketServices {
  /** Queue in which callers wait for the generation of names, so that only one generation runs at a time. */
  readonly generationQueue: WorkQueue
  /** Stores analytics events; resolves once they are durable. */
  readonly recordEvents: EventRecorder['record']
  /** Secret with which the numbers of callers are hashed (CALLER_HASH_KEY). */
  readonly callerHashKey: string
}

/** Creates all GraphQL modules that the gateway serves, one for each folder beside this file. */
export function createModules({ generationQueue, recordEvents, callerHashKey }: MarketServices): readonly Module[] {
  const hashes = callerHashes(Buffer.from(callerHashKey))
  const engine = { zones: new TimeZones(), conditions: new Conditions(), random: Math.random }
  const modules = [
    scalarsModule,
    tenantsModule,
    campaignsModule,
    createDomainsModule(generationQueue),
    callsModule,
    bidsModule,
    createBuyersModule(engine.zones),
    publishersModule,
    plansModule,
    ruleSetsModule,
    createAnalyticsModule(engine.zones, recordEvents),
    createComplianceModule(hashes),
    createRoutingModule(engine, hashes),
  ]
  return [...modules, createNodeModule(modules)]
}

/**
 * Creates modules for programs that need only the schema and the table declarations of the modules. These modules cannot serve requests.
 */
export function createIdleModules(): readonly Module[] {
  const recordEvents = () => Promise.reject(new Error('Modules from createIdleModules cannot serve requests: use createModules.'))
  return createModules({
    generationQueue: new WorkQueue(),
    recordEvents,
    callerHashKey: 'no caller is hashed by modules that serve nobody',
  })
}

/** Returns the declarations of the tables whose rows the gateway caches. */
export function marketEntities(): readonly Entity[] {
  return entitiesOf(createIdleModules())
}
