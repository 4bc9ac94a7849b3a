import { limits } from '../rules/naming/domain-config.ts'
import { phrase } from '../rules/naming/keyword.ts'
import { suggestPatterns } from '../rules/naming/suggest-patterns.ts'
import { WeightedChoice, zipfWeights } from './distributions.ts'
import { at } from './draft-tenants.ts'
import { popularityExponent, tldCounts } from './figures.ts'
import { tenantNames } from './names.ts'
import type { Random } from './random.ts'
import type { SeedPlan } from './seed-options.ts'
import { type Trade, trades } from './trades.ts'

const DAY_MS = 86_400_000

export interface CampaignDraft {
  readonly id: number
  readonly tenantId: string
  readonly ownerId: number
  readonly name: string
  readonly status: 'DRAFT' | 'ACTIVE' | 'PAUSED' | 'ARCHIVED'
  readonly budgetMinor: number
  readonly keywords: readonly string[]
  readonly tlds: readonly string[]
  readonly patterns: readonly string[]
  readonly startsAt: string | null
  readonly endsAt: string | null
  readonly version: number
  readonly createdAt: string
  readonly updatedAt: string
}

/** A campaign with all values that its phone calls depend on. */
export interface MarketCampaign {
  readonly row: CampaignDraft
  /** Weight of the campaign, which is proportional to its share of the sample phone calls. The sum of all weights need not be 1. */
  readonly weight: number
  readonly medianPriceMinor: number
}

interface Owners {
  /** Ids of the tenant's users who may own a campaign. */
  readonly [tenantId: string]: readonly number[]
}

/** Drafts one campaign for each id, in the order of the ids. */
export function draftCampaigns(plan: SeedPlan, ids: readonly number[], owners: Owners, random: Random): MarketCampaign[] {
  const weights = random.sample(zipfWeights(ids.length, popularityExponent), ids.length)
  const tenantChoice = new WeightedChoice(zipfWeights(plan.tenants, popularityExponent))
  const campaigns = ids.map((id, index): MarketCampaign => {
    // The first campaigns go to one tenant each, so that each tenant has a campaign. The tenant of each further campaign is drawn. The
    // first tenant has the highest probability.
    const tenant = tenantNames[index < plan.tenants ? index : tenantChoice.draw(random)] as (typeof tenantNames)[number]
    const trade = trades[(index * 7 + random.integer(0, 2)) % trades.length] as Trade
    const medianPriceMinor = Math.round(trade.medianPriceMinor * tenant.priceLevel)
    const keywords = random.sample(trade.vertical.keywords, random.integer(2, 4))
    const status = index < plan.tenants ? 'ACTIVE' : statusOf(random)
    const createdMs = plan.now - random.integer(35, 300) * DAY_MS - random.integer(0, DAY_MS)
    const archived = status === 'ARCHIVED'
    return {
      row: {
        id,
        tenantId: tenant.id,
        ownerId: random.pick(owners[tenant.id] ?? []),
        name: nameOf(trade, keywords, random),
        status,
        budgetMinor: random.integer(5, 80) * 10 * medianPriceMinor,
        keywords,
        tlds: ['com', 'net', ...drawTlds(random)],
        patterns: drawPatterns(keywords, random),
        startsAt: status === 'DRAFT' ? null : at(createdMs + DAY_MS),
        endsAt: archived ? at(plan.now - DAY_MS) : random.chance(0.3) ? at(plan.now + random.integer(20, 200) * DAY_MS) : null,
        version: 1,
        createdAt: at(createdMs),
        updatedAt: at(archived ? plan.now - DAY_MS : createdMs + DAY_MS),
      },
      weight: status === 'DRAFT' ? 0 : (weights[index] as number) * (status === 'ACTIVE' ? 1 : 0.3),
      medianPriceMinor,
    }
  })
  const weight = campaigns.reduce((sum, campaign) => sum + campaign.weight, 0)
  return campaigns.map((campaign) => withBudget(campaign, (plan.calls * campaign.weight) / weight))
}

/**
 * Raises the budget of a campaign to the median price of the calls that it is expected to get, and up to twice as much. Costs and payouts
 * are some 60 % of the prices, so no campaign spends its budget.
 * @param calls Number of calls that the campaign is expected to get.
 */
function withBudget({ row, medianPriceMinor, ...others }: MarketCampaign, calls: number): MarketCampaign {
  const drawnCalls = row.budgetMinor / medianPriceMinor
  const budgetCalls = Math.max(drawnCalls, 10 * Math.ceil((calls * (1 + drawnCalls / 400)) / 10))
  return { row: { ...row, budgetMinor: budgetCalls * medianPriceMinor }, medianPriceMinor, ...others }
}

function statusOf(random: Random): CampaignDraft['status'] {
  const drawn = random.next()
  if (drawn < 0.7) return 'ACTIVE'
  if (drawn < 0.84) return 'PAUSED'
  return drawn < 0.92 ? 'DRAFT' : 'ARCHIVED'
}

function nameOf(trade: Trade, keywords: readonly string[], random: Random): string {
  const title = (text: string) => text.replace(/\b[a-z]/g, (letter) => letter.toUpperCase())
  const push = random.pick(['Nationwide', 'Spring Push', 'Evergreen', 'Local Leads', 'Weekend Calls', 'Core', 'Retest', 'Top Metros'])
  return `${title(trade.vertical.name)}: ${title(keywords[0] as string)}, ${push}`
}

/** Draws one to five top-level domains other than `com` and `net`. Common top-level domains are drawn more often. */
function drawTlds(random: Random): string[] {
  const others = Object.keys(tldCounts).filter((tld) => tld !== 'com' && tld !== 'net')
  const choice = new WeightedChoice(others.map((tld) => tldCounts[tld as keyof typeof tldCounts]))
  const drawn = Array.from({ length: random.integer(2, 5) }, () => others[choice.draw(random)] as string)
  return [...new Set(drawn)]
}

/** Draws patterns that suit the keywords and together give enough names for all the campaign's domains. */
function drawPatterns(keywords: readonly string[], random: Random): string[] {
  const suitable = suggestPatterns(keywords).map(({ pattern }) => pattern)
  const rich = suitable.filter((pattern) => /city|state\}|suffix|prefix/.test(pattern))
  const count = Math.min(3, limits.patterns)
  const chosen = ['{keyword}', ...random.sample(rich, count)]
  return keywords.some((keyword) => phrase(keyword).text.length > 14)
    ? [...chosen, '{keyword}-{city}']
    : [...new Set([...chosen, '{keyword}{city}'])]
}
