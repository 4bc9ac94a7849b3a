import type { Candidate, DuplicateWindow, Excluded } from './candidate.ts'
import type { Attributes } from './condition.ts'
import type { Conditions } from './evaluate-condition.ts'
import type { Strategy } from './plan-document.ts'
import type { BuyerReason, Reason } from './reason.ts'
import { type BuyerUsage, hasRoom } from './usage.ts'

const DAY = 86_400_000

/** A reservation of the caller. Times are Unix epoch ms. */
export interface CallerReservation {
  readonly buyerId: number
  readonly campaignId: number
  readonly state: 'OPEN' | 'CONNECTED' | 'CONVERTED' | 'ENDED'
  readonly reservedAt: number
  readonly expiresAt: number
}

/** Facts about the caller. */
export interface CallerFacts {
  /** Reservations of this caller within the longest duplicate window of the candidates. */
  readonly reservations: readonly CallerReservation[]
  /** Buyers that must not get this caller. */
  readonly suppressedBuyers: ReadonlySet<number>
}

/** Everything that the order of the buyers depends on. */
export interface RankingInput {
  /** Unix epoch ms. */
  readonly now: number
  readonly strategy: Strategy
  /** Minimum price that the ping asks for, minor units; null if it asks for none. */
  readonly minimumPriceMinor: number | null
  readonly candidates: readonly Candidate[]
  readonly excluded: readonly Excluded[]
  /** Attributes of the ping; `price` is set for each candidate. */
  readonly attributes: Attributes
  /** Random number from 0 to 1, 1 not included. The same one gives the same order. */
  readonly random: number
}

export interface RankedBuyer {
  readonly candidate: Candidate
  /** Price times the share of calls that are sold, minor units, not rounded. */
  readonly expectedMinor: number
}

/** Buyers of a call in order, before anybody has asked which of them have room. */
export interface Ranking {
  /** Buyers that nothing speaks against so far, the best first. */
  readonly ranked: readonly RankedBuyer[]
  /** A reason for each other buyer. */
  readonly reasons: readonly BuyerReason[]
}

export interface Decision {
  /** The buyer that gets the call, and after it those that the rules allow, the best first. Only the first one is known to have room. */
  readonly ranked: readonly RankedBuyer[]
  /** A reason for each buyer except the first: those that cannot have the call, and those that are outranked. */
  readonly reasons: readonly BuyerReason[]
}

/**
 * Ranks the buyers whose terms allow a call, and gives a reason for each other one.
 *
 * Order: the lower tier first. Within a tier HIGHEST_BID takes the higher price, EXPECTED_REVENUE the higher expected revenue and then the
 * higher price, and WEIGHTED a draw. Ties are drawn, too, so that equal buyers share the calls by their weights. If a buyer drops out, a
 * ranking with the same random number has all others in the same order.
 */
export function rankBuyers(input: RankingInput, conditions: Conditions): Ranking {
  const reasons: BuyerReason[] = [...input.excluded]
  const ranked: (RankedBuyer & { readonly draw: number })[] = []
  const draw = drawsOf(input.random)
  // One map serves all candidates: only the price differs.
  const attributes = new Map(input.attributes)
  for (const candidate of input.candidates) {
    const { buyerId, priceMinor, conversion, weight } = candidate
    const reason = reasonOfTerms(candidate, input, attributes.set('price', priceMinor), conditions)
    if (reason === undefined) ranked.push({ candidate, expectedMinor: priceMinor * conversion, draw: draw(buyerId, weight) })
    else reasons.push({ buyerId, reason })
  }
  return { ranked: ranked.sort((one, other) => compareRanks(input.strategy, one, other)), reasons }
}

/** Removes the buyers from a ranking that must not get the caller, or have had the caller before. */
export function withoutForbidden(
  ranking: Ranking,
  caller: CallerFacts,
  call: { readonly campaignId: number; readonly now: number },
): Ranking {
  if (caller.suppressedBuyers.size === 0 && caller.reservations.length === 0) return ranking
  const reasons: BuyerReason[] = [...ranking.reasons]
  const ranked = ranking.ranked.filter(({ candidate }) => {
    const reason = reasonOfCaller(candidate, caller, call)
    if (reason !== undefined) reasons.push({ buyerId: candidate.buyerId, reason })
    return reason === undefined
  })
  return { ranked, reasons }
}

/**
 * Takes the best buyer that has room. The buyers before it are full, and those after it are outranked, whether they have room or not.
 * @param usage Usage of buyers from the best on, as many as are known.
 * @returns undefined if all buyers whose usage is known are full, and there are more.
 * @throws Error if the usage of a buyer lacks the period of one of its caps, because then the cap is not known to have room.
 */
export function chooseBuyer({ ranked, reasons }: Ranking, usage: ReadonlyMap<number, BuyerUsage>): Decision | undefined {
  const found: BuyerReason[] = [...reasons]
  for (const [place, { candidate }] of ranked.entries()) {
    const used = usage.get(candidate.buyerId)
    if (!used) return undefined
    const reason = reasonOfUsage(candidate, used)
    if (reason === undefined) {
      const left = ranked.slice(place)
      for (const { candidate: outranked } of left.slice(1)) found.push({ buyerId: outranked.buyerId, reason: 'OUTRANKED' })
      return { ranked: left, reasons: found }
    }
    found.push({ buyerId: candidate.buyerId, reason })
  }
  return { ranked: [], reasons: found }
}

/** Returns the first reason in a buyer's terms against a call, in the order of this function; undefined if there is none. */
function reasonOfTerms(
  { priceMinor, open, conditions: condition }: Candidate,
  { now, minimumPriceMinor }: RankingInput,
  attributes: Attributes,
  conditions: Conditions,
): Reason | undefined {
  if (!open.some(([from, until]) => now >= from && now < until)) return 'CLOSED'
  if (minimumPriceMinor !== null && priceMinor < minimumPriceMinor) return 'MINIMUM_BID'
  if (condition && conditions.outcome(condition, attributes) !== 'HOLDS') return 'CONDITION'
}

function reasonOfCaller(
  { buyerId, duplicates }: Candidate,
  { suppressedBuyers, reservations }: CallerFacts,
  call: { readonly campaignId: number; readonly now: number },
): Reason | undefined {
  if (suppressedBuyers.has(buyerId)) return 'SUPPRESSED'
  if (duplicates && reservations.some((earlier) => isDuplicate(earlier, buyerId, duplicates, call))) return 'DUPLICATE'
}

function reasonOfUsage({ buyerId, priceMinor, maxConcurrentCalls, caps }: Candidate, usage: BuyerUsage): Reason | undefined {
  if (usage.concurrent >= maxConcurrentCalls) return 'CONCURRENCY'
  for (const cap of caps) {
    const period = usage.periods[cap.period]
    if (!period) throw new Error(`The usage of buyer ${buyerId} by ${cap.period} is missing. Expected it for each cap.`)
    if (!hasRoom(cap, period, priceMinor)) return 'CAP'
  }
}

/** Returns whether an earlier reservation makes this one a duplicate. What is held counts as if it will connect and convert. */
function isDuplicate(
  earlier: CallerReservation,
  buyerId: number,
  { scope, days, by }: DuplicateWindow,
  { campaignId, now }: { readonly campaignId: number; readonly now: number },
): boolean {
  if (scope === 'BUYER' ? earlier.buyerId !== buyerId : earlier.campaignId !== campaignId) return false
  if (now - earlier.reservedAt >= days * DAY) return false
  if (earlier.state === 'OPEN') return earlier.expiresAt > now
  return earlier.state !== 'ENDED' || by === 'CONNECTED'
}

function compareRanks(strategy: Strategy, one: RankedBuyer & { readonly draw: number }, other: typeof one): number {
  const [a, b] = [one.candidate, other.candidate]
  if (a.tier !== b.tier) return a.tier - b.tier
  if (strategy === 'EXPECTED_REVENUE' && one.expectedMinor !== other.expectedMinor) return other.expectedMinor - one.expectedMinor
  if (strategy !== 'WEIGHTED' && a.priceMinor !== b.priceMinor) return b.priceMinor - a.priceMinor
  return one.draw - other.draw || a.buyerId - b.buyerId
}

/**
 * Returns a function that gives the draw of a buyer; the lowest draw wins. It is distributed exponentially with the weight as its rate, so each
 * buyer is first as often as its share of the weights says (Efraimidis and Spirakis 2006). It does not depend on the other buyers.
 */
function drawsOf(random: number): (buyerId: number, weight: number) => number {
  const high = Math.floor(random * 2 ** 32)
  const low = Math.floor((random * 2 ** 32 - high) * 2 ** 21)
  const seed = mix(mix(high) ^ low)
  return (buyerId, weight) => {
    const hash = mix(seed ^ buyerId ^ Math.floor(buyerId / 2 ** 32))
    return -Math.log((hash + 0.5) / 2 ** 32) / weight
  }
}

/** Mixes the bits of a number of 32 bits (the finalizer of MurmurHash3 after an odd constant was added). */
function mix(given: number): number {
  let bits = (given + 0x9e3779b9) | 0
  bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b)
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35)
  return (bits ^ (bits >>> 16)) >>> 0
}
