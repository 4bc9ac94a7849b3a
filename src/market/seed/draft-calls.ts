import { drawQuantile, WeightedChoice } from './distributions.ts'
import { payoutOf } from './draft-publishers.ts'
import { at } from './draft-tenants.ts'
import { bidsPerBuyer, costFactors, priceFactors, quantileLevels, runnerUpFactors } from './figures.ts'
import type { CalledDomain, Market, MarketBuyer } from './market.ts'
import type { Random } from './random.ts'

export interface CallDraft {
  id: number
  readonly tenantId: string
  readonly campaignId: number
  readonly domainId: number
  readonly publisherId: number | null
  readonly callerState: string
  readonly status: 'INCOMING' | 'CONNECTED' | 'SETTLED' | 'MISSED'
  readonly startedAt: string
  readonly durationSeconds: number
  readonly costMinor: number
  readonly revenueMinor: number
  readonly payoutMinor: number
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

/**
 * A phone call and its bids. Their ids stay 0 until the rows are inserted. If the call has a winning bid, it is the first bid in the list.
 */
export interface CallWithBids {
  readonly call: CallDraft
  readonly bids: readonly BidDraft[]
}

/** Median cost of a phone call's traffic, as a share of the median price of a call. */
const COST_SHARE = 0.45

/** Probabilities that 0, 1, 2, 3, 4 or 5 buyers bid on a phone call. With {@link bidsPerBuyer}, a call gets three bids on average. */
const buyersPerCall = [0.08, 0.13, 0.22, 0.25, 0.2, 0.12]

const MINUTE_MS = 60_000

/** Draws phone calls one by one. The same market and the same random numbers give the same calls. */
export class CallDrafts {
  readonly #market: Market
  readonly #random: Random
  readonly #publisherRandom: Random
  readonly #buyerCount = new WeightedChoice(buyersPerCall)
  readonly #bidCount = new WeightedChoice(bidsPerBuyer)

  /** @param publishers Random numbers for the publishers of the calls. */
  constructor(market: Market, random: Random, publishers: Random) {
    this.#market = market
    this.#random = random
    this.#publisherRandom = publishers
  }

  /**
   * Draws a phone call that has ended. A SETTLED call has one WON bid, whose amount is the revenue of the call. Every other ended call is
   * MISSED. The call ends within an hour of its start.
   */
  closed(startedMs: number): CallWithBids {
    const random = this.#random
    const calledDomain = this.#market.drawDomain(random)
    const callerState = this.#market.drawState(random)
    const offers = this.#drawOffers(calledDomain, callerState)
    const sold = offers.length > 0 && random.chance(0.93)
    const durationSeconds = sold ? this.#drawDuration() : 0
    const endedMs = startedMs + (sold ? durationSeconds * 1_000 : random.integer(15, 45) * 1_000)
    const bids = offers.map(({ buyer, amountMinor }, index) => {
      const placedMs = startedMs + random.integer(200, 8_000)
      // Some losing bids are cancelled; the winning bid never is.
      const lost = random.chance(0.04) ? 'CANCELLED' : 'LOST'
      return this.#bid(calledDomain, buyer, amountMinor, sold && index === 0 ? 'WON' : lost, placedMs, placedMs + 30 * MINUTE_MS)
    })
    const publisher = this.#market.drawPublisher(calledDomain.tenantId, this.#publisherRandom)
    const revenueMinor = sold ? (offers[0]?.amountMinor ?? 0) : 0
    return {
      call: {
        ...this.#call(calledDomain, callerState, startedMs),
        publisherId: publisher?.id ?? null,
        status: sold ? 'SETTLED' : 'MISSED',
        durationSeconds,
        revenueMinor,
        payoutMinor: publisher && sold ? payoutOf(publisher, revenueMinor) : 0,
        settledAt: at(endedMs),
        version: sold ? 3 : 2,
      },
      bids,
    }
  }

  /** Draws a phone call of the last four minutes that is ringing or connected. Its bids stay open for an hour or longer. */
  open(now: number): CallWithBids {
    const random = this.#random
    const startedMs = now - random.integer(10_000, 4 * MINUTE_MS)
    const calledDomain = this.#market.drawOpenDomain(random)
    const callerState = this.#market.drawState(random)
    const connected = random.chance(0.5)
    const bids = this.#drawOffers(calledDomain, callerState).map(({ buyer, amountMinor }) =>
      this.#bid(
        calledDomain,
        buyer,
        amountMinor,
        'ACTIVE',
        startedMs + random.integer(200, 8_000),
        now + random.integer(60, 24 * 60) * MINUTE_MS,
      ),
    )
    const call = this.#call(calledDomain, callerState, startedMs)
    const publisherId = this.#market.drawPublisher(calledDomain.tenantId, this.#publisherRandom)?.id ?? null
    return { call: { ...call, publisherId, status: connected ? 'CONNECTED' : 'INCOMING', version: connected ? 2 : 1 }, bids }
  }

  #call(calledDomain: CalledDomain, callerState: string, startedMs: number): CallDraft {
    const { tenantId, campaignId, domainId, medianPriceMinor } = calledDomain
    const costMinor = Math.round(COST_SHARE * medianPriceMinor * drawQuantile(this.#random, quantileLevels, costFactors))
    const undecided = {
      status: 'INCOMING',
      durationSeconds: 0,
      revenueMinor: 0,
      payoutMinor: 0,
      winningBidId: null,
      settledAt: null,
      version: 1,
    } as const
    return { id: 0, tenantId, campaignId, domainId, publisherId: null, callerState, startedAt: at(startedMs), costMinor, ...undecided }
  }

  #bid(
    calledDomain: CalledDomain,
    buyer: MarketBuyer,
    amountMinor: number,
    status: BidDraft['status'],
    placedMs: number,
    expiresMs: number,
  ): BidDraft {
    const { tenantId, campaignId } = calledDomain
    const version = status === 'ACTIVE' ? 1 : 2
    const times = { placedAt: at(placedMs), expiresAt: at(expiresMs) }
    return { id: 0, callId: 0, tenantId, campaignId, buyerId: buyer.id, amountMinor, status, ...times, version }
  }

  /**
   * Draws the bids on a phone call. The first bid is the highest, and wins if the call is sold. A buyer with a larger share of the phone
   * calls is more likely to place the first bid.
   */
  #drawOffers(calledDomain: CalledDomain, callerState: string): { buyer: MarketBuyer; amountMinor: number }[] {
    const random = this.#random
    const buyers = this.#market.drawBuyers(calledDomain, callerState, this.#buyerCount.draw(random), random)
    const highest = Math.max(1, Math.round(calledDomain.medianPriceMinor * drawQuantile(random, quantileLevels, priceFactors)))
    return buyers.flatMap((buyer, position) =>
      Array.from({ length: this.#bidCount.draw(random) + 1 }, (_, nth) => {
        const first = position === 0 && nth === 0
        // Every other bid is at least one minor unit lower than the first, so that there is one winner. Amounts are at least 1.
        const below = () => Math.min(highest - 1, Math.round(highest * drawQuantile(random, quantileLevels, runnerUpFactors)))
        return { buyer, amountMinor: first ? highest : Math.max(1, below()) }
      }),
    )
  }

  /**
   * Draws the duration of a sold phone call, from 90 to 1800 seconds. The duration is long enough for every buyer, because no buyer demands
   * more than 90 seconds. The median is about five minutes.
   */
  #drawDuration(): number {
    return Math.round(90 + 1_710 * this.#random.next() ** 3)
  }
}
