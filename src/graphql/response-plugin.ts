import { type ApolloServerPlugin, type GraphQLRequestContext, type GraphQLRequestListener, HeaderMap } from '@apollo/server'
import type { FormattedExecutionResult } from 'graphql'
import type { Cache } from '../cache/cache.ts'
import type { Explanation } from '../cache/explain.ts'
import { ownerOf } from '../responses/fair-store.ts'
import { storageHeaders } from './cache-control.ts'
import { type CacheVerdict, cacheStatusHeaders, verdictOf } from './cache-status.ts'
import type { DocumentPlanner, OperationPlan } from './document-plan.ts'
import type { DocumentStore } from './document-store.ts'
import { disclose, statusOf } from './error-format.ts'
import type { RequestLimits } from './limits/limits.ts'
import { refuseAbove } from './limits/refuse.ts'
import { answerType, JSON_TYPE } from './media-type.ts'
import type { OperationRunner } from './operation-runner.ts'
import type { PersistedQueries } from './persisted-queries.ts'
import type { ApolloContext } from './request-state.ts'
import { staleExtension } from './staleness.ts'
import { answerFromTier } from './tier-answer.ts'
import { Trace } from './trace.ts'

/** An operation was answered. Names and counts only. */
export interface OperationEvent {
  readonly requestId: string
  readonly operationName: string | null
  readonly kind: OperationPlan['kind'] | 'unknown'
  readonly cache: CacheVerdict
  readonly errorCodes: readonly string[]
  readonly durationMs: number
}

/** An operation was answered by bytes that this process had. */
export interface AnswerAtHandEvent {
  readonly operationName: string | undefined
  /** Of the value that was read, which is the whole answer. */
  readonly policy: string
  readonly status: number
  readonly durationMs: number
}

/** An error whose own words the client was not told. */
export interface HiddenError {
  readonly requestId: string
  readonly error: unknown
  readonly code: string
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
  /** Unix epoch, ms. */
  readonly now: () => number
  readonly monotonic: () => number
  readonly onOperation: (event: OperationEvent) => void
  readonly onHiddenError: (event: HiddenError) => void
}

/** Refused before or instead of execution: answered with 200 where the client wants plain JSON. */
const REQUEST_ERRORS: ReadonlySet<unknown> = new Set(['GRAPHQL_PARSE_FAILED', 'GRAPHQL_VALIDATION_FAILED', 'BAD_USER_INPUT'])

type Request = GraphQLRequestContext<ApolloContext>

/**
 * What is ours of Apollo Server's pipeline: where the answer to an operation is kept as a whole, it comes from the response tier;
 * every other answer gets the headers and extensions that tell where it came from and who may keep it.
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
          state.operation = {
            document,
            documentHash: queryHash,
            operationName: request.operationName ?? operationName ?? undefined,
            variables: request.variables ?? {},
            viewer: state.viewer,
            plan,
            cost,
          }
          // Where the shared tier fails, another process is sent the document once more.
          if (metrics.persistedQueryRegister) void persistedQueries.register(queryHash, source, owner).catch(() => undefined)
        },
        async responseForOperation() {
          if (!state.operation || state.run || state.failure || state.terms.debug) return null
          return (await answerFromTier(state, state.operation, runner))
            ? { http: { headers: new HeaderMap() }, body: { kind: 'single' as const, singleResult: {} } }
            : null
        },
        async didEncounterErrors({ errors }) {
          for (const error of errors) {
            const { masked, code } = disclose(error, isUnavailable)
            if (masked) onHiddenError({ requestId: state.terms.requestId, error: error.originalError ?? error, code, path: error.path })
          }
        },
        async willSendResponse(request) {
          const { body } = request.response
          if (body.kind !== 'single' || state.answered) return
          const response = state.terms.debug && state.operation ? await runner.explain(state.operation) : undefined
          finish(request, body.singleResult, response, options)
        },
      }
    },
    async unexpectedErrorProcessingRequest({ requestContext, error }) {
      onHiddenError({ requestId: requestContext.contextValue.state.terms.requestId, error, code: 'INTERNAL_SERVER_ERROR', path: undefined })
    },
  }
}

function finish(
  request: Request,
  result: FormattedExecutionResult,
  response: Explanation | undefined,
  options: ResponsePluginOptions,
): void {
  const { operation, run, viewer, startedAt } = request.contextValue.state
  const { session, requestId } = request.contextValue.state.terms
  const trace = run?.trace ?? new Trace({ debug: false })
  const plan = operation?.plan
  const { http } = request.response
  const codes = (result.errors ?? []).map(({ extensions }) => String(extensions?.['code']))
  const bypassed = plan?.kind !== 'query' || !options.cache.enabled

  if (result.data === undefined) settleStatus(request, codes)
  for (const error of result.errors ?? [])
    if (error.extensions && isHidden(error.extensions['code'])) error.extensions['requestId'] = requestId

  // An unknown persisted query comes with a header of its own: a client asks again at once.
  if (!http.headers.has('cache-control')) {
    const hint = run?.hint ?? plan?.hint ?? {}
    const answer = { plan, hint, trace, failed: codes.length > 0, authenticated: viewer !== null, personal: trace.reads !== undefined }
    for (const [name, value] of Object.entries(storageHeaders(answer))) http.headers.set(name, value)
  }
  for (const [name, value] of cacheStatusHeaders(trace, bypassed)) http.headers.set(name, value)
  if (session.token !== undefined) {
    http.headers.set('consistency-token', session.token)
    result.extensions = { ...result.extensions, consistencyToken: session.token }
  }
  if (trace.stale) result.extensions = { ...result.extensions, stale: staleExtension(trace.stale) }
  if (trace.reads)
    result.extensions = { ...result.extensions, cache: { counts: trace.counts, response: response ?? null, fields: trace.reads } }

  options.onOperation({
    requestId,
    operationName: request.operationName ?? null,
    kind: plan?.kind ?? 'unknown',
    cache: verdictOf(trace, bypassed),
    errorCodes: codes,
    durationMs: options.monotonic() - startedAt,
  })
}

/** Where nothing was executed, the status follows from the error and from what the client accepts (GraphQL over HTTP). */
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
