import type { DocumentNode } from 'graphql'
import type { Cache } from '../../../engine/cache/cache.ts'
import { type Env, systemEnv } from '../../../engine/cache/model/env.ts'
import { ownerOf } from '../../budgets/fair-store.ts'
import { divideRequestMemory, type RequestMemory } from '../../budgets/request-memory.ts'
import type { Module } from '../../contract/module.ts'
import type { PolicyOverrides } from '../../policies/policy-registry.ts'
import { Popularity, type PopularityCounts } from '../../policies/popularity.ts'
import { jsonBytes } from '../../responses/json-bytes.ts'
import { RequestIndex } from '../../responses/request-index.ts'
import { ResponseTier } from '../../responses/response-tier.ts'
import { DocumentPlanner } from '../document/document-plan.ts'
import { DocumentStore } from '../document/document-store.ts'
import type { RequestLimits } from '../document/limits/limits.ts'
import { PersistedQueries } from '../document/persisted-queries.ts'
import { threadCpuMs } from '../document/thread-cpu.ts'
import { checkTrusted } from '../document/trusted/check-trusted.ts'
import { NO_TRUSTED_DOCUMENTS, type TrustedDocuments } from '../document/trusted/trusted-documents.ts'
import type { Sources } from '../execution/context.ts'
import { budgetFields } from '../execution/limits/field-budget.ts'
import type { OperationObserver } from '../execution/operation-observer.ts'
import { OperationRunner } from '../execution/operation-runner.ts'
import { buildGatewaySchema, type GatewaySchema, readTypeDefs } from '../schema/schema.ts'
import { type AnswerCounter, type AnswersAtHand, UNCOUNTED } from './answer-counter.ts'
import { AnswerReports } from './answer-reports.ts'
import { createApollo } from './apollo.ts'
import { countRequests, type GraphQLEndpoint, type KnownOperation } from './endpoint.ts'
import { createFormatAlone, type FormatAlone } from './format-alone.ts'
import { GatewayEndpoint } from './gateway-endpoint.ts'
import { OperationReader } from './operation-reader.ts'
import type { OperationUsage } from './operation-usage.ts'
import { type HiddenError, type OperationEvent, responsePlugin } from './response-plugin.ts'

export interface GraphQLOptions {
  /** Path of the folder with the *.graphql files. */
  readonly schemaFolder: string
  /** Test-only: changes the SDL before the schema is built. */
  readonly adaptTypeDefs?: (typeDefs: DocumentNode) => DocumentNode
  readonly modules: readonly Module[]
  readonly cache: Cache
  readonly sources: Sources
  /** Returns the part of a global id that identifies the object within its type; undefined for a text that is no global id. */
  readonly localId: (globalId: string) => string | undefined
  /** Attribute values of cache policies, by schema coordinate. They replace the values in the schema. */
  readonly policyOverrides: PolicyOverrides
  /**
   * Whether introspection is allowed. If it is not, error messages contain no suggestions either, because these would reveal names of the
   * schema.
   */
  readonly introspection: boolean
  readonly limits: RequestLimits
  /** Documents that the operator trusts, which requests may name by an id. Default: none. */
  readonly trusted?: TrustedDocuments
  /** Maximum number of operations in one batch. Default: 0, which means that batches are refused. */
  readonly maxBatched?: number
  /** Memory limits of the stores that keep parts of requests. Default: 64 MiB, divided among these stores. */
  readonly memory?: Omit<RequestMemory, 'tokens' | 'recognised'>
  readonly env?: Env
  /** Receives each query that was answered without errors. */
  readonly usage?: OperationUsage | undefined
  /** Test-only: replaces the counts of requests. These counts decide which values are popular. */
  readonly popularity?: PopularityCounts
  readonly onOperation?: (event: OperationEvent) => void
  /**
   * Creates the counter of an operation whose responses come from the memory of this process, and are sent before anything is parsed. They are
   * not reported to `onOperation`.
   */
  readonly counterOf?: (answers: AnswersAtHand) => AnswerCounter
  /** Called with each error whose message is masked from the client. */
  readonly onHiddenError?: (event: HiddenError) => void
  /**
   * Called with each warning of Apollo Server. At the start, it is also called with one warning for each column that is declared as a
   * dimension (a column by which tags divide the rows of a table) but does not occur in any `@cache(depends:)`.
   */
  readonly onWarning?: (message: string) => void
  /** Observes the operations, for example to trace them. Default: none. */
  readonly observer?: OperationObserver | undefined
}

export interface GatewayGraphQL extends GraphQLEndpoint {
  readonly gateway: GatewaySchema
  /** Parts of the endpoint that execute operations without a client's request, for example to warm the cache. */
  readonly execution: {
    readonly documents: DocumentStore
    readonly trusted: TrustedDocuments
    readonly limits: RequestLimits
    readonly planner: DocumentPlanner
    readonly runner: OperationRunner
    readonly cache: Cache
    readonly formatError: FormatAlone
  }
}

const USUAL_MEMORY = divideRequestMemory(64 * 2 ** 20)
/** Estimated size of a cache key, bytes. Actual keys are shorter. */
const KEY_BYTES = 250

/**
 * Creates the GraphQL endpoint, with an Apollo Server that is started.
 * @throws GatewayError CONFIGURATION if the schema, the modules, the cache policies or the trusted documents contradict each other.
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
  budgetFields(gateway.schema)
  const responses = new ResponseTier(cache)
  const monotonic = () => env.monotonic()
  const popularity = options.popularity ?? new Popularity({ monotonic, seed: Math.floor(env.random() * 2 ** 32) })
  const { observer } = options
  const hideSuggestions = !introspection
  const runner = new OperationRunner({ gateway, cache, responses, sources, env, limits, popularity, hideSuggestions, observer })
  const { isUnavailable } = sources
  const planner = new DocumentPlanner(gateway)
  const now = () => cache.now()
  const documents = new DocumentStore({ schema: gateway.schema, introspection, limits, maxBytes: memory.documents, cpuTime: threadCpuMs })
  await checkTrusted(trusted, documents)
  // This check does not know the caller. So it stores the document for the owner that all anonymous callers share. A later request that
  // uses the document passes the owner of its own caller to the store.
  const checkShared = (document: string) => documents.check(document, ownerOf(null))
  const persistedQueries = new PersistedQueries(cache, now, checkShared, memory.persistedQueries)
  const locationsOf: DocumentStore['locationsOf'] = (nodes) => documents.locationsOf(nodes)
  const formatError = createFormatAlone({ isUnavailable, locationsOf, hideSuggestions, onHiddenError })
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
        usage: options.usage,
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
    planner,
    policies: gateway.policies,
    reader: new OperationReader({ documents, trusted, planner, limits, now }),
    cache,
    runner,
    responses,
    index: new RequestIndex<KnownOperation>({ maxBytes: memory.requests, bytesOf: ({ variables }) => KEY_BYTES + jsonBytes(variables) }),
    maxBatched: options.maxBatched ?? 0,
    env,
    usage: options.usage,
    reports: new AnswerReports({ env, onOperation, counterOf: options.counterOf ?? (() => UNCOUNTED) }),
    observer,
  })
  return {
    gateway,
    execution: { documents, trusted, limits, planner, runner, cache, formatError },
    ...countRequests({
      find: (raw) => endpoint.find(raw),
      again: (known, sessionToken) => endpoint.again(known, sessionToken),
      recall: (raw, known, options) => endpoint.recall(raw, known, options),
      sent: (answer, status, durationMs) => endpoint.sent(answer, status, durationMs),
      now: () => endpoint.now(),
      execute: (request) => endpoint.execute(request),
      stop: () => endpoint.stop(),
    }),
  }
}
