import { describe, expect, it } from 'vitest'
import type { Candidate, Cap } from '../../src/market/rules/routing/candidate.ts'
import { chooseBuyer, type Decision } from '../../src/market/rules/routing/decide.ts'
import type { Reason } from '../../src/market/rules/routing/reason.ts'
import fc from '../property.ts'
import { candidate, DAY, type DecisionInput, decision, decisions, decide as real } from './decisions.ts'

type Decide = (input: DecisionInput) => Decision

/** Returns what one more call to a buyer would bring a cap to, if all that is held converts. */
function afterOneMore({ period, counts }: Cap, { priceMinor, buyerId }: Candidate, { usage }: DecisionInput): number {
  const used = usage.get(buyerId)?.periods[period]
  if (!used) throw new Error('no usage')
  const { open, connected } = used
  if (counts === 'MONEY') return used.moneyMinor + open.priceMinor + connected.priceMinor + priceMinor
  if (counts === 'ATTEMPTS') return used.attempts + 1
  return counts === 'CONNECTIONS' ? used.connections + open.count + 1 : used.conversions + open.count + connected.count + 1
}

/** Returns all reasons that hold against a buyer, whatever the other buyers are. */
function trueReasons(buyer: Candidate, input: DecisionInput): readonly Reason[] {
  const { buyerId, priceMinor, duplicates, conditions: condition } = buyer
  const { now, attributes, caller } = input
  const holdsCondition = () => {
    if (!condition || !('attribute' in condition)) return true
    if (condition.attribute === 'state') return attributes.get('state') === 'CA'
    return condition.attribute === 'price' ? priceMinor > 60 : attributes.has('roof') && attributes.get('roof') !== 'tiles'
  }
  const isDuplicate = caller.reservations.some((earlier) => {
    if (!duplicates || earlier.reservedAt <= now - duplicates.days * DAY) return false
    if (duplicates.scope === 'BUYER' ? earlier.buyerId !== buyerId : earlier.campaignId !== input.campaignId) return false
    const mayConnect = earlier.state !== 'OPEN' || earlier.expiresAt > now
    return mayConnect && !(duplicates.by === 'CONVERTED' && earlier.state === 'ENDED')
  })
  const found: Readonly<Partial<Record<Reason, boolean>>> = {
    CLOSED: buyer.open.every(([from, until]) => now < from || now >= until),
    MINIMUM_BID: priceMinor < (input.minimumPriceMinor ?? 0),
    CONDITION: !holdsCondition(),
    SUPPRESSED: caller.suppressedBuyers.has(buyerId),
    DUPLICATE: isDuplicate,
    CONCURRENCY: (input.usage.get(buyerId)?.concurrent ?? 0) + 1 > buyer.maxConcurrentCalls,
    CAP: buyer.caps.some((cap) => afterOneMore(cap, buyer, input) > cap.maximum),
  }
  return (Object.keys(found) as Reason[]).filter((reason) => found[reason])
}

/** Returns the numbers by which a buyer is ranked; the lowest first. Draws are not among them. */
function rankOf({ tier, priceMinor, conversion }: Candidate, { strategy }: DecisionInput): readonly number[] {
  if (strategy === 'WEIGHTED') return [tier]
  return strategy === 'HIGHEST_BID' ? [tier, -priceMinor] : [tier, -priceMinor * conversion, -priceMinor]
}

const NOTHING = { count: 0, priceMinor: 0 }
/** Usage of a buyer of which a faulty program believes that it is full. */
const FULLY_USED = { concurrent: 1_000_000, periods: {} }

const NOTHING_USED = { attempts: 0, connections: 0, conversions: 0, moneyMinor: 0, open: NOTHING, connected: NOTHING }
const UNUSED = { concurrent: 0, periods: { HOUR: NOTHING_USED, DAY: NOTHING_USED, MONTH: NOTHING_USED, TOTAL: NOTHING_USED } }

/** All candidates but the first, as buyers that are outranked. */
function outranked({ candidates }: DecisionInput) {
  return candidates.slice(1).map(({ buyerId }) => ({ buyerId, reason: 'OUTRANKED' as const }))
}

const FULL: readonly Reason[] = ['CONCURRENCY', 'CAP']
const seen = new Set<Reason>()
/**
 * Each buyer is the best one or has one reason, and the reasons are true. A buyer that the rules allow is full and ranks no lower than the
 * best one, or ranks no higher than it and is outranked. So nobody who has room is passed over.
 */
const isExplained = (candidateDecide: Decide) =>
  fc.property(decisions, (input) => {
    const { ranked, reasons } = candidateDecide(input)
    const [best, ...others] = ranked.map((buyer) => buyer.candidate.buyerId)
    const everybody = [...input.candidates, ...input.excluded].map(({ buyerId }) => buyerId)
    const named = [...(best === undefined ? [] : [best]), ...reasons.map(({ buyerId }) => buyerId)]
    if (JSON.stringify(named.toSorted()) !== JSON.stringify(everybody.toSorted())) return false
    for (const { reason } of reasons) seen.add(reason)
    const winner = input.candidates.find(({ buyerId }) => buyerId === best)
    return [...input.candidates, ...input.excluded].every((buyer) => {
      const reason = reasons.find(({ buyerId }) => buyerId === buyer.buyerId)?.reason
      if ('reason' in buyer) return reason === buyer.reason
      const against = trueReasons(buyer, input)
      if (against.some((item) => !FULL.includes(item))) return reason !== undefined && against.includes(reason) && !FULL.includes(reason)
      if (buyer.buyerId === best) return reason === undefined && against.length === 0
      if (reason === 'OUTRANKED')
        return others.includes(buyer.buyerId) && !(winner && comesBefore(rankOf(buyer, input), rankOf(winner, input)))
      return reason !== undefined && against.includes(reason) && !(winner && comesBefore(rankOf(winner, input), rankOf(buyer, input)))
    })
  })

describe('a decision', () => {
  it('gives every buyer except the best a true reason, and passes over no buyer that can have the call.', () => {
    fc.assert(isExplained(real), { numRuns: 1500 })
    for (const reason of ['CLOSED', 'MINIMUM_BID', 'CONDITION', 'SUPPRESSED', 'DUPLICATE', 'CONCURRENCY', 'CAP', 'OUTRANKED'] as const)
      expect(seen).toContain(reason)
    const forgetful: Decide = (input) => ({ ...real(input), reasons: real(input).reasons.filter(({ reason }) => reason !== 'OUTRANKED') })
    const vague: Decide = (input) => ({
      ...real(input),
      reasons: real(input).reasons.map(({ buyerId, reason }) => ({ buyerId, reason: reason === 'CONCURRENCY' ? 'CAP' : reason })),
    })
    const strict: Decide = (input) => real({ ...input, minimumPriceMinor: 100 })
    const unfair: Decide = (input) =>
      real({ ...input, candidates: input.candidates.slice(0, 1), excluded: [...input.excluded, ...outranked(input)] })
    const hasty: Decide = (input) =>
      real({ ...input, usage: new Map([...input.usage].map(([id, used]) => [id, id > 2 ? FULLY_USED : used])) })
    for (const broken of [forgetful, vague, strict, unfair, hasty])
      expect(fc.check(isExplained(broken), { numRuns: 1500 }).failed).toBe(true)
  })

  it('ranks by tier, then by what the strategy says, and tells the expected revenue.', () => {
    const isRanked = (candidateDecide: Decide) =>
      fc.property(decisions, (input) => {
        const { ranked } = candidateDecide(input)
        const key = ({ candidate }: (typeof ranked)[number]) => rankOf(candidate, input)
        const isExpected = ranked.every(
          ({ candidate: { priceMinor, conversion }, expectedMinor }) => expectedMinor === priceMinor * conversion,
        )
        return isExpected && ranked.every((buyer, index) => index === 0 || !comesBefore(key(buyer), key(ranked[index - 1] ?? buyer)))
      })
    fc.assert(isRanked(real), { numRuns: 1000 })
    const byPriceAlone: Decide = (input) => ({
      ...real(input),
      ranked: real(input).ranked.toSorted((a, b) => b.candidate.priceMinor - a.candidate.priceMinor),
    })
    expect(fc.check(isRanked(byPriceAlone), { numRuns: 1000 }).failed).toBe(true)
  })

  it('keeps the order of all others when a buyer drops out, in every strategy.', () => {
    fc.assert(
      fc.property(decisions, (input) => {
        const everybody = { ...input, usage: new Map(input.candidates.map(({ buyerId }) => [buyerId, UNUSED])) }
        const ids = ({ ranked }: Decision) => ranked.map((buyer) => buyer.candidate.buyerId)
        const [best, ...others] = ids(real(everybody))
        expect(ids(real({ ...everybody, candidates: input.candidates.filter(({ buyerId }) => buyerId !== best) }))).toEqual(others)
      }),
    )
  })

  it('draws each buyer as often as its weight says, and buyers of the same price in the same way.', () => {
    const buyers = [
      candidate(1, { weight: 1 }),
      candidate(2, { weight: 2 }),
      candidate(77, { weight: 7 }),
      candidate(3, { tier: 2, weight: 1000 }),
    ]
    const shares = (strategy: DecisionInput['strategy'], candidates: readonly Candidate[]) => {
      const wins = new Map<number, number>()
      const draws = 4000
      for (let index = 0; index < draws; index++) {
        const best = real(decision(candidates, { strategy, random: index / draws })).ranked[0]?.candidate.buyerId ?? 0
        wins.set(best, (wins.get(best) ?? 0) + 1)
      }
      return candidates.map(({ buyerId }) => (wins.get(buyerId) ?? 0) / draws)
    }
    const isFair = (found: readonly number[]) => [0.1, 0.2, 0.7, 0].every((share, index) => Math.abs((found[index] ?? 0) - share) < 0.03)
    expect(isFair(shares('WEIGHTED', buyers))).toBe(true)
    expect(isFair(shares('HIGHEST_BID', buyers))).toBe(true)
    expect(
      isFair(
        shares(
          'WEIGHTED',
          buyers.map((buyer) => ({ ...buyer, weight: 1 })),
        ),
      ),
    ).toBe(false)
  })

  it('is not made without the usage of a buyer that could have the call.', () => {
    const capped = candidate(1, { caps: [{ period: 'DAY', counts: 'ATTEMPTS', maximum: 5 }] })
    expect(() => real(decision([capped]))).toThrow('The usage of buyer 1 by DAY is missing')
    const [best, next] = [candidate(2), candidate(1)].map((buyer) => ({ candidate: buyer, expectedMinor: 50 }))
    if (!best || !next) throw new Error('Expected two buyers.')
    const ranking = { ranked: [best, next], reasons: [] }
    expect(chooseBuyer(ranking, new Map())).toBeUndefined()
    expect(chooseBuyer(ranking, new Map([[2, FULLY_USED]]))).toBeUndefined()
  })

  it('needs no usage of a buyer below the one that gets the call, which is outranked whether it is full or not.', () => {
    const [best, next] = [candidate(2), candidate(1)].map((buyer) => ({ candidate: buyer, expectedMinor: 50 }))
    if (!best || !next) throw new Error('Expected two buyers.')
    const expected = { ranked: [best, next], reasons: [{ buyerId: 1, reason: 'OUTRANKED' }] }
    const ranking = { ranked: [best, next], reasons: [] }
    expect(chooseBuyer(ranking, new Map([[2, UNUSED]]))).toEqual(expected)
    expect(
      chooseBuyer(
        ranking,
        new Map([
          [2, UNUSED],
          [1, FULLY_USED],
        ]),
      ),
    ).toEqual(expected)
  })
})

function comesBefore(one: readonly number[], other: readonly number[]): boolean {
  const index = one.findIndex((value, at) => value !== other[at])
  return index >= 0 && (one[index] ?? 0) < (other[index] ?? 0)
}
