import { type CryptoKey, errors, type JWTPayload, jwtVerify } from 'jose'
import { GatewayError } from '../../errors.ts'
import { refused } from './claims.ts'
import { keysUnavailable, openKeyAddress, openKeyFile, type TraceHeaders } from './key-set.ts'

export interface VerifyTokenOptions {
  /** HS256 secrets, each of which may have signed a token; empty if public keys are used. */
  readonly secrets: readonly string[]
  /** Path of a file with a JSON Web Key Set; undefined if none is used. */
  readonly jwksFile: string | undefined
  /** URL of a JSON Web Key Set; undefined if none is used. */
  readonly jwksUrl: string | undefined
  readonly issuer: string
  readonly audience: string
  /** Maximum difference between the clocks of the issuer and the gateway, ms. It is tolerated when `exp`, `nbf` and `iat` are checked. */
  readonly leewayMs: number
  /** Current time, Unix epoch ms. */
  readonly now: () => number
  /** Returns header fields that name the trace, for the request to `jwksUrl`. Default: none. */
  readonly traceHeaders?: TraceHeaders | undefined
}

/** Returns the claims of a valid token. Rejects with GatewayError UNAUTHENTICATED or UNAVAILABLE. */
export type VerifyToken = (token: string) => Promise<JWTPayload>

/**
 * Signature algorithms that are accepted with public keys. The header of a token cannot choose another algorithm, so a public key is never
 * used as an HMAC secret.
 */
const PUBLIC_KEY_ALGORITHMS = ['RS256', 'PS256', 'ES256', 'EdDSA']
const SECRET_ALGORITHMS = ['HS256']
const REQUIRED_CLAIMS = ['exp', 'sub', 'tenant', 'role']

type Attempt = (options: { readonly currentDate: Date }) => Promise<JWTPayload>

/** Creates the function that verifies tokens. @throws GatewayError CONFIGURATION for a key set that cannot be read. */
export async function createVerifyToken(options: VerifyTokenOptions): Promise<VerifyToken> {
  const attempt = (await byPublicKey(options)) ?? bySecret(options)
  return async (token) => {
    try {
      return await attempt(token)({ currentDate: new Date(options.now()) })
    } catch (error) {
      if (error instanceof GatewayError) throw error
      if (error instanceof errors.JOSEError) throw refused(reasonOf(error), error)
      throw keysUnavailable(error)
    }
  }
}

async function byPublicKey(options: VerifyTokenOptions): Promise<((token: string) => Attempt) | undefined> {
  const { jwksFile, jwksUrl, now, traceHeaders } = options
  if (jwksFile === undefined && jwksUrl === undefined) return undefined
  const keys = jwksUrl === undefined ? await openKeyFile(jwksFile as string, now) : openKeyAddress(jwksUrl, now, traceHeaders)
  const common = { ...commonOptions(options), algorithms: PUBLIC_KEY_ALGORITHMS }
  return (token) => async (given) => {
    try {
      return (await jwtVerify(token, keys.keyOf, { ...common, ...given })).payload
    } catch (error) {
      // The token names no key, and several keys have its algorithm. So each of these keys is tried.
      if (!(error instanceof errors.JWKSMultipleMatchingKeys)) throw error
      const candidates: CryptoKey[] = []
      for await (const key of error) candidates.push(key)
      return byOneOf(candidates, token, { ...common, ...given })
    }
  }
}

function bySecret(options: VerifyTokenOptions): (token: string) => Attempt {
  const secrets = options.secrets.map((secret) => new TextEncoder().encode(secret))
  const common = { ...commonOptions(options), algorithms: SECRET_ALGORITHMS }
  return (token) => (given) => byOneOf(secrets, token, { ...common, ...given })
}

/** Returns the claims of the token if one of the keys verifies its signature. */
async function byOneOf(
  keys: readonly (CryptoKey | Uint8Array)[],
  token: string,
  options: NonNullable<Parameters<typeof jwtVerify>[2]>,
): Promise<JWTPayload> {
  for (const key of keys) {
    try {
      return (await jwtVerify(token, key, options)).payload
    } catch (error) {
      if (!(error instanceof errors.JWSSignatureVerificationFailed)) throw error
    }
  }
  throw new errors.JWSSignatureVerificationFailed()
}

function commonOptions({ issuer, audience, leewayMs }: VerifyTokenOptions) {
  return { issuer, audience, requiredClaims: REQUIRED_CLAIMS, clockTolerance: leewayMs / 1000 }
}

function reasonOf(error: errors.JOSEError): string {
  if (error instanceof errors.JWTExpired) return 'The token has expired: get a new one.'
  if (error instanceof errors.JWTClaimValidationFailed) return `The token's claim ${error.claim} is missing or not the one expected here.`
  return 'The token is not one that was issued for this server.'
}
