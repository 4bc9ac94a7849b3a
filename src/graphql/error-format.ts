import { type ASTNode, GraphQLError, type GraphQLFormattedError, type SourceLocation } from 'graphql'
import { DeadlineExceededError, HistoryChangedError, LoadTimeoutError } from '../cache/read.ts'
import { type ErrorCode, type ExceededLimit, errorCodes, GatewayError, LimitExceededError } from '../errors.ts'

/** Codes of graphql-js and Apollo Server whose messages speak of the request alone. */
const REQUEST_CODES: ReadonlySet<unknown> = new Set([
  'GRAPHQL_PARSE_FAILED',
  'GRAPHQL_VALIDATION_FAILED',
  'OPERATION_RESOLUTION_FAILURE',
  'PERSISTED_QUERY_NOT_FOUND',
  'PERSISTED_QUERY_NOT_SUPPORTED',
  'BAD_REQUEST',
  'BAD_USER_INPUT',
])

/** Longest message that a client is told, in UTF-16 code units. */
const MAX_MESSAGE_LENGTH = 500

/** What graphql-js suggests even where it is told to make no suggestions. */
const SUGGESTION = / Did you mean [^?]+\?$/

/** Codes whose own message stays inside: it was written for the operator. */
const INTERNAL_CODES: ReadonlySet<ErrorCode> = new Set(['INTERNAL_SERVER_ERROR', 'CONFIGURATION'])

/** What a client may be told of an error. */
export interface Disclosure {
  readonly code: string
  readonly message: string
  /** Whether the error itself was hidden, and so must be reported elsewhere. */
  readonly masked: boolean
  /** Of a request that a limit refused. */
  readonly exceeded?: ExceededLimit
}

/**
 * Decides what a client may be told: what was written for clients, and nothing of what was not.
 * @param isUnavailable Whether an error says that the database cannot be reached.
 */
export function disclose(error: unknown, isUnavailable: (error: unknown) => boolean): Disclosure {
  const cause = rootOf(error)
  if (cause instanceof LimitExceededError) return { code: cause.code, message: cause.message, masked: false, exceeded: cause.exceeded }
  if (cause instanceof GatewayError)
    return INTERNAL_CODES.has(cause.code) ? mask('INTERNAL_SERVER_ERROR') : { code: cause.code, message: cause.message, masked: false }
  if (cause instanceof GraphQLError) {
    const code = (error instanceof GraphQLError ? error : cause).extensions['code'] ?? cause.extensions['code']
    if (typeof code === 'string' && REQUEST_CODES.has(code)) return { code, message: cause.message, masked: false }
    // Apollo Server gives no code to a persisted query that does not fit its hash or names another version.
    if (code === undefined && isRequestError(cause)) return { code: 'BAD_REQUEST', message: cause.message, masked: false }
    // Found only when a field is about to be executed (a required argument whose variable was left out), or after the errors that
    // graphql-js has no code for.
    if (cause.message.startsWith('Argument "') || cause.message.startsWith('Too many errors processing variables'))
      return { code: 'BAD_USER_INPUT', message: cause.message, masked: false }
    return mask('INTERNAL_SERVER_ERROR')
  }
  const isRetryable =
    cause instanceof HistoryChangedError ||
    cause instanceof LoadTimeoutError ||
    cause instanceof DeadlineExceededError ||
    isUnavailable(cause)
  return mask(isRetryable ? 'UNAVAILABLE' : 'INTERNAL_SERVER_ERROR')
}

/**
 * The `formatError` of Apollo Server: path and locations stay, of the extensions only the code.
 * @param locationsOf Where nodes without a location of their own stand.
 * @param hideSuggestions Whether errors name nothing of the schema that was not asked for.
 */
export function errorFormatter(
  isUnavailable: (error: unknown) => boolean,
  locationsOf: (nodes: readonly ASTNode[] | undefined) => readonly SourceLocation[] | undefined,
  hideSuggestions: boolean,
): (formatted: GraphQLFormattedError, error: unknown) => GraphQLFormattedError {
  return (formatted, error) => {
    const { code, message: told, exceeded } = disclose(error, isUnavailable)
    const message = hideSuggestions ? withoutSuggestion(told) : told
    const locations = formatted.locations ?? (error instanceof GraphQLError ? locationsOf(error.nodes) : undefined)
    return {
      message: cut(message),
      ...(locations ? { locations } : {}),
      ...(formatted.path ? { path: formatted.path } : {}),
      extensions: { code, ...exceeded },
    }
  }
}

/** The HTTP status of a request that failed as a whole with this error. */
export function statusOf(code: unknown): number | undefined {
  return typeof code === 'string' && Object.hasOwn(errorCodes, code) ? errorCodes[code as ErrorCode].status : undefined
}

/** What was thrown, without the wrappings that graphql-js and Apollo Server put around it. */
export function rootOf(error: unknown): unknown {
  let cause = error
  while (cause instanceof GraphQLError && cause.originalError) cause = cause.originalError
  return cause
}

/** Messages of libraries repeat what they refuse. No character is cut in half. */
export function cut(message: string): string {
  return message.length > MAX_MESSAGE_LENGTH ? `${message.slice(0, MAX_MESSAGE_LENGTH).replace(/[\ud800-\udbff]$/, '')}…` : message
}

export function withoutSuggestion(message: string): string {
  return message.replace(SUGGESTION, '')
}

/** Whether Apollo Server made the error for the status 400. */
function isRequestError({ extensions: { http } }: GraphQLError): boolean {
  return typeof http === 'object' && http !== null && Reflect.get(http, 'status') === 400
}

function mask(code: ErrorCode): Disclosure {
  return { code, message: errorCodes[code].message, masked: true }
}
