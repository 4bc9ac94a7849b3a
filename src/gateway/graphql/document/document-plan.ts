import { hash } from 'node:crypto'
import {
  type DirectiveNode,
  type DocumentNode,
  type FragmentDefinitionNode,
  type GraphQLCompositeType,
  getNamedType,
  getOperationAST,
  isAbstractType,
  isCompositeType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  print,
  type SelectionSetNode,
} from 'graphql'
import type { CachePolicy } from '../../../engine/cache/model/policy.ts'
import { type CacheScope, narrowestScope } from '../../policies/cache-rules.ts'
import { RESPONSE_FORMAT } from '../../responses/stored-response.ts'
import { shapeHash } from '../schema/entry-shapes.ts'
import type { FieldHint } from '../schema/field-hints.ts'
import type { FieldPlan } from '../schema/field-plans.ts'
import { type CacheHint, restrictedBy } from '../schema/hint-policy.ts'
import type { GatewaySchema } from '../schema/schema.ts'
import { type Cost, compileCost } from './limits/operation-cost.ts'

/** Properties of the response to an operation that are known before the operation is executed. Durations are in seconds. */
export interface OperationPlan {
  /** Version of the policies from which the plan was computed. */
  readonly version: number
  readonly kind: `${OperationDefinitionNode['operation']}`
  /** Hint of the response for caches outside the gateway, computed from the hints that all fields of the operation have in the schema. */
  readonly hint: CacheHint
  /**
   * Hints of the fields that the operation selects. If the operation selects a field several times, the hint of the field occurs only once.
   */
  readonly fieldHints: readonly FieldHint[]
  /** Names of the cache policies of the values that the operation reads. */
  readonly policyNames: readonly string[]
  /** Time for which a browser may use its copy of the response without asking the gateway. */
  readonly browser: number
  /** Time for which a CDN may use its copy of the response; undefined if the CDN follows `hint`. */
  readonly cdn: number | undefined
  readonly staleWhileRevalidate: number
  readonly staleIfError: number
  /** Scope in which the response may be shared between callers. */
  readonly scope: CacheScope
  /** Policy by which the whole response is cached; undefined if it must not be cached as a whole. */
  readonly policy: CachePolicy | undefined
  /**
   * Namespace of the response's cache key. It contains a hash of the cache policy, of the hints for caches outside the gateway, and of the
   * shapes of all fields. A shape describes how a value is stored.
   */
  readonly namespace: string
  /** Hash of the operation, independent of its name and of the layout of its document. */
  readonly id: string
  /** Names of the operation's variables. */
  readonly variableNames: readonly string[]
  /** Whether the operation selects nothing but introspection. */
  readonly introspection: boolean
  /** Whether the operation reads from one snapshot of the database instead of the cache. */
  readonly isStrict: boolean
  /** Whether the operation has the directive `@live`. */
  readonly isLive: boolean
  /** Computes an upper bound of the number of values in the response, for the variables of one request. */
  readonly cost: Cost
}

/** Name of the policy of whole responses in events and metrics. */
export const RESPONSE_POLICY = 'Response'

type Planned = Pick<GatewaySchema, 'schema' | 'fields' | 'costs' | 'policies'>

/**
 * Maximum number of plans that are kept for one document. The number is limited because each plan may expand all fragments of the document.
 */
const MAX_PLANS = 8

/**
 * Computes the plans of operations. The plan of an operation is computed once for each version of the cache policies, and kept as long as
 * its document.
 */
export class DocumentPlanner {
  readonly #gateway: Planned
  readonly #plans = new WeakMap<DocumentNode, Map<string, OperationPlan>>()

  constructor(gateway: Planned) {
    this.#gateway = gateway
  }

  /** Returns the plan of an operation; undefined if the document has no such operation. */
  plan(document: DocumentNode, operationName: string | null | undefined): OperationPlan | undefined {
    let plans = this.#plans.get(document)
    if (!plans) {
      plans = new Map()
      this.#plans.set(document, plans)
    }
    const known = plans.get(operationName ?? '')
    if (known && known.version === this.#gateway.policies.version) return known
    const operation = getOperationAST(document, operationName)
    if (!operation) return undefined
    const plan = this.#draw(document, operation)
    plans.set(operationName ?? '', plan)
    const [oldest] = plans.keys()
    if (oldest !== undefined && plans.size > MAX_PLANS) plans.delete(oldest)
    return plan
  }

  #draw(document: DocumentNode, operation: OperationDefinitionNode): OperationPlan {
    const { schema, fields, costs, policies } = this.#gateway
    const fragments = new Map<string, FragmentDefinitionNode>()
    for (const definition of document.definitions)
      if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition)
    const found: FieldPlan[] = []
    let introspection = true
    const seen = new Map<SelectionSetNode, Set<GraphQLCompositeType>>()
    const root = schema.getRootType(operation.operation)
    const visit = (selections: SelectionSetNode, type: GraphQLCompositeType) => {
      // A selection set yields the same fields for a type in every place where it occurs. So each selection set is visited only once for
      // each type. Otherwise the time would grow exponentially with nested fragments.
      const types = seen.get(selections) ?? new Set()
      if (types.has(type)) return
      seen.set(selections, types.add(type))
      for (const selection of selections.selections) {
        if (selection.kind === Kind.FIELD) {
          const name = selection.name.value
          if (name === '__schema' || name === '__type' || name === '__typename') continue
          if (type === root) introspection = false
          for (const owner of isAbstractType(type) ? schema.getPossibleTypes(type) : [type]) {
            const field = isObjectType(owner) ? owner.getFields()[name] : undefined
            const plan = fields.get(`${owner.name}.${name}`)
            if (!field || !plan) continue
            found.push(plan)
            const next = getNamedType(field.type)
            if (selection.selectionSet && isCompositeType(next)) visit(selection.selectionSet, next)
          }
        } else if (selection.kind === Kind.INLINE_FRAGMENT) {
          const condition = selection.typeCondition ? schema.getType(selection.typeCondition.name.value) : type
          if (isCompositeType(condition)) visit(selection.selectionSet, condition)
        } else {
          const fragment = fragments.get(selection.name.value)
          const condition = fragment && schema.getType(fragment.typeCondition.name.value)
          if (fragment && isCompositeType(condition)) visit(fragment.selectionSet, condition)
        }
      }
    }
    if (root) visit(operation.selectionSet, root)
    const isStrict = operation.operation === 'query' && found.some((field) => field.isStrict)
    const fieldHints = [...new Set(found.map((field) => field.hint))]
    const hint = restrictedBy(fieldHints.map(({ settled }) => settled))
    const rules = found.flatMap((field) => field.rules)
    const composed = policies.compose(RESPONSE_POLICY, rules)
    const policy = responsePolicy(composed.policy, composed.values['response'], found)
    const isKept = operation.operation === 'query' && !introspection && !isStrict && (hint.maxAge ?? 0) > 0 && policy.l1Ms + policy.l2Ms > 0
    const cdn = composed.values['cdn'] === undefined ? undefined : Math.min(...found.map(cdnSeconds))
    const told = {
      ...(cdn === undefined ? {} : { cdn }),
      browser: composed.values['browser'] ?? 0,
      staleWhileRevalidate: composed.values['staleWhileRevalidate'] ?? 0,
      staleIfError: composed.values['staleIfError'] ?? 0,
      scope: narrowestScope(found.map(({ scope }) => scope)),
    }
    const shapes = new Set(found.map(({ shape }) => shape))
    return Object.freeze({
      version: policies.version,
      kind: operation.operation,
      hint,
      fieldHints,
      policyNames: [...new Set(rules.map(({ coordinate }) => coordinate))],
      cdn,
      ...told,
      policy: isKept ? policy : undefined,
      namespace: `response@${isKept ? shapeHash([RESPONSE_FORMAT, hint.maxAge ?? 0, hint.scope ?? null, told, { ...policy }, [...shapes].sort()]) : ''}`,
      id: hash('sha256', printed(operation, fragments), 'base64url'),
      variableNames: (operation.variableDefinitions ?? []).map(({ variable }) => variable.name.value),
      introspection,
      isStrict,
      isLive: operation.operation === 'query' && (operation.directives ?? []).some(isLiveDirective),
      cost: compileCost(schema, costs, document, operation),
    })
  }
}

/**
 * Prints the operation without its name, followed by each fragment that it uses. The response depends on no other part of the document. So
 * clients that put a counter or their own name into the name of the operation share one cache entry. A live query shares it, too.
 */
function printed({ name: _, ...named }: OperationDefinitionNode, fragments: ReadonlyMap<string, FragmentDefinitionNode>): string {
  const operation = { ...named, directives: (named.directives ?? []).filter((directive) => !isLiveDirective(directive)) }
  const used = new Set<FragmentDefinitionNode>()
  const pending: SelectionSetNode[] = [operation.selectionSet]
  for (let set = pending.pop(); set; set = pending.pop()) {
    for (const selection of set.selections) {
      if (selection.kind !== Kind.FRAGMENT_SPREAD) {
        if (selection.selectionSet) pending.push(selection.selectionSet)
        continue
      }
      const fragment = fragments.get(selection.name.value)
      if (!fragment || used.has(fragment)) continue
      used.add(fragment)
      pending.push(fragment.selectionSet)
    }
  }
  return [operation, ...[...fragments.values()].filter((fragment) => used.has(fragment))].map(print).join('\n')
}

function isLiveDirective({ name }: DirectiveNode): boolean {
  return name.value === 'live'
}

/**
 * Returns the time for which a CDN may keep the value of a field, seconds: the lowest `cdn` of the field's cache rules. For a rule without
 * `cdn`, the time in the cache hint of the rule is used.
 */
function cdnSeconds({ rules, hint }: FieldPlan): number {
  if (rules.every(({ values }) => values['cdn'] === undefined)) return hint.settled.maxAge ?? Number.POSITIVE_INFINITY
  return Math.min(...rules.map(({ values, hintSeconds }) => values['cdn'] ?? hintSeconds))
}

/**
 * Returns the cache policy of a whole response. Its TTL is at most the shortest TTL of the parts of the response, and at most the time that
 * the hints allow.
 * @param keptSeconds Lowest value of the attribute `response` of `@cache` among all parts of the response, seconds; undefined if no part
 * sets the attribute.
 */
function responsePolicy(composed: CachePolicy, keptSeconds: number | undefined, fields: readonly FieldPlan[]): CachePolicy {
  const limits = fields.map((field) => field.limitMs ?? Number.POSITIVE_INFINITY)
  const limitMs = Math.min(...limits, keptSeconds === undefined ? Number.POSITIVE_INFINITY : keptSeconds * 1000)
  return Object.freeze({ ...composed, composed: true, l1Ms: Math.min(composed.l1Ms, limitMs), l2Ms: Math.min(composed.l2Ms, limitMs) })
}
