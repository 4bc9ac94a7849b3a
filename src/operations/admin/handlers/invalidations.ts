import type { Cache } from '../../../engine/cache/cache.ts'
import { type Entity, MANAGEMENT_TAG } from '../../../engine/cache/model/entity.ts'
import type { WriteCause } from '../../../engine/cache/model/write-cause.ts'
import type { History } from '../../history/history.ts'
import { isOfTenant, tenantOf } from '../access.ts'
import type { Invalidation } from '../contract.ts'
import { type Endpoint, endpoint } from '../endpoint.ts'
import { invalidations, invalidationsQuery } from '../schemas/logs.ts'

export interface InvalidationsOptions {
  readonly cache: Pick<Cache, 'stats' | 'recentInvalidations'>
  readonly history: History | undefined
  readonly entities: readonly Entity[]
}

interface Row {
  readonly seq: number
  readonly epoch: string
  readonly at: number
  readonly causes: readonly WriteCause[]
  readonly tags: readonly string[]
  readonly tagCount: number
  readonly lagMs: number | null | undefined
}

const MAX_TAGS = 50

/** GET /invalidations: the end of the invalidation log, with the writes that caused each row. */
export function invalidationsEndpoint({ cache, history, entities }: InvalidationsOptions): Endpoint {
  return endpoint({
    method: 'GET',
    path: '/invalidations',
    summary: 'Lists invalidations',
    description:
      'Rows of the invalidation log, newest first, or those after a position. The newest rows come from the memory of the process that answers, older ones from the history.',
    query: invalidationsQuery,
    answer: invalidations,
    handle: async ({ caller, query }) => {
      const tenant = tenantOf(caller, query.tenant)
      const { tag, cause, after, limit } = query
      const { clock, epoch } = cache.stats()
      const concerns = (row: Row) =>
        (after === undefined || (row.seq > after && row.epoch === epoch)) &&
        (tag === undefined || row.tags.includes(tag)) &&
        (cause === undefined || row.causes.some((one) => one.cause === cause)) &&
        (tenant === undefined || row.tags.some((one) => one === '*' || isOfTenant(one, tenant)))
      const stored: readonly Row[] =
        (await history
          ?.invalidations({ tenant, tag, cause, after: after === undefined ? undefined : { epoch, position: after }, limit })
          .catch(() => [])) ?? []
      const rows = new Map<string, Row>()
      for (const row of [...cache.recentInvalidations().all(), ...stored]) {
        const id = `${row.epoch} ${row.seq}`
        if (!rows.has(id) && concerns(row)) rows.set(id, row)
      }
      const direction = after === undefined ? -1 : 1
      const sorted = [...rows.values()].sort((a, b) => direction * (a.at - b.at || a.seq - b.seq)).slice(0, limit)
      return { clock, invalidations: sorted.map((row) => shownRow(row, tenant, entities)) }
    },
  })
}

function shownRow(
  { seq, epoch, at, causes, tags, tagCount, lagMs }: Row,
  tenant: string | undefined,
  entities: readonly Entity[],
): Invalidation {
  const isSeen = (tag: string) => tag !== MANAGEMENT_TAG && (tenant === undefined || tag === '*' || isOfTenant(tag, tenant))
  const own = tags.filter(isSeen)
  const types = new Set(own.flatMap((tag) => /^[^:]+:([A-Za-z0-9]+)/.exec(tag)?.[1] ?? []))
  return {
    clock: seq,
    epoch,
    at: new Date(at).toISOString(),
    causes: causes.filter(({ tags: of = own }) => of.some(isSeen)).map(({ cause }) => cause),
    tables: [...new Set(entities.filter(({ type }) => types.has(type)).map(({ table }) => table))],
    tags: own.slice(0, MAX_TAGS),
    // The number of all tags would tell a tenant how much other tenants write.
    tagCount: tenant === undefined ? tagCount : own.length,
    lagMs: lagMs ?? null,
  }
}
