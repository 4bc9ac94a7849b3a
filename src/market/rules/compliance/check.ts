import type { Attributes } from '../routing/condition.ts'
import type { Conditions } from '../routing/evaluate-condition.ts'
import type { Refusal } from '../routing/reason.ts'
import { isOpenAt } from '../routing/schedule.ts'
import type { TimeZones } from '../time-zones.ts'
import { usStates } from '../us-states.ts'
import type { ComplianceRules, RuleSetDocument } from './rule-set-document.ts'

const HOUR = 3_600_000

/** Consent of a caller for a campaign. An expired one is MISSING; a revocation is REVOKED until a later consent is given. */
export type Consent = 'GIVEN' | 'REVOKED' | 'MISSING'

/** Facts about a caller. A fact that is undefined is not known, and refuses every call that needs it. */
export interface ComplianceFacts {
  readonly state: string | undefined
  /** Whether the tenant or the campaign must not call. */
  readonly suppressed: boolean | undefined
  /** Times of the caller's reservations within the longest window of the rules, Unix epoch ms. */
  readonly attempts: readonly number[] | undefined
  readonly consent: Consent | undefined
  /** Whether the caller is on each list. A list without an entry was not read. */
  readonly dnc: ReadonlyMap<string, boolean>
  readonly attributes: Attributes
}

/** Caches that the check needs besides its inputs. They keep no facts. */
export interface ComplianceEngine {
  readonly zones: TimeZones
  readonly conditions: Conditions
}

/**
 * Returns why a call is refused, or null if the rules allow it. The rules for all calls apply, and those of the caller's state as well.
 * @param now Unix epoch ms.
 */
export function checkCompliance(engine: ComplianceEngine, ruleSet: RuleSetDocument, facts: ComplianceFacts, now: number): Refusal | null {
  const zones = facts.state === undefined ? undefined : usStates.get(facts.state)
  if (!zones) return 'STATE_UNKNOWN'
  if (facts.suppressed !== false) return 'SUPPRESSED'
  for (const rules of rulesFor(ruleSet, facts.state)) {
    const refusal = checkRules(engine, rules, facts, zones, now)
    if (refusal) return refusal
  }
  return null
}

/** Returns the do-not-call lists that must be read for a caller from a state. */
export function dncListsFor(ruleSet: RuleSetDocument, state: string): readonly string[] {
  return [...new Set(rulesFor(ruleSet, state).flatMap(({ dncLists }) => dncLists))]
}

/** Returns the longest time in which attempts count for a caller from a state, ms; 0 if they are not limited. */
export function attemptWindowMs(ruleSet: RuleSetDocument, state: string): number {
  return Math.max(0, ...rulesFor(ruleSet, state).flatMap(({ attempts }) => attempts.map(({ hours }) => hours * HOUR)))
}

function rulesFor(ruleSet: RuleSetDocument, state: string | undefined): readonly ComplianceRules[] {
  return [ruleSet, ...ruleSet.states.filter((rules) => rules.state === state)]
}

function checkRules(
  { zones: clocks, conditions }: ComplianceEngine,
  rules: ComplianceRules,
  { dnc, consent, attempts, attributes }: ComplianceFacts,
  zones: readonly string[],
  now: number,
): Refusal | null {
  if (rules.dncLists.some((list) => dnc.get(list) !== false)) return 'DNC'
  if (rules.consentRequired && consent === 'REVOKED') return 'CONSENT_REVOKED'
  if (rules.consentRequired && consent !== 'GIVEN') return 'CONSENT_MISSING'
  const { callingHours } = rules
  // The caller may be in any of the state's time zones.
  if (callingHours && !zones.every((zone) => isOpenAt(clocks, callingHours, zone, now))) return 'CALLING_HOURS'
  for (const { maximum, hours } of rules.attempts)
    if (!attempts || attempts.filter((time) => now - time < hours * HOUR).length >= maximum) return 'ATTEMPTS'
  for (const zone of rules.refuse.length === 0 ? [] : zones) {
    const local = new Map(attributes).set('hour', clocks.hourAt(zone, now))
    if (rules.refuse.some(({ condition }) => conditions.outcome(condition, local) !== 'FAILS')) return 'RULE'
  }
  return null
}
