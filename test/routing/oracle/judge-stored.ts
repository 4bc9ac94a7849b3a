import { type Kysely, sql } from 'kysely'
import { decodeReasons } from '#src/market/rules/routing/reason-codec.ts'
import type { Database } from '#src/market/tables/tables.ts'
import { judge } from './judge.ts'
import type { StoredDecision, StoredReservation } from './stored.ts'
import type { History } from './world.ts'

export interface RunResult {
  readonly faults: readonly string[]
  /** Numbers of decisions by their outcome. */
  readonly outcomes: Readonly<Record<string, number>>
}

/** Reads what a run has committed, and lets the judge look at it. The sums of usage and payouts are computed anew and compared, too. */
export async function judgeStored(db: Kysely<Database>, tenant: string, history: History): Promise<RunResult> {
  const reservations = await db.selectFrom('reservations').selectAll().where('tenantId', '=', tenant).orderBy('id').execute()
  const decisions = await db.selectFrom('routingDecisions').selectAll().where('tenantId', '=', tenant).orderBy('id').execute()
  const stored = reservations.map(
    (row): StoredReservation => ({
      ...row,
      caller: Buffer.from(row.caller).toString('hex'),
      reservedAt: Date.parse(row.reservedAt),
      expiresAt: Date.parse(row.expiresAt),
      connectedAt: row.connectedAt === null ? null : Date.parse(row.connectedAt),
    }),
  )
  const made = decisions.map(
    (row): StoredDecision => ({ ...row, decidedAt: Date.parse(row.decidedAt), reasons: decodeReasons(row.reasons) }),
  )
  const faults = judge(history, stored, made)
  const { rows } = await sql<{ corrected: number }>`select refresh_rollups(${tenant}) as corrected`.execute(db)
  if (rows[0]?.corrected !== 0) faults.push(`${rows[0]?.corrected} sums of usage or payouts were wrong.`)
  const outcomes: Record<string, number> = {}
  for (const { kind, outcome } of made) outcomes[`${kind} ${outcome}`] = (outcomes[`${kind} ${outcome}`] ?? 0) + 1
  return { faults, outcomes }
}
