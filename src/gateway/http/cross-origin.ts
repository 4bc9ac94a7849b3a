import type { FastifyInstance, FastifyRequest } from 'fastify'
import { EXPLORER_PATH } from './explorer-page.ts'

const LOCAL_ORIGIN = /^https?:\/\/(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/
const MAX_LOGGED_ORIGINS = 100

export interface OriginOptions {
  /** Origins whose pages may send requests, such as `https://studio.apollographql.com`. */
  readonly corsOrigins: readonly string[]
  /** Whether pages from localhost, at any port, may also send requests. */
  readonly allowLocalOrigins: boolean
}

/** Returns the allowed origins in the form that the CORS plugin expects. */
export function allowedOrigins({ corsOrigins, allowLocalOrigins }: OriginOptions): (string | RegExp)[] {
  return [...corsOrigins, ...(allowLocalOrigins ? [LOCAL_ORIGIN] : [])]
}

/** Logs each origin that is refused, once, because a browser does not tell the author of a page why a request was refused. */
export function logRefusedOrigins(server: FastifyInstance, options: OriginOptions): void {
  const allowed = allowedOrigins(options)
  const logged = new Set<string>()
  server.addHook('onRequest', async (request) => {
    const { origin } = request.headers
    if (origin === undefined || logged.has(origin) || logged.size >= MAX_LOGGED_ORIGINS || isOwn(origin, request)) return
    if (allowed.some((one) => (typeof one === 'string' ? one === origin : one.test(origin)))) return
    logged.add(origin)
    request.log.warn({ origin }, 'CORS origin refused: add it to CORS_ORIGINS to allow it')
  })
}

function isOwn(origin: string, request: FastifyRequest): boolean {
  return origin === `${request.protocol}://${request.host}`
}

/** Redirects a browser that opens /graphql to the page in which a visitor can explore the schema. */
export function leadBrowsersToExplorer(server: FastifyInstance): void {
  server.addHook('onRequest', async (request, reply) => {
    const { method, headers, url } = request
    if (method !== 'GET' || url !== '/graphql' || !headers.accept?.startsWith('text/html')) return
    return reply.header('cache-control', 'no-store').header('vary', 'Accept').redirect(EXPLORER_PATH, 303)
  })
}
