import { type Selectable, sql } from 'kysely'
import { GatewayError } from '../../../errors.ts'
import { type Connection, connectionPage, pageRequest } from '../../../gateway/contract/connection.ts'
import { optionalRowId } from '../../../gateway/contract/global-id.ts'
import { type KeysetOrder, listByKeyset } from '../../../gateway/contract/keyset-list.ts'
import type { ReadContext } from '../../../gateway/contract/module.ts'
import { rowsByIds } from '../../../gateway/contract/row-order.ts'
import type { CallerHashes } from '../../rules/caller.ts'
import { callerOf, NO_CALLER } from '../caller-input.ts'
import type { ConsentStatus, DncListStatus, QueryCallerStatusArgs, QuerySuppressionsArgs } from '../schema-types.generated.ts'
import { iso } from '../time-range.ts'
import type { Consent, ConsentRevocationRow, Suppression } from './entity.ts'

/** A page of suppressions, with their rows: it is read anew for each request. */
export interface SuppressionConnection extends Connection<object> {
  readonly edges: readonly { readonly node: Suppression; readonly cursor: string }[]
}

const MAX_ROWS = 10
const MAX_LISTS = 100
const BY_CREATION: KeysetOrder = { column: 'created_at', type: 'timestamptz', direction: 'desc' }

export async function listSuppressions(read: ReadContext, args: QuerySuppressionsArgs): Promise<SuppressionConnection> {
  const page = pageRequest(args, BY_CREATION, 'Suppression')
  const [list] = await listByKeyset(read, { table: 'suppressions', of: null, where: [], page })
  const connection = connectionPage(page, list?.rows ?? [], {})
  const rows = await rowsByIds(read, 'suppressions', connection.ids.map(String))
  // A suppression that was deleted between the two statements is left out.
  const edges = rows.flatMap((node, index) => (node ? [{ node, cursor: connection.cursors[index] ?? '' }] : []))
  return { ...connection, edges }
}

/** Facts about a caller at one moment. */
export interface CallerStatus {
  readonly caller: Uint8Array
  readonly isSuppressed: boolean
  readonly suppressions: readonly Suppression[]
  readonly consent: ConsentStatus
  readonly consents: readonly Consent[]
  readonly revocation: Selectable<ConsentRevocationRow> | null
  readonly dncLists: readonly DncListStatus[]
}

/**
 * Reads all that is known about a caller, by the same rules as a ping.
 * @throws GatewayError BAD_USER_INPUT for a text that names no caller.
 */
export async function readCallerStatus(read: ReadContext, hashes: CallerHashes, args: QueryCallerStatusArgs): Promise<CallerStatus> {
  const sha256 = callerOf(args.caller)
  if (sha256 === undefined) throw new GatewayError('BAD_USER_INPUT', NO_CALLER)
  const { db, tenant } = read
  const caller = hashes.ofTenant(tenant, sha256)
  const campaignId = optionalRowId('Campaign', args.campaignId)
  const ofCaller = sql`tenant_id = ${tenant} and caller = ${caller}`
  const at = sql`${iso(read.now)}::timestamptz`
  const isFor = sql`(campaign_id is null or campaign_id = ${campaignId}::int8)`
  const suppressions = db.selectFrom('suppressions').selectAll().where(sql<boolean>`${ofCaller}`)
  const consents = db.selectFrom('consents').selectAll().where(sql<boolean>`${ofCaller}`)
  const [first, second, revocation, { rows: facts }, { rows: dncLists }] = await Promise.all([
    suppressions.orderBy('createdAt', 'desc').orderBy('id', 'desc').limit(MAX_ROWS).execute(),
    consents.orderBy('givenAt', 'desc').orderBy('id', 'desc').limit(MAX_ROWS).execute(),
    db.selectFrom('consentRevocations').selectAll().where(sql<boolean>`${ofCaller}`).executeTakeFirst(),
    sql<{ isSuppressed: boolean; hasConsent: boolean; isRevoked: boolean }>`
      select
        exists (select from suppressions where ${ofCaller}
          and (scope = 'TENANT' or (scope = 'CAMPAIGN' and scope_id = ${campaignId}::int8))) as is_suppressed,
        exists (select from consents where ${ofCaller} and ${isFor} and given_at <= ${at} and revoked_at is null
          and (expires_at is null or expires_at > ${at})
          and given_at > coalesce((select revoked_at from consent_revocations where ${ofCaller}), '-infinity')) as has_consent,
        exists (select from consent_revocations where ${ofCaller})
          or exists (select from consents where ${ofCaller} and ${isFor} and revoked_at is not null) as is_revoked
    `.execute(db),
    sql<DncListStatus>`
      select name, version, imported_at, entries, exists (
        select from dnc_entries where list = dnc_lists.name and dnc_entries.version = dnc_lists.version and caller = ${hashes.ofDnc(sha256)}
      ) as is_listed
      from dnc_lists where version > 0 order by name limit ${MAX_LISTS}
    `.execute(db),
  ])
  const [fact] = facts
  if (!fact) throw new Error('Expected one row of facts about the caller, got none.')
  const { isSuppressed, hasConsent, isRevoked } = fact
  const consent = hasConsent ? 'GIVEN' : isRevoked ? 'REVOKED' : 'MISSING'
  return { caller, isSuppressed, suppressions: first, consent, consents: second, revocation: revocation ?? null, dncLists }
}
