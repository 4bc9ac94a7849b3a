import { type RawBuilder, sql } from 'kysely'
import { GatewayError } from '../../../errors.ts'
import { type Connection, connectionPage, pageRequest } from '../../../gateway/contract/connection.ts'
import { rowIdOf } from '../../../gateway/contract/global-id.ts'
import { type KeysetOrder, listByKeyset } from '../../../gateway/contract/keyset-list.ts'
import type { FieldLoad, ReadContext } from '../../../gateway/contract/module.ts'
import { anyOf } from '../../../gateway/contract/row-order.ts'
import type { CallerHashes } from '../../rules/caller.ts'
import { callerOf, NO_CALLER } from '../caller-input.ts'
import type { Call } from '../calls/entity.ts'
import type { NoMore } from '../no-more.ts'
import type { QueryRoutingDecisionsArgs, RoutingDecisionFilter } from '../schema-types.generated.ts'
import type { RoutingDecision } from './entity.ts'

/** A page of decisions with its rows. It is never cached. */
export interface RoutingDecisionConnection {
  readonly page: Connection<object>
  readonly nodes: readonly RoutingDecision[]
}

const BY_TIME: KeysetOrder = { column: 'decided_at', type: 'timestamptz', direction: 'desc' }

/** Lists decisions, newest first. */
export async function listDecisions(
  read: ReadContext,
  hashes: CallerHashes,
  args: QueryRoutingDecisionsArgs,
): Promise<RoutingDecisionConnection> {
  const page = pageRequest(args, BY_TIME, 'RoutingDecision')
  const where = conditionsOf(args.filter ?? {}, hashes, read.tenant)
  const [list] = await listByKeyset(read, { table: 'routingDecisions', of: null, where, page })
  const connection = connectionPage(page, list?.rows ?? [], {})
  const rows = await decisionsByIds(read, connection.ids)
  return { page: connection, nodes: connection.ids.flatMap((id) => rows.get(id) ?? []) }
}

/** Returns the decision that connected each call, of those that are still kept. */
export const decisionsOfCalls: FieldLoad<Call, unknown, RoutingDecision | null> = async (calls, _args, read) => {
  const reservations = calls.flatMap(({ reservationId }) => reservationId ?? [])
  if (reservations.length === 0) return calls.map(() => null)
  const rows = await read.db
    .selectFrom('routingDecisions')
    .selectAll()
    .where('tenantId', '=', read.tenant)
    .where('reservationId', '=', anyOf(reservations))
    .where('outcome', '=', 'CONNECTED')
    .execute()
  const shown = rows.map(({ caller: _, reasons, ...row }) => ({ ...row, reasons: reasons.toString('base64') }))
  const byReservation = new Map(shown.map((row) => [row.reservationId, row]))
  return calls.map(({ reservationId }) => byReservation.get(reservationId) ?? null)
}

async function decisionsByIds({ db, tenant }: ReadContext, ids: readonly number[]): Promise<ReadonlyMap<number, RoutingDecision>> {
  const rows = await db.selectFrom('routingDecisions').selectAll().where('tenantId', '=', tenant).where('id', '=', anyOf(ids)).execute()
  return new Map(rows.map((row) => [row.id, row]))
}

function conditionsOf(filter: RoutingDecisionFilter, hashes: CallerHashes, tenant: string): RawBuilder<unknown>[] {
  const { campaignId, outcome, caller, from, before, ...others } = filter
  others satisfies NoMore
  const conditions: RawBuilder<unknown>[] = []
  if (campaignId != null) conditions.push(sql`campaign_id = ${rowIdOf('Campaign', campaignId)}::int8`)
  if (outcome) conditions.push(sql`outcome = ${outcome}`)
  if (caller != null) {
    const sha256 = callerOf(caller)
    if (sha256 === undefined) throw new GatewayError('BAD_USER_INPUT', `\`filter.caller\`: ${NO_CALLER}`)
    conditions.push(sql`caller = ${hashes.ofTenant(tenant, sha256)}`)
  }
  if (from != null) conditions.push(sql`decided_at >= ${from}::timestamptz`)
  if (before != null) conditions.push(sql`decided_at < ${before}::timestamptz`)
  return conditions
}
