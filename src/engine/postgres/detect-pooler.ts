import { sqlState } from './failure.ts'
import type { WatchedClient } from './watched-client.ts'

/** Kind of the pooler between the gateway and the server: when it gives a session to the next client. */
export type Pooler = 'none' | 'session' | 'transaction' | 'statement'

const ROUNDS = 4

/**
 * Finds out when a pooler gives a session to the next client. In statement mode it refuses transactions. In session mode the statements of
 * a client run in one session while the client is connected, and another client gets another session.
 * @param create Creates a client that is not connected yet.
 */
export async function detectPooler(create: () => WatchedClient, deadlineMs: number): Promise<Exclude<Pooler, 'none'>> {
  const [one, other] = [create(), create()]
  try {
    await one.open()
    if (!(await allowsTransactions(one, deadlineMs))) return 'statement'
    await other.open()
    const sessions = [await processOf(one, deadlineMs)]
    // A pooler in transaction mode gives the session that has just become free to the other client, or it gives out its sessions in turn.
    // The first client runs two statements in each round, so that it does not meet the same one of two sessions every time.
    for (let round = 0; round < ROUNDS; round++) {
      const foreign = await processOf(other, deadlineMs)
      const own = [await processOf(one, deadlineMs), await processOf(one, deadlineMs)]
      if (sessions.includes(foreign) || !own.every((process) => sessions.includes(process))) return 'transaction'
    }
    return 'session'
  } finally {
    one.abandon()
    other.abandon()
  }
}

async function allowsTransactions(client: WatchedClient, deadlineMs: number): Promise<boolean> {
  try {
    await client.run('begin', [], deadlineMs)
    await client.run('rollback', [], deadlineMs)
    return true
  } catch (error) {
    if (sqlState(error) === undefined) throw error
    return false
  }
}

async function processOf(client: WatchedClient, deadlineMs: number): Promise<number> {
  const { rows } = await client.run<{ process: number }>('select pg_backend_pid() as process', [], deadlineMs)
  return rows[0]?.process ?? 0
}
