import pg from 'pg'

/** Calls that come in through another service, which writes to the database by itself. */
export class IncomingCalls {
  readonly #pool: pg.Pool

  constructor(databaseUrl: string) {
    this.#pool = new pg.Pool({ connectionString: databaseUrl, max: 2 })
    // The database is dropped before the last connection has noticed that it is closed.
    this.#pool.on('error', () => undefined)
  }

  /** A call that begins now, of any campaign of the tenant. */
  async add(): Promise<void> {
    await this.#pool.query(
      `insert into calls (tenant_id, campaign_id, caller_state, started_at, cost_minor)
       select tenant_id, id, 'CA', now(), 100 from campaigns where tenant_id = 'acme' order by random() limit 1`,
    )
  }

  async close(): Promise<void> {
    await this.#pool.end()
  }
}
