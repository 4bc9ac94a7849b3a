import type { HotOperation } from '../../gateway/warming/operation-recorder.ts'

/**
 * Orders operations so that each tenant gets a fair share of the warming. For each tenant, the function adds up the saved times (`savedMs`)
 * of the operations that it has already placed in the order. The next operation is always the hottest remaining operation of the tenant
 * with the smallest sum. All anonymous callers together count as one tenant.
 * @param hottest Operations, hottest first.
 */
export function fairOrder(hottest: readonly HotOperation[]): readonly HotOperation[] {
  const tenants = [...Map.groupBy(hottest, ({ operation }) => operation.tenant).values()].map((operations) => ({
    operations,
    next: 0,
    given: 0,
  }))
  const ordered: HotOperation[] = []
  while (ordered.length < hottest.length) {
    const [tenant] = tenants.filter(({ operations, next }) => next < operations.length).sort((a, b) => a.given - b.given)
    const operation = tenant?.operations[tenant.next]
    if (!tenant || !operation) break
    tenant.next++
    tenant.given += operation.savedMs
    ordered.push(operation)
  }
  return ordered
}
