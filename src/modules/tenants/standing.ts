import type { Kysely } from 'kysely'
import type { Cache } from '../../cache/cache.ts'
import { rowTag } from '../../cache/entity.ts'
import { cacheKey } from '../../cache/key.ts'
import type { CacheRequest } from '../../cache/read.ts'
import type { Database, UserRow } from '../../postgres/tables.ts'
import { tenantEntity, tokenCutoffEntity, userEntity } from './entity.ts'
import { RevokedTokens } from './revoked-tokens.ts'
import { STANDING_POLICY } from './standing-policy.ts'

/** What identifies a verified token and its holder. */
export interface TokenSubject {
  readonly tenant: string
  /** The claim `sub`. */
  readonly userId: string
  /** The claim `jti`; undefined for a token without one, which can only be revoked together with all others of its user. */
  readonly tokenId: string | undefined
}

/** What the database says about a token and its holder. */
export interface Standing {
  readonly hasTenant: boolean
  /** The user's role; NONE where the user does not exist, SERVICE where the subject is no user's id. */
  readonly user: UserRow['role'] | 'NONE' | 'SERVICE'
  /** Only tokens issued later than this are valid, Unix epoch ms; 0 where all are. */
  readonly validAfter: number
  readonly isRevoked: boolean
}

/** Gives the standing of one token. */
export interface StandingReader {
  /** The standing, where this process knows it now: in the synchronous section of the caller. */
  peek(): Standing | undefined
  /** Reads the standing. Rejects while neither the database nor a recent copy can be read. */
  read(): Promise<Standing>
}

const DIGITS = /^[0-9]+$/
/** As the database writes an id (a safe integer): one spelling only, because the tag of a user's row holds it. */
const USER_ID = /^[1-9][0-9]{0,14}$/

type Holder = Omit<Standing, 'isRevoked'>

/** Reads standings through the cache, so that requests ask the database only after something changed. */
export function createStandings(cache: Cache, db: Kysely<Database>): (subject: TokenSubject) => StandingReader {
  // Without a consistency token, whatever the request carries: a standing is as current as any read without one.
  const session = cache.openSession()
  const revoked = new RevokedTokens(cache, db)
  return (subject) => {
    const { tokenId } = subject
    const request = requestOf(subject)
    let last: { readonly holder: Holder; readonly standing: Standing } | undefined
    /** The same object for the same parts: who compares need not look into it. */
    const compose = (holder: Holder, isRevoked: boolean): Standing => {
      if (last?.holder !== holder || last.standing.isRevoked !== isRevoked) last = { holder, standing: { ...holder, isRevoked } }
      return last.standing
    }
    return {
      peek() {
        const view = cache.localView(session)
        const holder = view?.getIfPresent<Holder>(request.key)
        const isRevoked = view && revoked.peek(view, tokenId)
        return holder === undefined || isRevoked === undefined ? undefined : compose(holder, isRevoked)
      },
      async read() {
        const load = async () => ({ value: await loadHolder(db, subject) })
        const [holder, isRevoked] = await Promise.all([
          cache.get(request, STANDING_POLICY, load, { session: cache.openSession() }),
          revoked.has(tokenId),
        ])
        return compose(holder, isRevoked)
      },
    }
  }
}

function requestOf({ tenant, userId }: TokenSubject): CacheRequest {
  const tags = [rowTag(tenantEntity, tenant, tenant), rowTag(tokenCutoffEntity, tenant, userId)]
  if (USER_ID.test(userId)) tags.push(rowTag(userEntity, tenant, userId))
  return { key: cacheKey(tenant, 'identity.holder', [userId]), tags }
}

/** One statement, so that all parts are of one moment. */
async function loadHolder(db: Kysely<Database>, { tenant, userId }: TokenSubject): Promise<Holder> {
  const id = USER_ID.test(userId) ? Number(userId) : 0
  const { hasTenant, role, validAfter } = await db
    .selectNoFrom(({ selectFrom, exists }) => [
      exists(selectFrom('tenants').select('id').where('id', '=', tenant)).as('hasTenant'),
      selectFrom('users').select('role').where('tenantId', '=', tenant).where('id', '=', id).as('role'),
      selectFrom('tokenCutoffs').select('validAfter').where('tenantId', '=', tenant).where('userId', '=', userId).as('validAfter'),
    ])
    .executeTakeFirstOrThrow()
  return {
    hasTenant: Boolean(hasTenant),
    user: DIGITS.test(userId) ? (role ?? 'NONE') : 'SERVICE',
    validAfter: validAfter === null ? 0 : Date.parse(validAfter),
  }
}
