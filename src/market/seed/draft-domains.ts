import type { Candidate } from '../rules/naming/domain-config.ts'
import { listCandidates } from '../rules/naming/generate-domains.ts'
import { WeightedChoice, zipfWeights } from './distributions.ts'
import type { CampaignDraft, MarketCampaign } from './draft-campaigns.ts'
import { at } from './draft-tenants.ts'
import { popularityExponent, tldCounts } from './figures.ts'
import type { Random } from './random.ts'

const DAY_MS = 86_400_000

export interface DomainDraft {
  id: number
  readonly tenantId: string
  readonly campaignId: number
  readonly name: string
  readonly sld: string
  readonly tld: string
  readonly terms: readonly string[]
  readonly status: 'GENERATED' | 'REGISTERED' | 'LIVE' | 'PAUSED' | 'EXPIRED' | 'REJECTED'
  popularityRank: number | null
  readonly score: number
  readonly version: number
  readonly createdAt: string
  readonly updatedAt: string
}

/**
 * A domain with its weight, which is proportional to its share of the phone calls of its campaign. The weight is 0 if nobody calls the
 * domain.
 */
export interface MarketDomain {
  readonly row: DomainDraft
  readonly weight: number
}

/**
 * Drafts the domains of each campaign, in the order of the campaigns. All names are distinct and none is in `taken`; the function adds them
 * to `taken`. A campaign gets fewer than `perCampaign` domains if its combinations of words are used up. The ids stay 0 until the rows are
 * inserted.
 */
export function draftDomains(
  campaigns: readonly MarketCampaign[],
  perCampaign: number,
  taken: Set<string>,
  random: Random,
): MarketDomain[][] {
  const drafted = campaigns.map(({ row }) => domainsOf(row, perCampaign, taken, random))
  rank(campaigns, drafted)
  return drafted
}

function domainsOf(campaign: CampaignDraft, count: number, taken: Set<string>, random: Random): MarketDomain[] {
  const chosen = chooseNames(campaign, count, taken, random)
  const weights = random.sample(zipfWeights(chosen.length, popularityExponent), chosen.length)
  const created = Date.parse(campaign.createdAt)
  return chosen.map((candidate, index) => {
    // The first domain is live, so that every running campaign can receive calls.
    const status = campaign.status === 'DRAFT' ? 'GENERATED' : index === 0 ? 'LIVE' : statusOf(random)
    const createdAt = at(created + Math.floor((index * DAY_MS) / count))
    const { name, sld, tld, terms, score } = candidate
    const row = {
      id: 0,
      tenantId: campaign.tenantId,
      campaignId: campaign.id,
      name,
      sld,
      tld,
      terms,
      status,
      popularityRank: null,
      score,
      version: 1,
    }
    return {
      row: { ...row, createdAt, updatedAt: createdAt },
      weight: status === 'LIVE' || status === 'PAUSED' ? (weights[index] as number) : 0,
    }
  })
}

/**
 * Draws domain names. First the top-level domain is drawn, in proportion to how common it is, then a name under it. Names of high score are
 * preferred.
 */
function chooseNames(campaign: CampaignDraft, count: number, taken: Set<string>, random: Random): Candidate[] {
  const pools = new Map<string, Candidate[]>()
  const choice = new WeightedChoice(campaign.tlds.map((tld) => tldCounts[tld as keyof typeof tldCounts] ?? 1))
  const chosen: Candidate[] = []
  for (let tries = 0; chosen.length < count && tries < 4 * count; tries += 1) {
    const tld = campaign.tlds[choice.draw(random)] as string
    const pool = pools.get(tld) ?? freeNames(campaign, tld, taken)
    pools.set(tld, pool)
    // Squaring the random number favours the front of the pool, where the better names are.
    const [candidate] = pool.splice(Math.floor(random.next() ** 2 * pool.length), 1)
    if (!candidate) continue
    taken.add(candidate.name)
    chosen.push(candidate)
  }
  return chosen
}

function freeNames(campaign: CampaignDraft, tld: string, taken: ReadonlySet<string>): Candidate[] {
  const { keywords, patterns } = campaign
  const candidates = listCandidates({ keywords, patterns, tlds: [tld], limit: 2_000, maxLength: 30 })
  return [...candidates].filter(({ name }) => !taken.has(name)).sort((a, b) => b.score - a.score || (a.name < b.name ? -1 : 1))
}

function statusOf(random: Random): DomainDraft['status'] {
  const drawn = random.next()
  if (drawn < 0.38) return 'LIVE'
  if (drawn < 0.53) return 'REGISTERED'
  if (drawn < 0.86) return 'GENERATED'
  if (drawn < 0.92) return 'PAUSED'
  return drawn < 0.97 ? 'EXPIRED' : 'REJECTED'
}

/** Sets the popularity rank of each domain that gets phone calls. The domain that will get the most phone calls has rank 1. */
function rank(campaigns: readonly MarketCampaign[], drafted: readonly MarketDomain[][]): void {
  const traffic = drafted.flatMap((domains, index) => {
    const sum = domains.reduce((total, { weight }) => total + weight, 0)
    return domains
      .filter(({ weight }) => weight > 0)
      .map(({ row, weight }) => ({ row, share: ((campaigns[index] as MarketCampaign).weight * weight) / sum }))
  })
  traffic.sort((a, b) => b.share - a.share || (a.row.name < b.row.name ? -1 : 1))
  traffic.forEach(({ row }, index) => {
    row.popularityRank = index + 1
  })
}
