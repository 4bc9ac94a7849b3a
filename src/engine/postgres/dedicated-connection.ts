import type pg from 'pg'
import { within } from './deadline.ts'
import type { QueryLog, QueryLogRow } from './postgres-log.ts'
import { WatchedClient } from './watched-client.ts'

interface Connection {
  readonly client: WatchedClient
  readonly ready: Promise<void>
}

/**
 * A dedicated connection, outside the pool. It is opened at the first use and replaced after any failure, so that a network that drops
 * every packet delays a caller by one deadline at most. Statements run in the order of the calls.
 */
export class DedicatedConnection implements QueryLog {
  readonly #config: pg.ClientConfig
  readonly #verify: (client: WatchedClient) => Promise<void>
  #connection: Connection | undefined
  #last: Promise<unknown> = Promise.resolve()

  constructor(config: pg.ClientConfig, verify: (client: WatchedClient) => Promise<void>) {
    this.#config = config
    this.#verify = verify
  }

  async run(statement: string, parameters: readonly unknown[], deadlineMs?: number): Promise<readonly QueryLogRow[]> {
    let isWanted = true
    const work = this.#last.then(async () => (isWanted ? this.#query(statement, parameters) : []))
    this.#last = work.catch(() => undefined)
    if (deadlineMs === undefined) return work
    try {
      return await within(deadlineMs, work)
    } catch (error) {
      isWanted = false
      // The statement in flight on the connection is the caller's statement, or an earlier statement that delays the caller's statement.
      this.#giveUp(this.#connection)
      throw error
    }
  }

  async close(): Promise<void> {
    const connection = this.#connection
    this.#connection = undefined
    await connection?.client.end().catch(() => undefined)
  }

  async #query(statement: string, parameters: readonly unknown[]): Promise<readonly QueryLogRow[]> {
    this.#connection ??= this.#open()
    const connection = this.#connection
    try {
      await connection.ready
      return (await connection.client.run<QueryLogRow>(statement, parameters)).rows
    } catch (error) {
      this.#giveUp(connection)
      throw error
    }
  }

  #open(): Connection {
    const client = new WatchedClient(this.#config)
    const connection = { client, ready: client.open().then(() => this.#verify(client)) }
    client.on('error', () => this.#giveUp(connection))
    return connection
  }

  #giveUp(connection: Connection | undefined): void {
    if (!connection) return
    if (this.#connection === connection) this.#connection = undefined
    connection.client.abandon()
  }
}
