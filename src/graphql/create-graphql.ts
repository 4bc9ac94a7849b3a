import type { DocumentNode } from 'graphql'
import type { Cache } from '../cache/cache.ts'
import { type Env, systemEnv } from '../cache/env.ts'
import type { Module } from '../modules/module.ts'
import { ownerOf } from '../responses/fair-store.ts'
import { jsonBytes } from '../responses/json-bytes.ts'
import { RequestIndex } from '../responses/request-index.ts'
import { divideRequestMemory, type RequestMemory } from '../responses/request-memory.ts'
import { ResponseTier } from '../responses/response-tier.ts'
import { createApollo } from './apollo.ts'
import type { PolicyOverrides } from './cache-rules.ts'
import type { Sources } from './context.ts'
import { DocumentPlanner } from './document-plan.ts'
import { DocumentStore } from './document-store.ts'
import { countRequests, type GraphQLEndpoint, type KnownOperation } from './endpoint.ts'
import { GatewayEndpoint } from './gateway-endpoint.ts'
import type { RequestLimits } from './limits/limits.ts'
import { budgetLists } from './limits/list-budget.ts'
import { OperationRunner } from './operation-runner.ts'
import { PersistedQueries } from './persisted-queries.ts'
import { type AnswerAtHandEvent, type HiddenError, type OperationEvent, responsePlugin } from './response-plugin.ts'
import { buildGatewaySchema, type GatewaySchema, readTypeDefs } from './schema.ts'
import { checkTrusted } from './trusted/check-trusted.ts'
import { NO_TRUSTED_DOCUMENTS, type TrustedDocuments } from './trusted/trusted-documents.ts'

export interface GraphQLOptions {
  /** Folder with the *.graphql files. */
  readonly schemaFolder: string
  /** Test-only: changes the SDL before it is served. */
  readonly adaptTypeDefs?: (typeDefs: DocumentNode) => DocumentNode
  readonly modules: readonly Module[]
  readonly cache: Cache
  readonly sources: Sources
  /** The id within its type that a global id stands for, undefined for what is no global id. */
  readonly localId: (globalId: string) => string | undefined
  /** Cache durations in seconds, by coordinate. */
  readonly policyOverrides: PolicyOverrides
  /** Whether the schema may be asked for. Without it, errors make no suggestions either. */
  readonly introspection: boolean
  readonly limits: RequestLimits
  /** Documents that requests may name by an id. Default: none. */
  readonly trusted?: TrustedDocuments
  /** Operations that one HTTP request may hold. Default 0: exactly one, which is no batch. */
  readonly mostBatched?: number
  /** What may be kept of requests. Default: that of 64 MiB. */
  readonly memory?: Omit<RequestMemory, 'tokens'>
  readonly env?: Env
  readonly onOperation?: (event: OperationEvent) => void
  /** An answer was at hand, and sent before anything was parsed: there is nothing more to say of it. */
  readonly onAnswerAtHand?: (event: AnswerAtHandEvent) => void
  /** Where errors go that the client is not told of. */
  readonly onHiddenError?: (event: HiddenError) => void
  /** Warnings of Apollo Server, and what of the declarations is superfluous. */
  readonly onWarning?: (message: string) => void
}

export interface GatewayGraphQL extends GraphQLEndpoint {
  readonly gateway: GatewaySchema
}

const USUAL_MEMORY = divideRequestMemory(64 * 2 ** 20)
/** A key of the cache is shorter. */
const KEY_BYTES = 250

/**
 * Starts the GraphQL side of the gateway.
 * @throws GatewayError CONFIGURATION when the schema, the modules, the cache policies and the trusted documents do not fit together.
 */
export async function createGraphQL(options: GraphQLOptions): Promise<GatewayGraphQL> {
  const {
    cache,
    sources,
    limits,
    introspection,
    trusted = NO_TRUSTED_DOCUMENTS,
    memory = USUAL_MEMORY,
    env = systemEnv,
    adaptTypeDefs = (typeDefs) => typeDefs,
    onOperation = () => undefined,
    onHiddenError = () => undefined,
  } = options
  const gateway = buildGatewaySchema({
    typeDefs: adaptTypeDefs(await readTypeDefs(options.schemaFolder)),
    modules: options.modules,
    overrides: options.policyOverrides,
    localId: options.localId,
  })
  for (const dimension of gateway.unreadDimensions)
    options.onWarning?.(`No @cache(depends:) reads the dimension ${dimension}: remove it, because each write emits its tags.`)
  budgetLists(gateway.schema)
  const responses = new ResponseTier(cache)
  const runner = new OperationRunner({ gateway, cache, responses, sources, env, limits, hideSuggestions: !introspection })
  const { isUnavailable } = sources
  const planner = new DocumentPlanner(gateway)
  const monotonic = () => env.monotonic()
  const now = () => cache.now()
  const documents = new DocumentStore({ schema: gateway.schema, introspection, limits, maxBytes: memory.documents, monotonic })
  await checkTrusted(trusted, documents)
  // Whoever asks for it next is named by the request that uses it.
  const checkShared = (document: string) => documents.check(document, ownerOf(null))
  const persistedQueries = new PersistedQueries(cache, now, checkShared, memory.persistedQueries)
  const apollo = createApollo({
    schema: gateway.schema,
    runner,
    documents,
    persistedQueries,
    plugins: [
      responsePlugin({
        planner,
        documents,
        persistedQueries,
        runner,
        cache,
        limits,
        isUnavailable,
        now,
        monotonic,
        onOperation,
        onHiddenError,
      }),
    ],
    introspection,
    limits,
    isUnavailable,
    warn: (message) => options.onWarning?.(message),
  })
  await apollo.start()
  const endpoint = new GatewayEndpoint({
    apollo,
    documents,
    trusted,
    planner,
    limits,
    cache,
    runner,
    responses,
    index: new RequestIndex<KnownOperation>({ maxBytes: memory.requests, bytesOf: ({ variables }) => KEY_BYTES + jsonBytes(variables) }),
    mostBatched: options.mostBatched ?? 0,
    env,
    onOperation,
    onAnswerAtHand: options.onAnswerAtHand ?? (() => undefined),
  })
  return {
    gateway,
    ...countRequests({
      atHand: (raw, sessionToken) => endpoint.atHand(raw, sessionToken),
      recall: (raw, terms) => endpoint.recall(raw, terms),
      sent: (answer, status, durationMs) => endpoint.sent(answer, status, durationMs),
      now: () => endpoint.now(),
      execute: (request) => endpoint.execute(request),
      stop: () => endpoint.stop(),
    }),
  }
}
