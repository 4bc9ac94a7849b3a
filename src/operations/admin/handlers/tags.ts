import type { Cache } from '../../../engine/cache/cache.ts'
import { MANAGEMENT_TAG } from '../../../engine/cache/model/entity.ts'
import { isOfTenant, tenantOf } from '../access.ts'
import { type Endpoint, endpoint } from '../endpoint.ts'
import type { AppliedWrite } from '../keys/key-inspector.ts'
import { tags as tagsAnswer, tagsQuery } from '../schemas/logs.ts'

export interface TagsOptions {
  readonly cache: Pick<Cache, 'inventory'>
  readonly recentWrites: () => readonly AppliedWrite[]
}

interface TagFigures {
  entries: number
  bytes: number
  hits: number
  oldestMs: number | null
}

/** Maximum number of tags that are counted. A process may have a million of them, and completion needs few. */
const MAX_COUNTED = 50_000
const SORTS = {
  entries: ({ entries }: TagFigures) => entries,
  bytes: ({ bytes }: TagFigures) => bytes,
  hits: ({ hits }: TagFigures) => hits,
  age: ({ oldestMs }: TagFigures) => oldestMs ?? -1,
}

/** GET /tags: the tags of cached values and of recent invalidations, for completion. */
export function tagsEndpoint({ cache, recentWrites }: TagsOptions): Endpoint {
  return endpoint({
    method: 'GET',
    path: '/tags',
    summary: 'Lists known tags',
    description:
      'Tags of the values in the memory of the process that answers, and of recent invalidations. Tags of most entries come first, unless another order is named.',
    query: tagsQuery,
    answer: tagsAnswer,
    handle: async ({ caller, query }) => {
      const tenant = tenantOf(caller, query.tenant)
      const found = new Map<string, TagFigures>()
      let isComplete = true
      const figuresOf = (tag: string): TagFigures | undefined => {
        if (!tag.startsWith(query.prefix) || (tenant !== undefined && !isOfTenant(tag, tenant)) || tag === MANAGEMENT_TAG) return undefined
        const known = found.get(tag)
        if (known) return known
        if (found.size >= MAX_COUNTED) {
          isComplete = false
          return undefined
        }
        const figures = { entries: 0, bytes: 0, hits: 0, oldestMs: null }
        found.set(tag, figures)
        return figures
      }
      await cache.inventory.visit(({ tags, bytes, frequency, ageMs }) => {
        for (const tag of tags) {
          const figures = figuresOf(tag)
          if (!figures) continue
          figures.entries++
          figures.bytes += bytes
          figures.hits += frequency
          figures.oldestMs = Math.max(figures.oldestMs ?? 0, ageMs)
        }
      })
      for (const { tags } of recentWrites()) for (const tag of tags) figuresOf(tag)
      const key = SORTS[query.sort]
      const sorted = [...found].sort(([one, a], [other, b]) => key(b) - key(a) || (one < other ? -1 : 1))
      return { tags: sorted.slice(0, query.limit).map(([tag, figures]) => ({ tag, ...figures })), isComplete }
    },
  })
}
