import type { Kysely } from 'kysely'
import type { Cache } from '../../cache/cache.ts'
import { PUBLIC_TENANT, rowTag } from '../../cache/entity.ts'
import { cacheKey } from '../../cache/key.ts'
import type { CachePolicy } from '../../cache/policy.ts'
import type { CacheRequest } from '../../cache/read.ts'
import type { Database, UserRow } from '../../postgres/tables.ts'
import { revokedTokenEntity, tenantEntity, tokenCutoffEntity, userEntity } from './entity.ts'

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

/**
 * A change of a row invalidates the value on every instance, so the durations only bound what an instance asks again by itself. While
 * the log cannot be followed and the database does not answer, a copy is used five minutes longer, as the answers are that it opens.
 */
const POLICY: CachePolicy = { name: 'Standing', l1Ms: 600_000, l2Ms: 3_600_000, staleWhileRevalidateMs: 0, staleIfErrorMs: 300_000 }
const DIGITS = /^[0-9]+$/
/** As the database writes an id (a safe integer): one spelling only, because the tag of a user's row holds it. */
const USER_ID = /^[1-9][0-9]{0,14}$/

/** Reads standings through the cache, so that requests ask the database only after something changed. */
export function createStandings(cache: Cache, db: Kysely<Database>): (subject: TokenSubject) => StandingReader {
  // Never told of a consistency token: a standing is as current as any read without one.
  const session = cache.openSession()
  return (subject) => {
    const request = requestOf(subject)
    return {
      peek: () => cache.localView(session)?.getIfPresent<Standing>(request.key),
      read: () => cache.get(request, POLICY, async () => ({ value: await loadStanding(db, subject) }), { session: cache.openSession() }),
    }
  }
}

function requestOf({ tenant, userId, tokenId }: TokenSubject): CacheRequest {
  const tags = [rowTag(tenantEntity, tenant, tenant), rowTag(tokenCutoffEntity, tenant, userId)]
  if (USER_ID.test(userId)) tags.push(rowTag(userEntity, tenant, userId))
  if (tokenId !== undefined) tags.push(rowTag(revokedTokenEntity, PUBLIC_TENANT, tokenId))
  return { key: cacheKey(tenant, 'Standing', [userId, tokenId ?? null]), tags }
}

/** One statement, so that all parts are of one moment. */
async function loadStanding(db: Kysely<Database>, { tenant, userId, tokenId }: TokenSubject): Promise<Standing> {
  const row = await db
    .selectNoFrom(({ selectFrom, exists, val }) => [
      exists(selectFrom('tenants').select('id').where('id', '=', tenant)).as('hasTenant'),
      selectFrom('users')
        .select('role')
        .where('tenantId', '=', tenant)
        .where('id', '=', USER_ID.test(userId) ? Number(userId) : 0)
        .as('role'),
      selectFrom('tokenCutoffs').select('validAfter').where('tenantId', '=', tenant).where('userId', '=', userId).as('validAfter'),
      (tokenId === undefined ? val(false) : exists(selectFrom('revokedTokens').select('id').where('id', '=', tokenId))).as('isRevoked'),
    ])
    .executeTakeFirstOrThrow()
  return {
    hasTenant: Boolean(row.hasTenant),
    user: DIGITS.test(userId) ? (row.role ?? 'NONE') : 'SERVICE',
    validAfter: row.validAfter === null ? 0 : Date.parse(row.validAfter),
    isRevoked: Boolean(row.isRevoked),
  }
}
