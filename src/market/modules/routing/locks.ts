import { PreparedStatement } from '../../../engine/postgres/prepared-statement.ts'
import type { WriteContext } from '../../../gateway/contract/module.ts'

/** First number of the locks of budgets. */
const BUDGET_LOCKS = 65

const LOCK_CALLER = new PreparedStatement<{ readonly caller: string }, unknown>(
  { caller: 'int8' },
  ({ caller }) => `select pg_advisory_xact_lock(${caller})`,
  'no rows',
)

const lockBoth = (lock: string) =>
  new PreparedStatement<{ readonly caller: string; readonly campaign: number }, unknown>(
    { caller: 'int8', campaign: 'int4' },
    ({ caller, campaign }) => `select pg_advisory_xact_lock(${caller}), ${lock}(${BUDGET_LOCKS}, ${campaign})`,
    'no rows',
  )
const LOCK_WITH_BUDGET = { alone: lockBoth('pg_advisory_xact_lock'), shared: lockBoth('pg_advisory_xact_lock_shared') }

const LOCK_BUYER = new PreparedStatement<{ readonly tenant: string; readonly id: number }, unknown>(
  { tenant: 'text', id: 'int8' },
  ({ tenant, id }) => `select from buyers where tenant_id = ${tenant} and id = ${id} for no key update`,
  'no rows',
)

/**
 * Locks a caller until the transaction ends, so that decisions on one caller, and writes that they depend on, are made one after the other.
 * A transaction takes this lock before all other ones. The lock's key are 8 bytes of the caller's hash: two callers with equal bytes only
 * wait for each other.
 */
export async function lockCaller({ db }: Pick<WriteContext, 'db'>, caller: Buffer): Promise<void> {
  await LOCK_CALLER.run(db, { caller: keyOf(caller) })
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
  await LOCK_WITH_BUDGET[alone ? 'alone' : 'shared'].run(db, { caller: keyOf(caller), campaign: campaignId % 2 ** 31 })
}

/** Locks a buyer until the transaction ends, so that its reservations are made and posted one after the other. */
export async function lockBuyer({ db, tenant }: Pick<WriteContext, 'db' | 'tenant'>, id: number): Promise<void> {
  await LOCK_BUYER.run(db, { tenant, id })
}

function keyOf(caller: Buffer): string {
  return caller.readBigInt64BE(0).toString()
}
