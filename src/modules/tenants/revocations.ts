import { type Kysely, sql } from 'kysely'
import { GatewayError } from '../../errors.ts'
import type { Database } from '../../postgres/tables.ts'

const ID = /^[\x21-\x7e]{1,128}$/

/** Revokes the token with this id (claim `jti`). @throws GatewayError BAD_USER_INPUT for what no token has as its id. */
export async function revokeToken(db: Kysely<Database>, tokenId: string): Promise<void> {
  if (!ID.test(tokenId)) throw new GatewayError('BAD_USER_INPUT', 'Expected the id (jti) of a token: 1 to 128 printable ASCII characters.')
  await db
    .insertInto('revokedTokens')
    .values({ id: tokenId })
    .onConflict((conflict) => conflict.doNothing())
    .execute()
}

/**
 * Revokes all tokens of a user or service account that were issued until a moment. A later moment of an earlier call stays.
 * @param until By default the time of the database.
 * @returns the moment that counts now, ISO 8601.
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
