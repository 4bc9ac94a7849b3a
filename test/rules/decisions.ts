import type { Candidate, Cap } from '../../src/market/rules/routing/candidate.ts'
import {
  type CallerFacts,
  type CallerReservation,
  chooseBuyer,
  type Decision,
  type RankingInput,
  rankBuyers,
  withoutForbidden,
} from '../../src/market/rules/routing/decide.ts'
import { Conditions } from '../../src/market/rules/routing/evaluate-condition.ts'
import { reasons } from '../../src/market/rules/routing/reason.ts'
import type { BuyerUsage, PeriodUsage } from '../../src/market/rules/routing/usage.ts'
import fc from '../property.ts'

export const DAY = 86_400_000
export const NOW = Date.parse('2026-11-28T12:00:00Z')
export const CAMPAIGN = 1

const conditions = new Conditions()

/** Everything that a decision depends on. */
export interface DecisionInput extends RankingInput {
  readonly campaignId: number
  readonly caller: CallerFacts
  /** Usage of each candidate. */
  readonly usage: ReadonlyMap<number, BuyerUsage>
}

/** Takes the three steps of a decision one after the other, as a ping does. */
export function decide(input: DecisionInput): Decision {
  const chosen = chooseBuyer(withoutForbidden(rankBuyers(input, conditions), input.caller, input), input.usage)
  if (!chosen) throw new Error('Expected the usage of each candidate, but the usage of one is missing.')
  return chosen
}

export function candidate(buyerId: number, changes: Partial<Candidate> = {}): Candidate {
  return {
    buyerId,
    tier: 1,
    weight: 1,
    priceMinor: 100,
    timeZone: 'UTC',
    open: [[NOW - DAY, NOW + 1000 * DAY]],
    caps: [],
    maxConcurrentCalls: 10,
    duplicates: null,
    conditions: null,
    conversion: 0.5,
    ...changes,
  }
}

export function decision(candidates: readonly Candidate[], changes: Partial<DecisionInput> = {}): DecisionInput {
  return {
    now: NOW,
    campaignId: CAMPAIGN,
    strategy: 'HIGHEST_BID',
    minimumPriceMinor: null,
    candidates,
    excluded: [],
    attributes: new Map<string, string | number>([['state', 'CA']]),
    caller: { reservations: [], suppressedBuyers: new Set() },
    usage: new Map(candidates.map(({ buyerId }) => [buyerId, { concurrent: 0, periods: {} }])),
    random: 0.5,
    ...changes,
  }
}

const few = fc.integer({ min: 0, max: 3 })
const held = fc.record({ count: fc.integer({ min: 0, max: 1 }), priceMinor: fc.constantFrom(0, 100) })
const periodUsage: fc.Arbitrary<PeriodUsage> = fc.record({
  attempts: few,
  connections: few,
  conversions: few,
  moneyMinor: fc.constantFrom(0, 100, 300),
  open: held,
  connected: held,
})
const usage: fc.Arbitrary<BuyerUsage> = fc.record({ concurrent: few, periods: fc.record({ HOUR: periodUsage, DAY: periodUsage }) })
const caps: fc.Arbitrary<readonly Cap[]> = fc.array(
  fc.oneof(
    fc.record({
      period: fc.constantFrom('HOUR', 'DAY'),
      counts: fc.constantFrom('ATTEMPTS', 'CONNECTIONS', 'CONVERSIONS'),
      maximum: fc.integer({ min: 1, max: 6 }),
    }),
    fc.record({ period: fc.constantFrom('HOUR', 'DAY'), counts: fc.constant('MONEY'), maximum: fc.constantFrom(200, 500, 900) }),
  ),
  { maxLength: 2 },
)
const buyer = fc.record({
  tier: fc.integer({ min: 1, max: 2 }),
  weight: fc.integer({ min: 1, max: 3 }),
  priceMinor: fc.constantFrom(50, 100, 200),
  open: fc.constantFrom<Candidate['open']>(
    [],
    [[NOW, NOW + 1]],
    [[NOW - 5, NOW]],
    [
      [NOW - 9, NOW - 5],
      [NOW - 1, NOW + 1],
    ],
  ),
  caps,
  maxConcurrentCalls: fc.integer({ min: 2, max: 5 }),
  duplicates: fc.option(
    fc.record({ scope: fc.constantFrom('BUYER', 'CAMPAIGN'), days: fc.constantFrom(1, 30), by: fc.constantFrom('CONNECTED', 'CONVERTED') }),
    { freq: 1 },
  ),
  conditions: fc.option(
    fc.constantFrom<NonNullable<Candidate['conditions']>>(
      { attribute: 'state', operator: '=', value: 'CA' },
      { attribute: 'price', operator: '>', value: 60 },
      { attribute: 'roof', operator: '!=', value: 'tiles' },
    ),
  ),
  conversion: fc.constantFrom(0, 0.25, 0.5, 1),
})

/** Draws reservations of one caller with buyers 1 to `buyers`. */
const reservations = (buyers: number): fc.Arbitrary<readonly CallerReservation[]> =>
  fc.array(
    fc.record({
      buyerId: fc.integer({ min: 1, max: buyers }),
      campaignId: fc.constantFrom(CAMPAIGN, 2),
      state: fc.constantFrom('OPEN', 'CONNECTED', 'CONVERTED', 'ENDED'),
      reservedAt: fc.constantFrom(NOW - 1000, NOW - DAY + 1, NOW - DAY, NOW - 31 * DAY),
      expiresAt: fc.constantFrom(NOW, NOW + 1),
    }),
    { maxLength: 2 },
  )

/** Draws what a decision depends on, so that each reason comes up. */
export const decisions: fc.Arbitrary<DecisionInput> = fc.array(fc.tuple(buyer, usage), { maxLength: 6 }).chain((buyers) => {
  const candidates = buyers.map(([terms], index) => candidate(index + 1, terms))
  return fc.record({
    now: fc.constant(NOW),
    campaignId: fc.constant(CAMPAIGN),
    strategy: fc.constantFrom('HIGHEST_BID', 'EXPECTED_REVENUE', 'WEIGHTED'),
    minimumPriceMinor: fc.constantFrom(null, 100),
    candidates: fc.constant(candidates),
    excluded: fc
      .array(fc.constantFrom(...reasons), { maxLength: 2 })
      .map((list) => list.map((reason, index) => ({ buyerId: 100 + index, reason }))),
    attributes: fc.constantFrom(
      new Map([['state', 'CA']]),
      new Map(Object.entries({ state: 'CA', roof: 'flat' })),
      new Map([['state', 'NY']]),
    ),
    caller: fc.record({
      reservations: reservations(Math.max(1, buyers.length)),
      suppressedBuyers: fc.array(fc.integer({ min: 1, max: 12 }), { maxLength: 2 }).map((ids) => new Set(ids)),
    }),
    usage: fc.constant(new Map(buyers.map(([, used], index) => [index + 1, used]))),
    random: fc.integer({ min: 0, max: 2 ** 30 - 1 }).map((number) => number / 2 ** 30),
  })
})
