import { unlessTaken } from '../../../engine/postgres/unique-violation.ts'
import type { WriteContext } from '../../../gateway/contract/module.ts'
import { quote } from '../../../gateway/contract/quote.ts'
import { rangeErrors } from '../../../gateway/contract/range-input.ts'
import { changeRows, lockRow } from '../../../gateway/contract/row-lock.ts'
import { plainText } from '../../../gateway/contract/text-input.ts'
import { type UserError, userError } from '../../../gateway/contract/user-error.ts'
import { amountRange } from '../../rules/document.ts'
import { parseCaps, parseDuplicateWindow } from '../../rules/routing/buyer-terms.ts'
import { parseCondition } from '../../rules/routing/condition.ts'
import { parseSchedule } from '../../rules/routing/schedule.ts'
import { isTimeZone, type TimeZones } from '../../rules/time-zones.ts'
import { checkedDocument, documentErrors } from '../document-input.ts'
import { amountErrors, currencyOf } from '../money-input.ts'
import { nameErrors } from '../name-input.ts'
import type { NoMore } from '../no-more.ts'
import type { CreateBuyerInput, UpdateBuyerInput } from '../schema-types.generated.ts'
import { usState } from '../us-state.ts'
import { recountUsage } from './recount-usage.ts'

export type BuyerOutcome = { readonly buyerId: number } | { readonly errors: readonly UserError[] }

/** Maximum number of US states in a buyer's list. There are 59 codes, including those of territories and of the armed forces. */
const MAX_STATES = 60

export async function createBuyer(write: WriteContext, input: CreateBuyerInput): Promise<BuyerOutcome> {
  const errors = inputErrors(input, await currencyOf(write))
  if (errors.length > 0) return { errors }
  const {
    name,
    states,
    maxConcurrentCalls,
    minDurationSeconds,
    dailyCap,
    active,
    price,
    timeZone,
    schedule,
    caps,
    duplicates,
    conditions,
    ...others
  } = input
  others satisfies NoMore
  const { id } = await write.db
    .insertInto('buyers')
    .values({
      tenantId: write.tenant,
      name: plainText(name),
      states: storedStates(states),
      maxConcurrentCalls,
      minDurationSeconds,
      dailyCapMinor: dailyCap?.amount ?? null,
      priceMinor: price?.amount ?? 0,
      timeZone,
      caps: '[]',
      ...storedDocuments({ schedule, caps, duplicates, conditions }),
      active,
    })
    .returning('id')
    .executeTakeFirstOrThrow()
  return { buyerId: id }
}

/**
 * Changes the given fields of a buyer, unless the buyer was changed since `version`. A field that is null stays unchanged, except
 * `dailyCap`, `schedule`, `duplicates` and `conditions`: null removes them. In a new time zone, the usage is counted anew.
 */
export async function updateBuyer(
  write: WriteContext,
  zones: TimeZones,
  id: number,
  input: Omit<UpdateBuyerInput, 'id'>,
): Promise<BuyerOutcome> {
  const {
    version,
    name,
    states,
    maxConcurrentCalls,
    minDurationSeconds,
    dailyCap,
    active,
    price,
    timeZone,
    schedule,
    caps,
    duplicates,
    conditions,
    ...others
  } = input
  others satisfies NoMore
  const errors = inputErrors(input, await currencyOf(write))
  if (errors.length > 0) return { errors }
  const locked = await lockRow(write, 'buyers', ['timeZone'], { noun: 'buyer', id, path: ['input', 'id'], version })
  if ('error' in locked) return { errors: [locked.error] }
  await changeRows(write, 'buyers', [id], {
    ...(name != null && { name: plainText(name) }),
    ...(states != null && { states: storedStates(states) }),
    ...(maxConcurrentCalls != null && { maxConcurrentCalls }),
    ...(minDurationSeconds != null && { minDurationSeconds }),
    ...(dailyCap !== undefined && { dailyCapMinor: dailyCap?.amount ?? null }),
    ...(price != null && { priceMinor: price.amount }),
    ...(timeZone != null && { timeZone }),
    ...storedDocuments({ schedule, caps, duplicates, conditions }),
    ...(active != null && { active }),
    updatedAt: new Date(write.now).toISOString(),
  })
  if (timeZone != null && timeZone !== locked.row.timeZone) await recountUsage(write, zones, id, timeZone)
  return { buyerId: id }
}

/**
 * Runs a write to a buyer. Returns the error NAME_TAKEN if another buyer of the tenant already has the name.
 * @param name New name of the buyer; undefined or null if the name does not change.
 */
export function unlessNameTaken(name: string | null | undefined, write: () => Promise<BuyerOutcome>): Promise<BuyerOutcome> {
  const message = `Another buyer is called ${quote(plainText(name ?? ''), 120)}: choose another name.`
  return unlessTaken('buyers_tenant_id_name_key', write, () => ({ errors: [userError('NAME_TAKEN', message, ['input', 'name'])] }))
}

function inputErrors(input: Omit<UpdateBuyerInput, 'id' | 'version'>, currency: string): UserError[] {
  const { name, states, maxConcurrentCalls, minDurationSeconds, dailyCap, price, timeZone } = input
  return [
    ...nameErrors(name),
    ...stateErrors(states ?? []),
    ...rangeErrors(maxConcurrentCalls, { min: 1, max: 10_000 }, ['input', 'maxConcurrentCalls']),
    ...rangeErrors(minDurationSeconds, { min: 0, max: 86_400 }, ['input', 'minDurationSeconds']),
    ...amountErrors(dailyCap, currency, { min: 1 }, ['input', 'dailyCap']),
    ...amountErrors(price, currency, amountRange, ['input', 'price']),
    ...(timeZone == null || isTimeZone(timeZone) ? [] : [wrongTimeZone(timeZone)]),
    ...Object.entries(parsedDocuments(input)).flatMap(([key, parsed]) => documentErrors(parsed, ['input', key])),
  ]
}

function wrongTimeZone(given: string): UserError {
  const message = `Expected a time zone of the IANA database such as America/New_York, got ${quote(given, 60)}.`
  return userError('INVALID', message, ['input', 'timeZone'])
}

type Documents = Pick<UpdateBuyerInput, 'schedule' | 'caps' | 'duplicates' | 'conditions'>

/** Reads the documents of an input, except those that are null or not given. */
function parsedDocuments({ schedule, caps, duplicates, conditions }: Documents) {
  return {
    ...(schedule != null && { schedule: parseSchedule(schedule) }),
    ...(caps != null && { caps: parseCaps(caps) }),
    ...(duplicates != null && { duplicates: parseDuplicateWindow(duplicates) }),
    ...(conditions != null && { conditions: parseCondition(conditions) }),
  }
}

/** Returns documents as JSON texts for their columns. Null removes a document, except the caps. A document that is not given stays. */
function storedDocuments(documents: Documents): Partial<Record<keyof Documents, string | null>> {
  const { schedule, duplicates, conditions } = documents
  const removed = Object.entries({ schedule, duplicates, conditions }).filter(([, document]) => document === null)
  const given = Object.entries(parsedDocuments(documents)).map(([key, parsed]) => [key, JSON.stringify(checkedDocument<unknown>(parsed))])
  return Object.fromEntries([...removed, ...given])
}

function stateErrors(states: readonly string[]): UserError[] {
  const path = ['input', 'states']
  const errors = rangeErrors(states.length, { min: 0, max: MAX_STATES, unit: 'states' }, path)
  const wrong = errors.length > 0 ? undefined : states.find((state) => usState(state) === undefined)
  if (wrong !== undefined) {
    errors.push(userError('INVALID', `Expected US states of two letters such as CA, got ${quote(wrong, 40)}.`, path))
  }
  return errors
}

/** Returns US states in the form in which they are stored: in capital letters, sorted, without duplicates. */
function storedStates(states: readonly string[]): string[] {
  return [...new Set(states.flatMap((state) => usState(state) ?? []))].sort()
}
