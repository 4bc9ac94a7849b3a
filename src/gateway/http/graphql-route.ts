import type { IncomingMessage } from 'node:http'
import { Readable } from 'node:stream'
import cors from '@fastify/cors'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { GatewayError } from '../../errors.ts'
import type { RateLimits } from '../budgets/rate-limits.ts'
import { GRAPHQL_TYPE, prefersEvents } from '../graphql/answers/media-type.ts'
import type { GraphQLEndpoint, GraphQLHttpResponse } from '../graphql/endpoint/endpoint.ts'
import type { Authentication } from '../identity/authentication.ts'
import type { Principal } from '../identity/principal.ts'
import type { LiveQueries } from '../live/live-queries.ts'
import type { ContentEncoder } from '../responses/content-encoder.ts'
import type { CallerOf } from './caller.ts'
import { clientGone } from './client-gone.ts'
import { TOKEN_HEADER, tokenCookie, tokensOf } from './consistency-token.ts'
import { isKnown, isStorable } from './entity-tag.ts'
import { sendError } from './error-response.ts'
import { asEvents, EVENT_HEADERS, openStream } from './event-response.ts'
import type { Begun } from './fast-path.ts'
import { rawRequestOf, searchOf } from './raw-request.ts'
import { decodedBody } from './request-coding.ts'
import type { RequestObserver } from './request-observer.ts'
import { readUsualHeaders } from './usual-headers.ts'

export interface GraphQLRouteOptions {
  readonly graphql: GraphQLEndpoint
  readonly authentication: Authentication
  /** Budgets of requests per minute; undefined if requests are not limited. */
  readonly rateLimits: RateLimits | undefined
  readonly callerOf: CallerOf
  readonly encoder: ContentEncoder
  readonly origins: readonly (string | RegExp)[]
  /**
   * Returns the results of the work that the fast path already did for a request before it passed the request to the framework; undefined
   * if it did none.
   */
  readonly begun: (request: IncomingMessage) => Begun | undefined
  /** Called for each request that the endpoint does not report: it is refused before, or fails. @param tenant Tenant of the caller, if it is known. */
  readonly onRefused?: ((tenant: string | undefined) => void) | undefined
  /** Whether clients may request the cache trace, which says where the value of each field came from. */
  readonly debug: boolean
  /** Live queries; undefined if a request for a stream of events is answered once. */
  readonly live?: LiveQueries | undefined
  readonly observer?: RequestObserver | undefined
}

const ALLOWED_HEADERS = [
  'content-type',
  'authorization',
  'cache-control',
  'apollo-require-preflight',
  'x-apollo-operation-name',
  'apollographql-client-name',
  'apollographql-client-version',
  'apollo-cache-debugging',
  'x-cache-debug',
  'x-request-id',
  'content-encoding',
  // Headers that tracing libraries in browsers add to requests: W3C Trace Context, W3C Baggage and Sentry.
  'traceparent',
  'tracestate',
  'baggage',
  'sentry-trace',
  'last-event-id',
  TOKEN_HEADER,
]
const EXPOSED_HEADERS = [
  'age',
  'etag',
  'cache-status',
  'x-cache',
  'x-cache-level',
  'x-cache-hits',
  'x-cache-misses',
  'x-request-id',
  'server-timing',
  TOKEN_HEADER,
]
const PREFLIGHT_SECONDS = 86_400

/** Registers the GraphQL endpoint, for requests that the fast path does not answer. */
export async function graphqlRoute(server: FastifyInstance, options: GraphQLRouteOptions): Promise<void> {
  await server.register(cors, {
    origin: [...options.origins],
    methods: ['GET', 'POST', 'OPTIONS'],
    allowedHeaders: ALLOWED_HEADERS,
    exposedHeaders: EXPOSED_HEADERS,
    maxAge: PREFLIGHT_SECONDS,
    credentials: true,
    strictPreflight: false,
  })
  // The body is not parsed here, because the endpoint recognises a repeated request by its exact bytes.
  server.removeContentTypeParser('application/json')
  server.addContentTypeParser('application/json', { parseAs: 'buffer' }, (_, body, done) => done(null, body))
  server.addHook('preParsing', (request, _, payload, done) => {
    const read = options.begun(request.raw)?.body
    if (read) done(null, Readable.from([read], { objectMode: false }))
    else done(null, request.method === 'POST' ? decodedBody(payload as Readable, request.headers) : payload)
  })
  const handled = new WeakSet<FastifyRequest>()
  server.addHook('onError', async (request) => {
    // The body could not be read, for example because it is too large. The handler counts the requests that it got.
    if (!handled.has(request)) options.onRefused?.(undefined)
  })
  server.route({
    method: ['GET', 'POST'],
    url: '/graphql',
    exposeHeadRoute: false,
    handler: (request, reply) => {
      handled.add(request)
      const work = () => answer(request, reply, options)
      return options.observer ? options.observer.within(request.raw, work) : work()
    },
  })
  server.route({
    method: ['HEAD', 'PUT', 'PATCH', 'DELETE'],
    url: '/graphql',
    handler: async (request, reply) => {
      options.onRefused?.(undefined)
      const error = new GatewayError('METHOD_NOT_ALLOWED', 'Send GraphQL requests by POST, or queries by GET.')
      return sendError(error, request, reply.header('allow', 'GET, POST'))
    },
  })
}

async function answer(request: FastifyRequest, reply: FastifyReply, options: GraphQLRouteOptions): Promise<FastifyReply> {
  const { method, headers } = request
  const { rateLimits } = options
  const begun = options.begun(request.raw)
  const isForEvents = prefersEvents(headers.accept)
  let viewer: Principal | null | undefined
  let caller: ReturnType<CallerOf> | undefined
  let response: GraphQLHttpResponse
  try {
    viewer = await options.authentication.authenticate(headers.authorization)
    caller = rateLimits && options.callerOf(viewer, request.raw)
    if (caller && !begun?.isCounted) await rateLimits?.count(caller)
    const tokens = [textOfHeader(headers[TOKEN_HEADER]), textOfHeader(headers['last-event-id'])].filter(Boolean).join(',')
    const sessionToken = tokensOf(tokens, headers.cookie ?? '')
    if (isForEvents && options.live) {
      const { tenant = '', name } = caller ?? options.callerOf(viewer, request.raw)
      const streamed = {
        live: options.live,
        authentication: options.authentication,
        viewer,
        caller: `${tenant}:${name}`,
        tokens: sessionToken,
      }
      const stream = await openStream(request, streamed)
      if (stream) return reply.code(200).headers(EVENT_HEADERS).send(stream)
    }
    const usual = readUsualHeaders(request.raw.rawHeaders)
    const sent = Buffer.isBuffer(request.body) ? request.body : undefined
    const executed = await options.graphql.execute({
      method,
      headers: isForEvents ? { ...headers, accept: GRAPHQL_TYPE } : headers,
      search: searchOf(request.url),
      body: sent,
      viewer,
      requestId: request.id,
      sessionToken,
      debug: options.debug,
      signal: begun?.signal ?? clientGone(reply.raw),
      recalled: begun?.recalled,
      raw: usual && rawRequestOf(method, usual, viewer, sent ?? request.url),
    })
    response = isForEvents ? asEvents(executed) : executed
  } catch (error) {
    options.onRefused?.(viewer?.tenant)
    throw error
  }
  const { status, headers: given, body, operations = 1 } = response
  if (caller && operations !== 1) rateLimits?.charge(caller, operations - 1)
  for (const [name, value] of given) reply.header(name, value)
  // An origin that may read the response may also read its durations through the Resource Timing API of the browser.
  const origin = given.has('server-timing') ? reply.getHeader('access-control-allow-origin') : undefined
  if (origin !== undefined) reply.header('timing-allow-origin', origin)
  const token = given.get(TOKEN_HEADER)
  const cookie = token === undefined ? undefined : tokenCookie(token, headers, request.protocol === 'https')
  if (cookie !== undefined) reply.header('set-cookie', cookie)
  if (!(body instanceof Uint8Array)) return reply.code(status).send(Readable.from(body))
  const representation = await options.encoder.represent(body, isForEvents ? undefined : headers['accept-encoding'])
  const { bytes, coding } = representation
  if (coding !== 'identity') reply.header('content-encoding', coding)
  const hasTag = isStorable(method, status, given.get('cache-control'))
  if (hasTag) reply.header('etag', representation.entityTag)
  // If-None-Match is evaluated last, because the ETag is a hash of the response for this caller.
  if (hasTag && isKnown(headers['if-none-match'], representation.entityTag))
    return reply.code(304).removeHeader('content-type').removeHeader('content-encoding').send()
  return reply.code(status).send(bytes)
}

function textOfHeader(value: string | readonly string[] | undefined): string {
  return typeof value === 'string' ? value : ''
}
