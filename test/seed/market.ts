import { CallDrafts, type CallWithBids } from '#src/market/seed/draft-calls.ts'
import { draftCampaigns, type MarketCampaign } from '#src/market/seed/draft-campaigns.ts'
import { draftDomains, type MarketDomain } from '#src/market/seed/draft-domains.ts'
import { draftPublishers, type MarketPublisher } from '#src/market/seed/draft-publishers.ts'
import { buyerWeights, draftBuyers, draftTenants } from '#src/market/seed/draft-tenants.ts'
import { draftTimes } from '#src/market/seed/draft-times.ts'
import { Market, type MarketBuyer } from '#src/market/seed/market.ts'
import { Random } from '#src/market/seed/random.ts'
import { planSeed } from '#src/market/seed/seed-options.ts'

export const now = Date.parse('2026-03-31T12:34:56Z')

export interface Drafted {
  readonly campaigns: readonly MarketCampaign[]
  readonly domains: readonly MarketDomain[][]
  readonly buyers: ReadonlyMap<string, readonly MarketBuyer[]>
  readonly publishers: ReadonlyMap<string, readonly MarketPublisher[]>
  readonly calls: readonly CallWithBids[]
}

/** Creates all sample data of one seed in memory, with ids that begin at 1 as in a database. */
export function draftAll(seed: string, callCount: number): Drafted {
  const plan = planSeed({ now, seed, campaigns: 30 })
  const tenantIds = draftTenants(plan).map(({ id }) => id)
  const campaigns = draftCampaigns(
    plan,
    Array.from({ length: plan.campaigns }, (_, index) => index + 1),
    Object.fromEntries(tenantIds.map((id) => [id, [1]])),
    new Random(`${seed}/campaigns`),
  )
  const domains = draftDomains(campaigns, plan.domainsPerCampaign, new Set(), new Random(`${seed}/domains`))
  domains.flat().forEach(({ row }, index) => {
    row.id = index + 1
  })
  const drafts = draftBuyers(plan, new Random(`${seed}/buyers`)).map(({ tenantId, states }, index) => ({ id: index + 1, tenantId, states }))
  const buyers = new Map(tenantIds.map((id) => [id, drafts.filter(({ tenantId }) => tenantId === id)]))
  const sources = draftPublishers(plan, new Random(`${seed}/publishers`)).map((publisher, index) => ({ id: index + 1, ...publisher }))
  const publishers = new Map(tenantIds.map((id) => [id, sources.filter(({ tenantId }) => tenantId === id)]))
  const random = new Random(`${seed}/calls`)
  const calls = new CallDrafts(new Market(campaigns, domains, buyers, publishers), random, new Random(`${seed}/publishers of calls`))
  return { campaigns, domains, buyers, publishers, calls: [...draftTimes(callCount, now, random)].map((time) => calls.closed(time)) }
}

/** Returns, for each buyer, the share of a tenant's phone calls that the buyer should get according to its weight. */
export function expectedShares(count: number): number[] {
  const weights = buyerWeights(count)
  const sum = weights.reduce((total, weight) => total + weight, 0)
  return weights.map((weight) => weight / sum)
}
