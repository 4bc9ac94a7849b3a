import { states } from '../generator/vocabulary/places.ts'
import { WeightedChoice } from './distributions.ts'
import type { MarketCampaign } from './draft-campaigns.ts'
import type { MarketDomain } from './draft-domains.ts'
import { buyerWeights } from './draft-tenants.ts'
import type { Random } from './random.ts'

export interface MarketBuyer {
  readonly id: number
  readonly states: readonly string[]
}

/** One domain on the air, and all that a call of its visitor depends on. */
export interface Stall {
  readonly tenantId: string
  readonly campaignId: number
  readonly domainId: number
  readonly medianPriceMinor: number
  readonly buyers: readonly MarketBuyer[]
}

/** Where calls come from and who buys them. */
export class Market {
  readonly #stalls: readonly Stall[]
  readonly #stallChoice: WeightedChoice
  readonly #open: readonly Stall[]
  readonly #buyerChoice: ReadonlyMap<readonly MarketBuyer[], WeightedChoice>
  readonly #stateChoice = new WeightedChoice(states.map(({ residents }) => residents))

  /** `buyers` of each tenant in the order of their weight. */
  constructor(
    campaigns: readonly MarketCampaign[],
    domains: readonly MarketDomain[][],
    buyers: ReadonlyMap<string, readonly MarketBuyer[]>,
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
          stall: { tenantId: row.tenantId, campaignId: row.id, domainId: domain.row.id, medianPriceMinor, buyers: tenantBuyers },
        }))
    })
    this.#stalls = offers.map(({ stall }) => stall)
    this.#stallChoice = new WeightedChoice(offers.map(({ share }) => share))
    this.#open = offers.filter(({ open }) => open).map(({ stall }) => stall)
    this.#buyerChoice = new Map([...buyers.values()].map((own) => [own, new WeightedChoice(buyerWeights(own.length))]))
  }

  drawStall(random: Random): Stall {
    return this.#stalls[this.#stallChoice.draw(random)] as Stall
  }

  /** A live domain of an active campaign. */
  drawOpenStall(random: Random): Stall {
    return random.pick(this.#open)
  }

  /** Two letters, as often as people live there. */
  drawState(random: Random): string {
    return (states[this.#stateChoice.draw(random)] as (typeof states)[number]).code
  }

  /** Up to `count` different buyers who accept calls from the state; the first is drawn by its weight alone. */
  drawBuyers(stall: Stall, state: string, count: number, random: Random): MarketBuyer[] {
    const choice = this.#buyerChoice.get(stall.buyers)
    const drawn = new Set<MarketBuyer>()
    for (let tries = 0; choice && drawn.size < count && tries < 8 * count; tries += 1) {
      const buyer = stall.buyers[choice.draw(random)]
      if (buyer && (buyer.states.length === 0 || buyer.states.includes(state))) drawn.add(buyer)
    }
    return [...drawn]
  }
}
