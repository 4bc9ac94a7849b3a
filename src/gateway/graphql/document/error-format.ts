import { type ASTNode, GraphQLError, type GraphQLFormattedError, type SourceLocation } from 'graphql'
import { isTemporary } from '../../../engine/cache/model/read.ts'
import type { ErrorCode, ExceededLimit } from '../../../errors.ts'
import { errorCodes, GatewayError, LimitExceededError, OverloadedError, operatorCodes } from '../../../errors.ts'
import { cutText } from '../../contract/quote.ts'

/** Error codes of graphql-js and Apollo Server whose messages contain only facts about the request. */
const REQUEST_CODES: ReadonlySet<unknown> = new Set<ErrorCode>([
  'GRAPHQL_PARSE_FAILED',
  'GRAPHQL_VALIDATION_FAILED',
  'OPERATION_RESOLUTION_FAILURE',
  'PERSISTED_QUERY_NOT_FOUND',
  'BAD_REQUEST',
  'BAD_USER_INPUT',
])

/** Maximum length of an error message for clients, UTF-16 code units. */
const MAX_MESSAGE_LENGTH = 500

// Undocumented, see docs/internals.md: `graphql-js suggests by Did you mean`
/** Pattern of the suggestion that graphql-js adds to some error messages even with `hideSuggestions`. */
const SUGGESTION = / Did you mean [^?]+\?$/

/** Parts of an error that a client may see. */
export interface Disclosure {
  readonly code: ErrorCode
  readonly message: string
  /** Whether the message of the error was masked from the client, and so must be reported to operators. */
  readonly masked: boolean
  /** The configured limit that the request exceeded; undefined for other errors. */
  readonly exceeded?: ExceededLimit
  /** Time after which the client may send the same request again, ms; undefined for errors other than an overload. */
  readonly retryAfterMs?: number
}

/**
 * Returns the parts of an error that a client may see. The error's own message is among them only if this message was written for clients.
 * @param isUnavailable Returns whether an error says that the database cannot be reached.
 */
export function disclose(error: unknown, isUnavailable: (error: unknown) => boolean): Disclosure {
  const cause = rootOf(error)
  if (cause instanceof LimitExceededError) return { code: cause.code, message: cause.message, masked: false, exceeded: cause.exceeded }
  if (cause instanceof OverloadedError) return { code: cause.code, message: cause.message, masked: false, retryAfterMs: cause.retryAfterMs }
  if (cause instanceof GatewayError)
    return operatorCodes.has(cause.code) ? mask('INTERNAL_SERVER_ERROR') : { code: cause.code, message: cause.message, masked: false }
  if (cause instanceof GraphQLError) {
    const code = (error instanceof GraphQLError ? error : cause).extensions['code'] ?? cause.extensions['code']
    if (isRequestCode(code)) return { code, message: cause.message, masked: false }
    // Undocumented, see docs/internals.md: `ApolloServer errors without a code`
    // Apollo Server sets no code for a persisted query whose hash or version is wrong.
    if (code === undefined && isRequestError(cause)) return { code: 'BAD_REQUEST', message: cause.message, masked: false }
    // Undocumented, see docs/internals.md: `graphql-js errors without a code`
    // Two kinds of errors of graphql-js have no code. One says that a required argument gets its value from a variable that is absent.
    // graphql-js finds this error only when it executes the field. The other says that the variables contain too many errors.
    if (cause.message.startsWith('Argument "') || cause.message.startsWith('Too many errors processing variables'))
      return { code: 'BAD_USER_INPUT', message: cause.message, masked: false }
    return mask('INTERNAL_SERVER_ERROR')
  }
  return mask(isTemporary(cause) || isUnavailable(cause) ? 'UNAVAILABLE' : 'INTERNAL_SERVER_ERROR')
}

/**
 * Returns the function `formatError` for Apollo Server. The function keeps the path and the locations of an error, and replaces its
 * extensions by the code, the exceeded limit and the time after which the client may send the request again.
 * @param locationsOf Returns the locations of AST nodes, which are stored outside the nodes.
 * @param hideSuggestions Whether to remove suggestions, which would reveal names of the schema.
 */
export function errorFormatter(
  isUnavailable: (error: unknown) => boolean,
  locationsOf: (nodes: readonly ASTNode[] | undefined) => readonly SourceLocation[] | undefined,
  hideSuggestions: boolean,
): (formatted: GraphQLFormattedError, error: unknown) => GraphQLFormattedError {
  return (formatted, error) => {
    const { code, message: told, exceeded, retryAfterMs } = disclose(error, isUnavailable)
    const message = hideSuggestions ? withoutSuggestion(told) : told
    const locations = formatted.locations ?? (error instanceof GraphQLError ? locationsOf(error.nodes) : undefined)
    return {
      message: cut(message),
      ...(locations ? { locations } : {}),
      ...(formatted.path ? { path: formatted.path } : {}),
      extensions: { code, ...exceeded, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) },
    }
  }
}

/** Returns the HTTP status of a request that fails as a whole with this code; undefined for an unknown code. */
export function statusOf(code: unknown): number | undefined {
  return typeof code === 'string' && Object.hasOwn(errorCodes, code) ? errorCodes[code as ErrorCode].status : undefined
}

/** Returns the original error inside the wrappers that graphql-js and Apollo Server put around it. */
function rootOf(error: unknown): unknown {
  let cause = error
  while (cause instanceof GraphQLError && cause.originalError) cause = cause.originalError
  return cause
}

/** Shortens an error message, because messages of libraries may repeat a long input. */
export function cut(message: string): string {
  return cutText(message, MAX_MESSAGE_LENGTH)
}

export function withoutSuggestion(message: string): string {
  return message.replace(SUGGESTION, '')
}

function isRequestCode(code: unknown): code is ErrorCode {
  return REQUEST_CODES.has(code)
}

/** Returns whether the error carries the HTTP status 400, which Apollo Server sets for some faults of a request. */
function isRequestError({ extensions: { http } }: GraphQLError): boolean {
  return typeof http === 'object' && http !== null && Reflect.get(http, 'status') === 400
}

function mask(code: ErrorCode): Disclosure {
  return { code, message: errorCodes[code].message, masked: true }
}
