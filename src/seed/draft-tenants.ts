import { states } from '../generator/vocabulary/places.ts'
import { buyerShares, popularityExponent } from './figures.ts'
import { buyerName, people, tenantNames } from './names.ts'
import type { Random } from './random.ts'
import type { SeedPlan } from './seed-options.ts'

const DAY_MS = 86_400_000

export function draftTenants(plan: SeedPlan) {
  return tenantNames
    .slice(0, plan.tenants)
    .map(({ id, name, currency }) => ({ id, name, currency, createdAt: at(plan.now - 400 * DAY_MS) }))
}

/** The first three of each tenant have one role each and an address that says so. */
export function draftUsers(plan: SeedPlan) {
  return tenantNames.slice(0, plan.tenants).flatMap(({ id: tenantId }) =>
    people.map((name, index) => {
      const role = (['ADMIN', 'EDITOR', 'VIEWER'] as const)[index] ?? 'EDITOR'
      const mailbox = index < 3 ? role.toLowerCase() : name.toLowerCase().replace(' ', '.')
      return { tenantId, email: `${mailbox}@${tenantId}.example`, name, role, createdAt: at(plan.now - (390 - index) * DAY_MS) }
    }),
  )
}

/** Buyers of a tenant in the order of their weight: {@link buyerWeights}. */
export function draftBuyers(plan: SeedPlan, random: Random) {
  return tenantNames.slice(0, plan.tenants).flatMap(({ id: tenantId, priceLevel }, tenant) =>
    Array.from({ length: plan.buyersPerTenant }, (_, index) => ({
      tenantId,
      name: buyerName(tenant * 17 + index),
      // The large buyers take calls from everywhere; small ones serve their region.
      states:
        index % 10 >= 4 && random.chance(0.6)
          ? random
              .sample(states, random.integer(8, 25))
              .map(({ code }) => code)
              .sort()
          : [],
      maxConcurrentCalls: random.integer(3, 40),
      minDurationSeconds: random.pick([0, 15, 30, 45, 60, 90]),
      dailyCapMinor: random.chance(0.3) ? random.integer(20, 400) * Math.round(10_000 * priceLevel) : null,
      active: true,
      createdAt: at(plan.now - (380 - index) * DAY_MS),
      updatedAt: at(plan.now - (380 - index) * DAY_MS),
    })),
  )
}

/** How the calls of a tenant fall to its buyers: the known shares, once for each ten buyers, the later tens smaller. */
export function buyerWeights(count: number): number[] {
  return Array.from({ length: count }, (_, index) => {
    const ten = Math.floor(index / buyerShares.length)
    return (buyerShares[index % buyerShares.length] as number) * (ten + 1) ** -popularityExponent
  })
}

export function at(timeMs: number): string {
  return new Date(timeMs).toISOString()
}
