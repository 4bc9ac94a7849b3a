import { type DirectiveNode, type GraphQLSchema, getDirectiveValues, isObjectType } from 'graphql'
import type { CachePolicy } from '../cache/policy.ts'
import { GatewayError } from '../errors.ts'

/** Who shares an entry, from everybody to one. */
const SCOPES = ['PUBLIC', 'TENANT', 'ROLE', 'USER'] as const
export type CacheScope = (typeof SCOPES)[number]

/** The scope of what is made of parts with these scopes. */
export function narrowestScope(scopes: readonly CacheScope[]): CacheScope {
  return SCOPES.findLast((scope) => scopes.includes(scope)) ?? 'PUBLIC'
}

/** What an `@cache` says, of a type (`Campaign`) or of a field (`Query.campaigns`). */
export interface CacheRule {
  readonly coordinate: string
  readonly scope: CacheScope
  readonly policy: CachePolicy
  /** How long a browser may use its copy without asking, seconds. */
  readonly browserSeconds: number
  /** How long caches outside may, where `@cacheControl` says nothing, seconds. */
  readonly hintSeconds: number
  /** The items of `depends` as written; undefined where there is no `depends`. */
  readonly depends: readonly string[] | undefined
}

export type CacheRules = ReadonlyMap<string, CacheRule>

/** Durations in seconds by coordinate, in place of those in the schema: `{ "Campaign": { "l1": 30 } }`. */
export type PolicyOverrides = Readonly<Record<string, Readonly<Partial<Record<Duration, number>>>>>

const DURATIONS = ['l1', 'l2', 'staleWhileRevalidate', 'staleIfError', 'browser'] as const
type Duration = (typeof DURATIONS)[number]

const LONGEST_SECONDS = 30 * 24 * 60 * 60

/**
 * The cache rule of each coordinate that has one, with the operator's durations in place of the schema's.
 * @throws GatewayError CONFIGURATION that names the coordinate and what is wrong with its durations.
 */
export function readCacheRules(schema: GraphQLSchema, overrides: PolicyOverrides): CacheRules {
  const rules = new Map<string, CacheRule>()
  const add = (coordinate: string, node: Parameters<typeof getDirectiveValues>[1] | null | undefined) => {
    const rule = node && readRule(schema, coordinate, node, overrides[coordinate])
    if (rule) rules.set(coordinate, rule)
  }
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type) || type.name.startsWith('__')) continue
    add(type.name, [type.astNode, ...type.extensionASTNodes].find(hasCache))
    for (const field of Object.values(type.getFields())) add(`${type.name}.${field.name}`, field.astNode)
  }
  for (const coordinate of Object.keys(overrides)) {
    if (!rules.has(coordinate)) {
      throw misconfigured(
        `CACHE_POLICIES: the override ${JSON.stringify(coordinate)} names nothing that has @cache in the schema. It may name: ${[...rules.keys()].join(', ')}.`,
      )
    }
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
  override: PolicyOverrides[string] | undefined,
): CacheRule | undefined {
  const directive = schema.getDirective('cache')
  const values = directive && getDirectiveValues(directive, node)
  if (!values) return undefined
  const seconds: Record<string, unknown> = { ...values }
  for (const [name, value] of Object.entries(override ?? {})) {
    if (!isDuration(name))
      throw misconfigured(
        `CACHE_POLICIES: the override of ${coordinate} has the unknown key ${JSON.stringify(name)}: expected ${DURATIONS.join(', ')}.`,
      )
    seconds[name] = value
  }
  const where = override ? `CACHE_POLICIES: ${coordinate}` : coordinate
  const duration = (name: Duration): number => {
    const value = seconds[name]
    if (typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= LONGEST_SECONDS) return value
    throw misconfigured(
      `${where}: @cache(${name}:) must be an integer of seconds from 0 to ${LONGEST_SECONDS}, got ${JSON.stringify(value)}.`,
    )
  }
  const l1 = duration('l1')
  const l2 = duration('l2')
  if (l2 > 0 && l1 > l2) {
    throw misconfigured(
      `${where}: @cache(l1: ${l1}, l2: ${l2}) would keep a copy longer than the value lives. l2 is the whole life: make it at least l1, or 0 for a value that is not shared.`,
    )
  }
  if (l1 === 0 && l2 === 0 && !override) throw misconfigured(`${coordinate}: @cache(l1: 0, l2: 0) caches nothing: remove the directive.`)
  return {
    coordinate,
    // Checked by the schema: the arguments are an enum with a default value and a list of strings.
    scope: values['scope'] as CacheScope,
    depends: (values['depends'] ?? undefined) as CacheRule['depends'],
    browserSeconds: duration('browser'),
    hintSeconds: l1 || l2,
    policy: Object.freeze({
      name: coordinate,
      l1Ms: l1 * 1000,
      l2Ms: l2 * 1000,
      staleWhileRevalidateMs: duration('staleWhileRevalidate') * 1000,
      staleIfErrorMs: duration('staleIfError') * 1000,
    }),
  }
}

function isDuration(name: string): name is Duration {
  return (DURATIONS as readonly string[]).includes(name)
}

function misconfigured(message: string): GatewayError {
  return new GatewayError('CONFIGURATION', message)
}
