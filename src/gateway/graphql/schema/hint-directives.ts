import {
  type DirectiveNode,
  type DocumentNode,
  type GraphQLNamedType,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
  isCompositeType,
  isObjectType,
  Kind,
} from 'graphql'
import { type CacheRule, type CacheRules, rulesOfArms } from '../../policies/cache-rules.ts'
import { isPublicRoot } from './authorization.ts'
import { annotationIn, type HintAnnotation, typeAnnotation } from './field-hints.ts'
import { requiredRole } from './roles.ts'

interface Annotated {
  readonly directives?: readonly DirectiveNode[]
}

/**
 * Adds a `@cacheControl` to each type and field that has a `@cache` but no `@cacheControl`. Returns the resulting SDL document. The
 * `maxAge` of an added directive is at most the `l1` of the rule, or its `l2` if `l1` is 0. Copies in outside caches must be short-lived,
 * because the gateway can neither invalidate such a copy nor check it against the invalidation log.
 *
 * The configuration or an operator may override the times of a rule. If these times are shorter than the `maxAge` of an existing
 * `@cacheControl`, this `maxAge` is lowered in the same way. It is never raised.
 */
export function withCacheHints(document: DocumentNode, schema: GraphQLSchema, rules: CacheRules): DocumentNode {
  const hinted = <Node extends Annotated>(node: Node, typeName: string, fieldName?: string): Node => {
    const bounds = boundsOf(schema, rules, typeName, fieldName)
    const written = annotationIn(node.directives)
    const others = node.directives?.filter(({ name }) => name.value !== 'cacheControl') ?? []
    if (written) {
      const limits = bounds.filter(({ isOverridden }) => isOverridden).map(({ hintSeconds }) => hintSeconds)
      if (written.maxAge === undefined || written.maxAge <= Math.min(...limits)) return node
      return { ...node, directives: [...others, hintNode({ ...written, maxAge: Math.min(...limits) })] }
    }
    const own = rules.get(fieldName === undefined ? typeName : `${typeName}.${fieldName}`)
    if (!own || !others.some(({ name }) => name.value === 'cache')) return node
    const maxAge = Math.min(...bounds.map(({ hintSeconds }) => hintSeconds))
    return { ...node, directives: [...others, hintNode({ maxAge, scope: own.scope === 'PUBLIC' ? 'PUBLIC' : 'PRIVATE' })] }
  }
  return {
    ...document,
    definitions: document.definitions.map((definition) => {
      switch (definition.kind) {
        case Kind.OBJECT_TYPE_DEFINITION:
        case Kind.OBJECT_TYPE_EXTENSION: {
          const type = definition.name.value
          const fields = definition.fields?.map((field) => hinted(field, type, field.name.value))
          return hinted(fields ? { ...definition, fields } : definition, type)
        }
        case Kind.INTERFACE_TYPE_DEFINITION:
        case Kind.INTERFACE_TYPE_EXTENSION:
        case Kind.UNION_TYPE_DEFINITION:
        case Kind.UNION_TYPE_EXTENSION:
          return hinted(definition, definition.name.value)
        default:
          return definition
      }
    }),
  }
}

/**
 * Finds each `@cacheControl` that allows more than the `@cache` of the values that the hint covers: a longer lifetime, or more readers. The
 * hint of a field covers the field's own `@cache` and the `@cache` of each type that it returns. The hint of an interface or union covers
 * the `@cache` of its possible types.
 */
export function* hintProblems({ schema, rules }: { readonly schema: GraphQLSchema; readonly rules: CacheRules }): Iterable<string> {
  const roots = new Set([schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()])
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isCompositeType(type) || type.name.startsWith('__')) continue
    yield* problemsAt(type.name, typeAnnotation(type), boundsOf(schema, rules, type.name))
    if (!isObjectType(type)) continue
    for (const field of Object.values(type.getFields())) {
      const coordinate = `${type.name}.${field.name}`
      const hint = annotationIn(field.astNode?.directives)
      if (!hint) continue
      const bounds = boundsOf(schema, rules, type.name, field.name)
      yield* problemsAt(coordinate, hint, bounds)
      if (hint.scope !== 'PUBLIC' || bounds.some(({ scope }) => scope !== 'PUBLIC')) continue
      const role = requiredRole(field) ?? (roots.has(type) && !isPublicRoot(type.name, field, rules) ? 'VIEWER' : undefined)
      if (role)
        yield `${coordinate}: has @cacheControl(scope: PUBLIC), but the field demands the role ${role}: write scope: PRIVATE, or make the field public by @cache(scope: PUBLIC).`
    }
  }
}

function* problemsAt(coordinate: string, hint: HintAnnotation, bounds: readonly CacheRule[]): Iterable<string> {
  const { maxAge, scope } = hint
  if (maxAge !== undefined && maxAge < 0)
    yield `${coordinate}: @cacheControl(maxAge: ${maxAge}) is less than 0: write 0 for what nobody may keep, or how many seconds a copy may be used.`
  const of = (rule: CacheRule) => (rule.coordinate === coordinate ? 'its @cache' : `the @cache of ${rule.coordinate}`)
  const narrower = bounds.find((rule) => rule.scope !== 'PUBLIC')
  if (scope === 'PUBLIC' && narrower)
    yield `${coordinate}: has @cacheControl(scope: PUBLIC), but ${of(narrower)} is of scope ${narrower.scope}: remove the hint or write scope: PRIVATE, or a cache outside would share what is not for everybody.`
  const shortest = bounds.toSorted((one, other) => lifeSeconds(one) - lifeSeconds(other))[0]
  if (maxAge !== undefined && shortest && maxAge > lifeSeconds(shortest))
    yield `${coordinate}: has @cacheControl(maxAge: ${maxAge}), but ${of(shortest)} keeps the value for ${lifeSeconds(shortest)} seconds: write maxAge: ${lifeSeconds(shortest)} or less, or let the @cache keep it for longer (l2).`
}

/** Returns the cache rules of the values that the hint of a type or field covers. During an experiment, those of both arms. */
function boundsOf(schema: GraphQLSchema, rules: CacheRules, typeName: string, fieldName?: string): readonly CacheRule[] {
  const type = schema.getType(typeName)
  const field = isObjectType(type) && fieldName !== undefined ? type.getFields()[fieldName] : undefined
  const values = fieldName === undefined ? type : field && getNamedType(field.type)
  const coordinates = [
    ...(fieldName === undefined ? [] : [`${typeName}.${fieldName}`]),
    ...membersOf(schema, values).map(({ name }) => name),
  ]
  return coordinates.flatMap((coordinate) => {
    const rule = rules.get(coordinate)
    return rule ? rulesOfArms(rule) : []
  })
}

function membersOf(schema: GraphQLSchema, type: GraphQLNamedType | undefined): readonly GraphQLNamedType[] {
  if (isAbstractType(type)) return schema.getPossibleTypes(type)
  return type ? [type] : []
}

function lifeSeconds({ policy }: CacheRule): number {
  return Math.max(policy.l1Ms, policy.l2Ms) / 1000
}

function hintNode({ maxAge, scope }: HintAnnotation): DirectiveNode {
  const name = (value: string) => ({ kind: Kind.NAME, value }) as const
  return {
    kind: Kind.DIRECTIVE,
    name: name('cacheControl'),
    arguments: [
      ...(maxAge === undefined
        ? []
        : [{ kind: Kind.ARGUMENT, name: name('maxAge'), value: { kind: Kind.INT, value: String(maxAge) } } as const]),
      ...(scope === undefined ? [] : [{ kind: Kind.ARGUMENT, name: name('scope'), value: { kind: Kind.ENUM, value: scope } } as const]),
    ],
  }
}
