import type { OwnPostgres } from '../servers/postgres.ts'
import type { FaultContext } from './fault.ts'
import { type FaultDatabase, openFaultDatabase } from './fault-database.ts'
import { until } from './until.ts'

/** Connects to the database on a promoted standby, until the end of the fault. */
export async function openPromoted(context: FaultContext, database: FaultDatabase, port: number): Promise<FaultDatabase> {
  const promoted = await openFaultDatabase(database.urlThrough(port))
  context.defer(() => promoted.close())
  return promoted
}

/** Waits until the standby has replayed all that was written. @throws AssertionError if that takes longer than ten seconds. */
export async function caughtUp(database: FaultDatabase, standby: OwnPostgres): Promise<void> {
  const copy = await openFaultDatabase(database.urlThrough(standby.port))
  try {
    const [position] = await database.query('select pg_current_wal_lsn()::text as lsn')
    await until(
      async () => {
        const [row] = await copy.query('select pg_last_wal_replay_lsn() >= $1::pg_lsn as reached', [position?.['lsn']])
        return row?.['reached'] === true
      },
      10_000,
      'the standby has replayed all that was written',
    )
  } finally {
    await copy.close()
  }
}
