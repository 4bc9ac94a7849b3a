import { createServer as createHttpServer } from 'node:http'
import { type FastifyBaseLogger, type FastifyInstance, type FastifyReply, fastify, LogController } from 'fastify'
import { GatewayError } from '../../errors.ts'
import type { RateLimits } from '../budgets/rate-limits.ts'
import type { HttpRoute } from '../contract/http-route.ts'
import type { GraphQLEndpoint } from '../graphql/endpoint/endpoint.ts'
import type { Authentication } from '../identity/authentication.ts'
import type { Principal } from '../identity/principal.ts'
import type { LiveQueries } from '../live/live-queries.ts'
import { ContentEncoder } from '../responses/content-encoder.ts'
import type { BuiltFiles } from './built-files.ts'
import { builtPageRoutes } from './built-page.ts'
import { type Addressed, createCallerOf } from './caller.ts'
import { answerClientError } from './client-error.ts'
import { Connections } from './connections.ts'
import { contributedRoute } from './contributed-route.ts'
import { allowedOrigins, leadBrowsersToExplorer, logRefusedOrigins, type OriginOptions } from './cross-origin.ts'
import { sendError } from './error-response.ts'
import { explorerPage } from './explorer-page.ts'
import { FastPath } from './fast-path.ts'
import { graphqlRoute } from './graphql-route.ts'
import { landingPage, type Page } from './landing-page.ts'
import type { ReadMetrics } from './metrics-listener.ts'
import { Recogniser, type RecogniserOptions } from './recognition/recogniser.ts'
import { createRequestIds } from './request-id.ts'
import type { RequestObserver } from './request-observer.ts'
import { ResponseHeads } from './response-head.ts'
import { isOfThisMachine } from './visitor.ts'

export interface ServerOptions extends OriginOptions {
  readonly graphql: GraphQLEndpoint
  readonly authentication: Authentication
  /** Budgets of requests per minute; undefined if requests are not limited. */
  readonly rateLimits?: RateLimits | undefined
  /** Resolves with the reason why the server cannot serve requests yet; null if it can. */
  readonly notReady: () => Promise<string | null>
  /** Returns the text of /metrics; undefined if this server does not serve /metrics. */
  readonly metrics: ReadMetrics | undefined
  /** Called with the status of every response, except responses from memory, which are reported to the endpoint. */
  readonly onResponse: (status: number) => void
  /** Recognition of repeated requests by their bytes. It is off with an observer, which must see every request. */
  readonly recognition: Pick<RecogniserOptions, 'memoryBytes' | 'onRecognised'> & { readonly isOn: boolean }
  /** Registers the management API and the dashboard; undefined if this server does not serve them. */
  readonly management?: ((server: FastifyInstance) => Promise<void>) | undefined
  /** Further routes of the program. Default: none. */
  readonly routes?: readonly HttpRoute[] | undefined
  /** Called for each request that the endpoint does not report: it is refused before, or fails. @param tenant Tenant of the caller, if it is known. */
  readonly onRefused?: (tenant: string | undefined) => void
  readonly logger: FastifyBaseLogger
  readonly bodyLimitBytes: number
  /** Maximum time to receive a request, ms. A client that reads nothing of its response for this time is disconnected. */
  readonly requestTimeoutMs: number
  readonly trustedProxies: readonly string[]
  /** Files of the explorer; undefined if this server has neither the explorer nor the page at /. */
  readonly explorer: BuiltFiles | undefined
  /** Access token that the explorer and the page at / send for a visitor on this machine. */
  readonly explorerToken?: string | undefined
  /** Path of the dashboard, if this server serves it; undefined if not. */
  readonly dashboardPath?: string | undefined
  /** Whether clients may request the cache trace, which says where the value of each field came from. */
  readonly debug: boolean
  /** Live queries; undefined if a request for a stream of events is answered once. The server closes them. */
  readonly live?: LiveQueries | undefined
  /** Time for which an idle connection is kept while the server closes, ms. */
  readonly lingerMs: number
  /** Observes the requests, for example to trace them. Default: none. */
  readonly observer?: RequestObserver | undefined
}

const IDLE_SWEEP_MS = 50
const KEEP_ALIVE_MS = 72_000
const MAX_CHECK_INTERVAL_MS = 1000

/** Creates the HTTP server of the gateway, which does not listen yet. */
export async function createServer(options: ServerOptions): Promise<FastifyInstance> {
  const { graphql, authentication, rateLimits, requestTimeoutMs, observer } = options
  const callerOf = createCallerOf(options.trustedProxies)
  const encoder = new ContentEncoder()
  const requestIdOf = createRequestIds()
  const heads = new ResponseHeads(KEEP_ALIVE_MS)
  const shared = {
    graphql,
    authentication,
    tryCount: rateLimits && ((viewer: Principal | null, request: Addressed) => rateLimits.tryCount(callerOf(viewer, request))),
    encoder,
    heads,
    requestIdOf,
    monotonic: () => performance.now(),
  }
  let connections: Connections | undefined
  let recogniser: Recogniser | undefined
  const fastPath = new FastPath({
    ...shared,
    bodyLimitBytes: options.bodyLimitBytes,
    onResponse: options.onResponse,
    observer,
    remember: (request, parts) => recogniser?.remember(request, parts),
  })
  const timeouts = {
    requestTimeout: requestTimeoutMs,
    headersTimeout: requestTimeoutMs,
    connectionsCheckingInterval: Math.min(MAX_CHECK_INTERVAL_MS, requestTimeoutMs),
    keepAliveTimeout: KEEP_ALIVE_MS,
  }
  const server = fastify({
    // Fastify does not set these timeouts on a server that `serverFactory` creates, so they are set here.
    serverFactory: (handler) => {
      const http = createHttpServer(timeouts, (request, response) => {
        connections?.begin(request.socket, response)
        recogniser?.begin(request, response)
        observer?.begin(request, response)
        fastPath.handle(request, response, handler)
      })
      connections = new Connections(http, { timeoutMs: requestTimeoutMs, keptUnused: options.lingerMs / IDLE_SWEEP_MS })
      if (options.recognition.isOn && !observer) {
        recogniser = new Recogniser(http, connections, { ...shared, timeoutMs: requestTimeoutMs, ...options.recognition })
      }
      // Undocumented, see docs/internals.md: `http.Server.httpAllowHalfOpen`
      // A client may close its sending side after the request, and still gets its response.
      return Object.assign(http, { httpAllowHalfOpen: true })
    },
    loggerInstance: options.logger,
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: options.bodyLimitBytes,
    trustProxy: options.trustedProxies.length > 0 ? [...options.trustedProxies] : false,
    genReqId: (request) => fastPath.begun(request)?.requestId ?? requestIdOf(request.headers['x-request-id']),
    return503OnClosing: false,
    forceCloseConnections: 'idle',
    clientErrorHandler: (error, socket) => connections?.fail(socket, () => answerClientError(error, socket)),
    // These errors occur before Fastify has chosen a route, and so before it calls any hook.
    frameworkErrors: (_, request, reply) =>
      void sendError(new GatewayError('BAD_REQUEST', 'The path cannot be decoded: the endpoint is POST /graphql.'), request, reply),
  })
  server.addHook(
    'onRequest',
    async (request, reply) => void reply.header('x-request-id', request.id).header('x-content-type-options', 'nosniff'),
  )
  server.addHook('onResponse', async (_, reply) => options.onResponse(reply.statusCode))
  closeConnectionsWhenDone(server, () => {
    fastPath.stop()
    recogniser?.stop()
    options.live?.close()
  })
  logRefusedOrigins(server, options)
  if (options.explorer) leadBrowsersToExplorer(server)
  server.setErrorHandler((error, request, reply) => sendError(error, request, reply))
  server.setNotFoundHandler((request, reply) =>
    sendError(new GatewayError('NOT_FOUND', `No such path for ${request.method}: the endpoint is POST /graphql.`), request, reply),
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
  for (const route of options.routes ?? []) await server.register((scope) => contributedRoute(scope, route, { rateLimits, callerOf }))
  if (options.management) await server.register(options.management)
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
  const { explorer, explorerToken, dashboardPath } = options
  if (explorer) {
    server.get('/', (request, reply) => sendPage(landingPage(isOfThisMachine(request) ? explorerToken : undefined), reply))
    await server.register(async (scope) => builtPageRoutes(scope, explorerPage({ files: explorer, token: explorerToken, dashboardPath })))
  }
  return server
}

/** Makes a server that is being closed end each connection with its next response, and close connections that stay idle. */
function closeConnectionsWhenDone(server: FastifyInstance, stop: () => void): void {
  let closing = false
  server.addHook('onSend', async (_, reply) => {
    if (closing) reply.header('connection', 'close')
  })
  server.addHook('preClose', async () => {
    closing = true
    stop()
    const sweep = setInterval(() => server.server.closeIdleConnections(), IDLE_SWEEP_MS)
    server.server.once('close', () => clearInterval(sweep))
  })
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
