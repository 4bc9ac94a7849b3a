import { GatewayError } from '../../errors.ts'

/**
 * SQLSTATEs of errors that are caused by the state of the server, not by the statement. Each is a whole code or a class of codes. The
 * statements of the invalidation log call functions that inspect the write-ahead log. A server in recovery refuses these functions with
 * 55000. No other statement of the gateway causes 55000.
 */
const UNAVAILABLE_STATES = /^(08|53|57P|57014|58|25006|55000|55P03)/

/**
 * SQLSTATE class of faults of the server. In a statement it may be a bug. While a connection is opened it is not: a server without disk space
 * then fails to write a file.
 */
const SERVER_FAULT = /^XX/

/**
 * Error for a database that could not be reached or did not answer in time, or for a connection that was lost. The same call may succeed
 * later. The error is thrown where the driver is called, because most errors of the driver have no code. The driver's own error is the
 * cause.
 */
export class DatabaseUnavailableError extends Error {
  override readonly name = 'DatabaseUnavailableError'
}

/** Whether the call that failed with this error may succeed if it is repeated later. Any other error is a bug or a violated constraint. */
export function isUnavailable(error: unknown): boolean {
  if (error instanceof DatabaseUnavailableError) return true
  if (error instanceof GatewayError) return error.code === 'UNAVAILABLE'
  return UNAVAILABLE_STATES.test(sqlState(error) ?? '')
}

/**
 * Returns the error to throw after a failed attempt to open a connection. An error that the server sent, or that the checks of a new
 * connection threw, is returned unchanged, unless it is a fault of the server itself. Such a fault, and any other error, means that the
 * server cannot be used now, and becomes a DatabaseUnavailableError.
 */
export function connectFailure(error: unknown): unknown {
  if (error instanceof DatabaseUnavailableError || error instanceof GatewayError) return error
  const state = sqlState(error)
  if (state !== undefined && !SERVER_FAULT.test(state)) return error
  return new DatabaseUnavailableError('No connection to the database could be opened.', { cause: error })
}

/** Returns the SQLSTATE of an error; undefined if the error did not come from the server, whose errors all have a severity. */
export function sqlState(error: unknown): string | undefined {
  if (!(error instanceof Error && 'severity' in error && 'code' in error)) return undefined
  return typeof error.severity === 'string' && typeof error.code === 'string' ? error.code : undefined
}
