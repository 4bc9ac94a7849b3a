import { DocumentReader, type Parsed, type Path } from '../document.ts'
import { type Condition, readCondition } from '../routing/condition.ts'
import { readSchedule, type Schedule } from '../routing/schedule.ts'
import { usStates } from '../us-states.ts'

/** Largest number of reservations of one caller in a window of hours. */
export interface AttemptLimit {
  readonly maximum: number
  readonly hours: number
}

/** A condition that refuses a call unless it is known to fail. */
export interface RefusingCondition {
  readonly name: string
  readonly condition: Condition
}

/** Rules for calls. */
export interface ComplianceRules {
  /** Calling hours and holidays on the caller's clocks; null allows every hour. */
  readonly callingHours: Schedule | null
  readonly attempts: readonly AttemptLimit[]
  readonly consentRequired: boolean
  /** Do-not-call lists whose callers are refused. */
  readonly dncLists: readonly string[]
  readonly refuse: readonly RefusingCondition[]
}

/** A rule set: rules for all calls, and rules that apply in addition to calls from one state. So a state can only be stricter. */
export interface RuleSetDocument extends ComplianceRules {
  readonly states: readonly StateRules[]
}

export interface StateRules extends ComplianceRules {
  readonly state: string
}

export const ruleSetLimits = {
  attempts: 10,
  attemptHours: 24 * 366,
  attemptMaximum: 1000,
  dncLists: 10,
  refuse: 50,
  nameLength: 100,
} as const

const ruleKeys = ['callingHours', 'attempts', 'consentRequired', 'dncLists', 'refuse'] as const
const LIST = /^[a-z0-9][a-z0-9-]{0,62}$/

const distinctStates = {
  by: ({ state }: StateRules) => state,
  path: ['state'],
  problem: ({ state }: StateRules) => `Expected each state once, but ${state} is in the list before. Join both entries.`,
}

/** Reads a rule set from unknown JSON and fills in its defaults: what is missing is not restricted. */
export function parseRuleSet(given: unknown): Parsed<RuleSetDocument> {
  const reader = new DocumentReader()
  const fields = reader.object(given, [], [...ruleKeys, 'states'])
  if (!fields) return reader.result<RuleSetDocument>(undefined)
  const rules = readRules(reader, fields, [])
  const states = reader.optional(fields.states, (value) =>
    reader.list(value, ['states'], { max: usStates.size, distinct: distinctStates }, (item, path) => readStateRules(reader, item, path)),
  )
  return reader.result(rules && states !== undefined ? { ...rules, states: states ?? [] } : undefined)
}

function readStateRules(reader: DocumentReader, given: unknown, path: Path): StateRules | undefined {
  const fields = reader.object(given, path, [...ruleKeys, 'state'])
  if (!fields) return undefined
  const known = typeof fields.state === 'string' && usStates.has(fields.state) ? fields.state : undefined
  const state = known ?? reader.unexpected([...path, 'state'], 'the two letters of a US state such as "CA"', fields.state)
  const rules = readRules(reader, fields, path)
  return rules && state !== undefined ? { state, ...rules } : undefined
}

function readRules(
  reader: DocumentReader,
  fields: Readonly<Partial<Record<(typeof ruleKeys)[number], unknown>>>,
  path: Path,
): ComplianceRules | undefined {
  const list = <Item>(key: 'attempts' | 'dncLists' | 'refuse', read: (item: unknown, at: Path) => Item | undefined) =>
    reader.optional(fields[key], (value) => reader.list(value, [...path, key], { max: ruleSetLimits[key] }, read))
  const callingHours = reader.optional(fields.callingHours, (value) => readSchedule(reader, value, [...path, 'callingHours']))
  const attempts = list('attempts', (item, at) => readAttempts(reader, item, at))
  const consentRequired = reader.optional(fields.consentRequired, (value) => reader.boolean(value, [...path, 'consentRequired']))
  const dncLists = list('dncLists', (item, at) =>
    typeof item === 'string' && LIST.test(item) ? item : reader.unexpected(at, 'the name of a do-not-call list such as "national"', item),
  )
  const refuse = list('refuse', (item, at) => readRefusing(reader, item, at))
  if (callingHours === undefined || attempts === undefined || consentRequired === undefined) return undefined
  if (dncLists === undefined || refuse === undefined) return undefined
  return {
    callingHours,
    attempts: attempts ?? [],
    consentRequired: consentRequired ?? false,
    dncLists: dncLists ?? [],
    refuse: refuse ?? [],
  }
}

function readAttempts(reader: DocumentReader, given: unknown, path: Path): AttemptLimit | undefined {
  const fields = reader.object(given, path, ['maximum', 'hours'])
  if (!fields) return undefined
  const maximum = reader.integer(fields.maximum, [...path, 'maximum'], { min: 1, max: ruleSetLimits.attemptMaximum, unit: 'attempts' })
  const hours = reader.integer(fields.hours, [...path, 'hours'], { min: 1, max: ruleSetLimits.attemptHours, unit: 'hours' })
  return maximum === undefined || hours === undefined ? undefined : { maximum, hours }
}

function readRefusing(reader: DocumentReader, given: unknown, path: Path): RefusingCondition | undefined {
  const fields = reader.object(given, path, ['name', 'condition'])
  if (!fields) return undefined
  const name = reader.text(fields.name, [...path, 'name'], { what: 'a name', minLength: 1, maxLength: ruleSetLimits.nameLength })
  // No buyer is chosen yet when the rules are checked, so there is no price.
  const condition = readCondition(reader, fields.condition, [...path, 'condition'], ['price'])
  return name === undefined || condition === undefined ? undefined : { name, condition }
}
