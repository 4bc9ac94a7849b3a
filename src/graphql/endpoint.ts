import { ApolloServer, HeaderMap, type HTTPGraphQLResponse } from '@apollo/server'
import {
  ApolloServerPluginCacheControlDisabled,
  ApolloServerPluginLandingPageDisabled,
  ApolloServerPluginSchemaReportingDisabled,
  ApolloServerPluginUsageReportingDisabled,
} from '@apollo/server/plugin/disabled'
import { GraphQLError } from 'graphql'
import type { Cache } from '../cache/cache.ts'
import { type Env, systemEnv } from '../cache/env.ts'
import { type ErrorCode, GatewayError } from '../errors.ts'
import type { Module, Viewer } from '../modules/module.ts'
import type { PolicyOverrides } from './cache-rules.ts'
import { createContext, type GatewayContext, type Sources } from './context.ts'
import { DocumentPlanner } from './document-plan.ts'
import { errorFormatter } from './error-format.ts'
import { limitRules, type QueryLimits } from './limits.ts'
import { answerType, GRAPHQL_TYPE, JSON_TYPE } from './media-type.ts'
import { type HiddenError, type OperationEvent, responsePlugin } from './response-plugin.ts'
import { buildGatewaySchema, type GatewaySchema, readTypeDefs } from './schema.ts'
import { Trace } from './trace.ts'

export interface GraphQLOptions {
  /** Folder with the *.graphql files. */
  readonly schemaFolder: string
  readonly modules: readonly Module[]
  readonly cache: Cache
  readonly sources: Sources
  /** The id within its type that a global id stands for, undefined for what is no global id. */
  readonly localId: (globalId: string) => string | undefined
  /** Cache durations in seconds, by coordinate. */
  readonly policyOverrides: PolicyOverrides
  /** Whether the schema may be asked for. Without it, errors make no suggestions either. */
  readonly introspection: boolean
  readonly limits: QueryLimits
  readonly env?: Env
  readonly onOperation?: (event: OperationEvent) => void
  /** Where errors go that the client is not told of. */
  readonly onHiddenError?: (event: HiddenError) => void
  /** Warnings of Apollo Server. */
  readonly onWarning?: (message: string) => void
}

export interface GraphQLHttpRequest {
  readonly method: string
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>
  /** The query string, with or without its question mark. */
  readonly search: string
  /** The parsed JSON body. */
  readonly body: unknown
  /** Who asks, as verified; null for an anonymous caller. */
  readonly viewer: Viewer | null
  readonly requestId: string
  /** Consistency token of an earlier answer. */
  readonly sessionToken?: string | undefined
  /** Whether this caller may see where every field came from, if the request's headers ask for it. */
  readonly debug: boolean
}

export interface GraphQLHttpResponse {
  readonly status: number
  /** By lower-case name. */
  readonly headers: Map<string, string>
  readonly body: string
}

export interface GraphQLEndpoint {
  readonly gateway: GatewaySchema
  /** Answers one HTTP request. Never rejects. */
  execute(request: GraphQLHttpRequest): Promise<GraphQLHttpResponse>
  /** Resolves when the requests being executed are answered; later ones are refused. */
  stop(): Promise<void>
}

/**
 * Starts the GraphQL side of the gateway.
 * @throws GatewayError CONFIGURATION when the schema, the modules and the cache policies do not fit together.
 */
export async function createGraphQL(options: GraphQLOptions): Promise<GraphQLEndpoint> {
  const { cache, sources, limits, env = systemEnv } = options
  const gateway = buildGatewaySchema({
    typeDefs: await readTypeDefs(options.schemaFolder),
    modules: options.modules,
    overrides: options.policyOverrides,
    localId: options.localId,
  })
  const executing = new Set<Promise<unknown>>()
  const warn = (message?: unknown) => options.onWarning?.(String(message))
  const ignore = () => undefined
  const server = new ApolloServer<GatewayContext>({
    schema: gateway.schema,
    introspection: options.introspection,
    hideSchemaDetailsFromClientErrors: !options.introspection,
    includeStacktraceInErrorResponses: false,
    stopOnTerminationSignals: false,
    maxRecursiveSelections: true,
    validationRules: limitRules(limits),
    validationOptions: { maxErrors: 20 },
    parseOptions: { maxTokens: limits.maxTokens },
    formatError: errorFormatter(sources.isUnavailable),
    stringifyResult: (result) => JSON.stringify(result),
    logger: { debug: ignore, info: ignore, warn, error: warn },
    plugins: [
      ApolloServerPluginLandingPageDisabled(),
      // The hints are read once for each document instead of once for each field of each answer: see document-plan.ts.
      ApolloServerPluginCacheControlDisabled(),
      ApolloServerPluginUsageReportingDisabled(),
      ApolloServerPluginSchemaReportingDisabled(),
      { serverWillStart: async () => ({ drainServer: async () => void (await Promise.allSettled(executing)) }) },
      responsePlugin({
        planner: new DocumentPlanner(gateway.schema, gateway.fields),
        cache,
        isUnavailable: sources.isUnavailable,
        monotonic: () => env.monotonic(),
        onOperation: options.onOperation ?? ignore,
        onHiddenError: options.onHiddenError ?? ignore,
      }),
    ],
  })
  await server.start()

  const answer = async (request: GraphQLHttpRequest): Promise<GraphQLHttpResponse> => {
    const headers = headerMap(request.headers)
    // Apollo Server finds this out only when the operation was executed.
    if (answerType(headers.get('accept')) === null) {
      return refusal('BAD_REQUEST', `The answer can be ${JSON_TYPE} or ${GRAPHQL_TYPE}: name one of them in Accept.`, 406)
    }
    let context: GatewayContext | undefined
    const response = await server.executeHTTPGraphQLRequest({
      httpGraphQLRequest: { method: request.method, headers, search: request.search, body: request.body },
      context: async () => {
        context = asRequestError(() =>
          createContext({
            gateway,
            cache,
            sources,
            now: () => env.now(),
            viewer: request.viewer,
            session: cache.openSession(request.sessionToken),
            trace: new Trace({ debug: request.debug && asksForDebugging(headers) }),
            requestId: request.requestId,
          }),
        )
        return context
      },
    })
    await context?.endSnapshot()
    return toResponse(response)
  }

  let stopping = false
  return {
    gateway,
    execute(request) {
      if (stopping) return Promise.resolve(refusal('UNAVAILABLE', 'The server is shutting down: send the request again.', 503))
      const answered = answer(request)
      executing.add(answered)
      return answered.finally(() => executing.delete(answered))
    },
    stop() {
      stopping = true
      return server.stop()
    },
  }
}

function headerMap(headers: GraphQLHttpRequest['headers']): HeaderMap {
  const map = new HeaderMap()
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) map.set(name.toLowerCase(), typeof value === 'string' ? value : value.join(', '))
  }
  return map
}

function asksForDebugging(headers: HeaderMap): boolean {
  return headers.get('apollo-cache-debugging') === 'true' || headers.get('x-cache-debug') === '1'
}

/** An error of the whole request carries its status. */
function asRequestError<Value>(make: () => Value): Value {
  try {
    return make()
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error
    throw new GraphQLError(error.message, { originalError: error, extensions: { code: error.code, http: { status: error.status } } })
  }
}

function refusal(code: ErrorCode, message: string, status: number): GraphQLHttpResponse {
  const headers = new Map([
    ['content-type', `${JSON_TYPE}; charset=utf-8`],
    ['cache-control', 'no-store'],
  ])
  return { status, headers, body: JSON.stringify({ errors: [{ message, extensions: { code } }] }) }
}

function toResponse({ status, headers, body }: HTTPGraphQLResponse): GraphQLHttpResponse {
  // Incremental delivery is refused when a document is validated.
  if (body.kind === 'chunked') throw new TypeError('An answer in several parts was not expected.')
  const all = new Map(headers)
  if (!all.has('cache-control')) all.set('cache-control', 'no-store')
  if (!all.has('vary')) all.set('vary', 'Accept, Accept-Encoding, Authorization')
  return { status: status ?? 200, headers: all, body: body.string }
}
