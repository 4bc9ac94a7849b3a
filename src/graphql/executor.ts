import { type DocumentNode, type ExecutionResult, execute, type GraphQLSchema, getOperationAST, getVariableValues } from 'graphql'
import { type CompiledQuery, compileQuery, isCompiledQuery } from 'graphql-jit'
import { isCompilable } from './compilable.ts'

export interface ExecutionTerms {
  readonly document: DocumentNode
  readonly operationName: string | undefined
  readonly variableValues: Readonly<Record<string, unknown>>
  readonly contextValue: unknown
  /** Whether compiled code may execute it: it completes a list in one go, which is no way for a long one. */
  readonly mayCompile?: boolean
  /** Called before graphql-js executes it: from then on it may get a list as promises. */
  readonly onInterpreted?: () => void
}

/** Executes an operation of a validated document. The result is that of graphql-js. */
export type Executor = (terms: ExecutionTerms) => Promise<ExecutionResult>

export interface ExecutorOptions {
  /** Whether errors of variables name nothing of the schema that was not asked for. */
  readonly hideSuggestions: boolean
}

interface Known {
  executions: number
  /** null for what is left to graphql-js for good. */
  compiled: CompiledQuery | null | undefined
}

/** Errors of variables that a client is told; the rest is not looked for. */
const MAX_COERCION_ERRORS = 5

/** Operations of one document that are kept compiled: each may unfold all of its fragments. */
const MAX_OPERATIONS = 8

/** A document is worth the milliseconds of its compilation once it came back; a flood of different ones compiles nothing. */
const EXECUTIONS_BEFORE_COMPILATION = 2

/**
 * Executes queries that come again by compiled code (graphql-jit), and everything else by graphql-js: mutations, what the compiler
 * refuses, and what it would execute in another way. What is compiled lives as long as its document.
 */
export function createExecutor(schema: GraphQLSchema, options: ExecutorOptions = { hideSuggestions: false }): Executor {
  const { hideSuggestions } = options
  const documents = new WeakMap<DocumentNode, Map<string, Known>>()

  const compiledFor = (document: DocumentNode, operationName: string | undefined): CompiledQuery | null => {
    const operations = documents.get(document) ?? new Map<string, Known>()
    documents.set(document, operations)
    const known = operations.get(operationName ?? '') ?? { executions: 0, compiled: undefined }
    operations.set(operationName ?? '', known)
    const [oldest] = operations.keys()
    if (oldest !== undefined && operations.size > MAX_OPERATIONS) operations.delete(oldest)
    if (known.compiled === undefined && known.executions++ >= EXECUTIONS_BEFORE_COMPILATION) {
      known.compiled = compile(schema, document, operationName)
    }
    return known.compiled ?? null
  }

  return async ({ document, operationName, variableValues, contextValue, mayCompile = true, onInterpreted }) => {
    const compiled = mayCompile ? compiledFor(document, operationName) : null
    if (compiled && areValid(schema, document, operationName, variableValues)) {
      const result = await compiled.query(undefined, contextValue, variableValues)
      if (!result.errors) return result
      // Which errors there are, in which order and words, and what they leave of the data, the reference says: what was loaded is
      // at hand, and failed loads are known to have failed.
    }
    onInterpreted?.()
    return execute({
      schema,
      document,
      operationName: operationName ?? null,
      variableValues,
      contextValue,
      hideSuggestions,
      options: { maxCoercionErrors: MAX_COERCION_ERRORS },
    })
  }
}

function compile(schema: GraphQLSchema, document: DocumentNode, operationName: string | undefined): CompiledQuery | null {
  const operation = getOperationAST(document, operationName)
  if (operation?.operation !== 'query' || !isCompilable(schema, document, operation)) return null
  const compiled = compileQuery(schema, document, operationName ?? '')
  return isCompiledQuery(compiled) ? compiled : null
}

const FIRST_ERROR = { maxErrors: 0, hideSuggestions: true }

/** The compiled code is more lenient: it takes a list for an input object. */
function areValid(
  schema: GraphQLSchema,
  document: DocumentNode,
  operationName: string | undefined,
  values: ExecutionTerms['variableValues'],
) {
  const { variableDefinitions = [] } = getOperationAST(document, operationName) ?? {}
  return variableDefinitions.length === 0 || getVariableValues(schema, variableDefinitions, values, FIRST_ERROR).errors === undefined
}
