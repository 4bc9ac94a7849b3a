import { randomUUID } from 'node:crypto'
import { SignJWT } from 'jose'
import type { Principal } from './principal.ts'

export interface IssueTokenOptions {
  readonly secret: string
  readonly issuer: string
  readonly audience: string
  readonly principal: Principal
  readonly expiresInSeconds: number
  /** The claim `jti`, by which the token can be revoked. Default: a random id. */
  readonly tokenId?: string
}

/** Returns an access token like one of an identity provider, but signed with a shared secret, for development and tests. */
export async function issueToken({
  secret,
  issuer,
  audience,
  principal,
  expiresInSeconds,
  tokenId = randomUUID(),
}: IssueTokenOptions): Promise<string> {
  return new SignJWT({ tenant: principal.tenant, role: principal.role })
    .setProtectedHeader({ alg: 'HS256' })
    .setJti(tokenId)
    .setSubject(principal.userId)
    .setIssuer(issuer)
    .setAudience(audience)
    .setIssuedAt()
    .setExpirationTime(`${expiresInSeconds}s`)
    .sign(new TextEncoder().encode(secret))
}
