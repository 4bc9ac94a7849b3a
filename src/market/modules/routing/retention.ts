import { type Kysely, type RawBuilder, sql } from 'kysely'
import type { Tables } from '../../../gateway/contract/tables.ts'

export interface RetentionOptions {
  readonly db: Kysely<Tables>
  readonly env: {
    readonly setTimer: (callback: () => void, delayMs: number) => { readonly cancel: () => void }
    readonly random: () => number
  }
  /** Time for which decisions are kept, days. The database refuses to delete those of the last 30 days. */
  readonly decisionDays: number
  /** Time for which reservations are kept, days. Rules look back by at most 366 days. */
  readonly reservationDays: number
  readonly onFailed: (error: unknown) => void
}

const DAY_MS = 86_400_000
/** Number of rows that one statement deletes. An invalidation for more than 1000 rows would be one of all buyers. */
const BATCH_ROWS = 1000

/** Deletes old decisions and reservations, about once a day. Processes choose different times. */
export function createRetention({ db, env, decisionDays, reservationDays, onFailed }: RetentionOptions) {
  let timer: { readonly cancel: () => void } | undefined
  const schedule = () => {
    timer = env.setTimer(
      () => {
        void deleteOldDecisions(db, decisionDays).catch(onFailed)
        void deleteOldReservations(db, reservationDays).catch(onFailed)
        schedule()
      },
      DAY_MS * (0.5 + env.random()),
    )
  }
  return { begin: schedule, close: () => timer?.cancel() }
}

/** Deletes the decisions that are older than a number of days, in small batches. @returns the number of deleted decisions. */
export function deleteOldDecisions(db: Kysely<Tables>, days: number, batchRows = BATCH_ROWS): Promise<number> {
  return deleteInBatches(
    db,
    'routing_decisions',
    batchRows,
    () => sql`
    select id from routing_decisions where decided_at < now() - make_interval(days => ${days}) limit ${batchRows} for update skip locked`,
  )
}

/**
 * Deletes the reservations that are older than a number of days and hold nothing: those that have ended or lapsed. Triggers keep what they
 * have added to the usage of their buyer, if they are older than any rule looks back. @returns the number of deleted reservations.
 */
export function deleteOldReservations(db: Kysely<Tables>, days: number, batchRows = BATCH_ROWS): Promise<number> {
  // The index begins with the buyer, so the old reservations of each one are found without those of all others.
  return deleteInBatches(
    db,
    'reservations',
    batchRows,
    () => sql`
    select old.id from buyers cross join lateral (
      select id from reservations
      where buyer_id = buyers.id and reserved_at < now() - make_interval(days => ${days}) and state <> 'CONNECTED'
      order by reserved_at limit ${batchRows} for update skip locked
    ) as old limit ${batchRows}`,
  )
}

/** @param old Selects the ids of at most `batchRows` rows. */
async function deleteInBatches(
  db: Kysely<Tables>,
  table: 'routing_decisions' | 'reservations',
  batchRows: number,
  old: () => RawBuilder<unknown>,
): Promise<number> {
  for (let total = 0; ; ) {
    const { rows } = await sql<{ deleted: number }>`
      with old as (${old()}), gone as (delete from ${sql.table(table)} where id in (select id from old) returning 1)
      select count(*)::int as deleted from gone
    `.execute(db)
    const deleted = rows[0]?.deleted ?? 0
    total += deleted
    if (deleted < batchRows) return total
  }
}
