import { type Kysely, sql } from 'kysely'

/** Result of some work in the database, and the tables that the work read. */
export interface ObservedReads<Result> {
  readonly result: Result
  /** Names of the tables that were read, without the system catalogue; qualified with the schema if it is not `public`. */
  readonly tables: readonly string[]
}

/**
 * Runs `work` in a transaction and then queries which tables the transaction has locked. Every table that a statement reads is locked
 * until the transaction ends, even behind a view or within a function. Slow, so it is for development and tests.
 */
export async function observeReads<Tables, Result>(
  db: Kysely<Tables>,
  work: (db: Kysely<Tables>) => Promise<Result>,
): Promise<ObservedReads<Result>> {
  const transaction = await db.startTransaction().execute()
  try {
    const result = await work(transaction)
    const { rows } = await sql<{ name: string }>`
      select case when nspname = 'public' then '' else nspname || '.' end || relname as name
      from pg_locks join pg_class on pg_class.oid = pg_locks.relation join pg_namespace on pg_namespace.oid = relnamespace
      where pg_locks.pid = pg_backend_pid() and pg_locks.locktype = 'relation'
        and relkind in ('r', 'p', 'm', 'f') and nspname not in ('pg_catalog', 'information_schema', 'pg_toast')
    `.execute(transaction.withoutPlugins())
    return { result, tables: [...new Set(rows.map(({ name }) => name))] }
  } finally {
    // Nothing was written. A failed rollback closes the connection, and the server rolls back by itself.
    await transaction
      .rollback()
      .execute()
      .catch(() => undefined)
  }
}
