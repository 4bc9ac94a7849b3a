import { setImmediate as nextTurn } from 'node:timers/promises'
import type { ApolloServer } from '@apollo/server'
import type { Cache } from '../cache/cache.ts'
import { PUBLIC_TENANT } from '../cache/entity.ts'
import type { Env } from '../cache/env.ts'
import { GatewayError } from '../errors.ts'
import { ownerOf } from '../responses/fair-store.ts'
import type { RawRequest, RequestIndex } from '../responses/request-index.ts'
import type { ResponseTier } from '../responses/response-tier.ts'
import { joinAnswers } from './batch.ts'
import { type CacheVerdict, cacheStatusHeaders } from './cache-status.ts'
import type { DocumentPlanner } from './document-plan.ts'
import type { DocumentStore } from './document-store.ts'
import {
  type AnswerAtHand,
  askApollo,
  type GraphQLEndpoint,
  type GraphQLHttpRequest,
  type GraphQLHttpResponse,
  invalidRequest,
  type KnownOperation,
  notAcceptable,
  type Recalled,
  type RecallTerms,
  readJson,
  refusal,
} from './endpoint.ts'
import { type Envelope, type EnvelopeSource, readEnvelope, searchOf } from './envelope.ts'
import { InvalidRequestError } from './invalid-request.ts'
import { checkVariableTexts } from './limits/input-text.ts'
import type { RequestLimits } from './limits/limits.ts'
import { checkRequestLimits } from './limits/request-limits.ts'
import { answerType, JSON_TYPE } from './media-type.ts'
import type { OperationRunner } from './operation-runner.ts'
import type { Operation } from './prepared-operation.ts'
import { NO_DIRECTIVES, requestDirectives } from './request-directives.ts'
import type { ApolloContext, RequestState } from './request-state.ts'
import type { AnswerAtHandEvent, OperationEvent } from './response-plugin.ts'
import { flaggedBytes, stalenessOf } from './staleness.ts'
import { answerFromTier, tierHeaders, tierVerdict } from './tier-answer.ts'
import { Trace } from './trace.ts'
import type { TrustedDocuments } from './trusted/trusted-documents.ts'

export interface GatewayEndpointOptions {
  readonly apollo: ApolloServer<ApolloContext>
  readonly documents: DocumentStore
  readonly trusted: TrustedDocuments
  readonly planner: DocumentPlanner
  readonly limits: RequestLimits
  readonly cache: Cache
  readonly runner: OperationRunner
  readonly responses: ResponseTier
  readonly index: RequestIndex<KnownOperation>
  /** Operations in one HTTP request; 0: one request, one operation. */
  readonly mostBatched: number
  readonly env: Env
  readonly onOperation: (event: OperationEvent) => void
  /** In the place of `onOperation`, for an answer that was at hand. */
  readonly onAnswerAtHand: (event: AnswerAtHandEvent) => void
}

/** The gateway's own endpoint: what is asked again is answered from the response tier before anything is parsed. */
export class GatewayEndpoint implements GraphQLEndpoint {
  readonly #options: GatewayEndpointOptions

  constructor(options: GatewayEndpointOptions) {
    this.#options = options
  }

  atHand(raw: RawRequest, sessionToken: string | undefined): AnswerAtHand | undefined {
    const { index, responses, cache } = this.#options
    const known = index.get(raw)
    const response = known && responses.peek(known.where, cache.openSession(sessionToken))
    return response && { known, response }
  }

  sent({ known }: AnswerAtHand, status: number, durationMs: number): void {
    this.#options.onAnswerAtHand({ operationName: known.operationName, policy: known.where.policy.name, status, durationMs })
  }

  recall(raw: RawRequest, terms: RecallTerms): Promise<Recalled> | undefined {
    const known = this.#options.index.get(raw)
    const operation = known && this.#operationOf(known)
    return operation && this.#recall(operation, known.contentType, this.#open({ ...terms, headers: {}, debug: false }))
  }

  async execute(request: GraphQLHttpRequest): Promise<GraphQLHttpResponse> {
    const { index, mostBatched } = this.#options
    const state = request.recalled instanceof RecalledState ? request.recalled.state : this.#open(request)
    if (state.viewer?.tenant === PUBLIC_TENANT)
      return refusal(new GatewayError('FORBIDDEN', `The tenant ${PUBLIC_TENANT} is reserved: no token may name it.`))
    const mediaType = answerType(headerOf(request, 'accept'))
    if (mediaType === null) return notAcceptable()
    const raw = state.terms.debug || state.terms.directives !== NO_DIRECTIVES ? undefined : request.raw
    const known = raw && !request.recalled ? index.get(raw) : undefined
    const recalled = known && this.#operationOf(known)
    if (recalled) {
      const { response } = await this.#recall(recalled, known.contentType, state)
      if (response) return response
    }
    let body: unknown
    try {
      body = readJson(request)
    } catch (error) {
      if (!(error instanceof GatewayError)) throw error
      return refusal(error, mediaType)
    }
    if (Array.isArray(body) && mostBatched > 0) return this.#batch(request, body)
    const contentType = `${mediaType}; charset=utf-8`
    const response = await this.#ask(request, body, state)
    const { operation, answered } = state
    if (operation?.plan.introspection) return { ...response, operations: 0 }
    if (!operation || !answered) return response
    const { documentHash, operationName, variables, viewer, cost } = operation
    if (raw) index.set(raw, { documentHash, operationName, variables, viewer, cost, where: answered.where, contentType })
    return this.#fromTier(state, contentType)
  }

  now(): number {
    return this.#options.cache.now()
  }

  async stop(): Promise<void> {
    await this.#options.apollo.stop()
  }

  /** The operation, unless its document has left the store: then the request is read as if it were new. */
  #operationOf({ documentHash, operationName, variables, viewer, cost }: KnownOperation): Operation | undefined {
    const { documents, planner } = this.#options
    const document = documents.find(documentHash)
    const plan = document && planner.plan(document, operationName)
    return plan && { document, documentHash, operationName, variables, viewer, plan, cost }
  }

  async #recall(operation: Operation, contentType: string, state: RequestState): Promise<RecalledState> {
    state.operation = operation
    const isAnswered = await answerFromTier(state, operation, this.#options.runner)
    return new RecalledState(isAnswered ? this.#fromTier(state, contentType) : undefined, state)
  }

  #open(request: RecallTerms & Pick<GraphQLHttpRequest, 'headers' | 'debug'>): RequestState {
    const { cache, env } = this.#options
    const { viewer, requestId } = request
    const debug = request.debug && (headerOf(request, 'apollo-cache-debugging') === 'true' || headerOf(request, 'x-cache-debug') === '1')
    const directives = requestDirectives(headerOf(request, 'cache-control'), viewer)
    return {
      viewer,
      terms: { session: cache.openSession(request.sessionToken), requestId, debug, directives },
      startedAt: env.monotonic(),
      operation: undefined,
      run: undefined,
      failure: undefined,
      answered: undefined,
    }
  }

  /** Hands the request to Apollo Server, where it is a request within the limits. */
  async #ask(request: GraphQLHttpRequest, body: unknown, state: RequestState): Promise<GraphQLHttpResponse> {
    const { apollo } = this.#options
    const context = async () => ({ state })
    const isGet = request.method === 'GET'
    // Apollo Server tells apart why there is no JSON.
    if (!isGet && body === undefined) return askApollo(apollo, request, body, context)
    let envelope: Envelope
    try {
      envelope = this.#checked(isGet ? { search: request.search } : { body }, ownerOf(state.viewer))
    } catch (error) {
      if (!(error instanceof GatewayError || error instanceof InvalidRequestError)) throw error
      this.#report(state, 'BYPASS', [error.code])
      return this.#refused(error, request)
    }
    return isGet
      ? askApollo(apollo, { ...request, search: searchOf(envelope) }, undefined, context)
      : askApollo(apollo, request, envelope, context)
  }

  /** Refuses a document that is not trusted before anything of it is parsed. */
  #checked(source: EnvelopeSource, owner: string): Envelope {
    const { documents, trusted, limits } = this.#options
    const envelope = trusted.resolve(readEnvelope(source, (id) => trusted.answersFor(id)))
    checkRequestLimits(envelope, limits)
    checkVariableTexts(envelope.variables)
    if (envelope.query !== undefined) documents.check(envelope.query, owner)
    return envelope
  }

  #refused(error: GatewayError | InvalidRequestError, request: GraphQLHttpRequest): GraphQLHttpResponse {
    const type = answerType(headerOf(request, 'accept')) ?? JSON_TYPE
    if (error instanceof GatewayError) return refusal(error, type)
    const response = invalidRequest(error, type)
    for (const [name, value] of cacheStatusHeaders(new Trace({ debug: false }), true)) response.headers.set(name, value)
    return response
  }

  /** One after the other: a read sees what a write before it in the same request has written. */
  async #batch(request: GraphQLHttpRequest, members: readonly unknown[]): Promise<GraphQLHttpResponse> {
    const { mostBatched } = this.#options
    if (members.length === 0 || members.length > mostBatched)
      return refusal(new GatewayError('BAD_REQUEST', `A batch has from 1 to ${mostBatched} operations, this one has ${members.length}.`))
    const state = this.#open(request)
    const answers: GraphQLHttpResponse[] = []
    for (const [index, member] of members.entries()) {
      // Those that are refused wait for nothing: together they would block all other requests.
      if (index > 0) await nextTurn()
      const own: RequestState = { ...state }
      const answer = await this.#ask(request, member, own)
      answers.push(own.answered ? this.#fromTier(own, answer.headers.get('content-type') ?? JSON_TYPE) : answer)
    }
    return { ...joinAnswers(answers), operations: answers.length }
  }

  #fromTier(state: RequestState, contentType: string): GraphQLHttpResponse {
    const { answered } = state
    if (!answered) throw new TypeError('The response tier has not answered.')
    const headers = new Map([['content-type', contentType]])
    const pairs = tierHeaders(answered, this.#options.cache.now())
    for (let index = 0; index < pairs.length; index += 2) headers.set(pairs[index] as string, pairs[index + 1] as string)
    this.#report(state, tierVerdict(answered), [])
    const { bytes } = answered.answer
    return { status: 200, headers, body: answered.layer === 'stale' ? flaggedBytes(bytes, stalenessOf(answered)) : bytes }
  }

  #report({ operation, terms, startedAt }: RequestState, cache: CacheVerdict, errorCodes: readonly string[]): void {
    const { env, onOperation } = this.#options
    onOperation({
      requestId: terms.requestId,
      operationName: operation?.operationName ?? null,
      kind: operation?.plan.kind ?? 'unknown',
      cache,
      errorCodes,
      durationMs: env.monotonic() - startedAt,
    })
  }
}

/** A recognised request, with how far it came. */
class RecalledState implements Recalled {
  readonly response: GraphQLHttpResponse | undefined
  readonly state: RequestState

  constructor(response: GraphQLHttpResponse | undefined, state: RequestState) {
    this.response = response
    this.state = state
  }
}

function headerOf({ headers }: Pick<GraphQLHttpRequest, 'headers'>, name: string): string | undefined {
  const value = headers[name]
  return typeof value === 'string' ? value : value?.join(', ')
}
