import type { PostgresCursor, PostgresPool, PostgresPoolClient, PostgresQueryResult } from 'kysely'
import pg from 'pg'
import { isUnavailable } from './failure.ts'
import { prepare } from './session-settings.ts'

export interface VerifiedPoolOptions {
  readonly connection: pg.ClientConfig
  readonly poolSize: number
  /** 0: none. */
  readonly statementTimeoutMs: number
  readonly onError: (error: Error) => void
}

/** How much longer than a statement may take until the network counts as gone, ms. */
const NETWORK_GRACE_MS = 1000

/**
 * Connections that a load may trust: to a server that is no standby, opened since the database's history last changed, and given up
 * after any error that speaks of the connection or the server.
 */
export class VerifiedPool implements PostgresPool {
  readonly options: object
  readonly #pool: pg.Pool
  readonly #generations = new WeakMap<pg.ClientBase, number>()
  #generation = 0

  constructor({ connection, poolSize, statementTimeoutMs, onError }: VerifiedPoolOptions) {
    this.options = connection
    // A connection belongs to the history it was begun in: when it is ready, its server may have been set aside already.
    const begin = (client: pg.ClientBase) => this.#generations.set(client, this.#generation)
    class Client extends pg.Client {
      constructor(config?: string | pg.ClientConfig) {
        super(config)
        begin(this)
        // Of a connection in use the pool does not listen for errors, and one that nobody listens for ends the process. Whoever
        // uses it learns by the failure of a statement.
        this.on('error', () => undefined)
      }
    }
    this.#pool = new pg.Pool({
      ...connection,
      Client,
      max: poolSize,
      query_timeout: statementTimeoutMs === 0 ? 0 : statementTimeoutMs + NETWORK_GRACE_MS,
      onConnect: (client) => prepare(client, statementTimeoutMs),
    })
    this.#pool.on('error', onError)
  }

  /** The history changed: connections opened until now are closed instead of being used again. */
  renew(): void {
    this.#generation++
  }

  async connect(): Promise<PostgresPoolClient> {
    for (;;) {
      const client = await this.#pool.connect()
      if (this.#generations.get(client) === this.#generation) return this.#watched(client)
      client.release(true)
    }
  }

  async end(): Promise<void> {
    await this.#pool.end()
  }

  #watched(client: pg.PoolClient): PostgresPoolClient {
    let inDoubt = false
    const run = async (statement: string, parameters: readonly unknown[]) => {
      try {
        return await client.query(statement, [...parameters])
      } catch (error) {
        inDoubt ||= isUnavailable(error)
        throw error
      }
    }
    function query<Row>(statement: string, parameters: readonly unknown[]): Promise<PostgresQueryResult<Row>>
    function query<Row>(cursor: PostgresCursor<Row>): PostgresCursor<Row>
    function query(statement: unknown, parameters: readonly unknown[] = []): unknown {
      if (typeof statement !== 'string') throw new TypeError('Rows are not streamed here: the pool was given no cursor class.')
      return run(statement, parameters)
    }
    return { query, release: (destroy) => client.release(destroy === true || inDoubt) }
  }
}
