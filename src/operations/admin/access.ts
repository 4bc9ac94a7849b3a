import { GatewayError } from '../../errors.ts'
import type { Principal, Role } from '../../gateway/identity/principal.ts'

/** @throws GatewayError UNAUTHENTICATED without a caller, FORBIDDEN for a caller whose role is none of `roles`. */
export function requireRole(caller: Principal | null, roles: readonly Role[]): asserts caller is Principal {
  if (!caller) throw new GatewayError('UNAUTHENTICATED')
  if (!roles.includes(caller.role))
    throw new GatewayError('FORBIDDEN', `Expected the role ${roles.join(' or ')}, got ${caller.role}: use a token with that role.`)
}

/**
 * Returns the tenant to which a call is limited; undefined for all tenants, which only an OPERATOR may see.
 * @param asked Tenant that the caller named; undefined if it named none.
 * @throws GatewayError FORBIDDEN if an ADMIN names another tenant.
 */
export function tenantOf(caller: Principal, asked: string | undefined): string | undefined {
  if (caller.role === 'OPERATOR') return asked
  if (asked !== undefined && asked !== caller.tenant)
    throw new GatewayError('FORBIDDEN', `Expected the own tenant ${caller.tenant}, got ${asked}: an ADMIN manages the own tenant only.`)
  return caller.tenant
}

/** Returns whether a tag belongs to a tenant. */
export function isOfTenant(tag: string, tenant: string): boolean {
  return tag === tenant || tag.startsWith(`${tenant}:`)
}
