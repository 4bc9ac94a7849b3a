import { WeightedChoice } from './distributions.ts'
import { at } from './draft-tenants.ts'
import type { Market } from './market.ts'
import type { Random } from './random.ts'

export interface EventDraft {
  readonly tenantId: string
  readonly eventId: string
  readonly campaignId: number
  readonly domainId: number
  readonly kind: 'IMPRESSION' | 'CLICK' | 'CALL_STARTED' | 'CALL_QUALIFIED' | 'CONVERSION'
  readonly occurredAt: string
  readonly receivedAt: string
}

const kinds = ['IMPRESSION', 'CLICK', 'CALL_STARTED', 'CALL_QUALIFIED', 'CONVERSION'] as const

/**
 * Shares of the kinds of events, in the order from the page view to the sale. The shares fall, because only some visitors take each next
 * step.
 */
const kindWeights = [0.62, 0.22, 0.09, 0.05, 0.02]

/** Draws events one by one. The ids of the events begin with `prefix`, so that they differ from those of other runs. */
export class EventDrafts {
  readonly #market: Market
  readonly #random: Random
  readonly #prefix: string
  readonly #kind = new WeightedChoice(kindWeights)
  #count = 0

  constructor(market: Market, prefix: string, random: Random) {
    this.#market = market
    this.#prefix = prefix
    this.#random = random
  }

  at(occurredMs: number): EventDraft {
    const { tenantId, campaignId, domainId } = this.#market.drawDomain(this.#random)
    const kind = kinds[this.#kind.draw(this.#random)] as EventDraft['kind']
    this.#count += 1
    return {
      tenantId,
      eventId: `${this.#prefix}-${this.#count}`,
      campaignId,
      domainId,
      kind,
      occurredAt: at(occurredMs),
      receivedAt: at(occurredMs + this.#random.integer(20, 900)),
    }
  }
}
