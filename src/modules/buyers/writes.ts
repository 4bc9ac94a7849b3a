import { sql } from 'kysely'
import { quote } from '../../generator/quote.ts'
import { sqlState } from '../../postgres/failure.ts'
import type { WriteContext } from '../module.ts'
import { nameErrors } from '../name-input.ts'
import { usState } from '../us-state.ts'
import { type UserError, userError } from '../user-error.ts'

export interface BuyerInput {
  readonly name: string
  readonly states: readonly string[]
  readonly maxConcurrentCalls: number
  readonly minDurationSeconds: number
  readonly dailyCap?: { readonly amount: number; readonly currency: string } | null | undefined
  readonly active: boolean
}

/** What is absent stays as it is; so does what is null, but for `dailyCap`, where null removes the cap. */
export type BuyerPatch = { readonly version: number } & { readonly [Name in keyof BuyerInput]?: BuyerInput[Name] | null | undefined }

export type BuyerOutcome = { readonly buyerId: number } | { readonly errors: readonly UserError[] }

interface BuyerColumns {
  name?: string
  states?: string[]
  maxConcurrentCalls?: number
  minDurationSeconds?: number
  dailyCapMinor?: number | null
  active?: boolean
}

const UNIQUE_VIOLATION = '23505'

/** There are 59 codes, those of territories and of the armed forces among them. */
const MAX_STATES = 60

/** With blanks around it. */
const MAX_GIVEN_STATE_LENGTH = 10

export async function createBuyer({ db, tenant }: WriteContext, input: BuyerInput): Promise<BuyerOutcome> {
  const errors = inputErrors(input, await currencyOf(db, tenant))
  if (errors.length > 0) return { errors }
  const { name, states, maxConcurrentCalls, minDurationSeconds, dailyCap, active } = input
  const created = await db
    .insertInto('buyers')
    .values({
      tenantId: tenant,
      name: name.trim(),
      states: normalized(states),
      maxConcurrentCalls,
      minDurationSeconds,
      dailyCapMinor: dailyCap?.amount ?? null,
      active,
    })
    .onConflict((conflict) => conflict.columns(['tenantId', 'name']).doNothing())
    .returning('id')
    .executeTakeFirst()
  return created ? { buyerId: created.id } : { errors: [nameTaken(name)] }
}

/** Changes the buyer if `version` is still the current one; of two who read the same version, one gets CONFLICT. */
export async function updateBuyer({ db, tenant, now }: WriteContext, id: number, patch: BuyerPatch): Promise<BuyerOutcome> {
  const errors = inputErrors(patch, await currencyOf(db, tenant))
  if (errors.length > 0) return { errors }
  const current = await db
    .selectFrom('buyers')
    .select(['version'])
    .where('tenantId', '=', tenant)
    .where('id', '=', id)
    .forNoKeyUpdate()
    .executeTakeFirst()
  if (!current) return { errors: [userError('NOT_FOUND', 'There is no such buyer.', ['input', 'id'])] }
  if (current.version !== patch.version) {
    const message = `The buyer was changed meanwhile: expected version ${patch.version}, it is at ${current.version}. Read it again and decide anew.`
    return { errors: [userError('CONFLICT', message, ['input', 'version'])] }
  }
  const columns = columnsOf(patch)
  if (columns.name !== undefined) {
    const other = await db
      .selectFrom('buyers')
      .select('id')
      .where('tenantId', '=', tenant)
      .where('name', '=', columns.name)
      .where('id', '<>', id)
      .executeTakeFirst()
    if (other) return { errors: [nameTaken(columns.name)] }
  }
  await db
    .updateTable('buyers')
    .set({ ...columns, version: sql`version + 1`, updatedAt: new Date(now).toISOString() })
    .where('tenantId', '=', tenant)
    .where('id', '=', id)
    .execute()
  return { buyerId: id }
}

/** Of two who take a name at the same moment, one is refused by the database, and its transaction is gone. */
export function nameTakenBy(error: unknown, name: string | null | undefined): BuyerOutcome {
  if (sqlState(error) !== UNIQUE_VIOLATION || !name) throw error
  return { errors: [nameTaken(name)] }
}

async function currencyOf(db: WriteContext['db'], tenant: string): Promise<string> {
  const { currency } = await db.selectFrom('tenants').select('currency').where('id', '=', tenant).executeTakeFirstOrThrow()
  return currency
}

function columnsOf(patch: BuyerPatch): BuyerColumns {
  return {
    ...(patch.name != null && { name: patch.name.trim() }),
    ...(patch.states != null && { states: normalized(patch.states) }),
    ...(patch.maxConcurrentCalls != null && { maxConcurrentCalls: patch.maxConcurrentCalls }),
    ...(patch.minDurationSeconds != null && { minDurationSeconds: patch.minDurationSeconds }),
    ...(patch.dailyCap !== undefined && { dailyCapMinor: patch.dailyCap?.amount ?? null }),
    ...(patch.active != null && { active: patch.active }),
  }
}

function inputErrors(input: Omit<BuyerPatch, 'version'>, currency: string): UserError[] {
  const { name, states, maxConcurrentCalls, minDurationSeconds, dailyCap } = input
  const errors = nameErrors(name)
  const wrongState = states
    ?.slice(0, MAX_STATES)
    .find((state) => state.length > MAX_GIVEN_STATE_LENGTH || usState(state.trim()) === undefined)
  if (states && states.length > MAX_STATES) {
    errors.push(userError('INVALID', `Expected at most ${MAX_STATES} states, got ${states.length}.`, ['input', 'states']))
  } else if (wrongState !== undefined) {
    errors.push(userError('INVALID', `Expected US states of two letters such as CA, got ${quote(wrongState, 40)}.`, ['input', 'states']))
  }
  errors.push(
    ...rangeErrors('maxConcurrentCalls', maxConcurrentCalls, 1, 10_000),
    ...rangeErrors('minDurationSeconds', minDurationSeconds, 0, 86_400),
  )
  if (dailyCap != null && (!Number.isSafeInteger(dailyCap.amount) || dailyCap.amount <= 0)) {
    errors.push(
      userError('INVALID', `Expected a cap of more than 0 minor units, got ${dailyCap.amount}: null means none.`, [
        'input',
        'dailyCap',
        'amount',
      ]),
    )
  }
  if (dailyCap != null && dailyCap.currency !== currency) {
    errors.push(
      userError('INVALID', `Expected an amount in ${currency}, got ${quote(dailyCap.currency, 10)}.`, ['input', 'dailyCap', 'currency']),
    )
  }
  return errors
}

function rangeErrors(name: string, value: number | null | undefined, least: number, most: number): UserError[] {
  if (value == null || (Number.isInteger(value) && value >= least && value <= most)) return []
  return [userError('INVALID', `Expected from ${least} to ${most}, got ${value}.`, ['input', name])]
}

function normalized(states: readonly string[]): string[] {
  return [...new Set(states.map((state) => state.trim().toUpperCase()))].sort()
}

function nameTaken(name: string): UserError {
  return userError('NAME_TAKEN', `Another buyer is called ${JSON.stringify(name.trim())}: choose another name.`, ['input', 'name'])
}
