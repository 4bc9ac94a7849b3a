import pg from 'pg'

/** Inserts phone calls directly into the database, like a service that does not use the gateway. */
export class IncomingCalls {
  readonly #pool: pg.Pool

  constructor(databaseUrl: string) {
    this.#pool = new pg.Pool({ connectionString: databaseUrl, max: 2 })
    // The database is dropped before the pool's last connection notices that it is closed. The resulting error is ignored.
    this.#pool.on('error', () => undefined)
  }

  /** Inserts a phone call that starts now, for any campaign of the tenant. */
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
