import type { JWTPayload } from 'jose'
import { GatewayError } from '../errors.ts'

export type Role = 'VIEWER' | 'EDITOR' | 'ADMIN' | 'OPERATOR'

/** Identity of the caller, as far as the answer to a request depends on it. */
export interface Principal {
  readonly tenant: string
  readonly userId: string
  readonly role: Role
}

/** What a verified token says about its holder and itself. */
export interface TokenClaims extends Principal {
  /** The claim `jti`. */
  readonly tokenId: string | undefined
  /** The claim `iat`, Unix epoch ms; 0 where the token has none. */
  readonly issuedAt: number
  /** The claim `exp`, Unix epoch ms. */
  readonly expiresAt: number
}

/** What is known about a token and its holder beside what the token says. */
export interface Standing {
  readonly hasTenant: boolean
  /** The user's role; NONE where the user does not exist, SERVICE where the subject is no user's id. */
  readonly user: 'VIEWER' | 'EDITOR' | 'ADMIN' | 'NONE' | 'SERVICE'
  /** Only tokens issued later than this are valid, Unix epoch ms; 0 where all are. */
  readonly validAfter: number
  readonly isRevoked: boolean
}

const TENANT = /^[a-z0-9][a-z0-9_-]{0,62}$/
const ID = /^[\x21-\x7e]{1,128}$/
/** From the least to the most that a token may claim. */
const ROLES: readonly Role[] = ['VIEWER', 'EDITOR', 'ADMIN', 'OPERATOR']

/**
 * Reads the claims of a verified token.
 * @param latest The latest `iat` that is accepted, Unix epoch ms: a token from the future would outlive a revocation by time.
 * @throws GatewayError UNAUTHENTICATED for a claim that is missing or malformed.
 */
export function claimsOf(payload: JWTPayload, latest: number): TokenClaims {
  const { sub, tenant, role, jti, iat = 0, exp = 0 } = payload
  if (typeof tenant !== 'string' || !TENANT.test(tenant) || tenant === 'public') throw refused('The token names no valid tenant.')
  if (typeof sub !== 'string' || !ID.test(sub)) throw refused('The token names no valid user.')
  const known = ROLES.find((name) => name === role)
  if (!known) throw refused(`The token names no role of ${ROLES.join(', ')}.`)
  if (jti !== undefined && !ID.test(jti)) throw refused('The id of the token (jti) must be 1 to 128 printable ASCII characters.')
  if (iat * 1000 > latest) throw refused("The token's claim iat lies in the future: check the clock of its issuer.")
  return { tenant, userId: sub, role: known, tokenId: jti, issuedAt: iat * 1000, expiresAt: exp * 1000 }
}

/**
 * Decides who the holder of a token is: a user has at most the role in the database, a service account the role in its token.
 * @throws GatewayError UNAUTHENTICATED for a token that was revoked, or whose user or tenant does not exist.
 */
export function principalOf(claims: TokenClaims, standing: Standing): Principal {
  const { tenant, userId, issuedAt } = claims
  const { user, validAfter } = standing
  if (standing.isRevoked) throw refused('The token was revoked: get a new one.')
  // iat counts whole seconds, so a token from the second of the revocation may be older: it is refused.
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
