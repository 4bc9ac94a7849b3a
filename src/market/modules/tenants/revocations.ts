import { type Kysely, sql } from 'kysely'
import { GatewayError } from '../../../errors.ts'
import type { Database } from '../../tables/tables.ts'

const ID = /^[\x21-\x7e]{1,128}$/

/**
 * Time for which the row of a revoked token is kept after the token has expired. A token is accepted slightly longer than its `exp` claim
 * says, and the clocks of servers differ. So the row is still needed for a while.
 */
const KEPT_AFTER_END = '1 hour'

/**
 * Revokes the access token with this id (claim `jti`). Each call also deletes the rows of tokens that have expired.
 * @param expiresAt Time at which the token expires by itself, if known. If several calls gave a time, the latest of these times is stored.
 * @throws GatewayError BAD_USER_INPUT for a text that cannot be the id of a token.
 */
export async function revokeToken(db: Kysely<Database>, tokenId: string, expiresAt?: Date): Promise<void> {
  if (!ID.test(tokenId)) throw new GatewayError('BAD_USER_INPUT', 'Expected the id (jti) of a token: 1 to 128 printable ASCII characters.')
  await db
    .insertInto('revokedTokens')
    .values({ id: tokenId, expiresAt: expiresAt?.toISOString() ?? null })
    .onConflict((conflict) =>
      conflict.column('id').doUpdateSet({ expiresAt: sql`greatest(revoked_tokens.expires_at, excluded.expires_at)` }),
    )
    .execute()
  await db
    .deleteFrom('revokedTokens')
    .where('expiresAt', '<', sql<string>`now() - ${sql.lit(KEPT_AFTER_END)}::interval`)
    .execute()
}

/**
 * Revokes all access tokens of a user or service account that were issued up to the moment `until`. If an earlier call gave a later moment,
 * the later moment stays in force.
 * @param until Default: the current time of the database.
 * @returns the moment that is in force, ISO 8601.
 * @throws GatewayError BAD_USER_INPUT for a malformed user, NOT_FOUND for a tenant that does not exist.
 */
export async function revokeTokensOf(db: Kysely<Database>, tenant: string, userId: string, until?: Date): Promise<string> {
  if (!ID.test(userId)) throw new GatewayError('BAD_USER_INPUT', 'Expected the subject of tokens: 1 to 128 printable ASCII characters.')
  const validAfter = until === undefined ? sql<string>`now()` : until.toISOString()
  const row = await db
    .insertInto('tokenCutoffs')
    .columns(['tenantId', 'userId', 'validAfter'])
    .expression(({ selectFrom }) =>
      selectFrom('tenants')
        .select(({ val }) => ['id', val(userId).as('userId'), sql<string>`${validAfter}::timestamptz`.as('validAfter')])
        .where('id', '=', tenant),
    )
    .onConflict((conflict) =>
      conflict.columns(['tenantId', 'userId']).doUpdateSet({ validAfter: sql`greatest(token_cutoffs.valid_after, excluded.valid_after)` }),
    )
    .returning('validAfter')
    .executeTakeFirst()
  if (!row) throw new GatewayError('NOT_FOUND', `There is no tenant ${tenant}.`)
  return row.validAfter
}
