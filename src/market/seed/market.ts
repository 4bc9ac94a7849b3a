import { states } from '../rules/naming/vocabulary/places.ts'
import { WeightedChoice } from './distributions.ts'
import type { MarketCampaign } from './draft-campaigns.ts'
import type { MarketDomain } from './draft-domains.ts'
import { type MarketPublisher, publisherWeights } from './draft-publishers.ts'
import { buyerWeights } from './draft-tenants.ts'
import type { Random } from './random.ts'

export interface MarketBuyer {
  readonly id: number
  readonly states: readonly string[]
}

/** A domain that receives phone calls, with all values that a call to the domain depends on. */
export interface CalledDomain {
  readonly tenantId: string
  readonly campaignId: number
  readonly domainId: number
  readonly medianPriceMinor: number
  readonly buyers: readonly MarketBuyer[]
}

/** Share of the calls that publishers send. */
const PUBLISHED_SHARE = 0.4

/** Draws the domains that are called, the states of callers, and the buyers that bid on the phone calls. */
export class Market {
  readonly #calledDomains: readonly CalledDomain[]
  readonly #domainChoice: WeightedChoice
  readonly #open: readonly CalledDomain[]
  readonly #buyerChoice: ReadonlyMap<readonly MarketBuyer[], WeightedChoice>
  readonly #publishers: ReadonlyMap<string, readonly MarketPublisher[]>
  readonly #publisherChoice: ReadonlyMap<string, WeightedChoice>
  readonly #stateChoice = new WeightedChoice(states.map(({ residents }) => residents))

  /**
   * Prepares the weights for drawing domains, buyers and publishers.
   * @param buyers The buyers of each tenant, sorted by weight.
   * @param publishers The publishers of each tenant, sorted by weight.
   */
  constructor(
    campaigns: readonly MarketCampaign[],
    domains: readonly MarketDomain[][],
    buyers: ReadonlyMap<string, readonly MarketBuyer[]>,
    publishers: ReadonlyMap<string, readonly MarketPublisher[]>,
  ) {
    const offers = campaigns.flatMap(({ row, weight, medianPriceMinor }, index) => {
      const own = domains[index] ?? []
      const sum = own.reduce((total, domain) => total + domain.weight, 0)
      const tenantBuyers = buyers.get(row.tenantId) ?? []
      return own
        .filter((domain) => domain.weight > 0 && weight > 0)
        .map((domain) => ({
          share: (weight * domain.weight) / sum,
          open: row.status === 'ACTIVE' && domain.row.status === 'LIVE',
          calledDomain: { tenantId: row.tenantId, campaignId: row.id, domainId: domain.row.id, medianPriceMinor, buyers: tenantBuyers },
        }))
    })
    this.#calledDomains = offers.map(({ calledDomain }) => calledDomain)
    this.#domainChoice = new WeightedChoice(offers.map(({ share }) => share))
    this.#open = offers.filter(({ open }) => open).map(({ calledDomain }) => calledDomain)
    this.#buyerChoice = new Map([...buyers.values()].map((own) => [own, new WeightedChoice(buyerWeights(own.length))]))
    this.#publishers = publishers
    this.#publisherChoice = new Map([...publishers].map(([tenant, own]) => [tenant, new WeightedChoice(publisherWeights(own.length))]))
  }

  drawDomain(random: Random): CalledDomain {
    return this.#calledDomains[this.#domainChoice.draw(random)] as CalledDomain
  }

  /** Draws a live domain of an active campaign. */
  drawOpenDomain(random: Random): CalledDomain {
    return random.pick(this.#open)
  }

  /** Draws who sent a call to a domain of the tenant; null for a call that came from the domain alone. */
  drawPublisher(tenantId: string, random: Random): MarketPublisher | null {
    const choice = random.chance(PUBLISHED_SHARE) ? this.#publisherChoice.get(tenantId) : undefined
    return (choice && this.#publishers.get(tenantId)?.[choice.draw(random)]) ?? null
  }

  /** Draws a US state (two letters) in proportion to its residents. */
  drawState(random: Random): string {
    return (states[this.#stateChoice.draw(random)] as (typeof states)[number]).code
  }

  /**
   * Draws up to `count` different buyers who accept phone calls from the state. A buyer with a larger weight is more likely to be drawn
   * first.
   */
  drawBuyers(calledDomain: CalledDomain, state: string, count: number, random: Random): MarketBuyer[] {
    const choice = this.#buyerChoice.get(calledDomain.buyers)
    const drawn = new Set<MarketBuyer>()
    for (let tries = 0; choice && drawn.size < count && tries < 8 * count; tries += 1) {
      const buyer = calledDomain.buyers[choice.draw(random)]
      if (buyer && (buyer.states.length === 0 || buyer.states.includes(state))) drawn.add(buyer)
    }
    return [...drawn]
  }
}
