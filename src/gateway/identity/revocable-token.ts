import { decodeJwt, errors, type JWTPayload } from 'jose'
import { GatewayError } from '../../errors.ts'

/** Id and expiry time of a token that is to be revoked. */
export interface RevocableToken {
  /** The claim `jti`. */
  readonly tokenId: string
  /** The claim `exp`; undefined if it is not known. */
  readonly expiresAt: Date | undefined
}

/**
 * Pattern of a whole JWT: three parts, of which the first is a JSON object in base64url and so begins with `eyJ`. Token ids do not match
 * it.
 */
const WHOLE_TOKEN = /^eyJ[\w-]*\.[\w-]*\.[\w-]*$/

/**
 * Returns the id and expiry of a token that an operator revokes. The token is not verified, because revoking an invalid token does no harm.
 * @param given The whole token or its id. An id alone does not tell the expiry.
 * @throws GatewayError BAD_USER_INPUT for a whole token that has no id.
 */
export function revocableToken(given: string): RevocableToken {
  if (!WHOLE_TOKEN.test(given)) return { tokenId: given, expiresAt: undefined }
  const { jti, exp } = claimsIn(given)
  if (jti === undefined)
    throw new GatewayError('BAD_USER_INPUT', 'The token has no id (claim jti): revoke all tokens of its user (--user <tenant>/<user>).')
  return { tokenId: jti, expiresAt: exp === undefined ? undefined : new Date(exp * 1000) }
}

function claimsIn(token: string): JWTPayload {
  try {
    return decodeJwt(token)
  } catch (error) {
    if (!(error instanceof errors.JOSEError)) throw error
    throw new GatewayError(
      'BAD_USER_INPUT',
      'Expected a token or a token id, got a token that cannot be read: give the whole token, or its id.',
    )
  }
}
