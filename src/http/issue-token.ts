import { SignJWT } from 'jose'
import type { Principal } from './authentication.ts'

export interface IssueTokenOptions {
  readonly secret: string
  readonly issuer: string
  readonly audience: string
  readonly principal: Principal
  readonly expiresInSeconds: number
}

/** A token as an identity provider would issue it, signed with a secret: for development and tests. */
export async function issueToken({ secret, issuer, audience, principal, expiresInSeconds }: IssueTokenOptions): Promise<string> {
  return new SignJWT({ tenant: principal.tenant, role: principal.role })
    .setProtectedHeader({ alg: 'HS256' })
    .setSubject(principal.userId)
    .setIssuer(issuer)
    .setAudience(audience)
    .setIssuedAt()
    .setExpirationTime(`${expiresInSeconds}s`)
    .sign(new TextEncoder().encode(secret))
}
