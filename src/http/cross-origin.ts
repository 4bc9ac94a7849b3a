import type { FastifyInstance, FastifyRequest } from 'fastify'

const LOCAL_ORIGIN = /^https?:\/\/(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/
const MAX_LOGGED_ORIGINS = 100

export interface OriginOptions {
  /** Origins by name, such as `https://studio.apollographql.com`. */
  readonly corsOrigins: readonly string[]
  /** Whether any page of this machine may send requests, whatever its port. */
  readonly allowLocalOrigins: boolean
}

/** Allowed origins in the form of the CORS plugin. */
export function allowedOrigins({ corsOrigins, allowLocalOrigins }: OriginOptions): (string | RegExp)[] {
  return [...corsOrigins, ...(allowLocalOrigins ? [LOCAL_ORIGIN] : [])]
}

/** Logs each refused origin once: in the browser, the page's author sees no reason. */
export function logRefusedOrigins(server: FastifyInstance, options: OriginOptions): void {
  const allowed = allowedOrigins(options)
  const logged = new Set<string>()
  server.addHook('onRequest', async (request) => {
    const { origin } = request.headers
    if (origin === undefined || logged.has(origin) || logged.size >= MAX_LOGGED_ORIGINS || isOwn(origin, request)) return
    if (allowed.some((one) => (typeof one === 'string' ? one === origin : one.test(origin)))) return
    logged.add(origin)
    request.log.warn({ origin }, 'the browser of a page elsewhere was refused: add its origin to CORS_ORIGINS to allow it')
  })
}

function isOwn(origin: string, request: FastifyRequest): boolean {
  return origin === `${request.protocol}://${request.host}`
}

/** Leads a browser that opens /graphql to the page that explores the schema. */
export function leadBrowsersToExplorer(server: FastifyInstance): void {
  server.addHook('onRequest', async (request, reply) => {
    const { method, headers, url } = request
    if (method !== 'GET' || url !== '/graphql' || !headers.accept?.startsWith('text/html')) return
    return reply.header('cache-control', 'no-store').header('vary', 'Accept').redirect('/', 303)
  })
}
