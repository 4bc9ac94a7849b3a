import { errors, type JWTPayload, jwtVerify } from 'jose'
import { GatewayError } from '../errors.ts'
import { refused } from './claims.ts'
import { keysUnavailable, openKeyAddress, openKeyFile } from './key-set.ts'

export interface VerifyTokenOptions {
  /** HS256 secrets, all accepted; empty where public keys are used. */
  readonly secrets: readonly string[]
  /** File with a JSON Web Key Set. */
  readonly jwksFile: string | undefined
  /** Address of a JSON Web Key Set. */
  readonly jwksUrl: string | undefined
  readonly issuer: string
  readonly audience: string
  /** Difference between the clocks of issuer and gateway that is allowed for in `exp`, `nbf` and `iat`, ms. */
  readonly leewayMs: number
  /** Unix epoch ms. */
  readonly now: () => number
}

/** Gives the claims of a good token. @throws GatewayError UNAUTHENTICATED, UNAVAILABLE. */
export type VerifyToken = (token: string) => Promise<JWTPayload>

/** By the kind of key, whatever a token's header asks for: a public key is never used as a secret. */
const PUBLIC_KEY_ALGORITHMS = ['RS256', 'PS256', 'ES256', 'EdDSA']
const SECRET_ALGORITHMS = ['HS256']
const REQUIRED_CLAIMS = ['exp', 'sub', 'tenant', 'role']

type Attempt = (terms: { readonly currentDate: Date }) => Promise<JWTPayload>

/** @throws GatewayError CONFIGURATION for a key set that cannot be read. */
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
  const { jwksFile, jwksUrl, now } = options
  if (jwksFile === undefined && jwksUrl === undefined) return undefined
  const keys = jwksUrl === undefined ? await openKeyFile(jwksFile as string, now) : openKeyAddress(jwksUrl, now)
  const common = { ...commonTerms(options), algorithms: PUBLIC_KEY_ALGORITHMS }
  return (token) => async (terms) => {
    try {
      return (await jwtVerify(token, keys.keyOf, { ...common, ...terms })).payload
    } catch (error) {
      // The token names no key, and several are of its kind.
      if (!(error instanceof errors.JWKSMultipleMatchingKeys)) throw error
      const candidates: CryptoKey[] = []
      for await (const key of error) candidates.push(key)
      return byOneOf(candidates, token, { ...common, ...terms })
    }
  }
}

function bySecret(options: VerifyTokenOptions): (token: string) => Attempt {
  const secrets = options.secrets.map((secret) => new TextEncoder().encode(secret))
  const common = { ...commonTerms(options), algorithms: SECRET_ALGORITHMS }
  return (token) => (terms) => byOneOf(secrets, token, { ...common, ...terms })
}

/** The claims by the first key whose signature it is. */
async function byOneOf(
  keys: readonly (CryptoKey | Uint8Array)[],
  token: string,
  terms: NonNullable<Parameters<typeof jwtVerify>[2]>,
): Promise<JWTPayload> {
  for (const key of keys) {
    try {
      return (await jwtVerify(token, key, terms)).payload
    } catch (error) {
      if (!(error instanceof errors.JWSSignatureVerificationFailed)) throw error
    }
  }
  throw new errors.JWSSignatureVerificationFailed()
}

function commonTerms({ issuer, audience, leewayMs }: VerifyTokenOptions) {
  return { issuer, audience, requiredClaims: REQUIRED_CLAIMS, clockTolerance: leewayMs / 1000 }
}

function reasonOf(error: errors.JOSEError): string {
  if (error instanceof errors.JWTExpired) return 'The token has expired: get a new one.'
  if (error instanceof errors.JWTClaimValidationFailed) return `The token's claim ${error.claim} is missing or not the one expected here.`
  return 'The token is not one that was issued for this server.'
}
