import type { PostgresCursor, PostgresPool, PostgresPoolClient, PostgresQueryResult } from 'kysely'
import pg from 'pg'
import { within } from './deadline.ts'
import { connectFailure, isUnavailable, sqlState } from './failure.ts'
import { commits, isBegin, isSentWithNext, PreparedNames, readsOnly } from './prepared-statement.ts'
import { prepare } from './session-settings.ts'
import { CommitOutcomeUnknown, leavesOutcomeUnknown } from './transaction.ts'
import { WatchedClient } from './watched-client.ts'

/** State of a connection pool at this moment. */
export interface PoolFigures {
  /** Open connections that a caller uses, and connections that are being opened. */
  readonly inUse: number
  readonly idle: number
  /** Maximum number of connections. */
  readonly max: number
  /** Callers that wait for a connection. */
  readonly waiting: number
}

export interface VerifiedPoolOptions {
  readonly connection: pg.ClientConfig
  /** Maximum time for the verification of a new connection, ms. */
  readonly verifyTimeoutMs: number
  readonly poolSize: number
  /** Statement timeout, ms; 0 means no timeout. */
  readonly statementTimeoutMs: number
  readonly onError: (error: Error) => void
}

/** Time to wait for a result after the statement timeout has passed, ms. After this time the connection counts as lost. */
const NETWORK_GRACE_MS = 1000

/**
 * A pool of connections that are safe for loads. The server of a new connection must not be a standby. A connection that was opened before
 * the last change of the database timeline is not reused. A connection is closed after any error that the connection or the server caused.
 */
export class VerifiedPool implements PostgresPool {
  readonly options: object
  readonly #pool: pg.Pool
  readonly #generations = new WeakMap<WatchedClient, number>()
  /** Connections to the server itself, which can keep prepared statements. */
  readonly #direct = new WeakSet<WatchedClient>()
  readonly #names = new PreparedNames()
  readonly #timeoutMs: number
  readonly #max: number
  #generation = 0
  readonly #onConnected: ((waitMs: number) => void)[] = []

  constructor({ connection, verifyTimeoutMs, poolSize, statementTimeoutMs, onError }: VerifiedPoolOptions) {
    this.options = connection
    this.#max = poolSize
    this.#timeoutMs = statementTimeoutMs === 0 ? 0 : statementTimeoutMs + NETWORK_GRACE_MS
    // A connection belongs to the database timeline that was current when it started to connect, not when it became ready: a failover may
    // have replaced the server in between.
    const begin = (client: WatchedClient) => this.#generations.set(client, this.#generation)
    class Client extends WatchedClient {
      constructor(config?: string | pg.ClientConfig) {
        super(config)
        begin(this)
      }
    }
    this.#pool = new pg.Pool({
      ...connection,
      Client,
      max: poolSize,
      // Lets a connection send a statement before the one before it is answered: see `together`.
      pipeline: true,
      // Undocumented, see docs/internals.md: `pg.Pool.onConnect`
      onConnect: async (client) => {
        const connected = client as Client
        if (await within(verifyTimeoutMs, prepare(connected, statementTimeoutMs))) this.#direct.add(connected)
      },
    })
    this.#pool.on('error', onError)
  }

  /** Marks all connections opened until now as outdated: they are closed instead of being reused. */
  renew(): void {
    this.#generation++
  }

  figures(): PoolFigures {
    const { totalCount, idleCount, waitingCount } = this.#pool
    return { inUse: totalCount - idleCount, idle: idleCount, max: this.#max, waiting: waitingCount }
  }

  /** Adds a listener that is called for each caller that got a connection, with the time that the caller waited for it, ms. */
  onConnected(listener: (waitMs: number) => void): void {
    this.#onConnected.push(listener)
  }

  async connect(): Promise<PostgresPoolClient> {
    const start = performance.now()
    const client = await this.#connect()
    const waitMs = performance.now() - start
    for (const listener of this.#onConnected) listener(waitMs)
    return client
  }

  async #connect(): Promise<PostgresPoolClient> {
    for (;;) {
      const client = (await this.#pool.connect().catch((error) => {
        throw connectFailure(error)
      })) as WatchedClient & pg.PoolClient
      if (this.#generations.get(client) === this.#generation) return this.#watched(client)
      client.release(true)
    }
  }

  async end(): Promise<void> {
    await this.#pool.end()
  }

  #watched(client: WatchedClient & pg.PoolClient): PostgresPoolClient {
    let inDoubt = false
    let withNext: { readonly begins: boolean; readonly send: () => Promise<unknown> }[] = []
    const send = <Row extends pg.QueryResultRow>(statement: string, parameters: readonly unknown[], timeoutMs: number) =>
      client.run<Row>(statement, parameters, timeoutMs, this.#direct.has(client) ? this.#names.of(statement) : undefined)
    let committing: Promise<pg.QueryResult> | undefined
    // Not behind a pooler: without a timeout on the server, what was sent may be committed long after its caller has given up.
    const commit = (timeoutMs: number) => {
      committing = send('commit', [], timeoutMs)
      committing.catch((error) => {
        inDoubt ||= isUnavailable(error)
      })
    }
    const run = async (statement: string, parameters: readonly unknown[]) => {
      if (committing) {
        if (statement !== 'commit' && statement !== 'rollback')
          throw new CommitOutcomeUnknown(new Error(`Expected COMMIT after it was sent, got: ${statement}`))
        const committed = committing
        committing = undefined
        return committed
      }
      // A statement waits for those before it, and then may take as long as each of them.
      const timeoutMs = (withNext.length + 1) * this.#timeoutMs
      if (isSentWithNext(statement)) {
        withNext.push({ begins: isBegin(statement), send: () => send(statement, parameters, timeoutMs) })
        return { command: 'SELECT', rowCount: 0, rows: [] }
      }
      // What would be rolled back at once is not sent: it might wait for a lock.
      const before = statement === 'rollback' ? withNext.filter(({ begins }) => begins) : withNext
      withNext = []
      try {
        // If BEGIN failed, a statement that was sent with it would be committed at once. So only one that changes nothing is sent with it.
        if (before[0]?.begins && !readsOnly(statement)) await before.shift()?.send()
        return await client.together(
          before.map(({ send }) => send),
          () => send(statement, parameters, timeoutMs),
          commits(statement) && this.#direct.has(client) ? () => commit(timeoutMs + this.#timeoutMs) : undefined,
        )
      } catch (error) {
        // After an error that the server did not send, the driver may have lost count of what the server has prepared.
        inDoubt ||= isUnavailable(error) || sqlState(error) === undefined
        throw committing && leavesOutcomeUnknown(error) ? new CommitOutcomeUnknown(error) : error
      }
    }
    function query<Row>(statement: string, parameters: readonly unknown[]): Promise<PostgresQueryResult<Row>>
    function query<Row>(cursor: PostgresCursor<Row>): PostgresCursor<Row>
    function query(statement: unknown, parameters: readonly unknown[] = []): unknown {
      if (typeof statement !== 'string') throw new TypeError('Rows are not streamed here: the pool was given no cursor class.')
      return run(statement, parameters)
    }
    const release = (destroy?: boolean) => {
      // A connection in pipeline mode waits for the answers to come before it closes, and those of a hanging server never come.
      if (inDoubt) client.abandon()
      client.release(destroy === true || inDoubt || committing !== undefined)
    }
    return { query, release }
  }
}
