import type { WriteContext } from '../../gateway/contract/module.ts'
import { quote } from '../../gateway/contract/quote.ts'
import { rangeErrors } from '../../gateway/contract/range-input.ts'
import { type UserError, userError } from '../../gateway/contract/user-error.ts'
import type { NoMore } from './no-more.ts'
import type { MoneyInput } from './schema-types.generated.ts'
import { unknownTenant } from './tenants/load-tenant.ts'

/** Bounds of an amount in minor units, both included. */
export interface AmountRange {
  readonly min: number
  /** Maximum amount. Default: the largest safe integer. */
  readonly max?: number
}

/**
 * Returns the currency of the tenant; all amounts of the tenant are in this currency.
 * @throws GatewayError NOT_FOUND for a tenant that does not exist or was deleted.
 */
export async function currencyOf({ db, tenant }: Pick<WriteContext, 'db' | 'tenant'>): Promise<string> {
  const row = await db.selectFrom('tenants').select('currency').where('id', '=', tenant).executeTakeFirst()
  if (!row) throw unknownTenant(tenant)
  return row.currency
}

/**
 * Returns the errors of an amount that a client gave as input. Undefined and null are accepted.
 * @param currency Currency of the tenant.
 * @param path Path of the input field, beginning with `input`.
 */
export function amountErrors(
  given: MoneyInput | null | undefined,
  currency: string,
  { min, max = Number.MAX_SAFE_INTEGER }: AmountRange,
  path: readonly string[],
): UserError[] {
  if (given == null) return []
  const { amount, currency: givenCurrency, ...others } = given
  others satisfies NoMore
  const errors = rangeErrors(amount, { min, max, unit: 'minor units' }, [...path, 'amount'])
  if (givenCurrency !== currency) {
    const message = `Expected an amount in ${currency}, got ${quote(givenCurrency, 10)}.`
    errors.push(userError('INVALID', message, [...path, 'currency']))
  }
  return errors
}
