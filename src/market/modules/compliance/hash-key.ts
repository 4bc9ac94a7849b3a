import { createHmac, timingSafeEqual } from 'node:crypto'
import { type Kysely, sql } from 'kysely'
import { GatewayError } from '../../../errors.ts'
import type { Database } from '../../tables/tables.ts'

/** Tables with hashes of callers. */
const HASHED = ['suppressions', 'consents', 'consent_revocations', 'dnc_entries', 'reservations', 'routing_decisions'] as const

/**
 * Makes sure that all callers of the database are hashed under one key. The first key is kept as a fingerprint. Another key replaces it
 * only while no caller is stored, because suppressions and revocations under another key would match nobody.
 * @param isFirst Whether this program may replace the key. A program that runs beside a gateway may not: the gateway would not know.
 * @throws GatewayError CONFIGURATION if callers are stored under another key.
 */
export async function claimHashKey(db: Kysely<Database>, key: string, isFirst: boolean): Promise<void> {
  const fingerprint = createHmac('sha256', key).update('fingerprint of the key of hashed callers').digest()
  await db.transaction().execute(async (transaction) => {
    await sql`insert into caller_hash_key (fingerprint) values (${fingerprint}) on conflict do nothing`.execute(transaction)
    const { rows } = await sql<{ fingerprint: Uint8Array }>`select fingerprint from caller_hash_key for update`.execute(transaction)
    if (rows[0] && timingSafeEqual(rows[0].fingerprint, fingerprint)) return
    const stored = sql.join(
      HASHED.map((table) => sql`exists (select from ${sql.table(table)})`),
      sql` or `,
    )
    const { rows: found } = await sql<{ isStored: boolean }>`select ${stored} as is_stored`.execute(transaction)
    if (!isFirst || found[0]?.isStored !== false)
      throw new GatewayError(
        'CONFIGURATION',
        'CALLER_HASH_KEY: expected the key under which the callers of this database are hashed, got another one: set the first key again.',
      )
    await sql`update caller_hash_key set fingerprint = ${fingerprint}`.execute(transaction)
  })
}
