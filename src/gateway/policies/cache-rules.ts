import { type DirectiveNode, type GraphQLSchema, getDirectiveValues, isObjectType } from 'graphql'
import type { CachePolicy } from '../../engine/cache/model/policy.ts'
import type { Arms } from './experiment.ts'
import type { PolicyAttribute, PolicyValues } from './policy-attributes.ts'

/** Scopes in which a cache entry is shared, widest first: from all callers to a single user. */
const SCOPES = ['PUBLIC', 'TENANT', 'ROLE', 'USER'] as const
export type CacheScope = (typeof SCOPES)[number]

/** Returns the scope of a value that is composed of parts with these scopes: the narrowest of these scopes. */
export function narrowestScope(scopes: readonly CacheScope[]): CacheScope {
  return SCOPES.findLast((scope) => scopes.includes(scope)) ?? 'PUBLIC'
}

/** The `@cache` directive of a type (`Campaign`) or of a field (`Query.campaigns`), as written in the schema. */
export interface WrittenRule {
  readonly coordinate: string
  readonly scope: CacheScope
  /** Values of the attributes, such as `l1`, which are not checked yet. */
  readonly values: PolicyValues
  /** Items of the argument `depends` as written; undefined without `depends`. */
  readonly depends: readonly string[] | undefined
  /** Names of the free tags of the rule, from the argument `tags`. Writes to the database do not invalidate free tags by themselves. */
  readonly tags: readonly string[]
  /**
   * Argument `popularBy` as written, such as `$args.query`. It names the text whose popularity decides the TTL of a value. Undefined if
   * popularity is not counted.
   */
  readonly popularBy: string | undefined
}

/**
 * Cache rule that currently applies to a type or a field. It is the rule in the schema, with the values of the overrides, if there are any.
 */
export interface CacheRule extends WrittenRule {
  /** Whether an override replaces some value of the rule. */
  readonly isOverridden: boolean
  /** Policy of the values. During an experiment it is the policy of the arm `control`. */
  readonly policy: CachePolicy
  /** Experiment that runs on the coordinate. It is absent if there is none. */
  readonly experiment?: RuleExperiment
  /** Time for which caches outside the gateway may use a copy of the value, unless `@cacheControl` sets another time, seconds. */
  readonly hintSeconds: number
}

/** Experiment on the coordinate of a cache rule. */
export interface RuleExperiment extends Arms {
  /** Rule with the overrides of the experiment, also in the lead-in. */
  readonly trial: CacheRule
}

/** Returns the rules that a whole answer with the value must follow: the rule itself and, during an experiment, that of the arm `trial`. */
export function rulesOfArms(rule: CacheRule): readonly CacheRule[] {
  return rule.experiment ? [rule, rule.experiment.trial] : [rule]
}

export type CacheRules = ReadonlyMap<string, CacheRule>

/** Returns the `@cache` of each type and field that has one, by coordinate. */
export function readWrittenRules(schema: GraphQLSchema, attributes: readonly PolicyAttribute[]): ReadonlyMap<string, WrittenRule> {
  const rules = new Map<string, WrittenRule>()
  const add = (coordinate: string, node: Parameters<typeof getDirectiveValues>[1] | null | undefined) => {
    const rule = node && readRule(schema, coordinate, node, attributes)
    if (rule) rules.set(coordinate, rule)
  }
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type) || type.name.startsWith('__')) continue
    add(type.name, [type.astNode, ...type.extensionASTNodes].find(hasCache))
    for (const field of Object.values(type.getFields())) add(`${type.name}.${field.name}`, field.astNode)
  }
  return rules
}

function hasCache(node: { readonly directives?: readonly DirectiveNode[] } | null | undefined): boolean {
  return node?.directives?.some(({ name }) => name.value === 'cache') ?? false
}

function readRule(
  schema: GraphQLSchema,
  coordinate: string,
  node: Parameters<typeof getDirectiveValues>[1],
  attributes: readonly PolicyAttribute[],
): WrittenRule | undefined {
  const directive = schema.getDirective('cache')
  const given = directive && getDirectiveValues(directive, node)
  if (!given) return undefined
  const set = attributes.filter(({ name }) => given[name] !== undefined && given[name] !== null)
  return {
    coordinate,
    // The schema guarantees these types: the arguments are numbers, an enum with a default value, lists of strings, and a string.
    values: Object.fromEntries(set.map(({ name }) => [name, given[name] as number])),
    scope: given['scope'] as CacheScope,
    tags: (given['tags'] ?? []) as readonly string[],
    depends: (given['depends'] ?? undefined) as WrittenRule['depends'],
    popularBy: (given['popularBy'] ?? undefined) as WrittenRule['popularBy'],
  }
}
