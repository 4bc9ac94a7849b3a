import { ApolloServer, type ApolloServerPlugin } from '@apollo/server'
import {
  ApolloServerPluginCacheControlDisabled,
  ApolloServerPluginLandingPageDisabled,
  ApolloServerPluginSchemaReportingDisabled,
  ApolloServerPluginUsageReportingDisabled,
} from '@apollo/server/plugin/disabled'
import { GraphQLError, type GraphQLSchema } from 'graphql'
import { type DocumentStore, MAX_VALIDATION_ERRORS } from './document-store.ts'
import { errorFormatter } from './error-format.ts'
import { withFewErrors } from './limits/error-count.ts'
import { incrementalRule } from './limits/incremental-rule.ts'
import type { RequestLimits } from './limits/limits.ts'
import type { OperationRunner } from './operation-runner.ts'
import type { PersistedQueries } from './persisted-queries.ts'
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

/** Apollo Server, not yet started: it parses, validates and formats; what it executes is handed to the runner. */
export function createApollo(options: ApolloOptions): ApolloServer<ApolloContext> {
  const ignore = () => undefined
  const warn = (message?: unknown) => options.warn(String(message))
  return new ApolloServer<ApolloContext>({
    // The only place where Apollo Server lets an executor be chosen; there is no other server behind it.
    gateway: {
      onSchemaLoadOrUpdate: (listener) => {
        listener({ apiSchema: options.schema, coreSupergraphSdl: '' })
        return ignore
      },
      load: async () => ({
        executor: async ({ context, request: { operationName } }) => {
          const { state: request } = context as ApolloContext
          if (request.failure) throw request.failure.error
          // Nothing was planned because the document does not say which operation is meant: Apollo Server gives it the code.
          if (!request.operation) return { errors: [operationNotFound(operationName)] }
          request.run ??= await options.runner.run(request.operation, request.terms)
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
    // What passed all checks is found there, and is not parsed or validated again.
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
      // The hints are read once for each document instead of once for each field of each answer: see document-plan.ts.
      ApolloServerPluginCacheControlDisabled(),
      ApolloServerPluginUsageReportingDisabled(),
      ApolloServerPluginSchemaReportingDisabled(),
      ...options.plugins,
    ],
  })
}

/** In the words of graphql-js. */
function operationNotFound(name: string | undefined): GraphQLError {
  return new GraphQLError(
    name === undefined ? 'Must provide operation name if query contains multiple operations.' : `Unknown operation named "${name}".`,
  )
}
