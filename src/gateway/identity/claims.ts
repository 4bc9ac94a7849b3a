import type { JWTPayload } from 'jose'
import { GatewayError } from '../../errors.ts'
import { type Principal, ROLES, type Role, type Standing, type TokenSubject } from './principal.ts'

/** Claims of a verified token: facts about its holder and about the token. */
export interface TokenClaims extends Principal, TokenSubject {
  /** The claim `iat` (issued at), Unix epoch ms; 0 if the token has no such claim. */
  readonly issuedAt: number
  /** The claim `exp` (expires at), Unix epoch ms. */
  readonly expiresAt: number
}

const TENANT = /^[a-z0-9][a-z0-9_-]{0,62}$/
const ID = /^[\x21-\x7e]{1,128}$/

/**
 * Reads the claims of a verified token.
 * @param latest The latest `iat` that is accepted, Unix epoch ms. If an `iat` in the future were accepted, such a token would stay valid
 * when all tokens issued until now are revoked.
 * @throws GatewayError UNAUTHENTICATED for a claim that is missing or malformed.
 */
export function claimsOf(payload: JWTPayload, latest: number): TokenClaims {
  const { sub, tenant, role, jti, iat = 0, exp = 0 } = payload
  if (typeof tenant !== 'string' || !TENANT.test(tenant) || tenant === 'public') throw refused('The token names no valid tenant.')
  if (typeof sub !== 'string' || !ID.test(sub)) throw refused('The token names no valid user.')
  const known = ROLES.find((name) => name === role)
  if (!known) throw refused(`The token must have one of the roles ${ROLES.join(', ')}.`)
  if (jti !== undefined && !ID.test(jti)) throw refused('The id of the token (jti) must be 1 to 128 printable ASCII characters.')
  if (iat * 1000 > latest) throw refused("The token's claim iat lies in the future: check the clock of its issuer.")
  return { tenant, userId: sub, role: known, tokenId: jti, issuedAt: iat * 1000, expiresAt: exp * 1000 }
}

/**
 * Returns the principal for a verified token. A user has the lower of two roles: the role in the token and the role in the database. A
 * service account has the role in its token.
 * @throws GatewayError UNAUTHENTICATED for a token that was revoked, or whose user or tenant does not exist.
 */
export function principalOf(claims: TokenClaims, standing: Standing): Principal {
  const { tenant, userId, issuedAt } = claims
  const { user, validAfter } = standing
  if (standing.isRevoked) throw refused('The token was revoked: get a new one.')
  // `iat` counts whole seconds. So a token issued in the same second as the revocation may be older than the revocation, and is refused.
  if (validAfter > 0 && issuedAt <= validAfter)
    throw refused(`The tokens of this user that were issued until ${new Date(validAfter).toISOString()} were revoked: get a new one.`)
  if (!standing.hasTenant) throw refused(`The tenant ${tenant} of the token does not exist.`)
  if (user === 'NONE') throw refused(`The user ${userId} of the token does not exist in the tenant ${tenant}.`)
  return Object.freeze({ tenant, userId, role: user === 'SERVICE' ? claims.role : lower(claims.role, user) })
}

export function refused(message: string, cause?: unknown): GatewayError {
  return new GatewayError('UNAUTHENTICATED', message, { cause })
}

function lower(a: Role, b: Role): Role {
  return ROLES.indexOf(a) < ROLES.indexOf(b) ? a : b
}
