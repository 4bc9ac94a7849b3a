import type pg from 'pg'
import type { Entity } from '../cache/model/entity.ts'
import { detectPooler, type Pooler } from './detect-pooler.ts'
import { sqlState } from './failure.ts'
import { PostgresLog } from './postgres-log.ts'
import type { RecordedMigrations } from './schema-compatibility.ts'
import { findUnfitDefaults, isBehindPooler, type UnfitDefault } from './session-settings.ts'
import { WatchedClient } from './watched-client.ts'

export interface InspectServerOptions {
  readonly url: string
  /** Types whose tables the gateway watches. */
  readonly entities: readonly Entity[]
  /** Oldest version that is inspected further, as in `server_version_num`. An older server only gets its version read. */
  readonly minVersion: number
  /** Maximum time for the connection and for each statement, ms. */
  readonly deadlineMs: number
  /** Current time of this machine, ms since 1970. */
  readonly now: () => number
  readonly monotonic: () => number
}

/** Facts about a PostgreSQL server, a database in it and a role, as far as the gateway depends on them. */
export interface ServerInspection {
  /** Version, such as `15.20 (Debian 15.20-0+deb12u1)`. */
  readonly version: string
  readonly versionNumber: number
  /** Shortest time of five round trips, ms. */
  readonly roundTripMs: number
  /** Facts that only a server of at least `minVersion` has. */
  readonly details: ServerDetails | undefined
}

export interface ServerDetails extends Row {
  readonly pooler: Pooler
  /** Time of the server minus time of this machine, ms. The error is at most half a round trip. */
  readonly clockDifferenceMs: number
  /** Defaults of new sessions that the gateway cannot change behind a pooler; empty without a pooler. */
  readonly unfitDefaults: readonly UnfitDefault[]
  /** Migrations that the database records; undefined if the role may not read them. */
  readonly migrations: RecordedMigrations | undefined
  /** Types whose changes may not reach the log, each with the reason; undefined if there is no log, or the role may not read it. */
  readonly unwatched: readonly { readonly type: string; readonly reason: string }[] | undefined
}

interface Row {
  readonly database: string
  readonly role: string
  readonly encoding: string
  readonly isSuperuser: boolean
  readonly isStandby: boolean
  readonly canCreateSchemas: boolean
  /** Whether the role may create objects in the schema `public`; null if the database has no such schema. */
  readonly canCreateInPublic: boolean | null
  readonly canUsePlpgsql: boolean
  /** Functions of the server that the log calls and that the role may not call. */
  readonly forbiddenFunctions: readonly string[]
  /** Tables with the names of the gateway's tables that belong to a role whose rights this role does not have. */
  readonly foreignTables: readonly { readonly name: string; readonly owner: string }[]
  /** Tables with the names of the gateway's tables. */
  readonly ownTables: readonly string[]
  readonly hasMigrations: boolean
  readonly hasLog: boolean
  readonly hasEventTrigger: boolean
  readonly maxConnections: number
  readonly reservedConnections: number
  /** Number of open connections of other programs than the gateway. */
  readonly otherConnections: number
  /** Maximum number of connections of the role, and of the database; -1 means no limit. */
  readonly roleConnectionLimit: number
  readonly databaseConnectionLimit: number
  /** Duration of the longest open transaction that the role can see, s; 0 if there is none. */
  readonly oldestTransactionSeconds: number
  readonly oldestTransactionProcess: number | null
  readonly synchronousCommit: string
  readonly fsync: string
  readonly trackCommitTimestamp: string
  readonly statementTimeout: string
  readonly process: number
  /** Time of the server, ms since 1970. */
  readonly serverTime: number
}

const MIGRATION_TABLES = ['kysely_migration', 'kysely_compatibility']
const ROUND_TRIPS = 5
const LOG_FUNCTIONS = ['pg_control_system()', 'pg_current_wal_insert_lsn()', 'pg_walfile_name(pg_lsn)']

/** Reads the facts. Every statement only reads catalogs and settings, so nothing is changed and no table is locked. */
const FACTS = `select
  current_database() as database, current_user as role, pg_encoding_to_char(this.encoding) as encoding,
  rolsuper as "isSuperuser", pg_is_in_recovery() as "isStandby",
  has_database_privilege(this.oid, 'create') as "canCreateSchemas",
  (select has_schema_privilege(oid, 'create') from pg_namespace where nspname = 'public') as "canCreateInPublic",
  coalesce((select has_language_privilege(oid, 'usage') from pg_language where lanname = 'plpgsql'), false) as "canUsePlpgsql",
  array(select name from unnest($1::text[]) as name where not has_function_privilege('pg_catalog.' || name, 'execute')) as "forbiddenFunctions",
  coalesce((select json_agg(json_build_object('name', name, 'owner', owner) order by name)
    from named where not is_usable), '[]') as "foreignTables",
  coalesce((select json_agg(name order by name) from named), '[]') as "ownTables",
  exists (select from named where name = 'public.kysely_migration') as "hasMigrations",
  exists (select from named where name = 'cache.log') as "hasLog",
  exists (select from pg_event_trigger where evtname = 'cache_definitions') as "hasEventTrigger",
  current_setting('max_connections')::int as "maxConnections",
  current_setting('superuser_reserved_connections')::int as "reservedConnections",
  (select count(*)::int from pg_stat_activity
    where coalesce(backend_type, 'client backend') = 'client backend' and pid <> pg_backend_pid() and application_name not like 'tidegate%'
  ) as "otherConnections",
  rolconnlimit as "roleConnectionLimit", datconnlimit as "databaseConnectionLimit",
  coalesce(extract(epoch from clock_timestamp() - oldest.xact_start)::float8, 0) as "oldestTransactionSeconds",
  oldest.pid as "oldestTransactionProcess",
  current_setting('synchronous_commit') as "synchronousCommit", current_setting('fsync') as fsync,
  current_setting('track_commit_timestamp') as "trackCommitTimestamp",
  (select reset_val from pg_settings where name = 'statement_timeout') as "statementTimeout",
  pg_backend_pid() as process, extract(epoch from clock_timestamp())::float8 * 1000 as "serverTime"
from pg_database as this
  join pg_roles on rolname = current_user
  left join lateral (
    select pid, xact_start from pg_stat_activity where xact_start is not null and datname = this.datname and pid <> pg_backend_pid()
    order by xact_start limit 1
  ) as oldest on true
where this.datname = current_database()`

const WITH_NAMED = `with named as (
  select class.oid, format('%s.%s', nspname, relname) as name, pg_get_userbyid(relowner) as owner, pg_has_role(relowner, 'usage') as is_usable
  from pg_class as class join pg_namespace as space on space.oid = relnamespace
  where relkind in ('r', 'p', 'v', 'm') and (nspname = 'cache' or nspname = 'public' and relname = any ($2::text[]))
) `

/**
 * Inspects a server through a connection of its own. Changes nothing.
 * @throws DatabaseUnavailableError if the server cannot be reached; an error of the driver if it refuses the connection.
 */
export async function inspectServer(options: InspectServerOptions): Promise<ServerInspection> {
  const { url, deadlineMs, monotonic } = options
  const config: pg.ClientConfig = { connectionString: url, connectionTimeoutMillis: deadlineMs, application_name: 'tidegate-doctor' }
  const client = new WatchedClient(config)
  try {
    await client.open()
    const { rows } = await client.run<{ version: string; versionNumber: number }>(
      `select current_setting('server_version') as version, current_setting('server_version_num')::int as "versionNumber"`,
      [],
      deadlineMs,
    )
    const [{ version, versionNumber } = { version: 'unknown', versionNumber: 0 }] = rows
    let roundTripMs = Number.POSITIVE_INFINITY
    for (let trip = 0; trip < ROUND_TRIPS; trip++) {
      const startedAt = monotonic()
      await client.run('select 1', [], deadlineMs)
      roundTripMs = Math.min(roundTripMs, monotonic() - startedAt)
    }
    const details = versionNumber < options.minVersion ? undefined : await readDetails(client, config, options)
    return { version, versionNumber, roundTripMs, details }
  } finally {
    client.abandon()
  }
}

async function readDetails(client: WatchedClient, config: pg.ClientConfig, options: InspectServerOptions): Promise<ServerDetails> {
  const { deadlineMs, entities, now, monotonic } = options
  const tables = [...entities.map(({ table }) => table), ...MIGRATION_TABLES]
  const startedAt = monotonic()
  const result = await client.run<Row & pg.QueryResultRow>(`${WITH_NAMED}${FACTS}`, [LOG_FUNCTIONS, tables], deadlineMs)
  const middle = now() - (monotonic() - startedAt) / 2
  const [row] = result.rows
  if (!row) throw new Error('The server returned no facts about the current database.')
  const isPooled = isBehindPooler(client, row.process)
  return {
    ...row,
    clockDifferenceMs: row.serverTime - middle,
    pooler: isPooled ? await detectPooler(() => new WatchedClient(config), deadlineMs) : 'none',
    unfitDefaults: isPooled ? await findUnfitDefaults(client) : [],
    migrations: row.hasMigrations
      ? await orUnreadable(readMigrationsOf(client, row.ownTables.includes('public.kysely_compatibility'), deadlineMs))
      : { executed: [], declared: [] },
    unwatched: row.hasLog ? await orUnreadable(readUnwatched(client, entities, deadlineMs)) : undefined,
  }
}

async function readMigrationsOf(client: WatchedClient, hasCompatibility: boolean, deadlineMs: number): Promise<RecordedMigrations> {
  const executed = await client.run<{ name: string }>('select name from public.kysely_migration order by name', [], deadlineMs)
  const declared = hasCompatibility
    ? await client.run<{ name: string; runsWith: string }>(
        'select migration as name, runs_with as "runsWith" from public.kysely_compatibility',
        [],
        deadlineMs,
      )
    : { rows: [] }
  return { executed: executed.rows.map(({ name }) => name), declared: declared.rows }
}

function readUnwatched(client: WatchedClient, entities: readonly Entity[], deadlineMs: number) {
  const log = new PostgresLog({
    run: async (statement, parameters) => (await client.run(statement, parameters, deadlineMs)).rows,
    close: async () => undefined,
  })
  return log.unwatched(entities)
}

/** Returns undefined if the role lacks the rights, or if an older version of the gateway created the log. */
async function orUnreadable<Result>(reading: Promise<Result>): Promise<Result | undefined> {
  try {
    return await reading
  } catch (error) {
    if (['42501', '42P01', '42703', '42883', '3F000'].includes(sqlState(error) ?? '')) return undefined
    throw error
  }
}
