import { createServer as createHttpServer } from 'node:http'
import { type FastifyBaseLogger, type FastifyInstance, type FastifyReply, type FastifyRequest, fastify, LogController } from 'fastify'
import { GatewayError } from '../errors.ts'
import type { GraphQLEndpoint } from '../graphql/endpoint.ts'
import type { RateLimits } from '../rate-limits/rate-limits.ts'
import { ContentEncoder } from '../responses/content-encoder.ts'
import type { Authentication } from './authentication.ts'
import { createCallerOf } from './caller.ts'
import { Connections } from './connections.ts'
import { allowedOrigins, leadBrowsersToExplorer, logRefusedOrigins, type OriginOptions } from './cross-origin.ts'
import { sendError } from './error-response.ts'
import { FastPath } from './fast-path.ts'
import { graphqlRoute } from './graphql-route.ts'
import { graphiqlPage, landingPage, type Page } from './landing-page.ts'
import type { ReadMetrics } from './metrics-listener.ts'
import { createRequestIds } from './request-id.ts'
import { ResponseHeads } from './response-head.ts'

export interface ServerOptions extends OriginOptions {
  readonly graphql: GraphQLEndpoint
  readonly authentication: Authentication
  /** undefined: no request is counted. */
  readonly rateLimits?: RateLimits | undefined
  /** Resolves with what is missing to serve requests, null when nothing is. */
  readonly notReady: () => Promise<string | null>
  /** The text for Prometheus; undefined for none. */
  readonly metrics: ReadMetrics | undefined
  /** Told of every answer but those that were at hand, of which the endpoint is told. */
  readonly onResponse: (status: number) => void
  readonly logger: FastifyBaseLogger
  readonly bodyLimitBytes: number
  /** Longest time to receive a request, and to send an answer without the client reading any of it. */
  readonly requestTimeoutMs: number
  readonly trustedProxies: readonly string[]
  readonly landingPage: boolean
  /** What the page sends as its token, for a visitor on this machine. */
  readonly explorerToken?: string | undefined
  /** Whether a request may ask where each of its fields came from. */
  readonly debug: boolean
  /** Aborted when the process is about to stop: from then on each answer closes its connection. */
  readonly draining: AbortSignal
}

const IDLE_SWEEP_MS = 50
const KEEP_ALIVE_MS = 72_000
const LONGEST_CHECK_INTERVAL_MS = 1000

/** The HTTP side of the gateway, not yet listening. */
export async function createServer(options: ServerOptions): Promise<FastifyInstance> {
  const { graphql, authentication, rateLimits, requestTimeoutMs } = options
  const callerOf = createCallerOf(options.trustedProxies)
  const encoder = new ContentEncoder()
  const requestIdOf = createRequestIds()
  const heads = new ResponseHeads(KEEP_ALIVE_MS)
  const fastPath = new FastPath({
    graphql,
    authentication,
    countAtHand: rateLimits && ((viewer, request) => rateLimits.countAtHand(callerOf(viewer, request))),
    encoder,
    heads,
    requestIdOf,
    monotonic: () => performance.now(),
    onResponse: options.onResponse,
  })
  const timeouts = {
    requestTimeout: requestTimeoutMs,
    headersTimeout: requestTimeoutMs,
    connectionsCheckingInterval: Math.min(LONGEST_CHECK_INTERVAL_MS, requestTimeoutMs),
    keepAliveTimeout: KEEP_ALIVE_MS,
  }
  const server = fastify({
    // The framework leaves the times of a server that it did not make to whoever made it.
    serverFactory: (handler) => {
      const http = createHttpServer(timeouts, (request, response) => {
        connections.begin(request.socket, response)
        fastPath.handle(request, response, handler)
      })
      const connections = new Connections(http, requestTimeoutMs)
      // A client that ends its side of the connection when it has asked is answered all the same.
      return Object.assign(http, { httpAllowHalfOpen: true })
    },
    loggerInstance: options.logger,
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: options.bodyLimitBytes,
    trustProxy: options.trustedProxies.length > 0 ? [...options.trustedProxies] : false,
    genReqId: (request) => fastPath.begun(request)?.requestId ?? requestIdOf(request.headers['x-request-id']),
    return503OnClosing: false,
    forceCloseConnections: 'idle',
    // Errors from before a route was found, and so before any hook.
    frameworkErrors: (_, request, reply) =>
      void sendError(new GatewayError('BAD_REQUEST', 'The path cannot be decoded: the endpoint is POST /graphql.'), request, reply),
  })
  server.addHook(
    'onRequest',
    async (request, reply) => void reply.header('x-request-id', request.id).header('x-content-type-options', 'nosniff'),
  )
  server.addHook('onResponse', async (_, reply) => options.onResponse(reply.statusCode))
  closeConnectionsWhenDone(server, fastPath, options.draining)
  logRefusedOrigins(server, options)
  if (options.landingPage) leadBrowsersToExplorer(server)
  server.setErrorHandler((error, request, reply) => sendError(error, request, reply))
  server.setNotFoundHandler((request, reply) =>
    sendError(new GatewayError('NOT_FOUND', `There is nothing at ${request.method} here: the endpoint is POST /graphql.`), request, reply),
  )

  await server.register((scope) =>
    graphqlRoute(scope, {
      ...options,
      rateLimits,
      callerOf,
      origins: allowedOrigins(options),
      encoder,
      begun: (request) => fastPath.begun(request),
    }),
  )
  server.get('/healthz', async (_, reply) => reply.header('cache-control', 'no-store').send({ status: 'alive' }))
  server.get('/readyz', async (_, reply) => {
    const missing = await options.notReady()
    return reply
      .header('cache-control', 'no-store')
      .code(missing === null ? 200 : 503)
      .send(missing === null ? { status: 'ready' } : { status: 'not ready', reason: missing })
  })
  const { metrics } = options
  if (metrics) {
    server.get('/metrics', async (_, reply) => {
      const { contentType, text } = await metrics()
      return reply.header('cache-control', 'no-store').header('content-type', contentType).send(text)
    })
  }
  if (options.landingPage) {
    const tokenFor = (request: FastifyRequest) => (isOfThisMachine(request) ? options.explorerToken : undefined)
    server.get('/', (request, reply) => sendPage(landingPage(tokenFor(request)), reply))
    server.get('/graphiql', async (request, reply) => sendPage(await graphiqlPage(tokenFor(request)), reply))
  }
  return server
}

/** While the server drains or closes, a connection ends with the answer that is on its way, instead of being kept for another request. */
function closeConnectionsWhenDone(server: FastifyInstance, fastPath: FastPath, draining: AbortSignal): void {
  let closing = false
  const begin = () => {
    closing = true
    fastPath.stop()
  }
  draining.addEventListener('abort', begin)
  server.addHook('preClose', async () => {
    begin()
    const sweep = setInterval(() => server.server.closeIdleConnections(), IDLE_SWEEP_MS)
    server.server.once('close', () => clearInterval(sweep))
  })
  server.addHook('onSend', async (_, reply) => {
    if (closing) reply.header('connection', 'close')
  })
}

const LOOPBACK_ADDRESS = /^(127\.|::1$|::ffff:127\.)/
const LOOPBACK_HOST = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])(:\d+)?$/

/** Whether the visitor is on this machine, and knows it by such a name: a page elsewhere may have its own name lead here. */
function isOfThisMachine({ ip, socket, headers }: FastifyRequest): boolean {
  return [ip, socket.remoteAddress ?? ''].every((address) => LOOPBACK_ADDRESS.test(address)) && LOOPBACK_HOST.test(headers.host ?? '')
}

function sendPage(page: Page, reply: FastifyReply): FastifyReply {
  return reply
    .header('cache-control', 'no-store')
    .header('vary', 'Accept')
    .header('content-security-policy', page.contentSecurityPolicy)
    .header('referrer-policy', 'no-referrer')
    .type('text/html; charset=utf-8')
    .send(page.html)
}
