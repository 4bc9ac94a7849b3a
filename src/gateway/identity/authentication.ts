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
  /** Returns the caller of an Authorization header synchronously; undefined if its token must first be verified. */
  remembered(authorization: string | undefined): RememberedCaller | undefined
}

export interface RememberedCaller {
  /**
   * Returns what `authenticate` returns for the header of the caller at this moment; undefined if the token must be verified again, or its
   * standing must first be read.
   */
  readonly principal: () => Principal | null | undefined
}

const ANONYMOUS: RememberedCaller = { principal: () => null }

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
interface Verified extends RememberedCaller {
  readonly authorization: string
  readonly claims: TokenClaims
  readonly reader: StandingReader
  /** Time at which the token has to be verified again, Unix epoch ms. */
  readonly until: number
  /** Standing (status of the token and its holder in the database) from which `verified` was computed. */
  standing: Standing | undefined
  verified: Principal | undefined
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
    const entry: Verified = {
      authorization,
      claims,
      reader: standingOf(claims),
      until,
      standing: undefined,
      verified: undefined,
      principal: () => (entry.until > now() ? principalIn(entry) : undefined),
    }
    verified.set(authorization.slice(-KEY_CHARACTERS), entry, ownerOf(claims))
    return entry
  }
  return {
    remembered: (authorization) => (authorization === undefined ? ANONYMOUS : remembered(authorization)),
    async authenticate(authorization) {
      if (authorization === undefined) return null
      const entry = remembered(authorization) ?? (await verifyHeader(authorization))
      const standing = entry.reader.peek() ?? (await entry.reader.read())
      if (entry.standing !== standing || entry.verified === undefined) {
        const principal = principalOf(entry.claims, standing)
        entry.standing = standing
        entry.verified = isSame(principal, entry.verified) ? entry.verified : principal
      }
      return entry.verified
    },
  }
}

/** Returns the principal of a verified token; undefined if the standing of the token must be read first. */
function principalIn({ reader, standing, verified }: Verified): Principal | undefined {
  const current = reader.peek()
  // A standing (status of a token and its holder) is never modified, only replaced. So the same object means the same principal.
  return current !== undefined && current === standing ? verified : undefined
}

function isSame(a: Principal, b: Principal | undefined): b is Principal {
  return a.tenant === b?.tenant && a.userId === b.userId && a.role === b.role
}
