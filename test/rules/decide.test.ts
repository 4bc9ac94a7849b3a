import { describe, expect, it } from 'vitest'
import type { Candidate, Cap } from '../../src/market/rules/routing/candidate.ts'
import { type Decision, type DecisionInput, decide } from '../../src/market/rules/routing/decide.ts'
import { Conditions } from '../../src/market/rules/routing/evaluate-condition.ts'
import type { Reason } from '../../src/market/rules/routing/reason.ts'
import fc from '../property.ts'
import { CAMPAIGN, candidate, DAY, decision, decisions, NOW } from './decisions.ts'

const conditions = new Conditions()
type Decide = (input: DecisionInput) => Decision
const real: Decide = (input) => decide(input, conditions)

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

const seen = new Set<Reason>()
/** Each buyer is the best one or has one reason, the reasons are true, and all buyers without a reason are ranked. */
const isExplained = (candidateDecide: Decide) =>
  fc.property(decisions, (input) => {
    const { ranked, reasons } = candidateDecide(input)
    const [best, ...others] = ranked.map((buyer) => buyer.candidate.buyerId)
    const everybody = [...input.candidates, ...input.excluded].map(({ buyerId }) => buyerId)
    const named = [...(best === undefined ? [] : [best]), ...reasons.map(({ buyerId }) => buyerId)]
    if (JSON.stringify(named.toSorted()) !== JSON.stringify(everybody.toSorted())) return false
    for (const { reason } of reasons) seen.add(reason)
    return [...input.candidates, ...input.excluded].every((buyer) => {
      const reason = reasons.find(({ buyerId }) => buyerId === buyer.buyerId)?.reason
      if ('reason' in buyer) return reason === buyer.reason
      const against = trueReasons(buyer, input)
      if (against.length > 0) return reason !== undefined && against.includes(reason)
      return buyer.buyerId === best ? reason === undefined : reason === 'OUTRANKED' && others.includes(buyer.buyerId)
    })
  })

describe('a decision', () => {
  it('gives every buyer except the best a true reason, and leaves out no buyer that can have the call.', () => {
    fc.assert(isExplained(real), { numRuns: 1500 })
    for (const reason of ['CLOSED', 'MINIMUM_BID', 'CONDITION', 'SUPPRESSED', 'DUPLICATE', 'CONCURRENCY', 'CAP', 'OUTRANKED'] as const)
      expect(seen).toContain(reason)
    const forgetful: Decide = (input) => ({ ...real(input), reasons: real(input).reasons.filter(({ reason }) => reason !== 'OUTRANKED') })
    const vague: Decide = (input) => ({
      ...real(input),
      reasons: real(input).reasons.map(({ buyerId, reason }) => ({ buyerId, reason: reason === 'CONCURRENCY' ? 'CAP' : reason })),
    })
    const strict: Decide = (input) => real({ ...input, minimumPriceMinor: 100 })
    for (const broken of [forgetful, vague, strict]) expect(fc.check(isExplained(broken), { numRuns: 1500 }).failed).toBe(true)
  })

  it('ranks by tier, then by what the strategy says, and tells the expected revenue.', () => {
    const isRanked = (candidateDecide: Decide) =>
      fc.property(decisions, (input) => {
        const { ranked } = candidateDecide(input)
        const key = ({ candidate: { tier, priceMinor, conversion } }: (typeof ranked)[number]) => {
          if (input.strategy === 'WEIGHTED') return [tier]
          return input.strategy === 'HIGHEST_BID' ? [tier, -priceMinor] : [tier, -priceMinor * conversion, -priceMinor]
        }
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
        const ids = ({ ranked }: Decision) => ranked.map((buyer) => buyer.candidate.buyerId)
        const [best, ...others] = ids(real(input))
        expect(ids(real({ ...input, candidates: input.candidates.filter(({ buyerId }) => buyerId !== best) }))).toEqual(others)
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
    expect(() => real(decision([capped], { usage: new Map() }))).toThrow('The usage of buyer 1 is missing')
  })
})

function comesBefore(one: readonly number[], other: readonly number[]): boolean {
  const index = one.findIndex((value, at) => value !== other[at])
  return index >= 0 && (one[index] ?? 0) < (other[index] ?? 0)
}

interface Reservation {
  readonly caller: number
  readonly buyerId: number
  readonly priceMinor: number
  readonly reservedAt: number
  readonly expiresAt: number
  state: 'OPEN' | 'CONNECTED' | 'CONVERTED' | 'ENDED'
}

/** A market in memory, whose reservations expire after 10 ms. */
class Market {
  readonly reservations: Reservation[] = []
  #now = NOW
  readonly #decide: Decide
  readonly #buyers: readonly Candidate[]

  constructor(candidateDecide: Decide, buyers: readonly Candidate[]) {
    this.#decide = candidateDecide
    this.#buyers = buyers
  }

  step(kind: 'ping' | 'post' | 'sell' | 'end' | 'wait', which: number): void {
    if (kind === 'wait') this.#now += which
    if (kind === 'ping') this.#ping(which % 3)
    const open = this.reservations.filter(({ state, expiresAt }) => state === 'OPEN' && expiresAt > this.#now)
    const connected = this.reservations.filter(({ state }) => state === 'CONNECTED')
    const [posted, settled] = [open[which % open.length], connected[which % connected.length]]
    if (kind === 'post' && posted) posted.state = 'CONNECTED'
    if (kind === 'sell' && settled) settled.state = 'CONVERTED'
    if (kind === 'end' && settled) settled.state = 'ENDED'
  }

  #ping(caller: number): void {
    const own = this.reservations.filter((reservation) => reservation.caller === caller).map((one) => ({ ...one, campaignId: CAMPAIGN }))
    const usage = new Map(this.#buyers.map(({ buyerId }) => [buyerId, this.#usage(buyerId)]))
    const input = decision(this.#buyers, { now: this.#now, usage, caller: { reservations: own, suppressedBuyers: new Set() } })
    const best = this.#decide(input).ranked[0]?.candidate
    if (!best) return
    const { buyerId, priceMinor } = best
    this.reservations.push({ caller, buyerId, priceMinor, state: 'OPEN', reservedAt: this.#now, expiresAt: this.#now + 10 })
  }

  #usage(buyerId: number) {
    const own = this.reservations.filter((reservation) => reservation.buyerId === buyerId)
    const sum = (list: readonly Reservation[]) => ({
      count: list.length,
      priceMinor: list.reduce((total, { priceMinor }) => total + priceMinor, 0),
    })
    const converted = sum(own.filter(({ state }) => state === 'CONVERTED'))
    const open = sum(own.filter(({ state, expiresAt }) => state === 'OPEN' && expiresAt > this.#now))
    const connected = sum(own.filter(({ state }) => state === 'CONNECTED'))
    const connections = own.filter(({ state }) => state !== 'OPEN').length
    const total = { attempts: own.length, connections, conversions: converted.count, moneyMinor: converted.priceMinor, open, connected }
    return { concurrent: open.count + connected.count, periods: { TOTAL: total } }
  }

  /** Returns the limits that are exceeded. */
  exceeded(): readonly string[] {
    return this.#buyers.flatMap(({ buyerId, caps, maxConcurrentCalls, duplicates }) => {
      const own = this.reservations.filter((reservation) => reservation.buyerId === buyerId)
      const connected = own.filter(({ state }) => state !== 'OPEN')
      const converted = own.filter(({ state }) => state === 'CONVERTED')
      const used = {
        ATTEMPTS: own.length,
        CONNECTIONS: connected.length,
        CONVERSIONS: converted.length,
        MONEY: converted.reduce((total, { priceMinor }) => total + priceMinor, 0),
      }
      const repeated = (duplicates?.by === 'CONVERTED' ? converted : connected).map(({ caller }) => caller)
      return [
        ...caps.filter(({ counts, maximum }) => used[counts] > maximum).map(({ counts }) => counts),
        ...(own.filter(({ state }) => state === 'CONNECTED').length > maxConcurrentCalls ? ['CONCURRENCY'] : []),
        ...(duplicates && new Set(repeated).size < repeated.length ? ['DUPLICATE'] : []),
      ]
    })
  }
}

describe('decisions one after the other', () => {
  const terms = fc.record({
    priceMinor: fc.constantFrom(70, 100),
    maxConcurrentCalls: fc.integer({ min: 1, max: 3 }),
    caps: fc.uniqueArray(
      fc.record({
        period: fc.constant('TOTAL'),
        counts: fc.constantFrom('ATTEMPTS', 'CONNECTIONS', 'CONVERSIONS', 'MONEY'),
        maximum: fc.integer({ min: 1, max: 4 }),
      }),
      { selector: ({ counts }) => counts, maxLength: 2 },
    ),
    duplicates: fc.option(fc.record({ scope: fc.constant('BUYER'), days: fc.constant(30), by: fc.constantFrom('CONNECTED', 'CONVERTED') })),
  })
  const scaled = (caps: readonly Cap[]) => caps.map((cap) => (cap.counts === 'MONEY' ? { ...cap, maximum: cap.maximum * 90 } : cap))
  const steps = fc.array(
    fc.tuple(fc.constantFrom('ping', 'ping', 'ping', 'post', 'post', 'sell', 'end', 'wait'), fc.integer({ min: 0, max: 12 })),
    { minLength: 20, maxLength: 40 },
  )
  const exceedsNothing = (candidateDecide: Decide) =>
    fc.property(fc.array(terms, { minLength: 1, maxLength: 2 }), steps, (buyers, list) => {
      const market = new Market(
        candidateDecide,
        buyers.map((one, index) => candidate(index + 1, { ...one, caps: scaled(one.caps) })),
      )
      return list.every(([kind, which]) => {
        market.step(kind, which)
        return market.exceeded().length === 0
      })
    })

  it('exceed no cap, no number of concurrent calls and no duplicate window, however calls are posted and settled.', () => {
    fc.assert(exceedsNothing(real), { numRuns: 300 })
  })

  const nothing = { count: 0, priceMinor: 0 }
  const changed = (change: (used: NonNullable<ReturnType<DecisionInput['usage']['get']>>) => typeof used): Decide => {
    return (input) => real({ ...input, usage: new Map([...input.usage].map(([buyerId, used]) => [buyerId, change(used)])) })
  }
  it.each<readonly [string, Decide]>([
    [
      'open reservations do not count',
      changed((used) => ({
        ...used,
        periods: { TOTAL: { ...(used.periods.TOTAL as NonNullable<typeof used.periods.TOTAL>), open: nothing } },
      })),
    ],
    [
      'connected calls do not count as sold',
      changed((used) => ({
        ...used,
        periods: { TOTAL: { ...(used.periods.TOTAL as NonNullable<typeof used.periods.TOTAL>), connected: nothing } },
      })),
    ],
    ['concurrent calls do not count', changed((used) => ({ ...used, concurrent: 0 }))],
    [
      'open reservations are no duplicates',
      (input) => {
        const settled = input.caller.reservations.filter(({ state }) => state !== 'OPEN')
        return real({ ...input, caller: { ...input.caller, reservations: settled } })
      },
    ],
  ])('would exceed a limit if %s.', (_, broken) => {
    expect(fc.check(exceedsNothing(broken), { numRuns: 1000 }).failed).toBe(true)
  })
})
