import { type QueryExecutorProvider, type RawBuilder, sql } from 'kysely'
import type { Principal } from '../../../gateway/identity/principal.ts'

export interface AuditEntry {
  /** The caller; null if the call had no valid token. */
  readonly caller: Principal | null
  readonly endpoint: string
  readonly arguments: Readonly<Record<string, unknown>>
  readonly address: string
  readonly requestId: string
}

export interface AuditFilter {
  readonly tenant: string | undefined
  readonly endpoint: string | undefined
  readonly method?: 'GET' | 'POST' | undefined
  readonly outcome: string | undefined
  readonly userId: string | undefined
  readonly before: number | undefined
  readonly limit: number
}

export interface AuditedCall {
  readonly id: number
  /** ISO 8601, in UTC. */
  readonly at: string
  readonly tenant: string | null
  readonly userId: string | null
  readonly role: string | null
  readonly endpoint: string
  readonly arguments: Readonly<Record<string, unknown>>
  readonly outcome: string
  readonly durationMs: number | null
  readonly address: string
  readonly instance: string
}

/** Outcome of a call that has been stored and is not complete. It stays if the process ends during the call. */
const STARTED = 'started'

/** Numbers of rows that the audit log keeps. */
export interface AuditLimits {
  readonly maxReads?: number
  readonly maxActions?: number
}

/** Maximum number of rows of reads: two days of an open dashboard. */
const MAX_READS = 100_000
/** Maximum number of rows of all other calls, so that a busy caller cannot fill the disk. */
const MAX_ACTIONS = 1_000_000
const TRIM_BATCH_ROWS = 1000
const MAX_TRIM_BATCHES = 50

/** The audit log: one row in the table `cache_audit_log` for each call of the management API. */
export class AuditLog {
  readonly #db: QueryExecutorProvider
  readonly #instance: string

  /** @param instance Id of this process. */
  constructor(db: QueryExecutorProvider, instance: string) {
    this.#db = db
    this.#instance = instance
  }

  /** Stores a call before it has an effect. Returns the id of its row. @throws if the row cannot be stored. */
  async begin({ caller, endpoint, arguments: given, address, requestId }: AuditEntry, outcome = STARTED): Promise<number> {
    const { rows } = await sql<{ id: number }>`
      insert into cache_audit_log (tenant, user_id, role, endpoint, arguments, outcome, address, request_id, instance)
      values (${caller?.tenant ?? null}, ${caller?.userId ?? null}, ${caller?.role ?? null}, ${endpoint}, ${JSON.stringify(given)}::jsonb,
        ${outcome}, ${address}, ${requestId}, ${this.#instance}::uuid)
      returning id`.execute(this.#db)
    return rows[0]?.id ?? 0
  }

  /** Stores the outcome of a call: `ok` or the code of its error. */
  async complete(id: number, outcome: string, durationMs: number): Promise<void> {
    await sql`update cache_audit_log set outcome = ${outcome}, duration_ms = ${durationMs} where id = ${id}`.execute(this.#db)
  }

  /** Returns the newest calls that match the filter, newest first. */
  async read({ tenant, endpoint, method, outcome, userId, before, limit }: AuditFilter): Promise<readonly AuditedCall[]> {
    // The arguments are read as text, because the names in them must stay as they were sent.
    const { rows } = await sql<AuditedCall & { readonly arguments: string }>`
      select id, at, tenant, user_id, role, endpoint, arguments::text as arguments, outcome, duration_ms, address, instance
      from cache_audit_log
      where (${tenant ?? null}::text is null or tenant = ${tenant ?? null})
        and (${endpoint ?? null}::text is null or endpoint = ${endpoint ?? null})
        and (${method ?? null}::text is null or starts_with(endpoint, ${method ?? ''} || ' '))
        and (${outcome ?? null}::text is null or outcome = ${outcome ?? null})
        and (${userId ?? null}::text is null or user_id = ${userId ?? null})
        and (${before ?? null}::bigint is null or id < ${before ?? null})
      order by id desc limit ${limit}`.execute(this.#db)
    return rows.map((row) => ({ ...row, arguments: JSON.parse(row.arguments) }))
  }

  /**
   * Deletes the rows that are older than `days` days, and in small batches those that exceed a maximum number. Reads have a maximum of their own,
   * because a page that refreshes itself makes thousands of them a day, and must not push out what people did.
   */
  async trim(days: number, { maxReads = MAX_READS, maxActions = MAX_ACTIONS }: AuditLimits = {}): Promise<void> {
    const isRead = sql`starts_with(endpoint, 'GET ')`
    // Ids have gaps, and actions have ids, too, so fewer reads than `maxReads` may stay.
    await this.#trim(sql`${isRead} and id <= (select max(id) from cache_audit_log) - ${maxReads} order by id`)
    const newest = sql`select id from cache_audit_log where not ${isRead} order by id desc offset ${maxActions} limit 1`
    await this.#trim(sql`not ${isRead} and id <= (${newest}) order by id`)
    await this.#trim(sql`at < now() - make_interval(days => ${days}) order by at`)
  }

  async #trim(condition: RawBuilder<unknown>): Promise<void> {
    for (let batch = 0; batch < MAX_TRIM_BATCHES; batch++) {
      const { rows } = await sql<{ removed: number }>`
        with old as (
          delete from cache_audit_log where id in (
            select id from cache_audit_log where ${condition} limit ${TRIM_BATCH_ROWS}
          ) returning 1
        ) select count(*)::int as removed from old`.execute(this.#db)
      if ((rows[0]?.removed ?? 0) < TRIM_BATCH_ROWS) return
    }
  }
}
