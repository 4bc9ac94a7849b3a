import {
  type DirectiveNode,
  type GraphQLCompositeType,
  type GraphQLField,
  getNamedType,
  isCompositeType,
  Kind,
  type ObjectTypeDefinitionNode,
  type ValueNode,
} from 'graphql'
import { type CacheHint, HintPolicy, type HintScope } from './hint-policy.ts'

/** A `@cacheControl` directive as written in the schema. */
export interface HintAnnotation extends CacheHint {
  readonly inheritMaxAge?: boolean
}

/** Cache hint of a field of the schema, without and with the defaults. */
export interface FieldHint {
  /** Number of the field, unique in its schema. */
  readonly index: number
  /** Hint in the schema, without the defaults. A resolver finds this hint in `info.cacheControl.cacheHint`. */
  readonly written: CacheHint
  /** Whether `maxAge` is 0 if neither the schema nor a resolver sets it. */
  readonly isZeroByDefault: boolean
  /** Hint in the schema, with the defaults filled in. It applies unless a resolver sets another hint. */
  readonly settled: CacheHint
}

/** Default `maxAge` of a root field and of a field that returns objects, seconds. */
const DEFAULT_MAX_AGE = 0

/**
 * Reads the hint of a field as Apollo Server's cache control plugin does: the field's own hint overrides the hint of the field's type.
 * @param isRoot Whether the field belongs to a root type. A root field has no parent whose `maxAge` could limit it.
 */
export function fieldHint(field: GraphQLField<unknown, unknown>, isRoot: boolean, index: number): FieldHint {
  const written = new HintPolicy()
  const result = getNamedType(field.type)
  const ofType = isCompositeType(result) ? typeAnnotation(result) : {}
  written.replace(ofType)
  const own = annotationIn(field.astNode?.directives) ?? {}
  const inheritsByField = own.inheritMaxAge === true && written.maxAge === undefined
  written.replace(inheritsByField ? { scope: own.scope } : own)
  const isZeroByDefault = isRoot || (isCompositeType(result) && !ofType.inheritMaxAge && !inheritsByField)
  return { index, written, isZeroByDefault, settled: settledHint(written, isZeroByDefault) }
}

/** Returns the hint with the default `maxAge` filled in. */
export function settledHint(hint: CacheHint, isZeroByDefault: boolean): CacheHint {
  return { maxAge: hint.maxAge ?? (isZeroByDefault ? DEFAULT_MAX_AGE : undefined), scope: hint.scope }
}

/** Returns the first `@cacheControl` of a type or of the type's extensions; an empty hint if there is none. */
export function typeAnnotation({ astNode, extensionASTNodes }: GraphQLCompositeType): HintAnnotation {
  const nodes: readonly (Pick<ObjectTypeDefinitionNode, 'directives'> | null | undefined)[] = [astNode, ...extensionASTNodes]
  for (const node of nodes) {
    const annotation = annotationIn(node?.directives)
    if (annotation) return annotation
  }
  return {}
}

/**
 * Returns the hint in the `@cacheControl` among these directives; undefined if there is none. With `inheritMaxAge: true`, `maxAge` is
 * ignored.
 */
export function annotationIn(directives: readonly DirectiveNode[] | undefined): HintAnnotation | undefined {
  const directive = directives?.find(({ name }) => name.value === 'cacheControl')
  if (!directive) return undefined
  const values = new Map<string, ValueNode>(directive.arguments?.map(({ name, value }) => [name.value, value]))
  const [maxAge, inheritMaxAge] = [values.get('maxAge'), values.get('inheritMaxAge')]
  const scope = scopeIn(values.get('scope'))
  if (inheritMaxAge?.kind === Kind.BOOLEAN && inheritMaxAge.value) return { inheritMaxAge: true, scope }
  return { maxAge: maxAge?.kind === Kind.INT ? Number.parseInt(maxAge.value, 10) : undefined, scope }
}

function scopeIn(value: ValueNode | undefined): HintScope | undefined {
  if (value?.kind !== Kind.ENUM) return undefined
  return value.value === 'PUBLIC' || value.value === 'PRIVATE' ? value.value : undefined
}
