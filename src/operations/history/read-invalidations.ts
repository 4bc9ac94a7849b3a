import type { WriteCause } from '../../engine/cache/model/write-cause.ts'
import type { InvalidationRow } from './invalidation-row.ts'
import type { TimeRange } from './read-figures.ts'
import type { RunStatement } from './run-statement.ts'

export interface InvalidationFilter {
  readonly range?: TimeRange | undefined
  /** Only rows that invalidated entries of this tenant, or of all tenants. */
  readonly tenant?: string | undefined
  /** Only rows with a write of this cause. */
  readonly cause?: string | undefined
  /** Only rows whose stored tags contain this tag. */
  readonly tag?: string | undefined
  /**
   * Only rows after this position of the log, in the order of the positions. Without it, the newest rows come first. A position belongs to an
   * epoch: after a restore, the log of the new epoch may begin below the positions of the old one.
   */
  readonly after?: { readonly epoch: string; readonly position: number } | undefined
  /** Only rows of which a tag covers everything, a tenant or a type, and which no operator caused. */
  readonly isBroad?: boolean
  /** Maximum number of rows. */
  readonly limit: number
}

/** Reads applied rows of the invalidation log. */
export async function readInvalidations(run: RunStatement, filter: InvalidationFilter): Promise<readonly InvalidationRow[]> {
  const { range, tenant, cause, tag, after, isBroad = false, limit } = filter
  const rows = await run(
    `select epoch, log_position::float8 as seq, (extract(epoch from created_at) * 1000)::float8 as at, invalidation_reason as reason, causes,
       trigger_entity_type as type, trigger_entity_id as id, entity_types as types, tenants, cache_keys as tags,
       invalidated_count as count, processing_time_ms as lag, is_broad as broad
     from cache_invalidation_log
     where ($1::float8 is null or created_at >= to_timestamp($1::float8 / 1000))
       and ($2::float8 is null or created_at < to_timestamp($2::float8 / 1000))
       and ($3::text is null or tenants && array[$3, '*'])
       and ($4::text is null or causes @> jsonb_build_array(jsonb_build_object('cause', $4::text)))
       and ($5::text is null or $5 = any (cache_keys))
       ${after === undefined ? '' : 'and log_position > $7 and epoch = $8'}${isBroad ? `and is_broad and invalidation_reason not like 'operator %'` : ''}
     order by ${after === undefined ? 'created_at desc, log_position desc' : 'log_position, created_at'}
     limit $6`,
    [
      range?.from ?? null,
      range?.to ?? null,
      tenant ?? null,
      cause ?? null,
      tag ?? null,
      limit,
      ...(after === undefined ? [] : [after.position, after.epoch]),
    ],
  )
  return rows.map((row) => ({
    epoch: String(row['epoch']),
    seq: Number(row['seq']),
    at: Number(row['at']),
    reason: String(row['reason']),
    causes: row['causes'] as readonly WriteCause[],
    entityType: textOrNull(row['type']),
    entityId: textOrNull(row['id']),
    entityTypes: row['types'] as readonly string[],
    tenants: row['tenants'] as readonly string[],
    tags: row['tags'] as readonly string[],
    tagCount: Number(row['count']),
    isBroad: row['broad'] === true,
    lagMs: row['lag'] === null ? null : Number(row['lag']),
  }))
}

/** Returns the greatest invalidation lag in a range, ms; null if nothing was written. */
export async function readWorstLag(run: RunStatement, { from, to }: TimeRange): Promise<number | null> {
  const [row] = await run(
    `select max(processing_time_ms) as lag from cache_invalidation_log
     where created_at >= to_timestamp($1::float8 / 1000) and created_at < to_timestamp($2::float8 / 1000)`,
    [from, to],
  )
  return typeof row?.['lag'] === 'number' ? row['lag'] : null
}

function textOrNull(value: unknown): string | null {
  return typeof value === 'string' ? value : null
}
