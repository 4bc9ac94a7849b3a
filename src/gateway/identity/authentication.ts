import { FairStore, ownerOf } from '../budgets/fair-store.ts'
import { claimsOf, principalOf, refused, type TokenClaims } from './claims.ts'
import type { Principal, Standing, StandingReader } from './principal.ts'
import { createVerifyToken, type VerifyTokenOptions } from './verify-token.ts'

export interface AuthenticationOptions extends VerifyTokenOptions {
  /** Returns an object that reads a token's standing: the status of the token and its holder in the database. */
  readonly standingOf: (claims: TokenClaims) => StandingReader
  /** Maximum estimated size of all verified tokens that are remembered, bytes. Default: 8 MiB. */
  readonly memoryBytes?: number
}

export interface Authentication {
  /**
   * Returns the caller that an Authorization header identifies; null without a header. Rejects with GatewayError UNAUTHENTICATED, whose
   * message says why, if the token is not valid. Rejects with UNAVAILABLE if the token cannot be checked now.
   */
  authenticate(authorization: string | undefined): Promise<Principal | null>
  /**
   * Returns the same as `authenticate`, but synchronously; undefined if the token must first be verified, or its standing must first be
   * read.
   */
  known(authorization: string | undefined): Principal | null | undefined
}

const MAX_TOKEN_LENGTH = 8192
const USUAL_BYTES = 8 * 2 ** 20
/** Size of a verified token in memory, without its text, bytes. */
const BYTES_PER_TOKEN = 1500
/**
 * Number of characters in the key of a remembered token. The key is the end of the token's signature (72 bits). A short key is hashed
 * faster than the whole token. The text of the token that is found is then compared in full.
 */
const KEY_CHARACTERS = 12
/**
 * Maximum time for which a verified token is remembered, ms. After this time the token is verified again, so that the gateway notices when
 * the issuer has withdrawn the key.
 */
const REMEMBERED_MS = 60_000

/** A verified token that is remembered. */
interface Verified {
  readonly authorization: string
  readonly claims: TokenClaims
  readonly reader: StandingReader
  /** Time at which the token has to be verified again, Unix epoch ms. */
  readonly until: number
  /** Standing (status of the token and its holder in the database) from which `principal` was computed. */
  standing: Standing | undefined
  principal: Principal | undefined
}

/**
 * Creates the authentication, which turns Authorization headers into principals. A verified token is remembered until it expires, but for
 * at most a minute. After that, a token is verified again with the current keys. The standing of a token is checked with every request.
 * @throws GatewayError CONFIGURATION for a key set that cannot be read.
 */
export async function createAuthentication(options: AuthenticationOptions): Promise<Authentication> {
  const { now, leewayMs, standingOf, memoryBytes = USUAL_BYTES } = options
  const verify = await createVerifyToken(options)
  const verified = new FairStore<string, Verified>({
    maxBytes: memoryBytes,
    // The store keeps the text of the header and the claims, which may be as long as that text.
    bytesOf: ({ authorization }) => BYTES_PER_TOKEN + 3 * authorization.length,
  })
  const remembered = (authorization: string): Verified | undefined => {
    const found = verified.get(authorization.slice(-KEY_CHARACTERS))
    return found?.authorization === authorization && found.until > now() ? found : undefined
  }
  const verifyHeader = async (authorization: string): Promise<Verified> => {
    const token = /^Bearer ([A-Za-z0-9._~+/-]+=*)$/i.exec(authorization)?.[1]
    if (!token || token.length > MAX_TOKEN_LENGTH) throw refused('The Authorization header must read `Bearer <token>`.')
    const claims = claimsOf(await verify(token), now() + leewayMs)
    const until = Math.min(claims.expiresAt + leewayMs, now() + REMEMBERED_MS)
    const entry: Verified = { authorization, claims, reader: standingOf(claims), until, standing: undefined, principal: undefined }
    verified.set(authorization.slice(-KEY_CHARACTERS), entry, ownerOf(claims))
    return entry
  }
  return {
    known(authorization) {
      if (authorization === undefined) return null
      const entry = remembered(authorization)
      const standing = entry?.reader.peek()
      // A standing (status of a token and its holder) is never modified, only replaced. So the same object means the same principal.
      return standing !== undefined && entry?.standing === standing ? entry.principal : undefined
    },
    async authenticate(authorization) {
      if (authorization === undefined) return null
      const entry = remembered(authorization) ?? (await verifyHeader(authorization))
      const standing = entry.reader.peek() ?? (await entry.reader.read())
      if (entry.standing !== standing || entry.principal === undefined) {
        const principal = principalOf(entry.claims, standing)
        entry.standing = standing
        entry.principal = isSame(principal, entry.principal) ? entry.principal : principal
      }
      return entry.principal
    },
  }
}

function isSame(a: Principal, b: Principal | undefined): b is Principal {
  return a.tenant === b?.tenant && a.userId === b.userId && a.role === b.role
}
