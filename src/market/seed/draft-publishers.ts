import { zipfWeights } from './distributions.ts'
import { at } from './draft-tenants.ts'
import { popularityExponent } from './figures.ts'
import { publisherName, tenantNames } from './names.ts'
import type { Random } from './random.ts'
import type { SeedPlan } from './seed-options.ts'
import { trades } from './trades.ts'

const DAY_MS = 86_400_000

/** A publisher as the sample calls need it. */
export interface MarketPublisher {
  readonly id: number
  readonly payoutKind: 'FIXED' | 'REVENUE_SHARE'
  readonly payoutMinor: number
  readonly sharePermille: number
}

/** Drafts from four to six publishers for each tenant, sorted by weight. The last publisher of a tenant with six is not active. */
export function draftPublishers(plan: SeedPlan, random: Random) {
  const cheapest = Math.min(...trades.map(({ medianPriceMinor }) => medianPriceMinor))
  return tenantNames.slice(0, plan.tenants).flatMap(({ id: tenantId, priceLevel }, tenant) =>
    Array.from({ length: random.integer(4, 6) }, (_, index) => {
      const isFixed = index % 2 === 1
      const createdAt = at(plan.now - (370 - index) * DAY_MS)
      return {
        tenantId,
        name: publisherName(tenant * 7 + index),
        payoutKind: isFixed ? ('FIXED' as const) : ('REVENUE_SHARE' as const),
        // A fixed payout is a small part of the price in the cheapest trade, so that no trade loses money with it.
        payoutMinor: isFixed ? Math.round((cheapest * priceLevel * random.integer(15, 30)) / 1000) * 10 : 0,
        sharePermille: isFixed ? 0 : random.integer(15, 30) * 10,
        active: index < 5,
        createdAt,
        updatedAt: createdAt,
      }
    }),
  )
}

/** Returns a weight for each publisher of a tenant, in proportion to its share of the calls. */
export function publisherWeights(count: number): number[] {
  return zipfWeights(count, popularityExponent)
}

/** Returns what a publisher gets for a call that was sold, minor units. */
export function payoutOf({ payoutKind, payoutMinor, sharePermille }: MarketPublisher, revenueMinor: number): number {
  return payoutKind === 'FIXED' ? payoutMinor : Math.floor((revenueMinor * sharePermille) / 1000)
}
