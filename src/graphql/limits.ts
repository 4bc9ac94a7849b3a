import {
  type ASTVisitor,
  type FragmentDefinitionNode,
  GraphQLError,
  Kind,
  type SelectionSetNode,
  type ValidationContext,
  type ValidationRule,
} from 'graphql'

/** How much a document may ask for. Introspection is not counted, tokens aside. */
export interface QueryLimits {
  /** Tokens of the document. */
  readonly maxTokens: number
  /** Fields within fields. */
  readonly maxDepth: number
  /** Renamed fields, those in fragments counted at every use. */
  readonly maxAliases: number
  /** Fields of the operation itself. */
  readonly maxRootFields: number
}

export const defaultLimits: QueryLimits = { maxTokens: 4000, maxDepth: 15, maxAliases: 50, maxRootFields: 30 }

interface Size {
  readonly depth: number
  readonly aliases: number
  readonly fields: number
}

const NOTHING: Size = { depth: 0, aliases: 0, fields: 0 }

/** Validation rules that keep documents within the limits; each tells the limit and what was found. */
export function limitRules(limits: QueryLimits): ValidationRule[] {
  return [(context) => sizeRule(context, limits), incrementalRule]
}

function sizeRule(context: ValidationContext, limits: QueryLimits): ASTVisitor {
  const sizes = new Map<string, Size>()
  return {
    OperationDefinition(node) {
      const { depth, aliases, fields } = measure(node.selectionSet)
      const refuse = (what: string, found: number, limit: number) => {
        if (found > limit)
          context.reportError(
            new GraphQLError(`The operation has ${found} ${what}; at most ${limit} are allowed. Ask for less at once.`, { nodes: [node] }),
          )
      }
      refuse('levels of fields', depth, limits.maxDepth)
      refuse('aliases', aliases, limits.maxAliases)
      refuse('root fields', fields, limits.maxRootFields)
    },
  }

  function measure(selections: SelectionSetNode): Size {
    let { depth, aliases, fields } = NOTHING
    for (const selection of selections.selections) {
      if (selection.kind === Kind.FIELD) {
        fields++
        if (selection.alias) aliases++
        const isIntrospection = selection.name.value === '__schema' || selection.name.value === '__type'
        const inner = selection.selectionSet && !isIntrospection ? measure(selection.selectionSet) : NOTHING
        depth = Math.max(depth, inner.depth + 1)
        aliases += inner.aliases
      } else {
        const inner =
          selection.kind === Kind.INLINE_FRAGMENT
            ? measure(selection.selectionSet)
            : measureFragment(context.getFragment(selection.name.value))
        depth = Math.max(depth, inner.depth)
        aliases += inner.aliases
        fields += inner.fields
      }
    }
    return { depth, aliases, fields }
  }

  /** Each fragment once; one within itself counts nothing here and is refused by a rule of its own. */
  function measureFragment(fragment: FragmentDefinitionNode | null | undefined): Size {
    if (!fragment) return NOTHING
    const known = sizes.get(fragment.name.value)
    if (known) return known
    sizes.set(fragment.name.value, NOTHING)
    const size = measure(fragment.selectionSet)
    sizes.set(fragment.name.value, size)
    return size
  }
}

function incrementalRule(context: ValidationContext): ASTVisitor {
  return {
    Directive(node) {
      const name = node.name.value
      if (name === 'defer' || name === 'stream')
        context.reportError(new GraphQLError(`@${name} is not supported: the answer is sent in one piece.`, { nodes: [node] }))
    },
  }
}
