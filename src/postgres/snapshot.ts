import { type Kysely, sql } from 'kysely'

/** One state of the database, to be read from until it is ended. */
export interface Snapshot<Tables> {
  readonly db: Kysely<Tables>
  /** Gives the connection back. Never rejects. */
  end(): Promise<void>
}

/** Begins a read-only transaction (REPEATABLE READ): its first statement fixes what all others see. */
export async function openSnapshot<Tables>(db: Kysely<Tables>): Promise<Snapshot<Tables>> {
  const transaction = await db.startTransaction().execute()
  const end = () =>
    transaction
      .rollback()
      .execute()
      .catch(() => undefined)
  try {
    // The embedded database's driver leaves out what it is asked for when the transaction starts.
    await sql`set transaction isolation level repeatable read, read only`.execute(transaction)
  } catch (error) {
    await end()
    throw error
  }
  return { db: transaction, end }
}
