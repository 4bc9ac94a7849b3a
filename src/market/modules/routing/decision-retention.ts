import { type Kysely, sql } from 'kysely'
import type { Tables } from '../../../gateway/contract/tables.ts'

export interface DecisionRetentionOptions {
  readonly db: Kysely<Tables>
  readonly env: {
    readonly setTimer: (callback: () => void, delayMs: number) => { readonly cancel: () => void }
    readonly random: () => number
  }
  /** Time for which decisions are kept, days. The database refuses to delete those of the last 30 days. */
  readonly days: number
  readonly onFailed: (error: unknown) => void
}

const DAY_MS = 86_400_000
/** Number of rows that one statement deletes. */
const BATCH_ROWS = 2000

/** Deletes old decisions, about once a day. Processes choose different times. */
export function createDecisionRetention({ db, env, days, onFailed }: DecisionRetentionOptions) {
  let timer: { readonly cancel: () => void } | undefined
  const schedule = () => {
    timer = env.setTimer(
      () => {
        void deleteOldDecisions(db, days).catch(onFailed)
        schedule()
      },
      DAY_MS * (0.5 + env.random()),
    )
  }
  return { begin: schedule, close: () => timer?.cancel() }
}

/** Deletes the decisions that are older than a number of days, in small batches. @returns the number of deleted decisions. */
export async function deleteOldDecisions(db: Kysely<Tables>, days: number, batchRows = BATCH_ROWS): Promise<number> {
  for (let total = 0; ; ) {
    const { rows } = await sql<{ deleted: number }>`
      with old as (
        select id from routing_decisions where decided_at < now() - make_interval(days => ${days}) limit ${batchRows} for update skip locked
      ), gone as (delete from routing_decisions where id in (select id from old) returning 1)
      select count(*)::int as deleted from gone
    `.execute(db)
    const deleted = rows[0]?.deleted ?? 0
    total += deleted
    if (deleted < batchRows) return total
  }
}
