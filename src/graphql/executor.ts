import { type DocumentNode, type ExecutionResult, execute, type GraphQLSchema } from 'graphql'

export interface ExecutionTerms {
  readonly document: DocumentNode
  readonly operationName: string | undefined
  readonly variableValues: Readonly<Record<string, unknown>>
  readonly contextValue: unknown
}
export type Executor = (terms: ExecutionTerms) => Promise<ExecutionResult>

export function createExecutor(schema: GraphQLSchema): Executor {
  return async (terms) => execute({ schema, ...terms })
}
