import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import { type ErrorCode, errorCodes, GatewayError, operatorCodes } from '../../errors.ts'
import { RateLimitedError } from '../budgets/rate-limits.ts'
import { answerType, JSON_TYPE } from '../graphql/answers/media-type.ts'
import { ACCEPTED_CODINGS } from './request-coding.ts'

export interface ErrorResponse {
  readonly status: number
  readonly body: {
    readonly errors: readonly { readonly message: string; readonly extensions: { readonly code: ErrorCode; readonly requestId: string } }[]
  }
  /** Whether the error's message was masked from the client, and so must be logged. */
  readonly hidden: boolean
}

/** Error codes of this gateway by the error codes of Fastify. */
const FASTIFY_CODES: Readonly<Record<string, ErrorCode>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: 'PAYLOAD_TOO_LARGE',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'UNSUPPORTED_MEDIA_TYPE',
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: 'BAD_REQUEST',
  FST_ERR_CTP_EMPTY_JSON_BODY: 'BAD_REQUEST',
  FST_ERR_CTP_INVALID_JSON_BODY: 'BAD_REQUEST',
}

/** Returns the JSON response for any error, in the form that a GraphQL client understands. */
function errorResponse(error: unknown, requestId: string): ErrorResponse {
  if (error instanceof GatewayError && !operatorCodes.has(error.code)) return respond(error.code, error.message, requestId, false)
  if (isZlibError(error))
    return respond('BAD_REQUEST', 'Expected a gzip body, as Content-Encoding says, got something else.', requestId, false)
  const code = codeOf(error)
  if (code === 'BAD_REQUEST') return respond(code, 'Invalid JSON: send a body such as {"query": "…"}.', requestId, false)
  return respond(code, errorCodes[code].message, requestId, code === 'INTERNAL_SERVER_ERROR')
}

function codeOf(error: unknown): ErrorCode {
  if (!(error instanceof Error)) return 'INTERNAL_SERVER_ERROR'
  const { code, statusCode } = error as FastifyError
  return FASTIFY_CODES[code] ?? (statusCode === 400 ? 'BAD_REQUEST' : 'INTERNAL_SERVER_ERROR')
}

function isZlibError(error: unknown): boolean {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' && error.code.startsWith('Z_')
}

function respond(code: ErrorCode, message: string, requestId: string, hidden: boolean): ErrorResponse {
  return { status: errorCodes[code].status, body: { errors: [{ message, extensions: { code, requestId } }] }, hidden }
}

export function sendError(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const { status, body, hidden } = errorResponse(error, request.id)
  if (hidden) request.log.error({ error, requestId: request.id }, 'request failed with an unexpected error (masked from the client)')
  if (status === 401) reply.header('www-authenticate', 'Bearer realm="tidegate", error="invalid_token"')
  if (error instanceof RateLimitedError) reply.header('retry-after', String(error.retryAfterSeconds))
  if (status === 415) reply.header('accept-encoding', ACCEPTED_CODINGS)
  return reply
    .code(status)
    .header('cache-control', 'no-store')
    .header('content-type', `${answerType(request.headers.accept) ?? JSON_TYPE}; charset=utf-8`)
    .header('x-request-id', request.id)
    .send(JSON.stringify(body))
}
