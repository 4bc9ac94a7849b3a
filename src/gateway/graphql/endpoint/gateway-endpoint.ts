import { setImmediate as nextTurn } from 'node:timers/promises'
import type { ApolloServer } from '@apollo/server'
import type { Cache } from '../../../engine/cache/cache.ts'
import type { Env } from '../../../engine/cache/model/env.ts'
import type { Session } from '../../../engine/cache/model/session.ts'
import { GatewayError } from '../../../errors.ts'
import { ownerOf } from '../../budgets/fair-store.ts'
import type { PolicyRegistry } from '../../policies/policy-registry.ts'
import type { RawRequest, RequestIndex } from '../../responses/request-index.ts'
import type { CacheableOperation, ResponseTier } from '../../responses/response-tier.ts'
import { cacheStatusHeaders } from '../answers/cache-status.ts'
import { answerType, JSON_TYPE } from '../answers/media-type.ts'
import { flaggedBytes, stalenessOf } from '../answers/staleness.ts'
import { Trace } from '../answers/trace.ts'
import type { DocumentPlanner } from '../document/document-plan.ts'
import type { DocumentStore } from '../document/document-store.ts'
import { type Envelope, searchOf } from '../document/envelope.ts'
import { InvalidRequestError } from '../document/invalid-request.ts'
import type { Operation } from '../document/prepared-operation.ts'
import type { OperationObserver } from '../execution/operation-observer.ts'
import type { OperationRunner } from '../execution/operation-runner.ts'
import { requestDirectives } from '../execution/request-directives.ts'
import type { AnswerReports } from './answer-reports.ts'
import { joinAnswers } from './batch.ts'
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
  type RecallOptions,
  refusal,
} from './endpoint.ts'
import { readJson } from './json-body.ts'
import { inOperation, operationFacts } from './operation-facts.ts'
import type { OperationReader, ReadQuery } from './operation-reader.ts'
import type { OperationUsage } from './operation-usage.ts'
import { RecalledState } from './recalled-state.ts'
import { headerOf, recognisable } from './recognisable.ts'
import { type ApolloContext, RequestState, type TierAnswer } from './request-state.ts'
import { refuseReservedTenant } from './reserved-tenant.ts'
import { answerFromTier, tierHeaders } from './tier-answer.ts'

export interface GatewayEndpointOptions {
  readonly apollo: ApolloServer<ApolloContext>
  readonly documents: DocumentStore
  readonly planner: DocumentPlanner
  readonly policies: Pick<PolicyRegistry, 'version'>
  readonly reader: OperationReader
  readonly cache: Cache
  readonly runner: OperationRunner
  readonly responses: ResponseTier
  readonly index: RequestIndex<KnownOperation>
  /** Maximum number of operations in one batch; 0 means that batches are refused. */
  readonly maxBatched: number
  readonly env: Env
  readonly usage: OperationUsage | undefined
  readonly reports: AnswerReports
  readonly observer: OperationObserver | undefined
}

/** The gateway's endpoint. It answers a repeated request from the response tier (cache of whole responses) before it parses anything. */
export class GatewayEndpoint implements GraphQLEndpoint {
  readonly #options: GatewayEndpointOptions
  /** The session of all requests that send no consistency token and are answered at once. */
  readonly #withoutToken: Session

  constructor(options: GatewayEndpointOptions) {
    this.#options = options
    this.#withoutToken = options.cache.openSession()
  }

  find(raw: RawRequest): KnownOperation | undefined {
    return this.#options.index.get(raw)
  }

  again(known: KnownOperation, sessionToken: string | undefined): AnswerAtHand | undefined {
    const { responses, cache, policies } = this.#options
    if (known.version !== policies.version) return undefined
    const peeked = responses.peek(known.where, sessionToken === undefined ? this.#withoutToken : cache.openSession(sessionToken))
    return peeked && { known, response: peeked.response, costMs: peeked.costMs, now: peeked.now }
  }

  sent(answer: AnswerAtHand, status: number, durationMs: number): void {
    this.#options.usage?.hit(answer.known)
    this.#options.runner.countSubjects(answer.response)
    this.#options.reports.atHand(answer, status, durationMs)
    const { operationName, documentHash, where } = answer.known
    this.#options.observer?.answeredAtHand({ name: operationName, documentHash, policy: where.policy.name, durationMs })
  }

  recall(raw: RawRequest, known: KnownOperation | undefined, options: RecallOptions): Promise<Recalled> | undefined {
    const operation = known && this.#operationOf(known)
    const read = operation ? { ...known, operation } : this.#options.reader.readKnown(raw, options.viewer)
    if (!read || !this.#placeOf(read.operation, operation && known)) return undefined
    const state = this.#open({ ...options, headers: {}, debug: false })
    state.step = this.#options.observer?.beginOperation(false)
    return inOperation(state, () => this.#recall(raw, read, operation && known, state))
  }

  async execute(request: GraphQLHttpRequest): Promise<GraphQLHttpResponse> {
    if (request.recalled?.response) return request.recalled.response
    const state = request.recalled instanceof RecalledState ? request.recalled.state : this.#open(request)
    state.step ??= this.#options.observer?.beginOperation(state.runOptions.debug)
    const response = await inOperation(state, () => this.#execute(request, state))
    // This ends the step of a request that was refused before its operation was known. Other steps have already ended.
    state.step?.end(operationFacts(state, 'BYPASS', []))
    return response
  }

  now(): number {
    return this.#options.cache.now()
  }

  async stop(): Promise<void> {
    await this.#options.apollo.stop()
  }

  /**
   * Answers a request in the steps that the comments below number, and ends with the first step that has the response. Before these steps,
   * http/fast-path.ts has already looked for a response in memory. A mutation takes the same steps, and its resolvers write through
   * gateway/writes/write-path.ts.
   */
  async #execute(request: GraphQLHttpRequest, state: RequestState): Promise<GraphQLHttpResponse> {
    const mediaType = answerType(headerOf(request, 'accept'))
    if (mediaType === null) {
      this.#options.reports.refused(state, 'BAD_REQUEST')
      return notAcceptable()
    }
    try {
      refuseReservedTenant(state)
      // Step 1: a repeated request is recognised by its text, without parsing it.
      const seen = await this.#answerSeen(request, state)
      if (seen) return seen
      const body = readJson(request)
      if (Array.isArray(body) && this.#options.maxBatched > 0) return await this.#batch(request, body)
      // Step 2 reads the parts of the request and checks them against the limits. Step 3 parses, validates and plans the document.
      // Step 4 asks the response tier for the whole response. If the response is neither in this process nor in Redis, step 5 executes the
      // operation. The rows and fields of the operation come from the cache or the database.
      const response = await this.#ask(request, body, state)
      // Step 6: the response is converted to bytes, and the text of the request is remembered.
      return this.#settle(request, state, response, `${mediaType}; charset=utf-8`)
    } catch (error) {
      if (!(error instanceof GatewayError)) throw error
      this.#options.reports.refused(state, error.code)
      return refusal(error, mediaType)
    }
  }

  /**
   * Returns the response to a repeated request from the response tier. Returns undefined if the request is not a repetition, or if the
   * response tier does not answer it. Also returns undefined if the fast path has already asked the response tier.
   */
  async #answerSeen(request: GraphQLHttpRequest, state: RequestState): Promise<GraphQLHttpResponse | undefined> {
    const raw = request.recalled ? undefined : recognisable(request, state)
    const known = raw && this.#options.index.get(raw)
    const operation = known && this.#operationOf(known)
    return operation && (await this.#recall(raw, { ...known, operation }, known, state)).response
  }

  /**
   * Chooses the response to send. If the response tier has answered, its response is sent. The request is then also remembered for later
   * identical requests, unless it has debugging or cache directives. Otherwise Apollo Server's response is sent.
   */
  #settle(request: GraphQLHttpRequest, state: RequestState, response: GraphQLHttpResponse, contentType: string): GraphQLHttpResponse {
    const { stage } = state
    if (state.operation?.plan.introspection) return { ...response, operations: 0 }
    if (stage.name !== 'answered') return response
    const raw = recognisable(request, state)
    if (raw) this.#remember(raw, stage.operation, stage.answer, contentType)
    return this.#fromTier(state, stage.answer, contentType)
  }

  #remember(raw: RawRequest, operation: Operation, { where }: TierAnswer, contentType: string): void {
    const { documentHash, operationName, variables, viewer, cost, plan } = operation
    this.#options.index.set(raw, {
      id: plan.id,
      documentHash,
      operationName,
      variables,
      viewer,
      cost,
      where,
      version: plan.version,
      contentType,
      counter: this.#options.reports.counterOf(operation, where),
    })
  }

  /**
   * Returns the operation that the request index knows. Returns undefined if its document was evicted from the document store; the request
   * is then parsed again.
   */
  #operationOf({ documentHash, operationName, variables, viewer, cost }: KnownOperation): Operation | undefined {
    const { documents, planner } = this.#options
    const document = documents.find(documentHash)
    const plan = document && planner.plan(document, operationName)
    return plan && { document, documentHash, operationName, variables, viewer, plan, cost }
  }

  /** Returns where the response is cached as a whole. A cache policy may have changed since the request was remembered. */
  #placeOf(operation: Operation, known: KnownOperation | undefined): CacheableOperation | undefined {
    const { runner } = this.#options
    return runner.cacheable(operation, known?.version === operation.plan.version ? known.where : undefined)
  }

  async #recall(raw: RawRequest, { operation, contentType }: ReadQuery, known: KnownOperation | undefined, state: RequestState) {
    state.planned(operation)
    await answerFromTier(state, operation, this.#options.runner, this.#placeOf(operation, known))
    const { answer } = state
    if (answer && known?.version !== operation.plan.version) this.#remember(raw, operation, answer, contentType)
    return new RecalledState(answer && this.#fromTier(state, answer, contentType), state)
  }

  #open(request: RecallOptions & Pick<GraphQLHttpRequest, 'headers' | 'debug'>): RequestState {
    const { cache, env } = this.#options
    const { viewer, requestId, signal } = request
    const debug = request.debug && (headerOf(request, 'apollo-cache-debugging') === 'true' || headerOf(request, 'x-cache-debug') === '1')
    const directives = requestDirectives(headerOf(request, 'cache-control'), viewer)
    const session = cache.openSession(request.sessionToken)
    return new RequestState(viewer, { session, requestId, debug, directives, signal }, env.monotonic())
  }

  async #ask(request: GraphQLHttpRequest, body: unknown, state: RequestState): Promise<GraphQLHttpResponse> {
    state.planning = this.#options.observer?.beginPlan()
    return this.#askApollo(request, body, state).finally(() => state.planning?.end(undefined))
  }

  /** Checks the request against the limits and passes it to Apollo Server. */
  async #askApollo(request: GraphQLHttpRequest, body: unknown, state: RequestState): Promise<GraphQLHttpResponse> {
    const { apollo } = this.#options
    const context = async () => ({ state })
    const isGet = request.method === 'GET'
    // Apollo Server itself refuses a POST without a body. Its error message names the possible causes.
    if (!isGet && body === undefined) return this.#options.reports.executed(state, await askApollo(apollo, request, body, context))
    let envelope: Envelope
    try {
      envelope = this.#options.reader.envelopeOf(isGet ? { search: request.search } : { body }, ownerOf(state.viewer))
    } catch (error) {
      if (!(error instanceof GatewayError || error instanceof InvalidRequestError)) throw error
      this.#options.reports.refused(state, error.code)
      return this.#refused(error, request)
    }
    const response = isGet
      ? await askApollo(apollo, { ...request, search: searchOf(envelope) }, undefined, context)
      : await askApollo(apollo, request, envelope, context)
    return this.#options.reports.executed(state, response)
  }

  #refused(error: GatewayError | InvalidRequestError, request: GraphQLHttpRequest): GraphQLHttpResponse {
    const type = answerType(headerOf(request, 'accept')) ?? JSON_TYPE
    if (error instanceof GatewayError) return refusal(error, type)
    const response = invalidRequest(error, type)
    for (const [name, value] of cacheStatusHeaders(new Trace({ debug: false }), true)) response.headers.set(name, value)
    return response
  }

  /** Answers the members of a batch one after the other, so that a read sees an earlier write of the same batch. */
  async #batch(request: GraphQLHttpRequest, members: readonly unknown[]): Promise<GraphQLHttpResponse> {
    const { maxBatched } = this.#options
    if (members.length === 0 || members.length > maxBatched)
      throw new GatewayError('BAD_REQUEST', `A batch has from 1 to ${maxBatched} operations, this one has ${members.length}.`)
    const state = this.#open(request)
    const answers: GraphQLHttpResponse[] = []
    for (const [index, member] of members.entries()) {
      // This pause of one turn of the event loop lets other requests proceed. A refused member is answered without any wait. So without the
      // pause, a batch of refused members would block all other requests.
      if (index > 0) await nextTurn()
      const own = state.another(this.#options.env.monotonic())
      own.step = this.#options.observer?.beginOperation(own.runOptions.debug)
      const answer = await inOperation(own, () => this.#ask(request, member, own))
      answers.push(own.answer ? this.#fromTier(own, own.answer, answer.headers.get('content-type') ?? JSON_TYPE) : answer)
    }
    return { ...joinAnswers(answers), operations: answers.length }
  }

  #fromTier(state: RequestState, answered: TierAnswer, contentType: string): GraphQLHttpResponse {
    const headers = new Map([['content-type', contentType]])
    const pairs = tierHeaders(answered, this.#options.cache.now())
    for (let index = 0; index < pairs.length; index += 2) headers.set(pairs[index] as string, pairs[index + 1] as string)
    if (state.operation) this.#options.usage?.answered(state.operation, answered.where, this.#options.env.monotonic() - state.startedAt)
    const { bytes } = answered.answer
    const body = answered.layer === 'stale' ? flaggedBytes(bytes, stalenessOf(answered)) : bytes
    this.#options.reports.fromTier(state, answered, body.byteLength)
    return { status: 200, headers, body }
  }
}
