import { readFile } from 'node:fs/promises'
import { createLocalJWKSet, createRemoteJWKSet, errors, type JWTPayload, type JWTVerifyGetKey, jwtVerify } from 'jose'
import { LRUCache } from 'lru-cache'
import { GatewayError } from '../errors.ts'

/** Who asks, as a verified token says. */
export interface Principal {
  readonly tenant: string
  readonly userId: string
  readonly role: 'VIEWER' | 'EDITOR' | 'ADMIN' | 'OPERATOR'
}

export interface AuthenticationOptions {
  /** HS256 secrets, all accepted; empty where public keys are used. */
  readonly secrets: readonly string[]
  /** File with a JSON Web Key Set. */
  readonly jwksFile: string | undefined
  /** Address of a JSON Web Key Set. */
  readonly jwksUrl: string | undefined
  readonly issuer: string
  readonly audience: string
  /** Unix epoch ms. */
  readonly now: () => number
}

export interface Authentication {
  /**
   * Who an Authorization header stands for; null without one.
   * Rejects with GatewayError UNAUTHENTICATED, which says why, for anything that is not a good token.
   */
  authenticate(authorization: string | undefined): Promise<Principal | null>
  /** The same, where it is known at once; undefined where the token has to be verified. */
  known(authorization: string | undefined): Principal | null | undefined
}

const TENANT = /^[a-z0-9][a-z0-9_-]{0,62}$/
const USER = /^[\x21-\x7e]{1,128}$/
const ROLES: ReadonlySet<unknown> = new Set(['VIEWER', 'EDITOR', 'ADMIN', 'OPERATOR'])
const LONGEST_TOKEN = 8192
const REMEMBERED_TOKENS = 10_000
/** Of the signature: 72 bits, enough to find a token by, and faster to hash than all of it, which is compared then. */
const KEY_CHARACTERS = 12
/** A key that is withdrawn is found out after this. */
const REMEMBERED_MS = 60_000

type Verify = (token: string) => Promise<JWTPayload>

/**
 * Turns Authorization headers into principals. Algorithms are fixed by the kind of key, whatever a token's header asks for. A
 * verified token is remembered until it expires, a minute at most: then the keys are asked again.
 * @throws GatewayError CONFIGURATION for a key set that cannot be read.
 */
export async function createAuthentication(options: AuthenticationOptions): Promise<Authentication> {
  const { now } = options
  const verify = await createVerify(options)
  const verified = new LRUCache<string, { authorization: string; principal: Principal; until: number }>({ max: REMEMBERED_TOKENS })
  const known = (authorization: string | undefined): Principal | null | undefined => {
    if (authorization === undefined) return null
    const remembered = verified.get(authorization.slice(-KEY_CHARACTERS))
    return remembered?.authorization === authorization && remembered.until > now() ? remembered.principal : undefined
  }
  return {
    known,
    async authenticate(authorization) {
      const principal = known(authorization)
      if (principal !== undefined || authorization === undefined) return principal ?? null
      const token = /^Bearer ([A-Za-z0-9._~+/-]+=*)$/i.exec(authorization)?.[1]
      if (!token || token.length > LONGEST_TOKEN) throw refused('The Authorization header must read `Bearer <token>`.')
      const payload = await verify(token)
      const verifiedPrincipal = principalOf(payload)
      const key = authorization.slice(-KEY_CHARACTERS)
      verified.set(key, { authorization, principal: verifiedPrincipal, until: Math.min((payload.exp ?? 0) * 1000, now() + REMEMBERED_MS) })
      return verifiedPrincipal
    },
  }
}

async function createVerify({ secrets, jwksFile, jwksUrl, issuer, audience, now }: AuthenticationOptions): Promise<Verify> {
  const common = { issuer, audience, requiredClaims: ['exp', 'sub', 'tenant', 'role'] }
  const attempt = async (verifyWith: (terms: typeof common & { currentDate: Date }) => Promise<{ payload: JWTPayload }>) => {
    try {
      return (await verifyWith({ ...common, currentDate: new Date(now()) })).payload
    } catch (error) {
      if (error instanceof errors.JOSEError && !(error instanceof errors.JWKSTimeout)) throw refused(reasonOf(error), error)
      throw new GatewayError('UNAVAILABLE', 'The keys that verify tokens cannot be read right now: retry in a moment.', { cause: error })
    }
  }
  const keys = await publicKeys(jwksFile, jwksUrl, now)
  if (keys) {
    return (token) => attempt((terms) => jwtVerify(token, keys, { ...terms, algorithms: ['RS256', 'EdDSA'] }))
  }
  const symmetric = secrets.map((secret) => new TextEncoder().encode(secret))
  return (token) =>
    attempt(async (terms) => {
      let failure: unknown = new errors.JWSSignatureVerificationFailed()
      for (const key of symmetric) {
        try {
          return await jwtVerify(token, key, { ...terms, algorithms: ['HS256'] })
        } catch (error) {
          failure = error
          if (!(error instanceof errors.JWSSignatureVerificationFailed)) throw error
        }
      }
      throw failure
    })
}

async function publicKeys(file: string | undefined, url: string | undefined, now: () => number): Promise<JWTVerifyGetKey | undefined> {
  if (url !== undefined) return createRemoteJWKSet(new URL(url), { timeoutDuration: 3000, cacheMaxAge: REMEMBERED_MS })
  if (file === undefined) return undefined
  let keys = await readKeySet(file)
  let readAt = now()
  return async (header, token) => {
    if (now() - readAt >= REMEMBERED_MS) {
      keys = await readKeySet(file)
      readAt = now()
    }
    return keys(header, token)
  }
}

async function readKeySet(file: string): Promise<JWTVerifyGetKey> {
  try {
    return createLocalJWKSet(JSON.parse(await readFile(file, 'utf8')))
  } catch (error) {
    throw new GatewayError('CONFIGURATION', `JWKS_FILE: expected a file with a JSON Web Key Set at ${file}.`, { cause: error })
  }
}

function principalOf(payload: JWTPayload): Principal {
  const { sub, tenant, role } = payload
  if (typeof tenant !== 'string' || !TENANT.test(tenant) || tenant === 'public') throw refused('The token names no valid tenant.')
  if (typeof sub !== 'string' || !USER.test(sub)) throw refused('The token names no valid user.')
  if (!ROLES.has(role)) throw refused('The token names no role of VIEWER, EDITOR, ADMIN, OPERATOR.')
  return Object.freeze({ tenant, userId: sub, role: role as Principal['role'] })
}

function reasonOf(error: errors.JOSEError): string {
  if (error instanceof errors.JWTExpired) return 'The token has expired: get a new one.'
  if (error instanceof errors.JWTClaimValidationFailed) return `The token's claim ${error.claim} is missing or not the one expected here.`
  return 'The token is not one that was issued for this server.'
}

function refused(message: string, cause?: unknown): GatewayError {
  return new GatewayError('UNAUTHENTICATED', message, { cause })
}
