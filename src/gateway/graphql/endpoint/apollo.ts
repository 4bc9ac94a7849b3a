import { ApolloServer, type ApolloServerPlugin } from '@apollo/server'
import {
  ApolloServerPluginCacheControlDisabled,
  ApolloServerPluginLandingPageDisabled,
  ApolloServerPluginSchemaReportingDisabled,
  ApolloServerPluginUsageReportingDisabled,
} from '@apollo/server/plugin/disabled'
import { GraphQLError, type GraphQLSchema } from 'graphql'
import { type DocumentStore, MAX_VALIDATION_ERRORS } from '../document/document-store.ts'
import { errorFormatter } from '../document/error-format.ts'
import { withFewErrors } from '../document/limits/error-count.ts'
import { incrementalRule } from '../document/limits/incremental-rule.ts'
import type { RequestLimits } from '../document/limits/limits.ts'
import type { PersistedQueries } from '../document/persisted-queries.ts'
import type { OperationRunner } from '../execution/operation-runner.ts'
import type { ApolloContext } from './request-state.ts'

export interface ApolloOptions {
  readonly schema: GraphQLSchema
  readonly runner: Pick<OperationRunner, 'run'>
  readonly persistedQueries: PersistedQueries
  readonly plugins: readonly ApolloServerPlugin<ApolloContext>[]
  readonly documents: DocumentStore
  readonly introspection: boolean
  readonly limits: RequestLimits
  readonly isUnavailable: (error: unknown) => boolean
  readonly warn: (message: string) => void
}

/**
 * Creates Apollo Server without starting it. Apollo Server parses and validates requests and formats responses, but the operation runner
 * executes the operations.
 */
export function createApollo(options: ApolloOptions): ApolloServer<ApolloContext> {
  const ignore = () => undefined
  const warn = (message?: unknown) => options.warn(String(message))
  return new ApolloServer<ApolloContext>({
    // Undocumented, see docs/internals.md: `ApolloServer executes by its gateway`
    // `gateway` is Apollo Server's only option for a custom executor. There is no federated gateway and no subgraph.
    gateway: {
      onSchemaLoadOrUpdate: (listener) => {
        listener({ apiSchema: options.schema, coreSupergraphSdl: '' })
        return ignore
      },
      load: async () => ({
        executor: async ({ context, request: { operationName } }) => {
          const { state: request } = context as ApolloContext
          const { stage } = request
          if (stage.name === 'failed') throw stage.error
          // No operation was planned. Either the request names an unknown operation, or it names no operation and the document has several.
          // Apollo Server adds the error code.
          if (stage.name === 'received') return { errors: [operationNotFound(operationName)] }
          if (stage.name === 'planned') request.executed(stage.operation, await options.runner.run(stage.operation, request.runOptions))
          if (!request.run) throw new TypeError(`Expected an operation to execute, got one that is ${stage.name} already.`)
          return withFewErrors(request.run.result)
        },
      }),
      stop: async () => undefined,
    },
    introspection: options.introspection,
    hideSchemaDetailsFromClientErrors: !options.introspection,
    includeStacktraceInErrorResponses: false,
    stopOnTerminationSignals: false,
    maxRecursiveSelections: true,
    // Apollo Server finds documents that were already checked in this store, and so does not parse or validate them again.
    documentStore: options.documents,
    validationRules: [incrementalRule],
    validationOptions: { maxErrors: MAX_VALIDATION_ERRORS },
    parseOptions: { maxTokens: options.limits.maxTokens },
    persistedQueries: { cache: options.persistedQueries, ttl: null },
    formatError: errorFormatter(options.isUnavailable, (nodes) => options.documents.locationsOf(nodes), !options.introspection),
    stringifyResult: (result) => JSON.stringify(result),
    logger: { debug: ignore, info: ignore, warn, error: warn },
    plugins: [
      ApolloServerPluginLandingPageDisabled(),
      // The gateway computes the cache hints once for each document, while this plugin would compute them for each field of each response:
      // see document-plan.ts.
      ApolloServerPluginCacheControlDisabled(),
      ApolloServerPluginUsageReportingDisabled(),
      ApolloServerPluginSchemaReportingDisabled(),
      ...options.plugins,
    ],
  })
}

/** Returns the error for a request whose operation does not exist, with the same message as in graphql-js. */
function operationNotFound(name: string | undefined): GraphQLError {
  return new GraphQLError(
    name === undefined ? 'Must provide operation name if query contains multiple operations.' : `Unknown operation named "${name}".`,
  )
}
