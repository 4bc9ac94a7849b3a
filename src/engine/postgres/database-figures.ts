import type { QueryLogRow } from './postgres-log.ts'

/** Figures of the database server and of the invalidation log in it. */
export interface DatabaseFigures {
  /** Number of client connections to the server, to all of its databases. */
  readonly connections: number
  /** Number of connections that the server accepts from roles that are not superusers. */
  readonly maxConnections: number
  /** Version of the server, such as `15.18`. */
  readonly version: string
  /** Rows and sizes of the tables of the invalidation log: `log` (published rows) and `pending` (rows that writes have added). */
  readonly tables: readonly { readonly name: string; readonly rows: number; readonly bytes: number }[]
}

/** Runs one statement. @param deadlineMs Time after which the promise rejects, ms. */
export type RunStatement = (statement: string, parameters: readonly unknown[], deadlineMs: number) => Promise<readonly QueryLogRow[]>

/** Maximum time that the statement waits for a lock on a table of the log, as during a restore. */
const LOCK_TIMEOUT = '200ms'

/**
 * Reads statistics that the server keeps anyway, so the statement costs the same for any amount of data. The numbers of rows are the
 * server's own estimates. The sizes need a lock that a restore can hold: the first part of the statement limits the wait for it, for this
 * statement alone.
 */
const STATEMENT = `with patience as materialized (select set_config('lock_timeout', '${LOCK_TIMEOUT}', true))
  select
    (select sum(numbackends) from pg_stat_database)::float8 as connections,
    current_setting('max_connections')::float8
      - current_setting('superuser_reserved_connections')::float8
      - coalesce(current_setting('reserved_connections', true), '0')::float8 as limit,
    current_setting('server_version') as version,
    name,
    pg_stat_get_live_tuples(id)::float8 as rows,
    pg_total_relation_size(id)::float8 as bytes
  from patience, (values ('log', to_regclass('cache.log')), ('pending', to_regclass('cache.pending'))) as tables (name, id)`

/** Reads the figures of the server. @throws any error of the statement, such as a lock or a deadline that was exceeded. */
export async function readDatabaseFigures(run: RunStatement, deadlineMs: number): Promise<DatabaseFigures> {
  const rows = await run(STATEMENT, [], deadlineMs)
  const tables = rows.flatMap(({ name, rows: live, bytes }) =>
    bytes === null ? [] : [{ name: String(name), rows: Number(live), bytes: Number(bytes) }],
  )
  const [first] = rows
  return {
    connections: Number(first?.['connections']),
    maxConnections: Number(first?.['limit']),
    version: String(first?.['version']).split(' ')[0] ?? '',
    tables,
  }
}
