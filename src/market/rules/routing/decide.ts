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

/** Everything that a decision depends on. */
export interface DecisionInput {
  /** Unix epoch ms. */
  readonly now: number
  readonly campaignId: number
  readonly strategy: Strategy
  /** Minimum price that the ping asks for, minor units; null if it asks for none. */
  readonly minimumPriceMinor: number | null
  readonly candidates: readonly Candidate[]
  readonly excluded: readonly Excluded[]
  /** Attributes of the ping; `price` is set for each candidate. */
  readonly attributes: Attributes
  readonly caller: CallerFacts
  /** Usage of each candidate. */
  readonly usage: ReadonlyMap<number, BuyerUsage>
  /** Random number from 0 to 1, 1 not included. The same one gives the same decision. */
  readonly random: number
}

export interface RankedBuyer {
  readonly candidate: Candidate
  /** Price times the share of calls that are sold, minor units, not rounded. */
  readonly expectedMinor: number
}

export interface Decision {
  /** Buyers that can have the call, the best first. */
  readonly ranked: readonly RankedBuyer[]
  /** A reason for each buyer except the best: those that cannot have the call, and those that are outranked. */
  readonly reasons: readonly BuyerReason[]
}

/**
 * Ranks the buyers of a call and gives a reason for each other one.
 *
 * Order: the lower tier first. Within a tier HIGHEST_BID takes the higher price, EXPECTED_REVENUE the higher expected revenue and then the
 * higher price, and WEIGHTED a draw. Ties are drawn, too, so that equal buyers share the calls by their weights. If the best buyer drops
 * out, a decision with the same random number has all others in the same order.
 * @throws Error if the usage of a candidate that may have the call is missing, because no cap is known to have room then.
 */
export function decide(input: DecisionInput, conditions: Conditions): Decision {
  const reasons: BuyerReason[] = [...input.excluded]
  const ranked: (RankedBuyer & { readonly draw: number })[] = []
  for (const candidate of input.candidates) {
    const { buyerId, priceMinor, conversion, weight } = candidate
    const reason = reasonAgainst(candidate, input, conditions)
    if (reason === undefined)
      ranked.push({ candidate, expectedMinor: priceMinor * conversion, draw: drawOf(input.random, buyerId, weight) })
    else reasons.push({ buyerId, reason })
  }
  ranked.sort((one, other) => compareRanks(input.strategy, one, other))
  for (const { candidate } of ranked.slice(1)) reasons.push({ buyerId: candidate.buyerId, reason: 'OUTRANKED' })
  return { ranked: ranked.map(({ candidate, expectedMinor }) => ({ candidate, expectedMinor })), reasons }
}

/** Returns the first reason against a buyer, in the order of this function; undefined if it can have the call. */
function reasonAgainst(candidate: Candidate, input: DecisionInput, conditions: Conditions): Reason | undefined {
  const { buyerId, priceMinor, open, duplicates } = candidate
  const { now, caller, minimumPriceMinor } = input
  if (!open.some(([from, until]) => now >= from && now < until)) return 'CLOSED'
  if (minimumPriceMinor !== null && priceMinor < minimumPriceMinor) return 'MINIMUM_BID'
  if (candidate.conditions) {
    const attributes = new Map(input.attributes).set('price', priceMinor)
    if (conditions.outcome(candidate.conditions, attributes) !== 'HOLDS') return 'CONDITION'
  }
  if (caller.suppressedBuyers.has(buyerId)) return 'SUPPRESSED'
  if (duplicates && caller.reservations.some((earlier) => isDuplicate(earlier, buyerId, duplicates, input))) return 'DUPLICATE'
  const usage = input.usage.get(buyerId)
  if (!usage) throw new Error(`The usage of buyer ${buyerId} is missing. Expected it for each candidate.`)
  if (usage.concurrent >= candidate.maxConcurrentCalls) return 'CONCURRENCY'
  for (const cap of candidate.caps) {
    const period = usage.periods[cap.period]
    if (!period) throw new Error(`The usage of buyer ${buyerId} by ${cap.period} is missing. Expected it for each cap.`)
    if (!hasRoom(cap, period, priceMinor)) return 'CAP'
  }
}

/** Returns whether an earlier reservation makes this one a duplicate. What is held counts as if it will connect and convert. */
function isDuplicate(earlier: CallerReservation, buyerId: number, { scope, days, by }: DuplicateWindow, input: DecisionInput): boolean {
  const { now, campaignId } = input
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
 * Returns the draw of a buyer; the lowest draw wins. It is distributed exponentially with the weight as its rate, so each buyer is first
 * as often as its share of the weights says (Efraimidis and Spirakis 2006). It does not depend on the other buyers.
 */
function drawOf(random: number, buyerId: number, weight: number): number {
  const high = Math.floor(random * 2 ** 32)
  const low = Math.floor((random * 2 ** 32 - high) * 2 ** 21)
  const hash = mix(mix(mix(high) ^ low) ^ buyerId ^ Math.floor(buyerId / 2 ** 32))
  return -Math.log((hash + 0.5) / 2 ** 32) / weight
}

/** Mixes the bits of a number of 32 bits (the finalizer of MurmurHash3 after an odd constant was added). */
function mix(given: number): number {
  let bits = (given + 0x9e3779b9) | 0
  bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b)
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35)
  return (bits ^ (bits >>> 16)) >>> 0
}
