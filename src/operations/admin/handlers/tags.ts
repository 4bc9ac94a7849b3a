import type { Cache } from '../../../engine/cache/cache.ts'
import { isOfTenant, tenantOf } from '../access.ts'
import { type Endpoint, endpoint } from '../endpoint.ts'
import type { AppliedWrite } from '../keys/key-inspector.ts'
import { MANAGEMENT_TAG } from '../purge/purger.ts'
import { tags as tagsAnswer, tagsQuery } from '../schemas/logs.ts'

export interface TagsOptions {
  readonly cache: Pick<Cache, 'inventory'>
  readonly recentWrites: () => readonly AppliedWrite[]
}

/** Maximum number of tags that are counted. A process may have a million of them, and completion needs few. */
const MAX_COUNTED = 50_000

/** GET /tags: the tags of cached values and of recent invalidations, for completion. */
export function tagsEndpoint({ cache, recentWrites }: TagsOptions): Endpoint {
  return endpoint({
    method: 'GET',
    path: '/tags',
    summary: 'Lists known tags',
    description:
      'Tags of the values in the memory of the process that answers, and of recent invalidations. Tags of most entries come first.',
    query: tagsQuery,
    answer: tagsAnswer,
    handle: async ({ caller, query }) => {
      const tenant = tenantOf(caller, query.tenant)
      const counts = new Map<string, number>()
      const count = (tag: string, entries: number) => {
        if (!tag.startsWith(query.prefix) || (tenant !== undefined && !isOfTenant(tag, tenant)) || tag === MANAGEMENT_TAG) return
        const before = counts.get(tag)
        if (before !== undefined || counts.size < MAX_COUNTED) counts.set(tag, (before ?? 0) + entries)
      }
      await cache.inventory.visit((entry) => {
        for (const tag of entry.tags) count(tag, 1)
      })
      for (const { tags } of recentWrites()) for (const tag of tags) count(tag, 0)
      const sorted = [...counts].sort(([one, a], [other, b]) => b - a || (one < other ? -1 : 1))
      return { tags: sorted.slice(0, query.limit).map(([tag, entries]) => ({ tag, entries })) }
    },
  })
}
