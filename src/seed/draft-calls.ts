import { drawQuantile, WeightedChoice } from './distributions.ts'
import { at } from './draft-tenants.ts'
import { bidsPerBuyer, costFactors, priceFactors, quantileLevels, runnerUpFactors } from './figures.ts'
import type { Market, MarketBuyer, Stall } from './market.ts'
import type { Random } from './random.ts'

export interface CallDraft {
  id: number
  readonly tenantId: string
  readonly campaignId: number
  readonly domainId: number
  readonly callerState: string
  readonly status: 'INCOMING' | 'CONNECTED' | 'SETTLED' | 'MISSED'
  readonly startedAt: string
  readonly durationSeconds: number
  readonly costMinor: number
  readonly revenueMinor: number
  winningBidId: number | null
  readonly settledAt: string | null
  readonly version: number
}

export interface BidDraft {
  id: number
  callId: number
  readonly tenantId: string
  readonly campaignId: number
  readonly buyerId: number
  readonly amountMinor: number
  readonly status: 'ACTIVE' | 'WON' | 'LOST' | 'CANCELLED'
  readonly placedAt: string
  readonly expiresAt: string
  readonly version: number
}

/** A call and its bids; ids are still 0. The first bid is the winner, where there is one. */
export interface CallWithBids {
  readonly call: CallDraft
  readonly bids: readonly BidDraft[]
}

/** Traffic costs this part of the median price, in the middle. */
const COST_SHARE = 0.45

/** Probabilities of 0 to 5 buyers for a call: three bids a call in all, with what {@link bidsPerBuyer} adds. */
const buyersPerCall = [0.08, 0.13, 0.22, 0.25, 0.2, 0.12]

const MINUTE_MS = 60_000

/** Draws calls one by one; the same market and stream give the same calls. */
export class CallDrafts {
  readonly #market: Market
  readonly #random: Random
  readonly #buyerCount = new WeightedChoice(buyersPerCall)
  readonly #bidCount = new WeightedChoice(bidsPerBuyer)

  constructor(market: Market, random: Random) {
    this.#market = market
    this.#random = random
  }

  /** A call that is over: SETTLED with one WON bid that is its revenue, or MISSED. It ends within an hour of its start. */
  closed(startedMs: number): CallWithBids {
    const random = this.#random
    const stall = this.#market.drawStall(random)
    const callerState = this.#market.drawState(random)
    const offers = this.#drawOffers(stall, callerState)
    const sold = offers.length > 0 && random.chance(0.93)
    const durationSeconds = sold ? this.#drawDuration() : 0
    const endedMs = startedMs + (sold ? durationSeconds * 1_000 : random.integer(15, 45) * 1_000)
    const bids = offers.map(({ buyer, amountMinor }, index) => {
      const placedMs = startedMs + random.integer(200, 8_000)
      // Only those are withdrawn that would not have won.
      const lost = random.chance(0.04) ? 'CANCELLED' : 'LOST'
      return this.#bid(stall, buyer, amountMinor, sold && index === 0 ? 'WON' : lost, placedMs, placedMs + 30 * MINUTE_MS)
    })
    return {
      call: {
        ...this.#call(stall, callerState, startedMs),
        status: sold ? 'SETTLED' : 'MISSED',
        durationSeconds,
        revenueMinor: sold ? (offers[0]?.amountMinor ?? 0) : 0,
        settledAt: at(endedMs),
        version: sold ? 3 : 2,
      },
      bids,
    }
  }

  /** A call of the last minutes that is still ringing or talking, with bids that stay open for an hour and more. */
  open(now: number): CallWithBids {
    const random = this.#random
    const startedMs = now - random.integer(10_000, 4 * MINUTE_MS)
    const stall = this.#market.drawOpenStall(random)
    const callerState = this.#market.drawState(random)
    const connected = random.chance(0.5)
    const bids = this.#drawOffers(stall, callerState).map(({ buyer, amountMinor }) =>
      this.#bid(stall, buyer, amountMinor, 'ACTIVE', startedMs + random.integer(200, 8_000), now + random.integer(60, 24 * 60) * MINUTE_MS),
    )
    const call = this.#call(stall, callerState, startedMs)
    return { call: { ...call, status: connected ? 'CONNECTED' : 'INCOMING', version: connected ? 2 : 1 }, bids }
  }

  #call(stall: Stall, callerState: string, startedMs: number): CallDraft {
    const { tenantId, campaignId, domainId, medianPriceMinor } = stall
    const costMinor = Math.round(COST_SHARE * medianPriceMinor * drawQuantile(this.#random, quantileLevels, costFactors))
    const undecided = { status: 'INCOMING', durationSeconds: 0, revenueMinor: 0, winningBidId: null, settledAt: null, version: 1 } as const
    return { id: 0, tenantId, campaignId, domainId, callerState, startedAt: at(startedMs), costMinor, ...undecided }
  }

  #bid(stall: Stall, buyer: MarketBuyer, amountMinor: number, status: BidDraft['status'], placedMs: number, expiresMs: number): BidDraft {
    const { tenantId, campaignId } = stall
    const version = status === 'ACTIVE' ? 1 : 2
    const times = { placedAt: at(placedMs), expiresAt: at(expiresMs) }
    return { id: 0, callId: 0, tenantId, campaignId, buyerId: buyer.id, amountMinor, status, ...times, version }
  }

  /** The highest first. Who wins is drawn by the buyers' shares; the others offer some part of it. */
  #drawOffers(stall: Stall, callerState: string): { buyer: MarketBuyer; amountMinor: number }[] {
    const random = this.#random
    const buyers = this.#market.drawBuyers(stall, callerState, this.#buyerCount.draw(random), random)
    const highest = Math.max(1, Math.round(stall.medianPriceMinor * drawQuantile(random, quantileLevels, priceFactors)))
    return buyers.flatMap((buyer, position) =>
      Array.from({ length: this.#bidCount.draw(random) + 1 }, (_, nth) => {
        const first = position === 0 && nth === 0
        // One minor unit less at least: the winner is the highest, whoever was first.
        const below = () => Math.min(highest - 1, Math.round(highest * drawQuantile(random, quantileLevels, runnerUpFactors)))
        return { buyer, amountMinor: first ? highest : Math.max(1, below()) }
      }),
    )
  }

  /** Seconds, 90 to 1800: no buyer's least duration is longer. Half of the calls take less than five minutes. */
  #drawDuration(): number {
    return Math.round(90 + 1_710 * this.#random.next() ** 3)
  }
}
