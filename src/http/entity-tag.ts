/** Whether `If-None-Match` names the tag, in which case the client has the bytes already (RFC 9110, 13.1.2). */
export function isKnown(ifNoneMatch: string | undefined, tag: string): boolean {
  if (ifNoneMatch === undefined) return false
  if (ifNoneMatch === tag) return true
  return ifNoneMatch.split(',').some((item) => {
    const known = item.trim()
    return known === '*' || known === tag || known === `W/${tag}`
  })
}
