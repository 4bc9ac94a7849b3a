/** Returns whether a response gets an ETag. It gets one only if some cache may store the response. */
export function isStorable(method: string, status: number, cacheControl: string | undefined): boolean {
  return method === 'GET' && status === 200 && !(cacheControl?.includes('no-store') ?? false)
}

/** Returns whether `If-None-Match` names the tag. In that case the client already has these bytes (RFC 9110, 13.1.2). */
export function isKnown(ifNoneMatch: string | undefined, tag: string): boolean {
  if (ifNoneMatch === undefined) return false
  if (ifNoneMatch === tag) return true
  return ifNoneMatch.split(',').some((item) => {
    const known = item.trim()
    return known === '*' || known === tag || known === `W/${tag}`
  })
}
