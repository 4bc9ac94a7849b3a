import pg from 'pg'
import { within } from './deadline.ts'
import { connectFailure, DatabaseUnavailableError, sqlState } from './failure.ts'

/**
 * A client of the driver `pg` that knows whether its connection is lost. The driver rejects the statements of a lost connection with errors
 * that have no code, so such errors are recognized by the state of the connection and not by their messages.
 */
export class WatchedClient extends pg.Client {
  #isLost = false

  constructor(config?: string | pg.ClientConfig) {
    super(config)
    // Undocumented, see docs/internals.md: `pg.Client reports a loss before its statements fail`
    const lose = () => {
      this.#isLost = true
    }
    // Without a listener, an 'error' event would end the process. Code that runs a statement on the connection gets the error from that
    // statement.
    this.on('error', lose)
    this.on('end', lose)
  }

  get #stream() {
    // Undocumented, see docs/internals.md: `pg.Client.connection.stream`
    return this.connection.stream
  }

  /** Opens the connection. @throws DatabaseUnavailableError if the server is not reached. */
  async open(): Promise<void> {
    try {
      await this.connect()
    } catch (error) {
      throw connectFailure(error)
    }
  }

  /**
   * Runs a statement.
   * @param timeoutMs Time for which the caller waits, ms; 0 means no timeout. The connection must be closed after a timeout.
   * @param name Name under which the server keeps the statement, so that it is planned once for the connection. Undefined: not kept.
   * @throws DatabaseUnavailableError if the connection is lost or the time is over. Any other error was sent by the server, or is a bug.
   */
  async run<Row extends pg.QueryResultRow>(
    statement: string,
    parameters: readonly unknown[],
    timeoutMs = 0,
    name?: string,
  ): Promise<pg.QueryResult<Row>> {
    try {
      const values = [...parameters]
      const work = name === undefined ? this.query<Row>(statement, values) : this.query<Row>({ name, text: statement, values })
      return await (timeoutMs > 0 ? within(timeoutMs, work) : work)
    } catch (error) {
      if (!this.#isLost || error instanceof DatabaseUnavailableError || sqlState(error) !== undefined) throw error
      throw new DatabaseUnavailableError('The connection to the database was lost.', { cause: error })
    }
  }

  /**
   * Sends statements in one write, each without waiting for those before it. Each sees what was committed when it begins.
   * @param after Statement to send after the last one. Nobody waits for it here, and its error must be handled where it is sent.
   * @returns the result of the last one. @throws the error of the first one that fails.
   */
  async together<Result>(before: readonly (() => Promise<unknown>)[], last: () => Promise<Result>, after?: () => void): Promise<Result> {
    if (before.length === 0 && !after) return last()
    this.#stream.cork()
    const earlier = before.map((send) => send())
    const result = last()
    after?.()
    this.#stream.uncork()
    // The server answers in order, so the first error is that of the first statement that fails.
    await Promise.all([...earlier, result])
    return result
  }

  /** Closes the socket immediately, without the orderly end of the protocol, which a broken server may never answer. */
  abandon(): void {
    this.#isLost = true
    this.#stream.destroy()
  }

  override end(): Promise<void>
  override end(callback: (error: Error) => void): void
  override end(callback?: (error: Error) => void): Promise<void> | void {
    this.#isLost = true
    return callback ? super.end(callback) : super.end()
  }
}
