import { describe, expect, it } from 'vitest'
import { attemptWindowMs, type ComplianceFacts, checkCompliance, dncListsFor } from '../../src/market/rules/compliance/check.ts'
import { parseRuleSet, type RuleSetDocument } from '../../src/market/rules/compliance/rule-set-document.ts'
import { Conditions } from '../../src/market/rules/routing/evaluate-condition.ts'
import { weekdays } from '../../src/market/rules/routing/schedule.ts'
import { isTimeZone, TimeZones } from '../../src/market/rules/time-zones.ts'
import { usStates } from '../../src/market/rules/us-states.ts'
import fc from '../property.ts'

const HOUR = 3_600_000
const engine = { zones: new TimeZones(), conditions: new Conditions() }
const daily = (from: string, until: string) => ({ hours: weekdays.map((day) => ({ day, from, until })), holidays: ['2026-12-25'] })

function ruleSet(given: unknown): RuleSetDocument {
  const parsed = parseRuleSet(given)
  if ('problems' in parsed) throw new Error(JSON.stringify(parsed.problems))
  return parsed.value
}

const rules = ruleSet({
  callingHours: daily('08:00', '21:00'),
  attempts: [{ maximum: 3, hours: 24 }],
  consentRequired: true,
  dncLists: ['national'],
  refuse: [{ name: 'minors', condition: { attribute: 'age', operator: '<', value: 18 } }],
  states: [{ state: 'FL', callingHours: daily('08:00', '20:00'), attempts: [{ maximum: 2, hours: 48 }], dncLists: ['florida'] }],
})

const noon = Date.parse('2026-11-28T18:00:00Z')
const good: ComplianceFacts = {
  state: 'NY',
  suppressed: false,
  attempts: [],
  consent: 'GIVEN',
  dnc: new Map([
    ['national', false],
    ['florida', false],
  ]),
  attributes: new Map<string, string | number>([['age', 44]]),
}
const check = (changes: Partial<ComplianceFacts>, now = noon) => checkCompliance(engine, rules, { ...good, ...changes }, now)

describe('a check of the rules', () => {
  it('lets a call pass only if every rule is known to be kept.', () => {
    expect(check({})).toBeNull()
    expect(check({ suppressed: true })).toBe('SUPPRESSED')
    expect(check({ dnc: new Map([['national', true]]) })).toBe('DNC')
    expect(check({ consent: 'MISSING' })).toBe('CONSENT_MISSING')
    expect(check({ consent: 'REVOKED' })).toBe('CONSENT_REVOKED')
    expect(check({ attempts: [1, 2, 3].map((hours) => noon - hours * HOUR) })).toBe('ATTEMPTS')
    expect(check({ attempts: [1, 2, 24].map((hours) => noon - hours * HOUR) })).toBeNull()
    expect(check({ attributes: new Map([['age', 17]]) })).toBe('RULE')
    expect(check({}, Date.parse('2026-11-28T12:59:59Z'))).toBe('CALLING_HOURS')
    expect(check({}, Date.parse('2026-12-25T18:00:00Z'))).toBe('CALLING_HOURS')
    expect(checkCompliance(engine, ruleSet({}), { ...good, consent: undefined, attempts: undefined, dnc: new Map() }, noon)).toBeNull()
  })

  it.each<readonly [string, Partial<ComplianceFacts>]>([
    ['the state', { state: undefined }],
    ['a state of the United States', { state: 'XX' }],
    ['the suppressions', { suppressed: undefined }],
    ['the attempts', { attempts: undefined }],
    ['the consent', { consent: undefined }],
    ['a do-not-call list', { dnc: new Map() }],
    ['the list of the state', { state: 'FL', dnc: new Map([['national', false]]) }],
    ['an attribute of a condition', { attributes: new Map() }],
  ])('refuses the call when it lacks %s.', (_, missing) => {
    expect(check({ state: 'FL' })).toBeNull()
    expect(check(missing)).not.toBeNull()
  })

  it('needs open hours in all time zones of the state.', () => {
    // At 08:30 in New York it is 07:30 in Chicago, where a part of Tennessee is.
    const early = Date.parse('2026-11-27T13:30:00Z')
    expect(['NY', 'TN', 'IL'].map((state) => check({ state }, early))).toEqual([null, 'CALLING_HOURS', 'CALLING_HOURS'])
    const late = Date.parse('2026-11-28T02:30:00Z')
    expect(['NY', 'TN', 'IL'].map((state) => check({ state }, late))).toEqual(['CALLING_HOURS', 'CALLING_HOURS', null])
  })

  it('follows the clocks when they change.', () => {
    // At 13:30 UTC it is 08:30 in New York in winter and 09:30 in summer.
    const open = (text: string) => check({}, Date.parse(text)) === null
    expect(['2026-10-31T12:30Z', '2026-11-01T12:30Z', '2026-11-01T13:30Z', '2026-03-07T12:30Z', '2026-03-08T12:30Z'].map(open)).toEqual([
      true,
      false,
      true,
      false,
      true,
    ])
  })

  it('evaluates the hour of a condition in each time zone of the state.', () => {
    const set = ruleSet({ refuse: [{ name: 'siesta', condition: { attribute: 'hour', operator: '=', value: 12 } }] })
    const outcomes = ['NY', 'TN', 'IL', 'CA'].map((state) => checkCompliance(engine, set, { ...good, state }, noon))
    expect(outcomes).toEqual([null, 'RULE', 'RULE', null])
  })

  it('is at least as strict with the rules of a state as without them.', () => {
    const facts = fc.record({
      state: fc.constantFrom('FL', 'NY', 'TN'),
      suppressed: fc.constantFrom(false, false, true),
      attempts: fc.array(
        fc.integer({ min: 0, max: 60 }).map((hours) => noon - hours * HOUR),
        { maxLength: 4 },
      ),
      consent: fc.constantFrom('GIVEN', 'GIVEN', 'MISSING', 'REVOKED'),
      dnc: fc.constantFrom(
        good.dnc,
        new Map([['national', false]]),
        new Map([
          ['national', false],
          ['florida', true],
        ]),
      ),
      attributes: fc.constantFrom(good.attributes, new Map([['age', 3]])),
    })
    const stricter = (checkWith: typeof checkCompliance) =>
      fc.property(facts, fc.integer({ min: 0, max: 47 }), (given, hours) => {
        const now = noon + hours * HOUR
        const base = checkCompliance(engine, { ...rules, states: [] }, given, now)
        return base === null || checkWith(engine, rules, given, now) !== null
      })
    /** Takes the rules of the state in place of those for all. */
    const replacing: typeof checkCompliance = (with_, set, given, now) =>
      checkCompliance(with_, { ...(set.states.find(({ state }) => state === given.state) ?? set), states: [] }, given, now)
    fc.assert(stricter(checkCompliance), { numRuns: 300 })
    expect(fc.check(stricter(replacing), { numRuns: 300 }).failed).toBe(true)
  })

  it('tells which lists and how long a time of attempts must be read.', () => {
    expect([dncListsFor(rules, 'NY'), dncListsFor(rules, 'FL')]).toEqual([['national'], ['national', 'florida']])
    expect([attemptWindowMs(rules, 'NY'), attemptWindowMs(rules, 'FL'), attemptWindowMs(ruleSet({}), 'FL')]).toEqual([
      24 * HOUR,
      48 * HOUR,
      0,
    ])
  })
})

describe('the time zones of states', () => {
  it('are known to the runtime, for 50 states, the District of Columbia and 5 territories.', () => {
    expect(usStates.size).toBe(56)
    expect([...usStates.values()].flat().filter((zone) => !isTimeZone(zone))).toEqual([])
  })

  it('are several in the states that 49 CFR part 71 divides, in Arizona, in Alaska and nowhere else.', () => {
    const divided = [...usStates].filter(([, zones]) => zones.length > 1).map(([state]) => state)
    expect(divided.join(' ')).toBe('AK AZ FL ID IN KS KY MI ND NE NV OR SD TN TX')
  })
})
