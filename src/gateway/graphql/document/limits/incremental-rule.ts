import { type ASTVisitor, GraphQLError, type ValidationContext } from 'graphql'

/** Validation rule that refuses `@defer` and `@stream`, which graphql-js 16 cannot execute. */
export function incrementalRule(context: ValidationContext): ASTVisitor {
  return {
    Directive(node) {
      const name = node.name.value
      if (name === 'defer' || name === 'stream')
        context.reportError(new GraphQLError(`@${name} is not supported: the answer is sent in one piece.`, { nodes: [node] }))
    },
  }
}
