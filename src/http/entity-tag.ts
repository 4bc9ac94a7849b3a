/** Whether an answer has a validator: one that somebody may store. */
export function isStorable(method: string, status: number, cacheControl: string | undefined): boolean {
  return method === 'GET' && status === 200 && !(cacheControl?.includes('no-store') ?? false)
}

/** Whether `If-None-Match` names the tag, in which case the client has the bytes already (RFC 9110, 13.1.2). */
export function isKnown(ifNoneMatch: string | undefined, tag: string): boolean {
  if (ifNoneMatch === undefined) return false
  if (ifNoneMatch === tag) return true
  return ifNoneMatch.split(',').some((item) => {
    const known = item.trim()
    return known === '*' || known === tag || known === `W/${tag}`
  })
}
