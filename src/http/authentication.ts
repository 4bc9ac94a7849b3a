import { FairStore, ownerOf } from '../responses/fair-store.ts'
import { claimsOf, type Principal, principalOf, refused, type Standing, type TokenClaims } from './claims.ts'
import { createVerifyToken, type VerifyTokenOptions } from './verify-token.ts'

export interface AuthenticationOptions extends VerifyTokenOptions {
  /** What is known about the holder of a token beside what the token says. */
  readonly standingOf: (claims: TokenClaims) => StandingReader
  /** Estimated size of the tokens that are remembered. Default 8 MiB. */
  readonly memoryBytes?: number
}

/** Gives the standing of one token. */
export interface StandingReader {
  /** The standing, where it is known at once: in the synchronous section of the caller. */
  peek(): Standing | undefined
  /** Reads the standing. Rejects while it cannot be read. */
  read(): Promise<Standing>
}

export interface Authentication {
  /**
   * Who an Authorization header stands for; null without one.
   * Rejects with GatewayError UNAUTHENTICATED, which says why, for anything that is not a good token, and with UNAVAILABLE where
   * that cannot be found out.
   */
  authenticate(authorization: string | undefined): Promise<Principal | null>
  /** The same, where it is known at once; undefined where the token has to be verified. */
  known(authorization: string | undefined): Principal | null | undefined
}

const LONGEST_TOKEN = 8192
const USUAL_BYTES = 8 * 2 ** 20
/** What a verified token takes besides its text, bytes. */
const BYTES_PER_TOKEN = 1500
/** Of the signature: 72 bits, enough to find a token by, and faster to hash than all of it, which is compared then. */
const KEY_CHARACTERS = 12
/** A key that is withdrawn is found out after this. */
const REMEMBERED_MS = 60_000

/** A verified token. */
interface Verified {
  readonly authorization: string
  readonly claims: TokenClaims
  readonly reader: StandingReader
  /** When the token has to be verified again, Unix epoch ms. */
  readonly until: number
  /** The standing that `principal` was decided by. */
  standing: Standing | undefined
  principal: Principal | undefined
}

/**
 * Turns Authorization headers into principals. A verified token is remembered until it expires, a minute at most: then the keys are
 * asked again. Its standing is asked for with every request.
 * @throws GatewayError CONFIGURATION for a key set that cannot be read.
 */
export async function createAuthentication(options: AuthenticationOptions): Promise<Authentication> {
  const { now, leewayMs, standingOf, memoryBytes = USUAL_BYTES } = options
  const verify = await createVerifyToken(options)
  const verified = new FairStore<string, Verified>({
    maxBytes: memoryBytes,
    // Its claims may be as long as itself.
    bytesOf: ({ authorization }) => BYTES_PER_TOKEN + 3 * authorization.length,
  })
  const remembered = (authorization: string): Verified | undefined => {
    const found = verified.get(authorization.slice(-KEY_CHARACTERS))
    return found?.authorization === authorization && found.until > now() ? found : undefined
  }
  const verifyAnew = async (authorization: string): Promise<Verified> => {
    const token = /^Bearer ([A-Za-z0-9._~+/-]+=*)$/i.exec(authorization)?.[1]
    if (!token || token.length > LONGEST_TOKEN) throw refused('The Authorization header must read `Bearer <token>`.')
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
      // A standing is never changed, only replaced: the same one gives the same principal.
      return standing !== undefined && entry?.standing === standing ? entry.principal : undefined
    },
    async authenticate(authorization) {
      if (authorization === undefined) return null
      const entry = remembered(authorization) ?? (await verifyAnew(authorization))
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
