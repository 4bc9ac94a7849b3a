import { type DocumentNode, type ExecutionResult, execute, type GraphQLSchema, getOperationAST, getVariableValues } from 'graphql'
import { type CompiledQuery, compileQuery, isCompiledQuery } from 'graphql-jit'
import { isCompilable } from './compilable.ts'

export interface ExecutionParams {
  readonly document: DocumentNode
  readonly operationName: string | undefined
  readonly variableValues: Readonly<Record<string, unknown>>
  readonly contextValue: unknown
  /**
   * Whether compiled code may execute the operation. Compiled code completes each list in one turn of the event loop, which takes too long
   * for long lists.
   */
  readonly mayCompile?: boolean
  /** Called before graphql-js executes the operation. From then on, resolvers may return a list of promises. */
  readonly onInterpreted?: () => void
}

/** Executes an operation of a validated document, with the same result as graphql-js. */
export type Executor = (params: ExecutionParams) => Promise<ExecutionResult>

export interface ExecutorOptions {
  /** Whether error messages about variables leave out suggestions, which would reveal names of the schema. */
  readonly hideSuggestions: boolean
}

interface CompilationState {
  executions: number
  /** Compiled code of the operation; null if the operation cannot be compiled; undefined if compilation was not tried yet. */
  compiled: CompiledQuery | null | undefined
}

/** Maximum number of errors in the variables of one request that are reported to the client. */
const MAX_COERCION_ERRORS = 5

/**
 * Maximum number of operations of one document for which executions are counted and compiled code is kept. The compiled code of each may
 * contain all fragments of the document.
 */
const MAX_OPERATIONS = 8

/**
 * Number of executions after which an operation is compiled. Compilation takes milliseconds, and in a flood of requests most documents
 * never repeat.
 */
const EXECUTIONS_BEFORE_COMPILATION = 2

/**
 * Creates an executor. Compiled code (graphql-jit) executes repeated queries. graphql-js executes mutations, and queries that compiled code
 * cannot execute in the same way as graphql-js. Compiled code is kept as long as its document.
 */
export function createExecutor(schema: GraphQLSchema, options: ExecutorOptions = { hideSuggestions: false }): Executor {
  const { hideSuggestions } = options
  const documents = new WeakMap<DocumentNode, Map<string, CompilationState>>()

  const compiledFor = (document: DocumentNode, operationName: string | undefined): CompiledQuery | null => {
    const operations = documents.get(document) ?? new Map<string, CompilationState>()
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
      // If there are errors, graphql-js executes the operation again. The client then gets exactly the errors and the partial data of
      // graphql-js. No value is loaded twice, because the DataLoaders of the request still hold the values and the failures.
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

/** Returns whether graphql-js accepts the variables. Compiled code accepts more, such as a list in place of an input object. */
function areValid(
  schema: GraphQLSchema,
  document: DocumentNode,
  operationName: string | undefined,
  values: ExecutionParams['variableValues'],
) {
  const { variableDefinitions = [] } = getOperationAST(document, operationName) ?? {}
  return variableDefinitions.length === 0 || getVariableValues(schema, variableDefinitions, values, FIRST_ERROR).errors === undefined
}
