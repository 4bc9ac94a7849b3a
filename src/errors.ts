/** Facts about an error code, for clients and operators. docs/errors.md shows them. */
export interface ErrorCodeEntry {
  /** HTTP status of a request that fails as a whole with this code. */
  readonly status: number
  /** Other statuses that HTTP prescribes for some errors with this code. */
  readonly otherStatuses?: readonly number[]
  /**
   * Origin of errors with this code: Apollo Server, the management API, or the start of the process, which such an error ends.
   * Undefined means the gateway's handling of requests.
   */
  readonly origin?: 'apollo' | 'start' | 'management'
  /** Message that a client gets instead of the error's own message, which may contain SQL, stacks or data of other tenants. */
  readonly message: string
  readonly meaning: string
  /** Whether the same request may succeed when it is sent again. */
  readonly canRetry: boolean
  readonly remedy: string
}

/** Registry of the error codes. Each error that the gateway sends to a client has one of these codes. */
export const errorCodes = {
  UNAUTHENTICATED: {
    status: 401,
    message: 'This needs a valid token in the Authorization header.',
    meaning: 'The token is missing, expired, revoked or not valid here.',
    canRetry: false,
    remedy: 'Get a new token, then send the request again.',
  },
  FORBIDDEN: {
    status: 403,
    message: 'Your role does not allow this.',
    meaning: 'The role of the token does not allow this field or tenant.',
    canRetry: false,
    remedy: 'Use a token with the role that the message names.',
  },
  NOT_FOUND: {
    status: 404,
    message: 'There is no such object.',
    meaning: 'There is no such path, or no such object in the tenant.',
    canRetry: false,
    remedy: 'Correct the path or the id.',
  },
  BAD_USER_INPUT: {
    status: 400,
    message: 'An argument is not acceptable.',
    meaning: 'An argument, a variable or an extension has a value that is not allowed.',
    canRetry: false,
    remedy: 'Correct the value that the message names.',
  },
  BAD_REQUEST: {
    status: 400,
    otherStatuses: [405, 406],
    message: 'The request is not a GraphQL request.',
    meaning: 'The HTTP request is not a GraphQL request, or not an event of a carrier, that can be read.',
    canRetry: false,
    remedy: 'Correct the request as the message says.',
  },
  GRAPHQL_PARSE_FAILED: {
    status: 400,
    origin: 'apollo',
    message: 'The document cannot be parsed.',
    meaning: 'The document is not GraphQL.',
    canRetry: false,
    remedy: 'Correct the syntax at the location that the error names.',
  },
  GRAPHQL_VALIDATION_FAILED: {
    status: 400,
    origin: 'apollo',
    message: 'The document is not valid.',
    meaning: 'The document does not fit the schema.',
    canRetry: false,
    remedy: 'Correct the document, or generate it again from the current schema.',
  },
  OPERATION_RESOLUTION_FAILURE: {
    status: 400,
    origin: 'apollo',
    message: 'The document has no such operation.',
    meaning: 'The document has several operations and `operationName` names none of them.',
    canRetry: false,
    remedy: 'Send the name of one operation in `operationName`.',
  },
  PERSISTED_QUERY_NOT_FOUND: {
    status: 200,
    origin: 'apollo',
    message: 'The persisted query is not known.',
    meaning: 'The hash of an automatic persisted query is not known yet.',
    canRetry: true,
    remedy: 'Send the request once more with both the hash and the document. Clients do so by themselves.',
  },
  DOCUMENT_NOT_FOUND: {
    status: 400,
    message: 'No trusted document has this id.',
    meaning: 'No document of the manifest has this id.',
    canRetry: false,
    remedy: 'Deploy a manifest that has the document, or correct the id.',
  },
  DOCUMENT_NOT_TRUSTED: {
    status: 400,
    message: 'Only trusted documents are answered here.',
    meaning: 'Only documents of the manifest are answered, and this is none of them.',
    canRetry: false,
    remedy: 'Add the document to the manifest, and send its id.',
  },
  LIMIT_EXCEEDED: {
    status: 400,
    message: 'The request is larger or dearer than the server accepts.',
    meaning: 'The request exceeds a limit, which the extensions name: `setting`, `limit` and `value`.',
    canRetry: false,
    remedy: 'Request less in one operation, for example in pages.',
  },
  PAYLOAD_TOO_LARGE: {
    status: 413,
    message: 'The request body is larger than the server accepts.',
    meaning: 'The body is larger than `BODY_LIMIT_BYTES`.',
    canRetry: false,
    remedy: 'Send a smaller body, for example a document by its id.',
  },
  HEADERS_TOO_LARGE: {
    status: 431,
    message: 'The header of the request is larger than the server accepts: send fewer or shorter fields, or use POST.',
    meaning: 'The target and the header fields together are too large.',
    canRetry: false,
    remedy: 'Send fewer or shorter fields. Send long queries by POST.',
  },
  UNSUPPORTED_MEDIA_TYPE: {
    status: 415,
    message: 'Send the body as JSON in UTF-8 with Content-Type: application/json.',
    meaning: 'The body is not JSON in UTF-8, or has a coding other than gzip.',
    canRetry: false,
    remedy: 'Send JSON with `Content-Type: application/json`.',
  },
  METHOD_NOT_ALLOWED: {
    status: 405,
    message: 'This method is not allowed here.',
    meaning: 'The endpoint takes POST, and queries by GET.',
    canRetry: false,
    remedy: 'Use one of the methods in the `Allow` header.',
  },
  CONFLICT: {
    status: 409,
    message: 'The object was changed meanwhile: read it again and retry.',
    meaning: 'The object was changed after it was read.',
    canRetry: false,
    remedy: 'Read the object again, then decide anew.',
  },
  RATE_LIMITED: {
    status: 429,
    message: 'Too many requests: send the request again later.',
    meaning: 'The caller or its tenant has sent more requests than are allowed in a minute, or has too many live streams open.',
    canRetry: true,
    remedy: 'Wait for the seconds in the `Retry-After` header. End a live stream before another one is opened.',
  },
  REQUEST_TIMEOUT: {
    status: 408,
    message: 'The request did not arrive in time: send it again.',
    meaning: 'The request did not arrive completely within `REQUEST_TIMEOUT_MS`.',
    canRetry: true,
    remedy: 'Send it again on a new connection.',
  },
  UNAVAILABLE: {
    status: 503,
    message: 'The data is not available right now: retry in a moment.',
    meaning: 'The database cannot be reached or does not answer, or the server is shutting down.',
    canRetry: true,
    remedy: 'Retry with increasing pauses. After a mutation read the object first: the change may have been made.',
  },
  OVERLOADED: {
    status: 503,
    message: 'The server has more work than it can finish in time: retry in a moment.',
    meaning: 'More work waits than the server can finish in time.',
    canRetry: true,
    remedy: 'Retry with increasing pauses, or after the milliseconds in `retryAfterMs`.',
  },
  TIMEOUT: {
    status: 503,
    message: 'The operation took longer than the server allows: request less in one operation, or retry in a moment.',
    meaning: 'The operation took longer than `EXECUTION_TIMEOUT_MS`.',
    canRetry: true,
    remedy: 'Request less in one operation, or retry in a moment.',
  },
  CLIENT_CLOSED: {
    status: 499,
    message: 'The client closed the connection before it was answered.',
    meaning: 'The client closed the connection before its response. The gateway then aborts the loads that nobody else waits for.',
    canRetry: true,
    remedy: 'Keep the connection open until the response is complete.',
  },
  FILTER_EMPTY: {
    status: 400,
    origin: 'management',
    message: 'The request names nothing to invalidate.',
    meaning: 'A request to invalidate has no filter.',
    canRetry: false,
    remedy: 'Name tags, a pattern of types, a table or a key.',
  },
  FILTER_TOO_BROAD: {
    status: 400,
    origin: 'management',
    message: 'The filter selects everything.',
    meaning: 'A filter selects all values of a tenant or of all tenants, or too many types of tenants.',
    canRetry: false,
    remedy: 'Name less, or use `clear-all`, which asks for a confirmation.',
  },
  NOT_CONFIRMED: {
    status: 400,
    origin: 'management',
    message: 'The confirmation is missing or wrong.',
    meaning: 'The confirmation does not name the tenant whose values would be invalidated.',
    canRetry: false,
    remedy: 'Type the name of the tenant, or `all` as an OPERATOR.',
  },
  INTERNAL_SERVER_ERROR: {
    status: 500,
    message: 'Something went wrong on the server. Quote the request id when you report it.',
    meaning: 'An error that the gateway does not tell to clients. It is in the log with the request id.',
    canRetry: false,
    remedy: 'Report the `requestId`.',
  },
  UNDECLARED_DEPENDENCY: {
    status: 500,
    message: 'A cached value reads a table that its @cache(depends:) does not name.',
    meaning: 'A cached value reads a table that its `@cache(depends:)` does not name. Only development answers so.',
    canRetry: false,
    remedy: 'Add the table to `depends`.',
  },
  CONFIGURATION: {
    status: 500,
    origin: 'start',
    message: 'The server is not configured correctly.',
    meaning: 'The server cannot run with this configuration, database or schema.',
    canRetry: false,
    remedy: 'Read the lines on standard error, and correct what they name.',
  },
} as const satisfies Record<string, ErrorCodeEntry>

export type ErrorCode = keyof typeof errorCodes

/**
 * Codes whose messages are written for the operator. A client gets neither such a code nor its message. It gets the code
 * INTERNAL_SERVER_ERROR with the general message of that code.
 */
export const operatorCodes: ReadonlySet<ErrorCode> = new Set(['INTERNAL_SERVER_ERROR', 'CONFIGURATION'])

/**
 * An error whose message was written for the client: what was expected, what was received, and what to do. Messages of errors of other
 * classes are masked from the client.
 */
export class GatewayError extends Error {
  override readonly name = 'GatewayError'
  readonly code: ErrorCode

  constructor(code: ErrorCode, message?: string, options?: { cause?: unknown }) {
    super(message ?? errorCodes[code].message, options)
    this.code = code
  }

  /** HTTP status of a request that fails as a whole with this error. */
  get status(): number {
    return errorCodes[this.code].status
  }
}

/** Error for work that the server cannot finish in time. It tells the client when to send the request again. */
export class OverloadedError extends GatewayError {
  /** Time after which the same request is likely to be accepted, ms. */
  readonly retryAfterMs: number

  constructor(message: string, retryAfterMs: number) {
    super('OVERLOADED', message)
    this.retryAfterMs = retryAfterMs
  }
}

/** A configured limit that a request exceeded. */
export interface ExceededLimit {
  /** Name of the environment variable that sets the limit, such as `MAX_DEPTH`. */
  readonly setting: string
  readonly limit: number
  /** Measured value of the request, in the unit of the limit; greater than `limit`. */
  readonly value: number
}

/** Error for a request that exceeds a configured limit. Its message tells the client the limit and the measured value. */
export class LimitExceededError extends GatewayError {
  readonly exceeded: ExceededLimit

  /** @param what Noun for what is counted, such as `levels of fields`. It follows the number in the message. */
  constructor(what: string, exceeded: ExceededLimit, remedy: string) {
    const { setting, limit, value } = exceeded
    super('LIMIT_EXCEEDED', `The request has ${value} ${what}; at most ${limit} are allowed (${setting}). ${remedy}`)
    this.exceeded = exceeded
  }
}

/** Returns whether an import failed because the package with this name is not installed. */
export function isNotInstalled(error: unknown, packageName: string): boolean {
  return (
    error instanceof Error && 'code' in error && error.code === 'ERR_MODULE_NOT_FOUND' && error.message.includes(`package '${packageName}'`)
  )
}
