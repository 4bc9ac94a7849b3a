import pg from 'pg'
import { within } from './deadline.ts'
import type { QueryLog, QueryLogRow } from './postgres-log.ts'

interface Connection {
  readonly client: pg.Client
  readonly ready: Promise<void>
}

/**
 * A connection of its own: opened when it is first needed, given up for a new one after any failure, so that a network that
 * swallows everything costs a deadline and no more. Statements run in the order of the calls.
 */
export class DedicatedConnection implements QueryLog {
  readonly #config: pg.ClientConfig
  readonly #verify: (client: pg.Client) => Promise<void>
  #connection: Connection | undefined
  #last: Promise<unknown> = Promise.resolve()

  constructor(config: pg.ClientConfig, verify: (client: pg.Client) => Promise<void>) {
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
      // The statement that is on the wire holds up this one, if it is not this one itself.
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
      return (await connection.client.query<QueryLogRow>(statement, [...parameters])).rows
    } catch (error) {
      this.#giveUp(connection)
      throw error
    }
  }

  #open(): Connection {
    const client = new pg.Client(this.#config)
    const connection = { client, ready: client.connect().then(() => this.#verify(client)) }
    client.on('error', () => this.#giveUp(connection))
    return connection
  }

  #giveUp(connection: Connection | undefined): void {
    if (!connection) return
    if (this.#connection === connection) this.#connection = undefined
    // Destroyed, not ended: the farewell of a connection in doubt may never be answered.
    const { stream } =
      (connection.client as pg.Client & { readonly connection?: { readonly stream?: { destroy(): void } } }).connection ?? {}
    stream?.destroy()
  }
}
