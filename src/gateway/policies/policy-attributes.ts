import type { GraphQLSchema } from 'graphql'
import type { CachePolicy } from '../../engine/cache/model/policy.ts'
import { GatewayError } from '../../errors.ts'

/** Name of a property of the cache engine's policy (CachePolicy) whose value is a number. */
type EngineProperty = { [Name in keyof CachePolicy]-?: NonNullable<CachePolicy[Name]> extends number ? Name : never }[keyof CachePolicy]

/** A number that a cache policy sets: an argument of `@cache`, and a key in an override of the policy. */
export interface PolicyAttribute {
  readonly name: string
  readonly unit: keyof typeof UNITS
  /**
   * Rule that computes the attribute of a composed response from the values of its parts. `least` takes their minimum, and `greatest` takes
   * their maximum. Parts without a value are ignored. With `none`, the composed response has no value, because each part uses its own
   * value.
   */
  readonly composes: 'least' | 'greatest' | 'none'
  /** Property of the cache engine's policy that takes the value; absent if the engine does not use this attribute. */
  readonly engine?: EngineProperty
}

/** Values by the names of attributes, in the unit of each attribute. An attribute that is not set is absent. */
export type PolicyValues = Readonly<Record<string, number>>

/** Units of attributes, each with the accepted values and the factor that converts a value to the unit of the cache engine. */
const UNITS = {
  seconds: { min: 0, max: 30 * 24 * 60 * 60, isWhole: true, expected: 'an integer of seconds', factor: 1000 },
  milliseconds: { min: 1, max: 600_000, isWhole: true, expected: 'an integer of milliseconds', factor: 1 },
  weight: { min: 0, max: 100, isWhole: false, expected: 'a number', factor: 1 },
} as const

/**
 * Table of all attributes of cache policies. A new attribute needs a row in this table and an argument of `@cache` in directives.graphql.
 * If one of the two is missing, the gateway does not start.
 */
export const POLICY_ATTRIBUTES: readonly PolicyAttribute[] = [
  { name: 'l1', unit: 'seconds', composes: 'least', engine: 'l1Ms' },
  { name: 'l2', unit: 'seconds', composes: 'least', engine: 'l2Ms' },
  { name: 'staleWhileRevalidate', unit: 'seconds', composes: 'least', engine: 'staleWhileRevalidateMs' },
  { name: 'staleIfError', unit: 'seconds', composes: 'least', engine: 'staleIfErrorMs' },
  { name: 'browser', unit: 'seconds', composes: 'least' },
  // Times for which a CDN (`cdn`) and the response tier (`response`) may keep a response that contains the value: see
  // document/document-plan.ts.
  { name: 'cdn', unit: 'seconds', composes: 'least' },
  { name: 'response', unit: 'seconds', composes: 'least' },
  // `popular` applies to each part of a response by itself. It does not lengthen the lifetime of the whole response, because other parts
  // may not be popular.
  { name: 'popular', unit: 'seconds', composes: 'none', engine: 'popularMs' },
  { name: 'negative', unit: 'seconds', composes: 'none', engine: 'negativeMs' },
  { name: 'softTimeout', unit: 'milliseconds', composes: 'none', engine: 'softTimeoutMs' },
  { name: 'hardTimeout', unit: 'milliseconds', composes: 'none', engine: 'hardTimeoutMs' },
  // A part of a cached response cannot be refreshed alone. It is refreshed only when the whole operation is executed again. The greatest
  // weight asks for the earliest refresh. So the response takes the greatest weight of its parts.
  { name: 'earlyRefresh', unit: 'weight', composes: 'greatest', engine: 'earlyRefresh' },
]

/** Arguments of `@cache` that are not in the table of attributes. */
const OTHER_ARGUMENTS = ['scope', 'depends', 'tags', 'popularBy']

/**
 * Compares the table of attributes with the arguments of `@cache`.
 * @throws GatewayError CONFIGURATION that names an attribute that the table or the directive lacks.
 */
export function checkAttributes(schema: GraphQLSchema, attributes: readonly PolicyAttribute[]): void {
  const directive = schema.getDirective('cache')
  if (!directive) return
  const declared = directive.args.map(({ name }) => name)
  for (const { name } of attributes) {
    if (!declared.includes(name))
      throw new GatewayError(
        'CONFIGURATION',
        `The policy attribute ${name} has a row in policy-attributes.ts, but @cache has no argument ${name}: add it in directives.graphql, or remove the row.`,
      )
  }
  for (const name of declared) {
    if (!OTHER_ARGUMENTS.includes(name) && !attributes.some((attribute) => attribute.name === name))
      throw new GatewayError(
        'CONFIGURATION',
        `The argument ${name} of @cache has no row in policy-attributes.ts, so nothing reads it: add the row, or remove the argument from directives.graphql.`,
      )
  }
}

/** Returns what is wrong with a value, as the end of a sentence; undefined if the value is accepted. */
export function problemOfValue({ unit }: PolicyAttribute, value: unknown): string | undefined {
  const { min, max, isWhole, expected } = UNITS[unit]
  if (typeof value === 'number' && value >= min && value <= max && (!isWhole || Number.isInteger(value))) return undefined
  return `must be ${expected} from ${min} to ${max}, got ${JSON.stringify(value)}.`
}

/** Returns the attribute values for a response that is composed of parts with these values. */
export function composeValues(attributes: readonly PolicyAttribute[], parts: readonly PolicyValues[]): PolicyValues {
  const composed: Record<string, number> = {}
  for (const { name, composes } of attributes) {
    const values = parts.map((part) => part[name]).filter((value) => value !== undefined)
    if (composes !== 'none' && values.length > 0) composed[name] = composes === 'least' ? Math.min(...values) : Math.max(...values)
  }
  return composed
}

/** Returns the cache engine's policy for these attribute values. @param name Name of the policy in events, metrics and traces. */
export function enginePolicy(name: string, attributes: readonly PolicyAttribute[], values: PolicyValues): CachePolicy {
  const given: { [Property in EngineProperty]?: number } = {}
  for (const { name: attribute, unit, engine } of attributes) {
    const value = values[attribute]
    if (engine !== undefined && value !== undefined) given[engine] = value * UNITS[unit].factor
  }
  return Object.freeze({ name, l1Ms: 0, l2Ms: 0, staleWhileRevalidateMs: 0, staleIfErrorMs: 0, ...given })
}
