import pg from 'pg'

/** A phone call with the values that a bid on it needs. */
interface Call {
  readonly id: string
  readonly campaign_id: string
  readonly tenant_id: string
  readonly buyer_id: string
}

export interface Window {
  readonly commitsPerSecond: number
  /** Duration of each transaction, from BEGIN to the response to COMMIT, ms. */
  readonly transactionMs: readonly number[]
  /** Duration of each COMMIT alone, ms. */
  readonly commitMs: readonly number[]
  /** Bytes of write-ahead log per COMMIT, of all writers together. */
  readonly walBytesPerCommit: number
}

/**
 * Clients that repeat one transaction. The transaction updates a campaign and a phone call and places a bid, so that nine statements fire
 * triggers.
 */
export class WriteMix {
  readonly #clients: readonly pg.Client[]
  readonly #calls: readonly Call[]

  private constructor(clients: readonly pg.Client[], calls: readonly Call[]) {
    this.#clients = clients
    this.#calls = calls
  }

  static async open(url: string, writers: number): Promise<WriteMix> {
    const clients = await Promise.all(Array.from({ length: writers }, () => connect(url)))
    const { rows } = await (clients[0] as pg.Client).query<Call>(
      'select id, campaign_id, tenant_id, (select min(id) from buyers where buyers.tenant_id = calls.tenant_id) as buyer_id from calls limit 5000',
    )
    return new WriteMix(clients, rows)
  }

  get administrator(): pg.Client {
    return this.#clients[0] as pg.Client
  }

  /**
   * Runs the mix of writes for `ms` ms.
   * @param afterCommit Called after each commit. The writer waits for the returned promise before the next transaction.
   */
  async run(ms: number, afterCommit: () => Promise<unknown> = async () => undefined): Promise<Window> {
    const walBefore = await this.#walPosition()
    const startedAt = performance.now()
    const transactionMs: number[] = []
    const commitMs: number[] = []
    await Promise.all(
      this.#clients.map(async (client) => {
        while (performance.now() - startedAt < ms) {
          const begunAt = performance.now()
          commitMs.push(await this.write(client))
          transactionMs.push(performance.now() - begunAt)
          await afterCommit()
        }
      }),
    )
    const seconds = (performance.now() - startedAt) / 1000
    const walBytes = (await this.#walPosition()) - walBefore
    return {
      commitsPerSecond: commitMs.length / seconds,
      transactionMs,
      commitMs,
      walBytesPerCommit: walBytes / commitMs.length,
    }
  }

  /** Runs one transaction. @returns the duration of its COMMIT, ms. */
  async write(client: pg.Client = this.administrator): Promise<number> {
    const call = this.#calls[Math.floor(Math.random() * this.#calls.length)] as Call
    await client.query('begin')
    await client.query('update campaigns set version = version + 1, updated_at = now() where id = $1', [call.campaign_id])
    await client.query('update calls set version = version + 1, cost_minor = cost_minor + 1 where id = $1', [call.id])
    await client.query(
      `insert into bids (tenant_id, call_id, campaign_id, buyer_id, amount_minor, expires_at) values ($1, $2, $3, $4, 100, now() + interval '1 hour')`,
      [call.tenant_id, call.id, call.campaign_id, call.buyer_id],
    )
    const startedAt = performance.now()
    await client.query('commit')
    return performance.now() - startedAt
  }

  /** Enables or disables the triggers of the invalidation log. The triggers of the rollups stay unchanged. */
  async switchTriggers(state: 'disable' | 'enable always'): Promise<void> {
    const { rows } = await this.administrator.query<{ table: string; trigger: string }>(
      `select tgrelid::regclass::text as table, tgname as trigger from pg_trigger join pg_proc on pg_proc.oid = tgfoid
       where pronamespace = 'cache'::regnamespace and not tgisinternal`,
    )
    if (rows.length === 0) throw new Error('Expected tables with triggers of the invalidation log, found none.')
    for (const { table, trigger } of rows) await this.administrator.query(`alter table ${table} ${state} trigger "${trigger}"`)
  }

  async close(): Promise<void> {
    for (const client of this.#clients) await client.end()
  }

  async #walPosition(): Promise<number> {
    const { rows } = await this.administrator.query<{ bytes: string }>(
      `select pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0') as bytes`,
    )
    return Number(rows[0]?.bytes)
  }
}

async function connect(url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url })
  // If a server stops after a failure, its clients emit an error. Without a listener, that error would end the process and hide the cause.
  client.on('error', () => undefined)
  await client.connect()
  return client
}
