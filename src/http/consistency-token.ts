/** How a consistency token travels: as a header, and for browsers as a cookie, which they send back by themselves. */
export const TOKEN_HEADER = 'consistency-token'
const COOKIE = 'tidegate-consistency'
const TOKEN = /^[A-Za-z0-9_-]{1,300}$/
const COOKIE_SECONDS = 60

/**
 * The tokens that a request carries, separated by commas: those of its header, which may be a list, and that of its cookie. A client
 * that talks to several services, or a browser with two tabs, has more than one. What is not spelled like a token counts as none.
 * @returns undefined for none.
 */
export function tokensOf(header: string, cookies: string): string | undefined {
  if (cookies === '') {
    if (header === '') return undefined
    if (TOKEN.test(header)) return header
  }
  const given = [...header.split(','), ...cookies.split(';').flatMap(valueOfCookie)].map((token) => token.trim())
  const tokens = given.filter((token) => TOKEN.test(token))
  return tokens.length > 0 ? tokens.join(',') : undefined
}

function valueOfCookie(cookie: string): string[] {
  const [name, value] = cookie.trim().split('=')
  return name === COOKIE && value !== undefined ? [value] : []
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
