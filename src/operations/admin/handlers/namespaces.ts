import type { Cache } from '../../../engine/cache/cache.ts'
import type { Entity } from '../../../engine/cache/model/entity.ts'
import { tenantOf } from '../access.ts'
import { type Endpoint, endpoint } from '../endpoint.ts'
import { causeOfCall } from '../purge/cause-of-call.ts'
import { bumpBody, bumpResult, namespaces, namespacesQuery } from '../schemas/purges.ts'
import type { PurgeHandlerOptions } from './invalidate.ts'

export interface NamespacesOptions {
  readonly cache: Pick<Cache, 'stats' | 'now'>
  readonly entities: readonly Entity[]
  /** Returns the coordinates of the policies whose values depend on the type of an entity. */
  readonly policiesOf: (entity: Entity) => readonly string[]
}

/** GET /namespaces: lists the types whose values can be invalidated together. */
export function namespacesEndpoint({ cache, entities, policiesOf }: NamespacesOptions): Endpoint {
  return endpoint({
    method: 'GET',
    path: '/namespaces',
    summary: 'Lists the namespaces',
    description:
      'A namespace is a tenant, or a type of a tenant. Its version is the position of the invalidation log at which it was bumped last.',
    query: namespacesQuery,
    answer: namespaces,
    handle: async ({ caller, query }) => {
      const { clock, unwatched } = cache.stats()
      return {
        tenant: tenantOf(caller, query.tenant) ?? null,
        at: new Date(cache.now()).toISOString(),
        clock,
        namespaces: entities.map((entity) => ({
          type: entity.type,
          table: entity.table,
          policies: [...policiesOf(entity)],
          isCached: !unwatched.includes(entity.type),
        })),
      }
    },
  })
}

/** POST /namespaces: gives a namespace a new version, which invalidates all its values. */
export function bumpEndpoint({ purger, targets }: PurgeHandlerOptions): Endpoint {
  return endpoint({
    method: 'POST',
    path: '/namespaces',
    summary: 'Bumps a namespace',
    description:
      'Gives a tenant, a type of a tenant, or everything a new version at run time. All values of the namespace are then invalid.',
    body: bumpBody,
    answer: bumpResult,
    handle: async ({ caller, body }) => {
      const { name, tags } = await targets.ofNamespace(body, caller)
      const result = await purger.purge({ tags, dryRun: false, cause: causeOfCall(caller, `bump ${name}`, body.reason) })
      return { ...result, namespace: name, version: result.position?.clock ?? 0 }
    },
  })
}
