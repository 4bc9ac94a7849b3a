/** How a consistency token travels: as a header, and for browsers as a cookie, which they send back by themselves. */
export const TOKEN_HEADER = 'consistency-token'
const COOKIE = 'tidegate-consistency'
const TOKEN = /^[A-Za-z0-9_-]{1,300}$/
const COOKIE_SECONDS = 60

/** The token a request carries; one that is not even spelled like a token counts as none. */
export function tokenOf(header: string, cookies: string): string | undefined {
  if (header !== '' && TOKEN.test(header)) return header
  if (cookies === '') return undefined
  for (const cookie of cookies.split(';')) {
    const [name, value] = cookie.trim().split('=')
    if (name === COOKIE && value !== undefined && TOKEN.test(value)) return value
  }
  return undefined
}

/**
 * A cookie for a browser, undefined for other clients. It outlives the staleness bound by far, after which every instance has
 * seen the write anyway.
 */
export function tokenCookie(
  token: string,
  headers: Readonly<Record<string, string | readonly string[] | undefined>>,
  secure: boolean,
): string | undefined {
  const isBrowser = headers['sec-fetch-mode'] !== undefined || headers['origin'] !== undefined || headers['cookie'] !== undefined
  return isBrowser ? `${COOKIE}=${token}; Path=/; Max-Age=${COOKIE_SECONDS}; HttpOnly; SameSite=Lax${secure ? '; Secure' : ''}` : undefined
}
