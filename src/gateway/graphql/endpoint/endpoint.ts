import { type ApolloServer, type BaseContext, HeaderMap, type HTTPGraphQLResponse } from '@apollo/server'
import type { SourceLocation } from 'graphql'
import { type ErrorCode, type ExceededLimit, GatewayError, LimitExceededError } from '../../../errors.ts'
import type { Principal } from '../../identity/principal.ts'
import type { RawRequest } from '../../responses/request-index.ts'
import type { CacheableOperation, PeekedResponse } from '../../responses/response-tier.ts'
import { answerType, GRAPHQL_TYPE, JSON_TYPE } from '../answers/media-type.ts'
import { cut } from '../document/error-format.ts'
import type { InvalidRequestError } from '../document/invalid-request.ts'
import type { Operation } from '../document/prepared-operation.ts'
import type { AnswerCounter } from './answer-counter.ts'
import { readJson } from './json-body.ts'

export interface GraphQLHttpRequest {
  readonly method: string
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>
  /** The query string of the URL, with or without its question mark. */
  readonly search: string
  /** The body as received, but without its content coding; undefined if there is none. */
  readonly body: Uint8Array | undefined
  /** The verified caller; null for an anonymous caller. */
  readonly viewer: Principal | null
  readonly requestId: string
  /** Consistency token of an earlier response, which the client sent with this request; undefined if it sent none. */
  readonly sessionToken?: string | undefined
  /** Whether the client may request the cache trace by a header. */
  readonly debug: boolean
  /**
   * Unparsed parts of the request. A later request with the same parts counts as identical. Undefined if the response also depends on other
   * parts of the request.
   */
  readonly raw?: RawRequest | undefined
  /** Aborts when the client is gone. Loads for which no other request waits are then aborted. */
  readonly signal?: AbortSignal | undefined
  /** Result of `recall` for this request, if `recall` was called before; else undefined. */
  readonly recalled?: Recalled | undefined
}

export type RecallOptions = Pick<GraphQLHttpRequest, 'viewer' | 'requestId' | 'sessionToken' | 'signal'>

export interface GraphQLHttpResponse {
  readonly status: number
  /** Values of the response headers, by lower-case name. */
  readonly headers: Map<string, string>
  /** Body of the response as bytes, or in parts if it is streamed. */
  readonly body: Uint8Array | AsyncIterable<string>
  /** Number of operations that count against the rate limits. It is 0 for introspection, which tools repeat. Default: 1. */
  readonly operations?: number
}

/**
 * An operation that the request index stores for the exact text of a request. It refers to its document only by a hash, because a parsed
 * document takes a hundred times as much memory as its text. The document store limits the memory of parsed documents.
 */
export interface KnownOperation extends Pick<Operation, 'documentHash' | 'operationName' | 'variables' | 'viewer' | 'cost'> {
  /** Hash of the operation, independent of its name and of the layout of its document. */
  readonly id: string
  readonly where: CacheableOperation
  /** Version of the cache policies from which `where` was computed. */
  readonly version: number
  /** Value of `Content-Type` in the response. */
  readonly contentType: string
  readonly counter: AnswerCounter
}

/** A response that is in the memory of this process and can be sent immediately. */
export interface AnswerAtHand extends PeekedResponse {
  readonly known: KnownOperation
}

/** Result for a request that was recognised by its text. */
export interface Recalled {
  /** Response to the request. Undefined if the request must still be passed to `execute`, together with this result. */
  readonly response: GraphQLHttpResponse | undefined
}

export interface GraphQLEndpoint {
  /** Returns the operation of a repeated request; undefined for a request that is no repetition. */
  find(raw: RawRequest): KnownOperation | undefined
  /**
   * Returns the response to a repeated request synchronously. Returns undefined unless the response is in the memory of this process and is
   * fresh enough for the consistency token.
   */
  again(known: KnownOperation, sessionToken: string | undefined): AnswerAtHand | undefined
  /**
   * Returns the response to a request that `find` knows, or whose document was sent before, from any tier of the cache, or by executing the
   * operation. Returns undefined for any other request.
   */
  recall(raw: RawRequest, known: KnownOperation | undefined, options: RecallOptions): Promise<Recalled> | undefined
  /** Returns the current time, by which the ages of responses are computed, Unix epoch ms. */
  now(): number
  /** Must be called when a response from `again` was sent. @param durationMs Time since the request arrived. */
  sent(answer: AnswerAtHand, status: number, durationMs: number): void
  /** Answers one HTTP request. Never rejects. */
  execute(request: GraphQLHttpRequest): Promise<GraphQLHttpResponse>
  /** Refuses new requests. Resolves when all requests that are being executed are answered. */
  stop(): Promise<void>
}

/**
 * Creates an endpoint from any started Apollo Server.
 * @param contextOf Creates the context of a request. If it throws a GatewayError, that error becomes the response.
 */
export function createEndpoint<Context extends BaseContext>(
  server: ApolloServer<Context>,
  contextOf: (request: GraphQLHttpRequest) => Promise<Context>,
): GraphQLEndpoint {
  return countRequests({
    find: () => undefined,
    again: () => undefined,
    recall: () => undefined,
    sent: () => undefined,
    now: Date.now,
    async execute(request) {
      try {
        return await askApollo(server, request, readJson(request), () => contextOf(request))
      } catch (error) {
        if (error instanceof GatewayError) return refusal(error)
        throw error
      }
    },
    stop: () => server.stop(),
  })
}

/** Adds a graceful stop to an endpoint. The endpoint then refuses new requests, and stops when the requests in flight are answered. */
export function countRequests({ execute, recall, stop, ...others }: GraphQLEndpoint): GraphQLEndpoint {
  const executing = new Set<Promise<unknown>>()
  let stopping = false
  return {
    ...others,
    recall(raw, known, options) {
      const recalled = stopping ? undefined : recall(raw, known, options)
      if (recalled) executing.add(recalled)
      return recalled?.finally(() => executing.delete(recalled))
    },
    execute(request) {
      if (stopping) return Promise.resolve(refusal(new GatewayError('UNAVAILABLE', 'The server is shutting down: send the request again.')))
      const answered = execute(request)
      executing.add(answered)
      return answered.finally(() => executing.delete(answered))
    },
    async stop() {
      stopping = true
      await Promise.allSettled(executing)
      await stop()
    },
  }
}

export async function askApollo<Context extends BaseContext>(
  server: ApolloServer<Context>,
  request: GraphQLHttpRequest,
  body: unknown,
  context: () => Promise<Context>,
): Promise<GraphQLHttpResponse> {
  const headers = headerMap(request.headers)
  // Apollo Server would check `Accept` only after it has executed the operation, which may be a write. A GET needs no check here: it cannot
  // write, and may be for the landing page.
  if (request.method !== 'GET' && answerType(headers.get('accept')) === null) return notAcceptable()
  const httpGraphQLRequest = { method: request.method, headers, search: request.search, body }
  return toResponse(await server.executeHTTPGraphQLRequest({ httpGraphQLRequest, context }))
}

export function notAcceptable(): GraphQLHttpResponse {
  const message = `The answer can be ${JSON_TYPE} or ${GRAPHQL_TYPE}: name one of them in Accept.`
  return failure(406, JSON_TYPE, [{ message, extensions: { code: 'BAD_REQUEST' } }])
}

/** Returns the response to a request that is refused as a whole. @param type Media type that the client accepts. */
export function refusal(error: GatewayError, type: string = JSON_TYPE): GraphQLHttpResponse {
  const { code, message, status } = error
  const exceeded = error instanceof LimitExceededError ? error.exceeded : undefined
  return failure(status, type, [{ message: cut(message), extensions: { code, ...exceeded } }])
}

/**
 * Returns the response to a request whose document or variables are invalid. Its status is 200 if the client accepts plain JSON, else 400
 * (GraphQL over HTTP).
 */
export function invalidRequest({ code, problems }: InvalidRequestError, type: string): GraphQLHttpResponse {
  const errors = problems.map(({ message, locations }) => ({ message: cut(message), locations, extensions: { code } }))
  return failure(type === JSON_TYPE ? 200 : 400, type, errors)
}

/** An error in the form in which it is sent to the client. */
interface SentError {
  readonly message: string
  readonly locations?: readonly SourceLocation[] | undefined
  readonly extensions: { readonly code: ErrorCode } & Partial<ExceededLimit>
}

function failure(status: number, type: string, errors: readonly SentError[]): GraphQLHttpResponse {
  const headers = new Map([
    ['content-type', `${type}; charset=utf-8`],
    ['cache-control', 'no-store'],
  ])
  return { status, headers, body: Buffer.from(JSON.stringify({ errors })) }
}

function headerMap(headers: GraphQLHttpRequest['headers']): HeaderMap {
  const map = new HeaderMap()
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) map.set(name.toLowerCase(), typeof value === 'string' ? value : value.join(', '))
  }
  return map
}

function toResponse({ status, headers, body }: HTTPGraphQLResponse): GraphQLHttpResponse {
  const all = new Map(headers)
  if (status !== undefined && status >= 400 && !all.has('cache-control')) all.set('cache-control', 'no-store')
  if (!all.has('vary')) all.set('vary', 'Accept, Accept-Encoding, Authorization, Origin')
  return { status: status ?? 200, headers: all, body: body.kind === 'chunked' ? body.asyncIterator : Buffer.from(body.string) }
}
