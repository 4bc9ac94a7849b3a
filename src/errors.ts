/**
 * The registry of error codes: every error that leaves the gateway carries one of these.
 * `status` is the HTTP status of a request that fails as a whole with this code; `message` is what a client is told
 * when the error itself must stay inside (SQL, stacks and other tenants never leave).
 */
export const errorCodes = {
  UNAUTHENTICATED: { status: 401, message: 'This needs a valid token in the Authorization header.' },
  FORBIDDEN: { status: 403, message: 'Your role does not allow this.' },
  NOT_FOUND: { status: 404, message: 'There is no such object.' },
  BAD_USER_INPUT: { status: 400, message: 'An argument is not acceptable.' },
  BAD_REQUEST: { status: 400, message: 'The request is not a GraphQL request.' },
  DOCUMENT_NOT_FOUND: { status: 400, message: 'No trusted document has this id.' },
  DOCUMENT_NOT_TRUSTED: { status: 400, message: 'Only trusted documents are answered here.' },
  LIMIT_EXCEEDED: { status: 400, message: 'The request is larger or dearer than the server accepts.' },
  PAYLOAD_TOO_LARGE: { status: 413, message: 'The request body is larger than the server accepts.' },
  UNSUPPORTED_MEDIA_TYPE: { status: 415, message: 'Send the body as JSON in UTF-8 with Content-Type: application/json.' },
  METHOD_NOT_ALLOWED: { status: 405, message: 'This method is not allowed here.' },
  CONFLICT: { status: 409, message: 'The object was changed meanwhile: read it again and retry.' },
  RATE_LIMITED: { status: 429, message: 'Too many requests: send the request again later.' },
  UNAVAILABLE: { status: 503, message: 'The data is not available right now: retry in a moment.' },
  OVERLOADED: { status: 503, message: 'The server has more work than it can finish in time: retry in a moment.' },
  TIMEOUT: { status: 503, message: 'The operation took longer than the server allows: ask for less at once, or retry in a moment.' },
  INTERNAL_SERVER_ERROR: { status: 500, message: 'Something went wrong on the server. Quote the request id when you report it.' },
  UNDECLARED_DEPENDENCY: { status: 500, message: 'A cached value reads a table that its @cache(depends:) does not name.' },
  CONFIGURATION: { status: 500, message: 'The server is not configured correctly.' },
} as const satisfies Record<string, { status: number; message: string }>

export type ErrorCode = keyof typeof errorCodes

/** An error whose message was written for the client: expected, got, and what to do. Anything else is masked. */
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

/** A limit of the configuration: its variable, what it allows, and what a request had. */
export interface ExceededLimit {
  /** Name of the environment variable, such as `MAX_DEPTH`. */
  readonly setting: string
  readonly limit: number
  /** In the limit's unit. */
  readonly value: number
}

/** A request that a limit of the configuration refuses. The client is told the limit and its own value. */
export class LimitExceededError extends GatewayError {
  readonly exceeded: ExceededLimit

  /** @param what Names the value in the message, such as `levels of fields`. */
  constructor(what: string, exceeded: ExceededLimit, remedy: string) {
    const { setting, limit, value } = exceeded
    super('LIMIT_EXCEEDED', `The request has ${value} ${what}; at most ${limit} are allowed (${setting}). ${remedy}`)
    this.exceeded = exceeded
  }
}
