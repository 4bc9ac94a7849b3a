import { hash } from 'node:crypto'
import {
  type DocumentNode,
  type FragmentDefinitionNode,
  type GraphQLCompositeType,
  type GraphQLSchema,
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
import type { CachePolicy } from '../cache/policy.ts'
import { RESPONSE_FORMAT } from '../responses/stored-response.ts'
import { type CacheScope, narrowestScope } from './cache-rules.ts'
import { shapeHash } from './entry-shapes.ts'
import type { FieldHint } from './field-hints.ts'
import type { FieldPlan } from './field-plans.ts'
import { type CacheHint, restrictedBy } from './hint-policy.ts'
import type { FieldCosts } from './limits/list-sizes.ts'
import { type Cost, compileCost } from './limits/operation-cost.ts'
import type { GatewaySchema } from './schema.ts'

/** What can be said of an operation's answer before it is executed. Durations in seconds. */
export interface OperationPlan {
  readonly kind: `${OperationDefinitionNode['operation']}`
  /** How long and by whom its answer may be kept outside, by the written hints of all of its fields. */
  readonly hint: CacheHint
  /** Of its fields, each once. */
  readonly fieldHints: readonly FieldHint[]
  /** How long a browser may use its copy without asking. */
  readonly browser: number
  readonly staleWhileRevalidate: number
  readonly staleIfError: number
  /** Who may share the answer. */
  readonly scope: CacheScope
  /** How the answer is kept as a whole; undefined where it must not be. */
  readonly policy: CachePolicy | undefined
  /** Where the answer is kept: holds the shapes of all that it is made of, and what it tells caches outside. */
  readonly namespace: string
  /** Identifies the operation, however its document is laid out and whatever its name is. */
  readonly id: string
  /** Of its variables. */
  readonly variableNames: readonly string[]
  /** Whether it asks for the schema and nothing else. */
  readonly introspection: boolean
  /** Whether it is answered from one snapshot of the database, past the cache. */
  readonly isStrict: boolean
  /** Computes how many values its answer can have. */
  readonly cost: Cost
}

/** Plans that are kept of one document: each may unfold all of its fragments. */
const MAX_PLANS = 8

/** Plans operations, each document once: the plans live as long as the documents do. */
export class DocumentPlanner {
  readonly #schema: GraphQLSchema
  readonly #fields: ReadonlyMap<string, FieldPlan>
  readonly #costs: FieldCosts
  readonly #plans = new WeakMap<DocumentNode, Map<string, OperationPlan>>()

  constructor({ schema, fields, costs }: Pick<GatewaySchema, 'schema' | 'fields' | 'costs'>) {
    this.#schema = schema
    this.#fields = fields
    this.#costs = costs
  }

  /** @returns undefined when the document has no such operation. */
  plan(document: DocumentNode, operationName: string | null | undefined): OperationPlan | undefined {
    let plans = this.#plans.get(document)
    if (!plans) {
      plans = new Map()
      this.#plans.set(document, plans)
    }
    const known = plans.get(operationName ?? '')
    if (known) return known
    const operation = getOperationAST(document, operationName)
    if (!operation) return undefined
    const plan = this.#draw(document, operation)
    plans.set(operationName ?? '', plan)
    const [oldest] = plans.keys()
    if (oldest !== undefined && plans.size > MAX_PLANS) plans.delete(oldest)
    return plan
  }

  #draw(document: DocumentNode, operation: OperationDefinitionNode): OperationPlan {
    const fragments = new Map<string, FragmentDefinitionNode>()
    for (const definition of document.definitions)
      if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition)
    const found: FieldPlan[] = []
    let introspection = true
    const seen = new Map<SelectionSetNode, Set<GraphQLCompositeType>>()
    const root = this.#schema.getRootType(operation.operation)
    const visit = (selections: SelectionSetNode, type: GraphQLCompositeType) => {
      // A selection says the same wherever it is reached from: without this, nested interfaces and fragments would multiply.
      const types = seen.get(selections) ?? new Set()
      if (types.has(type)) return
      seen.set(selections, types.add(type))
      for (const selection of selections.selections) {
        if (selection.kind === Kind.FIELD) {
          const name = selection.name.value
          if (name === '__schema' || name === '__type' || name === '__typename') continue
          if (type === root) introspection = false
          for (const owner of isAbstractType(type) ? this.#schema.getPossibleTypes(type) : [type]) {
            const field = isObjectType(owner) ? owner.getFields()[name] : undefined
            const plan = this.#fields.get(`${owner.name}.${name}`)
            if (!field || !plan) continue
            found.push(plan)
            const next = getNamedType(field.type)
            if (selection.selectionSet && isCompositeType(next)) visit(selection.selectionSet, next)
          }
        } else if (selection.kind === Kind.INLINE_FRAGMENT) {
          const condition = selection.typeCondition ? this.#schema.getType(selection.typeCondition.name.value) : type
          if (isCompositeType(condition)) visit(selection.selectionSet, condition)
        } else {
          const fragment = fragments.get(selection.name.value)
          const condition = fragment && this.#schema.getType(fragment.typeCondition.name.value)
          if (fragment && isCompositeType(condition)) visit(fragment.selectionSet, condition)
        }
      }
    }
    if (root) visit(operation.selectionSet, root)
    const isStrict = operation.operation === 'query' && found.some((field) => field.isStrict)
    const fieldHints = [...new Set(found.map((field) => field.hint))]
    const hint = restrictedBy(fieldHints.map(({ settled }) => settled))
    const rules = found.flatMap((field) => field.rules)
    const policy = composedPolicy(found)
    const isKept = operation.operation === 'query' && !introspection && !isStrict && (hint.maxAge ?? 0) > 0 && policy.l1Ms + policy.l2Ms > 0
    const told = {
      browser: least(rules.map(({ browserSeconds }) => browserSeconds)) ?? 0,
      staleWhileRevalidate: policy.staleWhileRevalidateMs / 1000,
      staleIfError: policy.staleIfErrorMs / 1000,
      scope: narrowestScope(found.map(({ scope }) => scope)),
    }
    const shapes = new Set(found.map(({ shape }) => shape))
    return Object.freeze({
      kind: operation.operation,
      hint,
      fieldHints,
      ...told,
      policy: isKept ? policy : undefined,
      namespace: `response@${isKept ? shapeHash([RESPONSE_FORMAT, hint.maxAge ?? 0, hint.scope ?? null, told, { ...policy }, [...shapes].sort()]) : ''}`,
      id: hash('sha256', printed(operation, fragments), 'base64url'),
      variableNames: (operation.variableDefinitions ?? []).map(({ variable }) => variable.name.value),
      introspection,
      isStrict,
      cost: compileCost(this.#schema, this.#costs, document, operation),
    })
  }
}

/**
 * The operation without its name, and the fragments that it spreads, each once: what the answer follows from. Clients that put a
 * counter or their own name into an operation's name share one entry.
 */
function printed({ name: _, ...operation }: OperationDefinitionNode, fragments: ReadonlyMap<string, FragmentDefinitionNode>): string {
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

/** What is made of several parts lives as long as the one that lives shortest. */
function composedPolicy(fields: readonly FieldPlan[]): CachePolicy {
  const policies = fields.flatMap((field) => field.rules).map((rule) => rule.policy)
  const limitMs = least(fields.map((field) => field.limitMs)) ?? Number.POSITIVE_INFINITY
  return Object.freeze({
    name: 'Response',
    composed: true,
    l1Ms: Math.min(least(policies.map(({ l1Ms }) => l1Ms)) ?? 0, limitMs),
    l2Ms: Math.min(least(policies.map(({ l2Ms }) => l2Ms)) ?? 0, limitMs),
    staleWhileRevalidateMs: least(policies.map(({ staleWhileRevalidateMs }) => staleWhileRevalidateMs)) ?? 0,
    staleIfErrorMs: least(policies.map(({ staleIfErrorMs }) => staleIfErrorMs)) ?? 0,
  })
}

function least(values: readonly (number | undefined)[]): number | undefined {
  return values.reduce((low, value) => (low === undefined ? value : value === undefined ? low : Math.min(low, value)), undefined)
}
