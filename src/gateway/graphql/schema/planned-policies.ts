import { buildASTSchema, type DocumentNode, type GraphQLSchema } from 'graphql'
import type { PolicyRegistry } from '../../policies/policy-registry.ts'
import type { KeyedRules } from './entry-shapes.ts'
import type { FieldHint } from './field-hints.ts'
import { type FieldPlan, planFields } from './field-plans.ts'
import { withCacheHints } from './hint-directives.ts'
import type { CheckedSchema } from './schema-checks.ts'

export interface PlannedPoliciesOptions {
  readonly policies: PolicyRegistry
  readonly typeDefs: DocumentNode
  /** The schema of `typeDefs`, without the cache hints that are added to it. */
  readonly written: GraphQLSchema
  readonly batched: CheckedSchema['batched']
  /** Namespaces of the cache keys, by the coordinate of the rule. A change of a policy does not change the namespaces. */
  readonly namespaces: ReadonlyMap<string, string>
}

interface Planned {
  readonly version: number
  readonly rules: KeyedRules
  readonly fields: ReadonlyMap<string, FieldPlan>
  readonly hints: readonly FieldHint[]
}

/**
 * The cache rules that currently apply, and the plans and hints of the fields, which follow from these rules. After a change of a policy,
 * the next request computes all of them again.
 */
export class PlannedPolicies {
  readonly #options: PlannedPoliciesOptions
  #planned: Planned

  constructor(options: PlannedPoliciesOptions) {
    this.#options = options
    this.#planned = this.#plan()
  }

  get rules(): KeyedRules {
    return this.#current().rules
  }

  /** Plans of the fields, by the coordinate of the field. */
  get fields(): ReadonlyMap<string, FieldPlan> {
    return this.#current().fields
  }

  /** Returns the hint of the field that has this number (FieldHint.index). */
  hint(index: number): FieldHint {
    return this.#current().hints[index] as FieldHint
  }

  #current(): Planned {
    if (this.#planned.version !== this.#options.policies.version) this.#planned = this.#plan()
    return this.#planned
  }

  #plan(): Planned {
    const { policies, typeDefs, written, batched, namespaces } = this.#options
    const { version } = policies
    const rules = new Map([...policies.rules].map(([name, rule]) => [name, { ...rule, namespace: namespaces.get(name) ?? name }]))
    // Cache hints are directives of the schema. So the schema is built again, with the directives that follow from the current policies.
    const schema = buildASTSchema(withCacheHints(typeDefs, written, policies.rules), { assumeValid: true, assumeValidSDL: true })
    const fields = planFields({ schema, batched }, rules)
    return { version, rules, fields, hints: [...fields.values()].map(({ hint }) => hint) }
  }
}
