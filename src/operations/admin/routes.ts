import type { FastifyBodyParser, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { GatewayError } from '../../errors.ts'
import { RateLimitedError, type RateLimits } from '../../gateway/budgets/rate-limits.ts'
import type { CallerOf } from '../../gateway/http/caller.ts'
import { sendError } from '../../gateway/http/error-response.ts'
import type { Authentication } from '../../gateway/identity/authentication.ts'
import type { Principal } from '../../gateway/identity/principal.ts'
import { requireRole } from './access.ts'
import type { AuditLog } from './audit/audit-log.ts'
import { recordedArguments } from './audit/recorded-arguments.ts'
import type { Endpoint } from './endpoint.ts'
import { BASE_PATH, openApiDocument } from './openapi.ts'
import { apiPage } from './page/api-page.ts'
import { checked, RequestProblem } from './request-problem.ts'

export interface RoutesOptions {
  readonly endpoints: readonly Endpoint[]
  readonly authentication: Pick<Authentication, 'authenticate'>
  readonly audit: Pick<AuditLog, 'begin' | 'complete'>
  /** Limits of calls per minute: of callers with a token, and of addresses without a valid one. */
  readonly limits: { readonly known: RateLimits | undefined; readonly unknown: RateLimits | undefined }
  readonly callerOf: CallerOf
  readonly version: string
  readonly monotonic: () => number
}

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const

/**
 * Registers the routes of the management API below its base path. Pages of other origins cannot call them: there are no CORS headers, and
 * each call needs a token in the Authorization header and a body of the type application/json, which such a page may not send.
 */
export async function managementRoutes(scope: FastifyInstance, options: RoutesOptions): Promise<void> {
  scope.removeAllContentTypeParsers()
  // The body is parsed later, so that a call with a wrong body is recorded, too.
  scope.addContentTypeParser('*', { parseAs: 'string' }, (_, body, done) => done(null, body))
  const parseJson = scope.getDefaultJsonParser('error', 'error')
  scope.addHook('onSend', async (_, reply) => void reply.header('cache-control', 'no-store').header('vary', 'Authorization'))
  scope.setErrorHandler((error, request, reply) => sendProblem(error, request, reply))
  scope.setNotFoundHandler((request, reply) =>
    sendProblem(new GatewayError('NOT_FOUND', `No such path: see ${BASE_PATH}/openapi.json for the paths.`), request, reply),
  )
  const document = openApiDocument(options.endpoints, options.version)
  const text = JSON.stringify(document)
  const page = apiPage(document)
  const get = { method: 'GET', exposeHeadRoute: false } as const
  scope.route({ ...get, url: '/openapi.json', handler: (_, reply) => reply.type('application/json; charset=utf-8').send(text) })
  scope.route({
    ...get,
    url: '/docs',
    handler: (_, reply) =>
      reply
        .header('content-security-policy', page.contentSecurityPolicy)
        .header('referrer-policy', 'no-referrer')
        .type('text/html; charset=utf-8')
        .send(page.html),
  })
  const byPath = Map.groupBy(options.endpoints, ({ path }) => path)
  for (const [path, endpoints] of [...byPath, ['/openapi.json', [get]] as const, ['/docs', [get]] as const]) {
    const allowed = endpoints.map(({ method }) => method)
    scope.route({
      method: METHODS.filter((method) => !allowed.some((one) => one === method)),
      url: path,
      handler: (request, reply) =>
        sendProblem(
          new GatewayError('METHOD_NOT_ALLOWED', `Expected ${allowed.join(' or ')}, got ${request.method}.`),
          request,
          reply.header('allow', allowed.join(', ')),
        ),
    })
  }
  const audited = auditedCalls(options, (request) => bodyOf(request, parseJson))
  for (const one of options.endpoints)
    scope.route({
      method: one.method,
      url: one.path,
      exposeHeadRoute: false,
      handler: async (request, reply) => {
        const answer = await audited(one, request)
        return reply.type('application/json; charset=utf-8').send(JSON.stringify(answer))
      },
    })
}

/** Returns a function that answers a call: it authenticates, limits, records, checks and then calls the endpoint. */
function auditedCalls(
  { authentication, audit, limits, callerOf, monotonic }: RoutesOptions,
  readBody: (request: FastifyRequest) => Promise<unknown>,
) {
  return async (one: Endpoint, request: FastifyRequest): Promise<unknown> => {
    const startedAt = monotonic()
    const parsed = await readBody(request).then(
      (body) => ({ body }),
      (error: unknown) => ({ body: undefined, error }),
    )
    const entry = (caller: Principal | null) => ({
      caller,
      endpoint: `${one.method} ${one.path}`,
      arguments: recordedArguments({ ...(request.query as object), ...(isRecord(parsed.body) ? parsed.body : {}) }),
      address: request.ip,
      requestId: request.id,
    })
    let caller: Principal | null = null
    try {
      caller = await authentication.authenticate(request.headers.authorization)
      requireRole(caller, one.roles)
      await limits.known?.count(callerOf(caller, request.raw))
    } catch (error) {
      // A caller who exceeds a limit gets no further row, so that nobody can fill the audit log.
      if (error instanceof RateLimitedError) throw error
      await limits.unknown?.count(callerOf(caller, request.raw))
      await stored(audit.begin(entry(caller), codeOf(error)))
      throw error
    }
    const id = await stored(audit.begin(entry(caller)))
    let outcome = 'ok'
    try {
      if ('error' in parsed) throw parsed.error
      const query = one.query ? checked(one.query, request.query) : checkedEmpty(request.query)
      const body = one.body ? checked(one.body, parsed.body ?? {}) : undefined
      return await one.handle({ caller, query, body })
    } catch (error) {
      outcome = codeOf(error)
      throw error
    } finally {
      await audit
        .complete(id, outcome, monotonic() - startedAt)
        .catch((error) => request.log.warn({ error, id }, 'audit row not completed'))
    }
  }
}

/** Returns the parsed body; undefined if there is none. @throws an error for a body that is no JSON, or has another content type. */
function bodyOf(request: FastifyRequest, parseJson: FastifyBodyParser<string>): Promise<unknown> {
  const { body, headers } = request
  if (typeof body !== 'string' || (body === '' && headers['content-type'] === undefined)) return Promise.resolve(undefined)
  if (!/^application\/json\s*(;|$)/i.test(headers['content-type'] ?? '')) return Promise.reject(new GatewayError('UNSUPPORTED_MEDIA_TYPE'))
  return new Promise((resolve, reject) => {
    void parseJson(request, body, (error, value) => {
      if (error)
        reject(new GatewayError('BAD_REQUEST', 'Expected a JSON object as the body, got something that is no JSON.', { cause: error }))
      else resolve(value)
    })
  })
}

/** Resolves when a row of the audit log is stored. A call whose row cannot be stored is refused, because nothing may happen unrecorded. */
async function stored(row: Promise<number>): Promise<number> {
  try {
    return await row
  } catch (error) {
    throw new GatewayError('UNAVAILABLE', 'The call cannot be stored in the audit log, so nothing was done: retry in a moment.', {
      cause: error,
    })
  }
}

function checkedEmpty(query: unknown): undefined {
  const [name] = Object.keys(isRecord(query) ? query : {})
  if (name !== undefined) throw new RequestProblem('BAD_USER_INPUT', name.slice(0, 60), 'this name is not known here.')
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function codeOf(error: unknown): string {
  return error instanceof GatewayError ? error.code : 'INTERNAL_SERVER_ERROR'
}

function sendProblem(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  if (!(error instanceof RequestProblem) || error.item === undefined) return sendError(error, request, reply)
  const { code, message, item: path, status } = error
  const body = { errors: [{ message, extensions: { code, requestId: request.id, path } }] }
  return reply.code(status).type('application/json; charset=utf-8').send(JSON.stringify(body))
}
