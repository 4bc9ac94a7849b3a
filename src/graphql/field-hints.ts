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

/** An `@cacheControl` as it is written. */
export interface HintAnnotation extends CacheHint {
  readonly inheritMaxAge?: boolean
}

/** The hint of a field of the schema, in two states: before and after the default. */
export interface FieldHint {
  /** Number of the field, unique in its schema. */
  readonly index: number
  /** The value that a resolver finds in `info.cacheControl.cacheHint`. */
  readonly written: CacheHint
  /** Whether `maxAge` is 0 where nothing sets it. */
  readonly isZeroByDefault: boolean
  /** The value that counts where no resolver gives another. */
  readonly settled: CacheHint
}

/** `maxAge` of a root field, and of a field that gives objects, where nothing sets it, in seconds. */
const DEFAULT_MAX_AGE = 0

/**
 * Reads the hint of a field as Apollo Server's cache control plugin does: that of its type, then its own over it.
 * @param isRoot Whether the field belongs to a root type, which has no parent to take `maxAge` from.
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

/** The hint with the default in it. */
export function settledHint(hint: CacheHint, isZeroByDefault: boolean): CacheHint {
  return { maxAge: hint.maxAge ?? (isZeroByDefault ? DEFAULT_MAX_AGE : undefined), scope: hint.scope }
}

/** The first `@cacheControl` of a type or of its extensions; nothing in it where there is none. */
export function typeAnnotation({ astNode, extensionASTNodes }: GraphQLCompositeType): HintAnnotation {
  const nodes: readonly (Pick<ObjectTypeDefinitionNode, 'directives'> | null | undefined)[] = [astNode, ...extensionASTNodes]
  for (const node of nodes) {
    const annotation = annotationIn(node?.directives)
    if (annotation) return annotation
  }
  return {}
}

/** Reads the `@cacheControl` among directives; undefined where there is none. With `inheritMaxAge: true`, `maxAge` is left out. */
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
