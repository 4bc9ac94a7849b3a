import { hash } from 'node:crypto'

/** The strong validator of a representation: a hash of its bytes, never of what was asked (RFC 9110, 8.8.3). */
export function entityTag(body: string): string {
  return `"${hash('sha256', body, 'base64url').slice(0, 27)}"`
}

/** Whether `If-None-Match` names the tag, in which case the client has the bytes already (RFC 9110, 13.1.2). */
export function isKnown(ifNoneMatch: string | undefined, tag: string): boolean {
  if (ifNoneMatch === undefined) return false
  return ifNoneMatch.split(',').some((item) => {
    const known = item.trim()
    return known === '*' || known === tag || known === `W/${tag}`
  })
}
