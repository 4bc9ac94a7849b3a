import { createHash } from 'node:crypto'
import { sql } from 'kysely'
import { toGlobalId } from '#src/gateway/contract/global-id.ts'
import type { startMarketGateway } from '../modules/market-gateway.ts'
import { addMarket, type Market, type ScratchDatabase } from '../modules/scratch-database.ts'

type Gateway = Awaited<ReturnType<typeof startMarketGateway>>

const PING = `mutation ($input: PingCallInput!) { pingCall(input: $input) {
  reservation { id expiresAt payout { amount } price { amount } buyer { id name } } ranked { name } excluded { buyer { name } reason } refusal
  decision { id kind outcome buyersRevision planVersionId ruleSetId dncVersions price { amount } payout { amount } buyer { name }
    campaign { id } publisher { name } callerState reservationId reasons { buyer { name } reason } }
  errors { code field message } } }`
const POST = `mutation ($input: PostCallInput!) { postCall(input: $input) {
  call { id status version callerState payout { amount } revenue { amount } buyer { name } publisher { name } decision { id kind outcome }
    bids { nodes { status amount { amount } } } }
  refusal decision { id kind outcome buyer { name } } errors { code field message } } }`
const SETTLE = `mutation ($input: SettleCallInput!) { settleCall(input: $input) {
  call { status revenue { amount } payout { amount } } errors { code } } }`

/** A tenant with an active campaign, a publisher who gets 30 for a call, and the buyers Ada, Bob and Cy, who pay 300, 200 and 100. */
export interface CallMarket extends Market {
  readonly publisherId: number
}

export async function addCallMarket(scratch: ScratchDatabase, tenant: string): Promise<CallMarket> {
  const market = await addMarket(scratch.db, tenant)
  await scratch.db.updateTable('campaigns').set({ status: 'ACTIVE', budgetMinor: 1_000_000 }).where('id', '=', market.campaignId).execute()
  for (const [index, id] of market.buyerIds.entries()) await setBuyer(scratch, id, { price_minor: 300 - 100 * index })
  const { id } = await scratch.db
    .insertInto('publishers')
    .values({ tenantId: tenant, name: 'Pia', payoutKind: 'FIXED', payoutMinor: 30 })
    .returning('id')
    .executeTakeFirstOrThrow()
  return { ...market, publisherId: id }
}

/** Sets columns of a buyer. An object or an array is stored as JSON. */
export async function setBuyer({ db }: Pick<ScratchDatabase, 'db'>, id: number, columns: Readonly<Record<string, unknown>>): Promise<void> {
  const values = Object.entries(columns).map(([name, value]) =>
    typeof value === 'object' && value !== null
      ? sql`${sql.ref(name)} = ${JSON.stringify(value)}::jsonb`
      : sql`${sql.ref(name)} = ${value}`,
  )
  await sql`update buyers set ${sql.join(values)} where id = ${id}`.execute(db)
}

export function numberOf(caller: number): string {
  return `+1212555${String(caller).padStart(4, '0')}`
}

export function sha256Of(number: string): string {
  return createHash('sha256').update(number).digest('hex')
}

/** Sends pings and posts of one tenant. */
export function callsOf(gateway: Gateway, market: CallMarket) {
  const run = async (query: string, field: string, input: unknown) => {
    const { data, errors } = await gateway.ask(market.tenant, 'ADMIN', query, { input })
    if (errors.length > 0) throw new Error(JSON.stringify(errors))
    return data[field]
  }
  const ids = {
    campaignId: toGlobalId('Campaign', market.campaignId),
    publisherId: toGlobalId('Publisher', market.publisherId),
    state: 'CA',
  }
  return {
    ping: (caller: number, more: Readonly<Record<string, unknown>> = {}) =>
      run(PING, 'pingCall', { ...ids, caller: numberOf(caller), ...more }),
    post: (reservationId: string, caller: number, more: Readonly<Record<string, unknown>> = {}) =>
      run(POST, 'postCall', { reservationId, caller: numberOf(caller), ...more }),
    settle: (id: string, durationSeconds: number) => run(SETTLE, 'settleCall', { id, durationSeconds }),
  }
}
