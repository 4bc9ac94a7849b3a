import type { Kysely, Transaction } from 'kysely'
import { GatewayError } from '../../errors.ts'
import { sqlState } from './failure.ts'
import { withCause } from './transaction-cause.ts'

/** The connection was lost while COMMIT was in flight: it is unknown whether the transaction was committed. */
export class CommitOutcomeUnknown extends GatewayError {
  constructor(cause: unknown) {
    super('UNAVAILABLE', 'The database did not say whether the change was made: read the object again before you retry.', { cause })
  }
}

export interface TransactionOptions {
  /**
   * Maximum number of times that the work of the transaction runs. The work is repeated only after a deadlock or a serialization failure.
   */
  readonly attempts: number
  /**
   * Cause of the writes, which the invalidation log stores: see `WriteCause`. Default: `program` and the connection's application_name.
   */
  readonly cause?: string | undefined
}

const SERIALIZATION_FAILURE = '40001'
const DEADLOCK_DETECTED = '40P01'
/** SQLSTATEs of a server or proxy that closes the connection. After such an error it is unknown whether COMMIT succeeded. */
const CLOSING_STATES = /^(08|57P|58|XX)/

/** Returns whether an error of COMMIT, or of a statement that was sent together with it, leaves it unknown whether the transaction was committed. */
export function leavesOutcomeUnknown(error: unknown): boolean {
  const state = sqlState(error)
  return state === undefined || CLOSING_STATES.test(state)
}

/**
 * Runs `work` in one transaction (READ COMMITTED unless the database has another default) and resolves once COMMIT has returned.
 * `work` may run several times, so it must have no effect outside the transaction.
 * @throws CommitOutcomeUnknown when the connection broke during COMMIT; such a transaction is never retried.
 */
export async function inTransaction<Tables, Result>(
  db: Kysely<Tables>,
  work: (transaction: Transaction<Tables>) => Promise<Result>,
  options: TransactionOptions,
): Promise<Result> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await runOnce(db, work, options.cause)
    } catch (error) {
      if (attempt >= options.attempts || !asksForRepetition(error)) throw error
    }
  }
}

async function runOnce<Tables, Result>(
  db: Kysely<Tables>,
  work: (transaction: Transaction<Tables>) => Promise<Result>,
  cause: string | undefined,
): Promise<Result> {
  const transaction = await withCause(cause, () => db.startTransaction().execute())
  // A failed rollback closes the connection, and the server rolls back by itself.
  const rollback = () =>
    transaction
      .rollback()
      .execute()
      .catch(() => undefined)
  let result: Result
  try {
    result = await work(transaction)
  } catch (error) {
    await rollback()
    throw error
  }
  try {
    await transaction.commit().execute()
  } catch (error) {
    // Two failures show for certain that the transaction was not committed: COMMIT of an aborted transaction returns ROLLBACK, and a
    // violated deferred constraint returns its own SQLSTATE.
    const failed = transaction.isRolledBack || !leavesOutcomeUnknown(error)
    await rollback()
    throw failed ? error : new CommitOutcomeUnknown(error)
  }
  return result
}

function asksForRepetition(error: unknown): boolean {
  const state = sqlState(error)
  return state === SERIALIZATION_FAILURE || state === DEADLOCK_DETECTED
}
