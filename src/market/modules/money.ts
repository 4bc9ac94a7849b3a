import type { GraphQLResolveInfo } from 'graphql'
import { aroundBatched, batched, type FieldLoad, type NamesOf, type RequestContext } from '../../gateway/contract/module.ts'
import type { Money } from './schema-types.generated.ts'
import { loadTenant } from './tenants/load-tenant.ts'

/** Returns an amount of minor units as Money in the currency of the caller's tenant. All amounts of a tenant are in that currency. */
export async function money(context: RequestContext, amountMinor: number): Promise<Money> {
  const { currency } = await loadTenant(context, context.requireTenant())
  return { amount: amountMinor, currency }
}

/** Does the same as {@link money} for an amount that may be null. */
export function optionalMoney(context: RequestContext, amountMinor: number | null): Promise<Money> | null {
  return amountMinor === null ? null : money(context, amountMinor)
}

/**
 * Returns the resolver of a money field that is loaded for many parents together. Only the amount is cached with the field; the currency is
 * loaded with the tenant.
 * @param parentNames As in {@link batched}.
 */
export function batchedMoney<Parent>(load: FieldLoad<Parent, unknown, number>, parentNames?: readonly NamesOf<Parent>[]) {
  const amount = batched(load, parentNames)
  const resolve = async (parent: Parent, args: unknown, context: RequestContext, info: GraphQLResolveInfo) =>
    money(context, await amount(parent, args, context, info))
  return aroundBatched(amount, resolve)
}
