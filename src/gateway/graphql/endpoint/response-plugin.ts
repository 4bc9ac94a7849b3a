import { type ApolloServerPlugin, type GraphQLRequestContext, type GraphQLRequestListener, HeaderMap } from '@apollo/server'
import type { FormattedExecutionResult } from 'graphql'
import type { Cache } from '../../../engine/cache/cache.ts'
import type { Explanation } from '../../../engine/cache/inspect/explain.ts'
import type { ErrorCode } from '../../../errors.ts'
import { ownerOf } from '../../budgets/fair-store.ts'
import { storageHeaders } from '../answers/cache-control.ts'
import { type CacheVerdict, cacheStatusHeaders, verdictOf } from '../answers/cache-status.ts'
import { answerType, JSON_TYPE } from '../answers/media-type.ts'
import { staleExtension } from '../answers/staleness.ts'
import { Trace } from '../answers/trace.ts'
import type { DocumentPlanner, OperationPlan } from '../document/document-plan.ts'
import type { DocumentStore } from '../document/document-store.ts'
import { disclose, statusOf } from '../document/error-format.ts'
import type { RequestLimits } from '../document/limits/limits.ts'
import { refuseAbove } from '../document/limits/refuse.ts'
import type { PersistedQueries } from '../document/persisted-queries.ts'
import type { OperationRunner } from '../execution/operation-runner.ts'
import type { AnswerLayer } from './answer-layer.ts'
import { operationFacts } from './operation-facts.ts'
import type { OperationUsage } from './operation-usage.ts'
import type { ApolloContext } from './request-state.ts'
import { answerFromTier, executedLayer } from './tier-answer.ts'

/** Facts about an operation that was answered. They contain no values of the request or the response. */
export interface OperationEvent {
  readonly requestId: string
  readonly operationName: string | null
  /** Hash of the operation, independent of its name and layout; undefined if the operation is not known. */
  readonly operationHash: string | undefined
  readonly kind: OperationPlan['kind'] | 'unknown'
  /** Names of the cache policies of the values that the operation reads; undefined if the operation is not known. */
  readonly policyNames: OperationPlan['policyNames'] | undefined
  /** Tenant of the caller; undefined for an anonymous caller. */
  readonly tenant: string | undefined
  readonly cache: CacheVerdict
  readonly layer: AnswerLayer
  readonly errorCodes: readonly string[]
  readonly durationMs: number
  /** Duration of the execution that a cached response saved, ms. */
  readonly savedMs: number
  /** Size of the response body before compression, bytes. */
  readonly bytes: number
}

/** Facts about an error whose message was masked from the client. */
export interface HiddenError {
  readonly requestId: string
  readonly error: unknown
  readonly code: ErrorCode
  readonly path: readonly (string | number)[] | undefined
}

export interface ResponsePluginOptions {
  readonly planner: DocumentPlanner
  readonly documents: Pick<DocumentStore, 'keep'>
  readonly persistedQueries: Pick<PersistedQueries, 'use' | 'register'>
  readonly runner: OperationRunner
  readonly cache: Cache
  readonly isUnavailable: (error: unknown) => boolean
  readonly limits: RequestLimits
  /** Current time, Unix epoch ms. */
  readonly now: () => number
  readonly monotonic: () => number
  readonly usage: OperationUsage | undefined
  readonly onHiddenError: (event: HiddenError) => void
}

/** Error codes of requests that were refused without execution. If the client accepts plain JSON, such a request gets the status 200. */
const REQUEST_ERRORS: ReadonlySet<unknown> = new Set<ErrorCode>(['GRAPHQL_PARSE_FAILED', 'GRAPHQL_VALIDATION_FAILED', 'BAD_USER_INPUT'])

type Request = GraphQLRequestContext<ApolloContext>

/**
 * Returns the gateway's hooks into Apollo Server's request pipeline. A response that is cached as a whole comes from the response tier.
 * Every other response gets headers and extensions that say where its values came from and which caches may store it.
 */
export function responsePlugin(options: ResponsePluginOptions): ApolloServerPlugin<ApolloContext> {
  const { planner, runner, documents, persistedQueries, isUnavailable, onHiddenError } = options
  return {
    async requestDidStart({ contextValue: { state } }): Promise<GraphQLRequestListener<ApolloContext>> {
      const owner = ownerOf(state.viewer)
      return {
        async didResolveSource({ source, queryHash, metrics }) {
          if (!metrics.persistedQueryHit) return
          persistedQueries.use(queryHash, source, owner)
          documents.keep(source, owner)
        },
        async didResolveOperation({ document, source, queryHash, request, operationName, metrics }) {
          const plan = planner.plan(document, request.operationName)
          if (!plan) return
          const cost = plan.cost(request.variables ?? {}, options.now())
          refuseAbove(options.limits, 'maxCost', cost, 'values in its answer')
          // A repeated request was already planned before Apollo Server received it, and may already have been executed.
          if (state.stage.name === 'received')
            state.planned({
              document,
              documentHash: queryHash,
              operationName: request.operationName ?? operationName ?? undefined,
              variables: request.variables ?? {},
              viewer: state.viewer,
              plan,
              cost,
            })
          state.planning?.end(undefined)
          // A failure of the shared tier (Redis) is ignored. The other processes then do not know the document, and the client sends it
          // again.
          if (metrics.persistedQueryRegister) void persistedQueries.register(queryHash, source, owner).catch(() => undefined)
        },
        async responseForOperation() {
          const { stage, runOptions } = state
          if (stage.name !== 'planned' || runOptions.debug) return null
          return (await answerFromTier(state, stage.operation, runner))
            ? { http: { headers: new HeaderMap() }, body: { kind: 'single' as const, singleResult: {} } }
            : null
        },
        async didEncounterErrors({ errors }) {
          for (const error of errors) {
            const { masked, code } = disclose(error, isUnavailable)
            if (masked)
              onHiddenError({ requestId: state.runOptions.requestId, error: error.originalError ?? error, code, path: error.path })
          }
        },
        async willSendResponse(request) {
          const { body } = request.response
          if (body.kind !== 'single' || state.answer) return
          const response = state.runOptions.debug && state.operation ? await runner.explain(state.operation) : undefined
          finish(request, body.singleResult, response, options)
        },
      }
    },
    async unexpectedErrorProcessingRequest({ requestContext, error }) {
      onHiddenError({
        requestId: requestContext.contextValue.state.runOptions.requestId,
        error,
        code: 'INTERNAL_SERVER_ERROR',
        path: undefined,
      })
    },
  }
}

function finish(
  request: Request,
  result: FormattedExecutionResult,
  response: Explanation | undefined,
  options: ResponsePluginOptions,
): void {
  const { state } = request.contextValue
  const { operation, run, viewer, startedAt, step } = state
  const { session, requestId } = state.runOptions
  const trace = run?.trace ?? new Trace({ debug: false })
  const plan = operation?.plan
  const { http } = request.response
  const codes = (result.errors ?? []).map(({ extensions }) => String(extensions?.['code']))
  const bypassed = plan?.kind !== 'query' || !options.cache.enabled

  if (result.data === undefined) settleStatus(request, codes)
  for (const error of result.errors ?? [])
    if (error.extensions && isHidden(error.extensions['code'])) {
      error.extensions['requestId'] = requestId
      if (step?.traceId !== undefined) error.extensions['traceId'] = step.traceId
    }

  // For an unknown persisted query, Apollo Server has already set `Cache-Control` on the error. A cache must not reuse this error, because
  // the client then sends the same request again, together with the text of the query.
  if (!http.headers.has('cache-control')) {
    const hint = run?.hint ?? plan?.hint ?? {}
    const personal = trace.reads !== undefined
    const overtaken = run?.isOvertaken() ?? false
    const answer = { plan, hint, trace, failed: codes.length > 0, authenticated: viewer !== null, personal, overtaken }
    for (const [name, value] of Object.entries(storageHeaders(answer))) http.headers.set(name, value)
  }
  for (const [name, value] of cacheStatusHeaders(trace, bypassed)) http.headers.set(name, value)
  if (session.token !== undefined) {
    http.headers.set('consistency-token', session.token)
    result.extensions = { ...result.extensions, consistencyToken: session.token }
  }
  if (trace.stale) result.extensions = { ...result.extensions, stale: staleExtension(trace.stale) }
  const serverTiming = trace.reads && step?.serverTiming()
  if (serverTiming !== undefined) http.headers.set('server-timing', serverTiming)
  if (trace.reads)
    result.extensions = { ...result.extensions, cache: { counts: trace.counts, response: response ?? null, fields: trace.reads } }

  const durationMs = options.monotonic() - startedAt
  if (operation && run && codes.length === 0) options.usage?.answered(operation, undefined, durationMs)
  const verdict = verdictOf(trace, bypassed)
  step?.end(operationFacts(state, verdict, codes))
  request.contextValue.state.verdict = { cache: verdict, layer: run ? executedLayer(verdict) : unexecutedLayer(codes), errorCodes: codes }
}

/** Error codes of requests for which the gateway had no time or no capacity. */
const SHED: ReadonlySet<string> = new Set<ErrorCode>(['TIMEOUT', 'OVERLOADED', 'UNAVAILABLE'])

function unexecutedLayer(codes: readonly string[]): AnswerLayer {
  return codes.some((code) => SHED.has(code)) ? 'shed' : 'refused'
}

/** Sets the HTTP status of a response without data, from the error and the `Accept` header (GraphQL over HTTP). */
function settleStatus(request: Request, codes: readonly string[]): void {
  const { http } = request.response
  if (http.status === 400 && codes.every((code) => REQUEST_ERRORS.has(code))) {
    if (answerType(request.request.http?.headers.get('accept')) === JSON_TYPE) http.status = 200
    return
  }
  http.status = http.status === undefined || http.status === 500 ? (statusOf(codes[0]) ?? http.status ?? 500) : http.status
}

function isHidden(code: unknown): boolean {
  return code === 'INTERNAL_SERVER_ERROR' || code === 'UNAVAILABLE'
}
