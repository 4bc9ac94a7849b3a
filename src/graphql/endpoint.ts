import { type ApolloServer, type BaseContext, HeaderMap, type HTTPGraphQLResponse } from '@apollo/server'
import { GatewayError, LimitExceededError } from '../errors.ts'
import type { Viewer } from '../modules/module.ts'
import type { RawRequest } from '../responses/request-index.ts'
import type { CacheableOperation } from '../responses/response-tier.ts'
import type { StoredResponse } from '../responses/stored-response.ts'
import { cut } from './error-format.ts'
import type { InvalidRequestError } from './invalid-request.ts'
import { answerType, GRAPHQL_TYPE, JSON_TYPE } from './media-type.ts'
import type { Operation } from './prepared-operation.ts'

export interface GraphQLHttpRequest {
  readonly method: string
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>
  /** The query string, with or without its question mark. */
  readonly search: string
  /** The body as it came; undefined where there is none. */
  readonly body: Uint8Array | undefined
  /** Who asks, as verified; null for an anonymous caller. */
  readonly viewer: Viewer | null
  readonly requestId: string
  /** Consistency token of an earlier answer. */
  readonly sessionToken?: string | undefined
  /** Whether this caller may see where every field came from, if the request's headers ask for it. */
  readonly debug: boolean
  /** The request by which its like are recognised; undefined for one whose answer is its own. */
  readonly raw?: RawRequest | undefined
  /** What `recall` gave for it. */
  readonly recalled?: Recalled | undefined
}

export type RecallTerms = Pick<GraphQLHttpRequest, 'viewer' | 'requestId' | 'sessionToken'>

export interface GraphQLHttpResponse {
  readonly status: number
  /** By lower-case name. */
  readonly headers: Map<string, string>
  /** Bytes, or the parts of an answer that is delivered as it is made. */
  readonly body: Uint8Array | AsyncIterable<string>
  /** Operations that count against the rate limits; 0 for introspection, which tools repeat. Default: 1. */
  readonly operations?: number
}

/**
 * An operation that is known by the text of its request. It names its document by the hash instead of holding it: a parsed document is
 * a hundred times its text, and there is one bounded store of them.
 */
export interface KnownOperation extends Pick<Operation, 'documentHash' | 'operationName' | 'variables' | 'viewer' | 'cost'> {
  readonly where: CacheableOperation
  /** The `Content-Type` of its answer. */
  readonly contentType: string
}

/** An answer that this process has, and may send at once. */
export interface AnswerAtHand {
  readonly known: KnownOperation
  readonly response: StoredResponse
}

/** What became of a request that was recognised. */
export interface Recalled {
  /** The answer; undefined where the request has to be executed as if it were new, which goes on from what is here. */
  readonly response: GraphQLHttpResponse | undefined
}

export interface GraphQLEndpoint {
  /** The answer to a request that came before, where it can be sent at once: in the synchronous section of the caller. */
  atHand(raw: RawRequest, sessionToken: string | undefined): AnswerAtHand | undefined
  /** The same, where it may have to be fetched or made. Undefined for a request that did not come before. */
  recall(raw: RawRequest, terms: RecallTerms): Promise<Recalled> | undefined
  /** What the ages of answers go by, Unix epoch ms. */
  now(): number
  /** To be called when an answer at hand was sent. @param durationMs Since its request came. */
  sent(answer: AnswerAtHand, status: number, durationMs: number): void
  /** Answers one HTTP request. Never rejects. */
  execute(request: GraphQLHttpRequest): Promise<GraphQLHttpResponse>
  /** Resolves when the requests being executed are answered; later ones are refused. */
  stop(): Promise<void>
}

/**
 * The endpoint that any Apollo Server is, once it is started.
 * @param contextOf Makes the context of a request; what it throws is the answer.
 */
export function createEndpoint<Context extends BaseContext>(
  server: ApolloServer<Context>,
  contextOf: (request: GraphQLHttpRequest) => Promise<Context>,
): GraphQLEndpoint {
  return countRequests({
    atHand: () => undefined,
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

/** The endpoint, which stops once the requests that are being executed are answered. */
export function countRequests({ execute, recall, stop, ...others }: GraphQLEndpoint): GraphQLEndpoint {
  const executing = new Set<Promise<unknown>>()
  let stopping = false
  return {
    ...others,
    recall(raw, terms) {
      const recalled = stopping ? undefined : recall(raw, terms)
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

const UTF8 = new TextDecoder('utf-8', { fatal: true })
const CHARSET = /;\s*charset\s*=\s*"?([^\s";]*)/i

/**
 * The body of a POST: JSON in UTF-8, with or without a byte order mark; undefined where there is none.
 * @throws GatewayError BAD_REQUEST, UNSUPPORTED_MEDIA_TYPE for another charset.
 */
export function readJson({ method, headers, body }: GraphQLHttpRequest): unknown {
  if (method === 'GET' || body === undefined) return undefined
  const [, charset = 'utf-8'] = CHARSET.exec(String(headers['content-type'])) ?? []
  if (!/^utf-?8$/i.test(charset))
    throw new GatewayError(
      'UNSUPPORTED_MEDIA_TYPE',
      `Expected JSON in UTF-8, got the charset ${JSON.stringify(charset.slice(0, 40))}: send application/json.`,
    )
  let text: string
  try {
    text = UTF8.decode(body)
  } catch {
    throw new GatewayError('BAD_REQUEST', 'Expected JSON in UTF-8, got bytes that are not UTF-8.')
  }
  try {
    return JSON.parse(text)
  } catch {
    throw new GatewayError('BAD_REQUEST', 'Invalid JSON: send a body such as {"query": "…"}.')
  }
}

export async function askApollo<Context extends BaseContext>(
  server: ApolloServer<Context>,
  request: GraphQLHttpRequest,
  body: unknown,
  context: () => Promise<Context>,
): Promise<GraphQLHttpResponse> {
  const headers = headerMap(request.headers)
  // Apollo Server finds this out only when the operation was executed. By GET nothing is written, and its landing page may be meant.
  if (request.method !== 'GET' && answerType(headers.get('accept')) === null) return notAcceptable()
  const httpGraphQLRequest = { method: request.method, headers, search: request.search, body }
  return toResponse(await server.executeHTTPGraphQLRequest({ httpGraphQLRequest, context }))
}

export function notAcceptable(): GraphQLHttpResponse {
  const message = `The answer can be ${JSON_TYPE} or ${GRAPHQL_TYPE}: name one of them in Accept.`
  return failure(406, JSON_TYPE, [{ message, extensions: { code: 'BAD_REQUEST' } }])
}

/** A request that is refused as a whole. @param type The media type that the client wants. */
export function refusal(error: GatewayError, type: string = JSON_TYPE): GraphQLHttpResponse {
  const { code, message, status } = error
  const exceeded = error instanceof LimitExceededError ? error.exceeded : undefined
  return failure(status, type, [{ message: cut(message), extensions: { code, ...exceeded } }])
}

/** A document or variables that are not valid: with status 200 where the client wants plain JSON (GraphQL over HTTP). */
export function invalidRequest({ code, problems }: InvalidRequestError, type: string): GraphQLHttpResponse {
  const errors = problems.map(({ message, locations }) => ({ message: cut(message), locations, extensions: { code } }))
  return failure(type === JSON_TYPE ? 200 : 400, type, errors)
}

function failure(status: number, type: string, errors: readonly object[]): GraphQLHttpResponse {
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
