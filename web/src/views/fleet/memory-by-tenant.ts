import type { Instances } from '../../../../src/operations/admin/contract.ts'

export interface TenantBytes {
  readonly tenant: string
  readonly bytes: number
}

/** Returns the memory of each tenant, summed over the processes that are alive, largest first. */
export function memoryByTenant(instances: readonly Pick<Instances['instances'][number], 'isAlive' | 'tenants'>[]): TenantBytes[] {
  const sums = new Map<string, number>()
  for (const { isAlive, tenants } of instances)
    if (isAlive) for (const { tenant, bytes } of tenants ?? []) sums.set(tenant, (sums.get(tenant) ?? 0) + bytes)
  return [...sums].map(([tenant, bytes]) => ({ tenant, bytes })).sort((a, b) => b.bytes - a.bytes || a.tenant.localeCompare(b.tenant))
}
