import { type Kysely, sql } from 'kysely'

/** A consistent snapshot of the database, readable until `end` is called. */
export interface Snapshot<Tables> {
  readonly db: Kysely<Tables>
  /** Ends the transaction and releases its connection. Never rejects. */
  end(): Promise<void>
}

/** Begins a read-only transaction (REPEATABLE READ). Its first statement takes the snapshot that all its later statements see. */
export async function openSnapshot<Tables>(db: Kysely<Tables>): Promise<Snapshot<Tables>> {
  const transaction = await db.startTransaction().execute()
  const end = () =>
    transaction
      .rollback()
      .execute()
      .catch(() => undefined)
  try {
    // The driver of the embedded database ignores the options given at the start of a transaction.
    await sql`set transaction isolation level repeatable read, read only`.execute(transaction)
  } catch (error) {
    await end()
    throw error
  }
  return { db: transaction, end }
}
