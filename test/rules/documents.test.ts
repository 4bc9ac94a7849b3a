import { describe, expect, it } from 'vitest'
import { parseRuleSet, type RuleSetDocument } from '../../src/market/rules/compliance/rule-set-document.ts'
import type { Parsed } from '../../src/market/rules/document.ts'
import { parseCaps, parseDuplicateWindow } from '../../src/market/rules/routing/buyer-terms.ts'
import { type PlanDocument, parsePlan, planLimits } from '../../src/market/rules/routing/plan-document.ts'
import fc from '../property.ts'
import { conditions } from './conditions.ts'

function problems(parsed: Parsed<unknown>): readonly string[] {
  return 'problems' in parsed ? parsed.problems.map(({ path, message }) => `${path.join('.')}: ${message}`) : []
}

describe('a routing plan', () => {
  const amount = fc.option(fc.integer({ min: 0, max: 100_000 }))
  const plans: fc.Arbitrary<PlanDocument> = fc.record({
    strategy: fc.constantFrom('HIGHEST_BID', 'EXPECTED_REVENUE', 'WEIGHTED'),
    reservationSeconds: fc.integer({ min: 5, max: 600 }),
    minimumPrice: amount,
    targets: fc.uniqueArray(
      fc.record({
        buyerId: fc.integer({ min: 1 }),
        tier: fc.integer({ min: 1, max: 100 }),
        weight: fc.integer({ min: 1, max: 1000 }),
        price: amount,
        minimumPrice: amount,
        conditions: fc.option(conditions),
      }),
      { selector: ({ buyerId }) => buyerId, maxLength: 5 },
    ),
  })

  it('that is read again is the same.', () => {
    fc.assert(
      fc.property(plans, (plan) => {
        expect(parsePlan(JSON.parse(JSON.stringify(plan)))).toEqual({ value: plan })
      }),
      { numRuns: 50 },
    )
  })

  it('gets its defaults, and ids of buyers in the form of the caller.', () => {
    const target = { tier: 1, weight: 1, price: null, minimumPrice: null, conditions: null }
    expect(parsePlan({ strategy: 'WEIGHTED' })).toEqual({
      value: { strategy: 'WEIGHTED', reservationSeconds: 60, minimumPrice: null, targets: [] },
    })
    const readBuyerId = (given: unknown) => (given === 'B7' ? 7 : undefined)
    expect(parsePlan({ strategy: 'WEIGHTED', targets: [{ buyerId: 'B7' }] }, readBuyerId)).toHaveProperty('value.targets', [
      { buyerId: 7, ...target },
    ])
    expect(problems(parsePlan({ strategy: 'WEIGHTED', targets: [{ buyerId: 7 }] }, readBuyerId))).toEqual([
      'targets.0.buyerId: Expected the id of a buyer, got 7.',
    ])
  })

  it('that is wrong is refused with the path to each error.', () => {
    const targets = [
      { buyerId: 1, tier: 0, weight: 1.5, price: -1, minimumPrice: '5' },
      { tier: 2 },
      { buyerId: 3, conditions: { all: [{ attribute: 'state', operator: '=', value: 'Cal' }] } },
      { buyerId: 4, Tier: 1 },
      null,
    ]
    expect(problems(parsePlan({ strategy: 'CHEAPEST', reservationSeconds: 601, targets }))).toEqual([
      'strategy: Expected one of HIGHEST_BID, EXPECTED_REVENUE, WEIGHTED, got "CHEAPEST".',
      'reservationSeconds: Expected an integer from 5 to 600 seconds, got 601.',
      'targets.0.tier: Expected an integer from 1 to 100, got 0.',
      'targets.0.weight: Expected an integer from 1 to 1000, got 1.5.',
      'targets.0.price: Expected an integer from 0 to 10000000000 minor units, got -1.',
      'targets.0.minimumPrice: Expected an integer from 0 to 10000000000 minor units, got "5".',
      'targets.1.buyerId: Expected the id of a buyer, but it is missing.',
      'targets.2.conditions.all.0.value: Expected the two letters of a US state such as "CA", got "Cal".',
      'targets.3.Tier: There is no such key. Expected one of buyerId, tier, weight, price, minimumPrice, conditions.',
      'targets.4: Expected an object, got null.',
    ])
    expect(problems(parsePlan({ strategy: 'WEIGHTED', targets: [{ buyerId: 1 }, { buyerId: 2 }, { buyerId: 1 }] }))).toEqual([
      'targets.2.buyerId: Expected each buyer once, but this one is in the list before. Keep one of the targets.',
    ])
    expect(problems(parsePlan({ strategy: 'WEIGHTED', targets: Array(planLimits.targets + 1).fill(null) }))).toEqual([
      'targets: Expected a list of 0 to 1000 items, got 1001 items.',
    ])
  })

  it('with countless errors is refused with the first of them.', () => {
    expect(problems(parsePlan({ strategy: 'WEIGHTED', targets: Array(1000).fill(null) }))).toHaveLength(20)
  })

  it.each([undefined, null, 5, 'plan', [], new Map()])('is not %s.', (given) => {
    expect(parsePlan(given)).toHaveProperty('problems')
  })
})

describe('the terms of a buyer', () => {
  it('have caps, each pair of period and count once.', () => {
    const caps = [
      { period: 'DAY', counts: 'MONEY', maximum: 5000 },
      { period: 'DAY', counts: 'ATTEMPTS', maximum: 0 },
    ]
    expect(parseCaps(caps)).toEqual({ value: caps })
    expect(problems(parseCaps([...caps, { ...caps[0], maximum: 1 }]))).toEqual([
      '2: There is another cap on MONEY by DAY. Keep one of them.',
    ])
    expect(problems(parseCaps([{ period: 'WEEK', counts: 'CALLS', maximum: -1 }]))).toEqual([
      '0.period: Expected one of HOUR, DAY, MONTH, TOTAL, got "WEEK".',
      '0.counts: Expected one of ATTEMPTS, CONNECTIONS, CONVERSIONS, MONEY, got "CALLS".',
      '0.maximum: Expected an integer from 0 to 10000000000 calls, got -1.',
    ])
    expect(problems(parseCaps({}))).toEqual([': Expected a list, got an object.'])
  })

  it('have a duplicate window.', () => {
    const window = { scope: 'CAMPAIGN', days: 30, by: 'CONVERTED' }
    expect(parseDuplicateWindow(window)).toEqual({ value: window })
    expect(problems(parseDuplicateWindow({ scope: 'ALL', days: 0 }))).toEqual([
      'scope: Expected one of BUYER, CAMPAIGN, got "ALL".',
      'days: Expected an integer from 1 to 366 days, got 0.',
      'by: Expected one of CONNECTED, CONVERTED, but it is missing.',
    ])
    expect(problems(parseDuplicateWindow(null))).toEqual([': Expected an object, got null.'])
  })
})

describe('a rule set', () => {
  const none = { callingHours: null, attempts: [], consentRequired: false, dncLists: [], refuse: [] }

  it('gets its defaults, and is the same when it is read again.', () => {
    expect(parseRuleSet({})).toEqual({ value: { ...none, states: [] } })
    const full: RuleSetDocument = {
      callingHours: { hours: [{ day: 'MONDAY', from: '08:00', until: '21:00' }], holidays: ['2026-12-25'] },
      attempts: [{ maximum: 3, hours: 24 }],
      consentRequired: true,
      dncLists: ['national'],
      refuse: [{ name: 'minors', condition: { attribute: 'age', operator: '<', value: 18 } }],
      states: [{ state: 'FL', ...none, attempts: [{ maximum: 3, hours: 24 }] }],
    }
    expect(parseRuleSet(JSON.parse(JSON.stringify(full)))).toEqual({ value: full })
  })

  it('that is wrong is refused with the path to each error.', () => {
    const given = {
      callingHours: { hours: 'always' },
      attempts: [{ maximum: 0, hours: 24 }],
      consentRequired: 'yes',
      dncLists: ['National List'],
      refuse: [{ name: '', condition: { attribute: 'price', operator: '>', value: 1 } }],
      states: [{ state: 'XX' }, { state: 'CA', attempts: 3 }, { state: 'CA', states: [] }],
    }
    const name = 'a name of at most 40 letters, digits, dots, hyphens and underscores that begins with a letter'
    expect(problems(parseRuleSet(given))).toEqual([
      'callingHours.hours: Expected a list, got "always".',
      'attempts.0.maximum: Expected an integer from 1 to 1000 attempts, got 0.',
      'consentRequired: Expected true or false, got "yes".',
      'dncLists.0: Expected the name of a do-not-call list such as "national", got "National List".',
      'refuse.0.name: Expected a name of 1 to 100 characters, got 0 in "".',
      `refuse.0.condition.attribute: Expected one of state, zip, publisher, subId, hour, or ${name}, got "price".`,
      'states.0.state: Expected the two letters of a US state such as "CA", got "XX".',
      'states.1.attempts: Expected a list, got 3.',
      'states.2.states: There is no such key. Expected one of callingHours, attempts, consentRequired, dncLists, refuse, state.',
    ])
    expect(problems(parseRuleSet({ states: [{ state: 'CA' }, { state: 'CA' }] }))).toEqual([
      'states.1.state: Expected each state once, but CA is in the list before. Join both entries.',
    ])
  })
})
