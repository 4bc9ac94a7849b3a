import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { type FastifyBaseLogger, type FastifyInstance, fastify, LogController } from 'fastify'
import { GatewayError } from '../../errors.ts'
import { answerClientError } from '../../gateway/http/client-error.ts'
import { sendError } from '../../gateway/http/error-response.ts'
import { createRequestIds } from '../../gateway/http/request-id.ts'
import { DASHBOARD_PATH } from './dashboard/dashboard-routes.ts'
import { BASE_PATH } from './openapi.ts'

export interface ManagementListenerOptions {
  readonly routes: (scope: FastifyInstance) => Promise<void>
  readonly host: string
  readonly port: number
  readonly logger: FastifyBaseLogger
  readonly bodyLimitBytes: number
  readonly requestTimeoutMs: number
  readonly trustedProxies: readonly string[]
}

export interface ManagementListener {
  /** Port on which the listener accepts connections. */
  readonly port: number
  /** Stops accepting connections. Resolves when the calls in progress are answered. */
  close(): Promise<void>
}

/** Serves the management API and the dashboard, and nothing else, on a separate port. @throws the error of listening, such as EADDRINUSE. */
export async function listenForManagement(options: ManagementListenerOptions): Promise<ManagementListener> {
  const { routes, host, port, logger, bodyLimitBytes, requestTimeoutMs, trustedProxies } = options
  const requestIdOf = createRequestIds()
  const server = fastify({
    loggerInstance: logger,
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: bodyLimitBytes,
    requestTimeout: requestTimeoutMs,
    http: { headersTimeout: requestTimeoutMs },
    trustProxy: trustedProxies.length > 0 ? [...trustedProxies] : false,
    genReqId: (request) => requestIdOf(request.headers['x-request-id']),
    forceCloseConnections: 'idle',
    clientErrorHandler: answerClientError,
    frameworkErrors: (_, request, reply) => void sendError(new GatewayError('BAD_REQUEST', 'The path cannot be decoded.'), request, reply),
  })
  server.addHook(
    'onRequest',
    async (request, reply) => void reply.header('x-request-id', request.id).header('x-content-type-options', 'nosniff'),
  )
  server.setErrorHandler((error, request, reply) => sendError(error, request, reply))
  server.setNotFoundHandler((request, reply) =>
    sendError(
      new GatewayError('NOT_FOUND', `No such path: the dashboard is at ${DASHBOARD_PATH}, the management API at ${BASE_PATH}.`),
      request,
      reply,
    ),
  )
  await server.register(routes)
  await server.ready()
  server.server.listen(port, host)
  await once(server.server, 'listening')
  return { port: (server.server.address() as AddressInfo).port, close: () => server.close() }
}
