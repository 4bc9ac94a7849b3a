import {
  type DocumentNode,
  type ExecutionResult,
  execute,
  GraphQLError,
  type GraphQLSchema,
  getOperationAST,
  Kind,
  type Source,
  visit,
} from 'graphql'
import { type CompiledQuery, compileQuery, isCompiledQuery } from 'graphql-jit'

export interface ExecutionTerms {
  readonly document: DocumentNode
  readonly operationName: string | undefined
  readonly variableValues: Readonly<Record<string, unknown>>
  readonly contextValue: unknown
}

/** Executes an operation of a validated document. The result is that of graphql-js. */
export type Executor = (terms: ExecutionTerms) => Promise<ExecutionResult>

interface Known {
  executions: number
  /** null for what is left to graphql-js for good. */
  compiled: CompiledQuery | null | undefined
}

/** A document is worth the milliseconds of its compilation once it came back; a flood of different ones compiles nothing. */
const EXECUTIONS_BEFORE_COMPILATION = 2

/**
 * Executes queries that come again by compiled code (graphql-jit), and everything else by graphql-js: mutations, introspection, and
 * what the compiler refuses. What is compiled lives as long as its document.
 */
export function createExecutor(schema: GraphQLSchema): Executor {
  const documents = new WeakMap<DocumentNode, Map<string, Known>>()

  const compiledFor = (document: DocumentNode, operationName: string | undefined): CompiledQuery | null => {
    const operations = documents.get(document) ?? new Map<string, Known>()
    documents.set(document, operations)
    const known = operations.get(operationName ?? '') ?? { executions: 0, compiled: undefined }
    operations.set(operationName ?? '', known)
    if (known.compiled === undefined && known.executions++ >= EXECUTIONS_BEFORE_COMPILATION) {
      known.compiled = compile(schema, document, operationName)
    }
    return known.compiled ?? null
  }

  return async ({ document, operationName, variableValues, contextValue }) => {
    const compiled = compiledFor(document, operationName)
    if (compiled) {
      const result = await compiled.query(undefined, contextValue, variableValues)
      if (result.data !== undefined)
        return result.errors ? { ...result, errors: result.errors.map((error) => likeReference(error, document)) } : result
      // Nothing was executed, for the variables are not what they should be: the reference says so in its own words.
    }
    return execute({ schema, document, operationName: operationName ?? null, variableValues, contextValue })
  }
}

function compile(schema: GraphQLSchema, document: DocumentNode, operationName: string | undefined): CompiledQuery | null {
  if (getOperationAST(document, operationName)?.operation !== 'query' || isIntrospective(document)) return null
  const compiled = compileQuery(schema, document, operationName ?? '')
  return isCompiledQuery(compiled) ? compiled : null
}

/** The compiler's errors lack what graphql-js promises: extensions that are there, and positions in the document. */
function likeReference({ message, path, locations = [], originalError }: GraphQLError, { loc }: DocumentNode): GraphQLError {
  const source = loc?.source
  const positions = source ? locations.map((location) => positionOf(source, location)) : []
  return new GraphQLError(message, { source, positions, path, originalError })
}

function positionOf({ body }: Source, { line, column }: { readonly line: number; readonly column: number }): number {
  const before = body.split(/\r\n|[\n\r]/g, line - 1)
  const breaks = body.match(/\r\n|[\n\r]/g) ?? []
  return before.reduce((offset, text, index) => offset + text.length + (breaks[index] ?? '').length, 0) + column - 1
}

function isIntrospective(document: DocumentNode): boolean {
  let found = false
  visit(document, {
    [Kind.FIELD]: ({ name }) => {
      found ||= name.value === '__schema' || name.value === '__type'
    },
  })
  return found
}
