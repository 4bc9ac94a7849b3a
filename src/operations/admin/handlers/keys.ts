import type { Cache } from '../../../engine/cache/cache.ts'
import type { ListedEntry } from '../../../engine/cache/inspect/inventory.ts'
import { PUBLIC_TENANT } from '../../../engine/cache/model/entity.ts'
import { armOfName } from '../../../gateway/policies/experiment.ts'
import { isOfTenant, tenantOf } from '../access.ts'
import type { Keys } from '../contract.ts'
import { type Endpoint, endpoint } from '../endpoint.ts'
import { Largest } from '../figures/largest.ts'
import { keys, keysQuery } from '../schemas/logs.ts'

const MAX_TAGS = 50
const SORTS = {
  size: ({ bytes }: ListedEntry) => bytes,
  hits: ({ frequency }: ListedEntry) => frequency,
  age: ({ ageMs }: ListedEntry) => ageMs,
}

/** GET /keys: the keys in the memory of the process that answers, without their values. */
export function keysEndpoint({ cache }: { readonly cache: Pick<Cache, 'inventory'> }): Endpoint {
  return endpoint({
    method: 'GET',
    path: '/keys',
    summary: 'Lists the keys in memory',
    description:
      'Keys of the values in the memory of the process that answers, without the values. Other processes may have others, and Redis has more.',
    query: keysQuery,
    answer: keys,
    handle: async ({ caller, query }) => {
      const tenant = tenantOf(caller, query.tenant)
      const { prefix, tag, sort, limit } = query
      const largest = new Largest<ListedEntry>(limit, SORTS[sort])
      await cache.inventory.visit((entry) => {
        if (tenant !== undefined && !isOfTenant(entry.key, tenant)) return
        if (entry.key.startsWith(prefix) && (tag === undefined || entry.tags.includes(tag))) largest.offer(entry)
      })
      return { total: largest.offered, keys: largest.sorted().map((entry) => shownKey(entry, tenant)) }
    },
  })
}

function shownKey({ key, policy, tags, bytes, frequency, ageMs, ttlMs }: ListedEntry, limitedTo: string | undefined): Keys['keys'][number] {
  const [tenant = '', namespace = ''] = key.split(':', 2)
  const given = key.slice(tenant.length + namespace.length + 2)
  const isSeen = (tag: string) => limitedTo === undefined || isOfTenant(tag, limitedTo) || isOfTenant(tag, PUBLIC_TENANT)
  return {
    key,
    policy: armOfName(policy.name).field,
    tenant,
    arguments: given.startsWith('#') ? null : given,
    bytes,
    hits: frequency,
    ageMs,
    ttlMs,
    tags: tags.filter(isSeen).slice(0, MAX_TAGS),
  }
}
