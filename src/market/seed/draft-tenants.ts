import { states } from '../rules/naming/vocabulary/places.ts'
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

/**
 * Drafts the users of each tenant. The first three users have the roles ADMIN, EDITOR and VIEWER, and email addresses that name the role.
 */
export function draftUsers(plan: SeedPlan) {
  return tenantNames.slice(0, plan.tenants).flatMap(({ id: tenantId }) =>
    people.map((name, index) => {
      const role = (['ADMIN', 'EDITOR', 'VIEWER'] as const)[index] ?? 'EDITOR'
      const mailbox = index < 3 ? role.toLowerCase() : name.toLowerCase().replace(' ', '.')
      return { tenantId, email: `${mailbox}@${tenantId}.example`, name, role, createdAt: at(plan.now - (390 - index) * DAY_MS) }
    }),
  )
}

/** Drafts the buyers of each tenant, sorted by weight (see {@link buyerWeights}). */
export function draftBuyers(plan: SeedPlan, random: Random) {
  return tenantNames.slice(0, plan.tenants).flatMap(({ id: tenantId, priceLevel }, tenant) =>
    Array.from({ length: plan.buyersPerTenant }, (_, index) => ({
      tenantId,
      name: buyerName(tenant * 17 + index),
      // Large buyers accept calls from all US states. Many small buyers accept only calls from their region.
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

/**
 * Returns a weight for each buyer of a tenant, which is proportional to the buyer's share of the phone calls. The weights of the first ten
 * buyers are the shares in figures.ts. The weights of each further group of ten buyers are the same shares, multiplied by a smaller factor.
 */
export function buyerWeights(count: number): number[] {
  return Array.from({ length: count }, (_, index) => {
    const ten = Math.floor(index / buyerShares.length)
    return (buyerShares[index % buyerShares.length] as number) * (ten + 1) ** -popularityExponent
  })
}

export function at(timeMs: number): string {
  return new Date(timeMs).toISOString()
}
