/**
 * Name of the header that carries a consistency token. For browsers a cookie carries the token as well, because browsers send cookies
 * without any code in the page.
 */
export const TOKEN_HEADER = 'consistency-token'
const COOKIE = 'tidegate-consistency'
const TOKEN = /^[A-Za-z0-9_-]{1,300}$/
const COOKIE_SECONDS = 60

/**
 * Returns the consistency tokens that a request carries, separated by commas: the tokens of its header, which may be a list, and the token
 * of its cookie. A client that talks to several services, or a browser with two tabs, may send several tokens. A value that cannot be a
 * token because of its characters or its length is ignored. Returns undefined if there is no token.
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
 * Returns the cookie with the consistency token for a browser; undefined for other clients. The cookie lives much longer than the staleness
 * bound (the maximum staleness of a response that is not marked as stale). So the token is no longer needed when the cookie expires. An
 * instance that by then has not applied the invalidations of the write marks its responses as stale.
 */
export function tokenCookie(
  token: string,
  headers: Readonly<Record<string, string | readonly string[] | undefined>>,
  secure: boolean,
): string | undefined {
  const isBrowser = headers['sec-fetch-mode'] !== undefined || headers['origin'] !== undefined || headers['cookie'] !== undefined
  return isBrowser ? `${COOKIE}=${token}; Path=/; Max-Age=${COOKIE_SECONDS}; HttpOnly; SameSite=Lax${secure ? '; Secure' : ''}` : undefined
}
