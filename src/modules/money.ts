import { GatewayError } from '../errors.ts'
import type { RequestContext } from './module.ts'
import { tenantType } from './tenants/entity.ts'

export interface Money {
  /** Minor units. */
  readonly amount: number
  /** ISO 4217. */
  readonly currency: string
}

/** An amount of the caller's tenant, which is always in the tenant's currency. */
export async function money(context: RequestContext, amountMinor: number): Promise<Money> {
  const tenant = context.requireTenant()
  const row = await context.load(tenantType, tenant)
  if (!row) throw new GatewayError('NOT_FOUND', `The token names the tenant ${tenant}, which does not exist: ask for a new token.`)
  return { amount: amountMinor, currency: row.currency }
}
