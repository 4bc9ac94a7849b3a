import { describe, expect, it } from 'vitest'
import type { Candidate, Cap } from '../../src/market/rules/routing/candidate.ts'
import type { Decision } from '../../src/market/rules/routing/decide.ts'
import fc from '../property.ts'
import { CAMPAIGN, candidate, type DecisionInput, decision, NOW, decide as real } from './decisions.ts'

type Decide = (input: DecisionInput) => Decision

const NOTHING = { count: 0, priceMinor: 0 }

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

  const changed = (change: (used: NonNullable<ReturnType<DecisionInput['usage']['get']>>) => typeof used): Decide => {
    return (input) => real({ ...input, usage: new Map([...input.usage].map(([buyerId, used]) => [buyerId, change(used)])) })
  }
  it.each<readonly [string, Decide]>([
    [
      'open reservations do not count',
      changed((used) => ({
        ...used,
        periods: { TOTAL: { ...(used.periods.TOTAL as NonNullable<typeof used.periods.TOTAL>), open: NOTHING } },
      })),
    ],
    [
      'connected calls do not count as sold',
      changed((used) => ({
        ...used,
        periods: { TOTAL: { ...(used.periods.TOTAL as NonNullable<typeof used.periods.TOTAL>), connected: NOTHING } },
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
