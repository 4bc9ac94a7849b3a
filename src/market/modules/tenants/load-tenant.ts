import { GatewayError } from '../../../errors.ts'
import type { RequestContext } from '../../../gateway/contract/module.ts'
import { type Tenant, tenantType } from './entity.ts'

/** Loads a tenant. @throws GatewayError NOT_FOUND for a tenant that does not exist or was deleted. */
export async function loadTenant(context: RequestContext, tenant: string): Promise<Tenant> {
  const row = await context.load(tenantType, tenant)
  if (!row) throw unknownTenant(tenant)
  return row
}

/** Creates the error for an access token that names a tenant which does not exist. */
export function unknownTenant(tenant: string): GatewayError {
  return new GatewayError('NOT_FOUND', `The token names the tenant ${tenant}, which does not exist: ask for a new token.`)
}
