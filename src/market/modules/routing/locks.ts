import { sql } from 'kysely'
import type { WriteContext } from '../../../gateway/contract/module.ts'

/**
 * Locks a caller until the transaction ends, so that decisions on one caller, and writes that they depend on, are made one after the other.
 * A transaction takes this lock before all other ones. The lock's key are 8 bytes of the caller's hash: two callers with equal bytes only
 * wait for each other.
 */
export async function lockCaller({ db }: Pick<WriteContext, 'db'>, caller: Buffer): Promise<void> {
  await sql`select ${callerLock(caller)}`.execute(db)
}

/**
 * Does the same, and then locks the budget of a campaign: shared if all transactions together cannot spend what is left, otherwise alone.
 */
export async function lockCallerAndBudget(
  { db }: Pick<WriteContext, 'db'>,
  caller: Buffer,
  campaignId: number,
  alone: boolean,
): Promise<void> {
  const lock = sql.raw(alone ? 'pg_advisory_xact_lock' : 'pg_advisory_xact_lock_shared')
  await sql`select ${callerLock(caller)}, ${lock}(${sql.lit(BUDGET_LOCKS)}, ${campaignId % 2 ** 31}::int4)`.execute(db)
}

/** First number of the locks of budgets. */
const BUDGET_LOCKS = 65

function callerLock(caller: Buffer) {
  return sql`pg_advisory_xact_lock(${caller.readBigInt64BE(0).toString()}::int8)`
}
