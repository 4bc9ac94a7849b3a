import { randomBytes } from 'node:crypto'

const REQUEST_ID = /^[A-Za-z0-9._-]{1,64}$/

/** Returns the request id that a client or proxy sent, if it is safe in logs and headers; else a new id. */
export type RequestIdOf = (given: string | readonly string[] | undefined) => string

/**
 * Returns a function that creates request ids. An id consists of a random prefix of this process and a counter, so ids are unique across
 * processes.
 */
export function createRequestIds(): RequestIdOf {
  const prefix = `${randomBytes(9).toString('base64url')}.`
  let made = 0
  return (given) => (typeof given === 'string' && given !== '' && REQUEST_ID.test(given) ? given : prefix + (++made).toString(36))
}
