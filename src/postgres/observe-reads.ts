import { type Kysely, sql } from 'kysely'

/** What some work gave, and the tables that it read. */
export interface ObservedReads<Result> {
  readonly result: Result
  /** Tables outside the catalogue, by their names in the schema `public`; with the schema's name before those of another. */
  readonly tables: readonly string[]
}

/**
 * Runs `work` in a transaction and asks afterwards which tables the transaction has locked. Every table that a statement reads is
 * locked until the transaction ends, also behind a view or within a function. Slow, so it is for development and tests.
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
