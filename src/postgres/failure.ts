import { GatewayError } from '../errors.ts'

/** SQLSTATEs (whole or class) that speak of the server's state and not of the statement. */
const UNAVAILABLE_STATES = /^(08|53|57P|57014|58|25006|55P03)/
const UNAVAILABLE_CODES = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'ETIMEDOUT',
  'EPIPE',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'EHOSTDOWN',
  'ENETUNREACH',
  'ENETDOWN',
  'ENOENT',
])
/** The driver gives these no code. */
const UNAVAILABLE_MESSAGES =
  /^(Connection terminated|timeout exceeded when trying to connect|timeout expired|Query read timeout|Client (was closed|has encountered a connection error)|recovery is in progress)/

/**
 * Whether the database could not be reached or did not answer in time, so that the same call may succeed later; anything else
 * is a programmer's error or a violated constraint.
 */
export function isUnavailable(error: unknown): boolean {
  if (error instanceof GatewayError) return error.code === 'UNAVAILABLE'
  if (error instanceof AggregateError) return error.errors.length > 0 && error.errors.every(isUnavailable)
  if (!(error instanceof Error)) return false
  const state = sqlState(error)
  if (state !== undefined) return UNAVAILABLE_STATES.test(state) || UNAVAILABLE_MESSAGES.test(error.message)
  if ('code' in error && typeof error.code === 'string' && UNAVAILABLE_CODES.has(error.code)) return true
  return UNAVAILABLE_MESSAGES.test(error.message) || (error.cause !== undefined && isUnavailable(error.cause))
}

/** The five characters by which Postgres names an error; undefined when the error did not come from the server. */
export function sqlState(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') return undefined
  return /^[0-9A-Z]{5}$/.test(error.code) && !UNAVAILABLE_CODES.has(error.code) ? error.code : undefined
}
