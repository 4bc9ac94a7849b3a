import type { Readable } from 'node:stream'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { GatewayError } from '../../errors.ts'
import type { RateLimits } from '../budgets/rate-limits.ts'
import type { HttpRoute } from '../contract/http-route.ts'
import type { Principal } from '../identity/principal.ts'
import type { CallerOf } from './caller.ts'
import { TOKEN_HEADER } from './consistency-token.ts'
import { sendError } from './error-response.ts'
import { decodedBody } from './request-coding.ts'

export interface ContributedRouteOptions {
  readonly rateLimits: RateLimits | undefined
  readonly callerOf: CallerOf
}

/** Registers a route of another part of the program. */
export async function contributedRoute(
  server: FastifyInstance,
  route: HttpRoute,
  { rateLimits, callerOf }: ContributedRouteOptions,
): Promise<void> {
  // A signature is computed over the exact bytes, so the body is not parsed here.
  server.removeAllContentTypeParsers()
  server.addContentTypeParser('application/json', { parseAs: 'buffer' }, (_, body, done) => done(null, body))
  server.addHook('preParsing', (request, _, payload, done) => done(null, decodedBody(payload as Readable, request.headers)))
  const requestOf = ({ headers, body }: FastifyRequest) => ({ headers, body: Buffer.isBuffer(body) ? body : Buffer.alloc(0) })

  /** Counts the request against its sender, or against its address if the sender is not certain. */
  const admit = async (request: FastifyRequest): Promise<Principal> => {
    let principal: Principal | undefined
    try {
      principal = route.authenticate(requestOf(request))
      return principal
    } finally {
      await rateLimits?.count(callerOf(principal ?? null, request.raw))
    }
  }
  server.post(route.path, { bodyLimit: route.bodyLimitBytes }, async (request, reply) => {
    const { body, token } = await route.handle(await admit(request), requestOf(request))
    return reply.header('cache-control', 'no-store').header(TOKEN_HEADER, token).send(body)
  })
  server.route({
    method: ['GET', 'HEAD', 'PUT', 'PATCH', 'DELETE'],
    url: route.path,
    exposeHeadRoute: false,
    handler: (request, reply) =>
      sendError(new GatewayError('METHOD_NOT_ALLOWED', `Send events to ${route.path} by POST.`), request, reply.header('allow', 'POST')),
  })
}
