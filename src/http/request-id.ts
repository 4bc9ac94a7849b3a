import { randomBytes } from 'node:crypto'

const REQUEST_ID = /^[A-Za-z0-9._-]{1,64}$/

/** The id a client or proxy gave a request, if it is harmless in logs and headers; otherwise a new one. */
export type RequestIdOf = (given: string | readonly string[] | undefined) => string

/** Makes ids that no other process makes: a random beginning, and a number. */
export function createRequestIds(): RequestIdOf {
  const prefix = `${randomBytes(9).toString('base64url')}.`
  let made = 0
  return (given) => (typeof given === 'string' && given !== '' && REQUEST_ID.test(given) ? given : prefix + (++made).toString(36))
}
