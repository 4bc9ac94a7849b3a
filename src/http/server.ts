import cors from '@fastify/cors'
import { type FastifyBaseLogger, type FastifyInstance, type FastifyReply, type FastifyRequest, fastify, LogController } from 'fastify'
import { GatewayError } from '../errors.ts'
import type { GraphQLEndpoint } from '../graphql/endpoint.ts'
import { answerType, JSON_TYPE } from '../graphql/media-type.ts'
import type { Authenticate } from './authentication.ts'
import { TOKEN_HEADER, tokenCookie, tokenOf } from './consistency-token.ts'
import { entityTag, isKnown } from './entity-tag.ts'
import { errorResponse } from './error-response.ts'
import { graphiqlPage, landingPage, type Page } from './landing-page.ts'
import { requestIdOf } from './request-id.ts'

export interface ServerOptions {
  readonly graphql: Pick<GraphQLEndpoint, 'execute'>
  readonly authenticate: Authenticate
  /** Resolves with what is missing to serve requests, null when nothing is. */
  readonly notReady: () => Promise<string | null>
  /** The text for Prometheus; undefined for none. */
  readonly metrics: (() => Promise<{ readonly contentType: string; readonly text: string }>) | undefined
  readonly logger: FastifyBaseLogger
  readonly bodyLimitBytes: number
  readonly requestTimeoutMs: number
  readonly trustedProxies: readonly string[]
  readonly corsOrigins: readonly string[]
  readonly landingPage: boolean
  /** Whether a request may ask where each of its fields came from. */
  readonly debug: boolean
}

const ALLOWED_HEADERS = [
  'content-type',
  'authorization',
  'apollo-require-preflight',
  'x-apollo-operation-name',
  'apollographql-client-name',
  'apollographql-client-version',
  'apollo-cache-debugging',
  'x-cache-debug',
  'x-request-id',
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
  TOKEN_HEADER,
]
const PREFLIGHT_SECONDS = 86_400
const IDLE_SWEEP_MS = 50

/** The HTTP side of the gateway, not yet listening. */
export async function createServer(options: ServerOptions): Promise<FastifyInstance> {
  const server = fastify({
    loggerInstance: options.logger,
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: options.bodyLimitBytes,
    requestTimeout: options.requestTimeoutMs,
    connectionTimeout: 0,
    keepAliveTimeout: 72_000,
    trustProxy: options.trustedProxies.length > 0 ? [...options.trustedProxies] : false,
    genReqId: (request) => requestIdOf(request.headers['x-request-id']),
    return503OnClosing: false,
    forceCloseConnections: 'idle',
    // Errors from before a route was found, and so before any hook.
    frameworkErrors: (_, request, reply) =>
      void sendError(new GatewayError('BAD_REQUEST', 'The path cannot be decoded: the endpoint is POST /graphql.'), request, reply),
  })
  server.addHook('onRequest', async (request, reply) => void reply.header('x-request-id', request.id))
  closeConnectionsWhenDone(server)
  server.setErrorHandler((error, request, reply) => sendError(error, request, reply))
  server.setNotFoundHandler((request, reply) =>
    sendError(new GatewayError('NOT_FOUND', `There is nothing at ${request.method} here: the endpoint is POST /graphql.`), request, reply),
  )

  await server.register(async (graphql) => {
    await graphql.register(cors, {
      origin: [...options.corsOrigins],
      methods: ['GET', 'POST', 'OPTIONS'],
      allowedHeaders: ALLOWED_HEADERS,
      exposedHeaders: EXPOSED_HEADERS,
      maxAge: PREFLIGHT_SECONDS,
      credentials: true,
      strictPreflight: false,
    })
    graphql.route({ method: ['GET', 'POST'], url: '/graphql', handler: (request, reply) => answer(request, reply, options) })
    graphql.route({
      method: ['PUT', 'PATCH', 'DELETE'],
      url: '/graphql',
      handler: async (request, reply) =>
        sendError(
          new GatewayError('METHOD_NOT_ALLOWED', 'Send GraphQL requests by POST, or queries by GET.'),
          request,
          reply.header('allow', 'GET, POST, OPTIONS'),
        ),
    })
  })

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
    server.get('/', (_, reply) => sendPage(landingPage(), reply))
    server.get('/graphiql', async (_, reply) => sendPage(await graphiqlPage(), reply))
  }
  return server
}

/** While the server closes, a connection ends with the answer that is on its way, instead of being kept for another request. */
function closeConnectionsWhenDone(server: FastifyInstance): void {
  let closing = false
  server.addHook('preClose', async () => {
    closing = true
    const sweep = setInterval(() => server.server.closeIdleConnections(), IDLE_SWEEP_MS)
    server.server.once('close', () => clearInterval(sweep))
  })
  server.addHook('onSend', async (_, reply) => {
    if (closing) reply.header('connection', 'close')
  })
}

async function answer(request: FastifyRequest, reply: FastifyReply, options: ServerOptions): Promise<FastifyReply> {
  const viewer = await options.authenticate(request.headers.authorization)
  const { status, headers, body } = await options.graphql.execute({
    method: request.method,
    headers: request.headers,
    search: request.url.includes('?') ? request.url.slice(request.url.indexOf('?')) : '',
    body: request.body,
    viewer,
    requestId: request.id,
    sessionToken: tokenOf(request.headers),
    debug: options.debug,
  })
  for (const [name, value] of headers) addHeader(reply, name, value)
  const token = headers.get(TOKEN_HEADER)
  const cookie = token === undefined ? undefined : tokenCookie(token, request.headers, request.protocol === 'https')
  if (cookie !== undefined) reply.header('set-cookie', cookie)
  if (request.method !== 'GET' || status !== 200 || headers.get('cache-control')?.includes('no-store')) return reply.code(status).send(body)
  // Only now is it known what this request's own answer is, for whoever asks it.
  const tag = entityTag(body)
  reply.header('etag', tag)
  if (!isKnown(request.headers['if-none-match'], tag)) return reply.code(status).send(body)
  return reply.code(304).removeHeader('content-type').send()
}

/** CORS may have said what the answer varies by already. */
function addHeader(reply: FastifyReply, name: string, value: string): void {
  const present = name === 'vary' ? reply.getHeader('vary') : undefined
  reply.header(name, typeof present === 'string' && present !== '' ? `${value}, ${present}` : value)
}

function sendError(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const { status, body, hidden } = errorResponse(error, request.id)
  if (hidden) request.log.error({ error, requestId: request.id }, 'a request failed')
  if (status === 401) reply.header('www-authenticate', 'Bearer realm="tidegate", error="invalid_token"')
  return reply
    .code(status)
    .header('cache-control', 'no-store')
    .header('content-type', `${answerType(request.headers.accept) ?? JSON_TYPE}; charset=utf-8`)
    .header('x-request-id', request.id)
    .send(JSON.stringify(body))
}

function sendPage(page: Page, reply: FastifyReply): FastifyReply {
  return reply
    .header('cache-control', 'no-store')
    .header('vary', 'Accept')
    .header('content-security-policy', page.contentSecurityPolicy)
    .header('referrer-policy', 'no-referrer')
    .header('x-content-type-options', 'nosniff')
    .type('text/html; charset=utf-8')
    .send(page.html)
}
