import type { CacheEvent } from '../../engine/cache/model/events.ts'
import type { WriteCause } from '../../engine/cache/model/write-cause.ts'
import { UNKNOWN_WRITE } from '../telemetry/usage.ts'
import { stored } from './metric-row.ts'

type Invalidated = Extract<CacheEvent, { readonly type: 'invalidated' }>

/** A row of the table `cache_invalidation_log`: one applied row of the invalidation log. */
export interface InvalidationRow {
  readonly epoch: string
  /** Position in the invalidation log. */
  readonly seq: number
  /** Time at which the log row was written, by the clock of the database, Unix epoch ms. */
  readonly at: number
  /** Cause of most writes of the row. */
  readonly reason: string
  readonly causes: readonly WriteCause[]
  /** Type of the changed rows; null if there is none or more than one. Declarations that only lists use are no types of rows. */
  readonly entityType: string | null
  /** Id of the changed row; null if there is none or more than one. */
  readonly entityId: string | null
  readonly entityTypes: readonly string[]
  /** Tenants whose entries were invalidated; `*` stands for all tenants. */
  readonly tenants: readonly string[]
  /** Invalidated tags, at most {@link MAX_STORED_TAGS}. */
  readonly tags: readonly string[]
  readonly tagCount: number
  /** Whether one of the tags covers everything, a tenant or a type. */
  readonly isBroad: boolean
  /** Time from the oldest write until a process applied the row, ms; null for a row without writes. */
  readonly lagMs: number | null
}

const MAX_STORED_TAGS = 50
const MAX_STORED_TENANTS = 50
const ROW_TAG = /^[^:]+:([A-Za-z0-9]+):(.+)$/
const TYPE = /^[^:]+:([A-Za-z0-9]+)(?:[~*:]|\[\])/

export function invalidationRow({ epoch, seq, at, causes, tags, lagMs }: Invalidated): InvalidationRow {
  const types = [...new Set(tags.flatMap((tag) => TYPE.exec(tag)?.[1] ?? []))].sort()
  const rows = tags.flatMap((tag) => {
    const [, type, id] = ROW_TAG.exec(tag) ?? []
    return type === undefined || id === undefined ? [] : [{ type, id }]
  })
  // One table may have several declarations, and only one of them has rows.
  const changed = types.length === 1 ? types : [...new Set(rows.map(({ type }) => type))]
  const ids = changed.length === 1 ? [...new Set(rows.map(({ id }) => id))] : []
  const tenants = [...new Set(tags.map((tag) => tag.split(':', 1)[0] ?? tag))].sort()
  return {
    epoch,
    seq,
    at,
    reason: stored((causes.find(({ writes }) => writes > 0) ?? causes[0])?.cause ?? UNKNOWN_WRITE),
    causes,
    entityType: changed.length === 1 ? (changed[0] ?? null) : null,
    entityId: ids.length === 1 ? stored(ids[0] ?? '') : null,
    entityTypes: types,
    tenants: tenants.length > MAX_STORED_TENANTS ? ['*'] : tenants,
    tags: tags.slice(0, MAX_STORED_TAGS),
    tagCount: tags.length,
    isBroad: tags.some(isBroadTag),
    lagMs: lagMs ?? null,
  }
}

/** Returns whether a tag invalidates an unknown number of entries: everything, a tenant, a bulk change of a type, or a free tag. */
export function isBroadTag(tag: string): boolean {
  return !tag.includes(':') || /^[^:]+:(?:[A-Za-z0-9]+\*$|#)/.test(tag)
}
