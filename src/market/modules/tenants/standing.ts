import type { Kysely } from 'kysely'
import type { Cache } from '../../../engine/cache/cache.ts'
import { rowTag } from '../../../engine/cache/model/entity.ts'
import { cacheKey } from '../../../engine/cache/model/key.ts'
import type { CacheRequest } from '../../../engine/cache/model/read.ts'
import { isTemporary } from '../../../engine/cache/model/read.ts'
import { isUnavailable } from '../../../engine/postgres/failure.ts'
import { GatewayError } from '../../../errors.ts'
import { parseRowId } from '../../../gateway/contract/global-id.ts'
import type { Standing, StandingReader, TokenSubject } from '../../../gateway/identity/principal.ts'
import type { Database } from '../../tables/tables.ts'
import { tenantEntity, tokenCutoffEntity, userEntity } from './entity.ts'
import { RevokedTokens } from './revoked-tokens.ts'
import { HOLDERS, STANDING_POLICY } from './standing-policy.ts'

const DIGITS = /^[0-9]+$/

type Holder = Omit<Standing, 'isRevoked'>

/**
 * Reads standings through the cache, so that most requests cause no query. A standing is what the database says about an access token and
 * its holder.
 */
export function createStandings(cache: Cache, db: Kysely<Database>): (subject: TokenSubject) => StandingReader {
  // The session has no consistency token, even if the request has one. So a standing (status of an access token and its holder) may be as
  // old as any value that is read without a consistency token.
  const session = cache.openSession()
  const revoked = new RevokedTokens(cache, db)
  return (subject) => {
    const { tokenId } = subject
    const request = requestOf(subject)
    let last: { readonly holder: Holder; readonly standing: Standing } | undefined
    /** Returns the same object for the same holder and `isRevoked`, so that callers can compare standings by identity. */
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
        try {
          const [holder, isRevoked] = await Promise.all([
            cache.get(request, STANDING_POLICY, load, { session: cache.openSession() }),
            revoked.has(tokenId),
          ])
          return compose(holder, isRevoked)
        } catch (error) {
          throw isTemporary(error) || isUnavailable(error) ? new GatewayError('UNAVAILABLE', undefined, { cause: error }) : error
        }
      },
    }
  }
}

function requestOf({ tenant, userId }: TokenSubject): CacheRequest {
  const tags = [rowTag(tenantEntity, tenant, tenant), rowTag(tokenCutoffEntity, tenant, userId)]
  // The tag of a user's row contains the row id in the form in which the database writes it. If the `userId` is not a row id in this form,
  // there is no such row, and the tag is left out.
  if (parseRowId(userId) !== null) tags.push(rowTag(userEntity, tenant, userId))
  return { key: cacheKey(tenant, HOLDERS, [userId]), tags }
}

/** Reads all facts about a holder in one statement, so that all facts belong to the same moment. */
async function loadHolder(db: Kysely<Database>, { tenant, userId }: TokenSubject): Promise<Holder> {
  const id = parseRowId(userId) ?? 0
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
