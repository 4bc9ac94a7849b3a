import type { statementRunner } from '../../engine/postgres/run-statement.ts'

/** Identity of a row of the invalidation log. */
export interface LogPosition {
  readonly epoch: string
  readonly seq: number
  /** Time at which the row was written, by the clock of the database, Unix epoch ms. */
  readonly at: number
}

/** A row of the invalidation log. */
export interface PurgedRow extends LogPosition {
  readonly tags: readonly string[]
}

export interface PurgeCursorOptions {
  readonly run: ReturnType<typeof statementRunner>
  /** Identity of the edge. */
  readonly edge: string
  /** Identity of this process. */
  readonly holder: string
  /** Duration of the lease, ms. */
  readonly leaseMs: number
}

const ROW = `epoch, seq::float8 as seq, round(extract(epoch from at) * 1000)::float8 as at, tags`
/** Time after which the cursor of an edge that no process purges is deleted. The edge is then purged of everything when it comes back. */
const FORGOTTEN_AFTER = `interval '30 days'`

/**
 * Position of the invalidation log up to which an edge is purged, in PostgreSQL, with a lease: one process at a time holds the cursor. All
 * times are those of the database.
 */
export class PurgeCursor {
  readonly #options: PurgeCursorOptions

  constructor(options: PurgeCursorOptions) {
    this.#options = options
  }

  /** Makes the cursor known. Cursors that nobody uses any more are deleted. */
  async create(): Promise<void> {
    const { run, edge } = this.#options
    await run(`delete from cache_edge_purges where edge <> $1 and held_until < clock_timestamp() - ${FORGOTTEN_AFTER}`, [edge])
    await run('insert into cache_edge_purges (edge, held_until) values ($1, clock_timestamp()) on conflict do nothing', [edge])
  }

  /**
   * Takes the cursor, unless another process holds it. Returns undefined if another process does. Otherwise returns the position up to
   * which everything is purged; null if the edge was never purged.
   */
  async take(): Promise<LogPosition | null | undefined> {
    const { run, edge, holder, leaseMs } = this.#options
    const [row] = await run(
      `update cache_edge_purges set holder = $2, held_until = clock_timestamp() + $3::float8 * interval '1 ms'
       where edge = $1 and (holder is null or holder = $2 or held_until < clock_timestamp())
       returning epoch, log_position::float8 as seq, round(extract(epoch from row_at) * 1000)::float8 as at`,
      [edge, holder, leaseMs],
    )
    return row && positionOf(row)
  }

  /** Prolongs the lease. Returns false if this process does not hold the cursor any more. */
  async renew(): Promise<boolean> {
    const { run, edge, holder, leaseMs } = this.#options
    const rows = await run(
      `update cache_edge_purges set held_until = clock_timestamp() + $3::float8 * interval '1 ms'
       where edge = $1 and holder = $2 returning 1 as held`,
      [edge, holder, leaseMs],
    )
    return rows.length > 0
  }

  /** Moves the cursor. Returns false, and moves nothing, if this process does not hold the cursor any more. */
  async advance({ epoch, seq, at }: LogPosition): Promise<boolean> {
    const { run, edge, holder } = this.#options
    const rows = await run(
      `update cache_edge_purges set epoch = $3, log_position = $4, row_at = to_timestamp($5::float8 / 1000)
       where edge = $1 and holder = $2 returning 1 as held`,
      [edge, holder, epoch, seq, at],
    )
    return rows.length > 0
  }

  /** Gives the cursor back, so that another process takes it at once. */
  async release(): Promise<void> {
    const { run, edge, holder } = this.#options
    await run('update cache_edge_purges set holder = null, held_until = clock_timestamp() where edge = $1 and holder = $2', [edge, holder])
  }

  /** Returns the position up to which the edge is purged; null if it was never purged. */
  async position(): Promise<LogPosition | null> {
    const { run, edge } = this.#options
    const [row] = await run(
      `select epoch, log_position::float8 as seq, round(extract(epoch from row_at) * 1000)::float8 as at
       from cache_edge_purges where edge = $1`,
      [edge],
    )
    return row ? positionOf(row) : null
  }

  /**
   * Returns the rows of the log after a position, oldest first. Returns undefined if the log does not continue from there: the row is
   * trimmed, or the log is another one after a restore.
   */
  async rowsAfter(position: LogPosition, limit: number): Promise<readonly PurgedRow[] | undefined> {
    const rows = await this.#options.run(`select ${ROW} from cache.log where seq >= $1 order by seq limit $2`, [position.seq, limit + 1])
    const [known, ...news] = rows.map(rowOf)
    return known?.seq === position.seq && known.epoch === position.epoch && known.at === position.at ? news : undefined
  }

  /** Returns the newest row of the log. @throws if the log is empty. */
  async newestRow(): Promise<PurgedRow> {
    const [row] = await this.#options.run(`select ${ROW} from cache.log order by seq desc limit 1`, [])
    if (!row) throw new Error('The invalidation log is empty: run the migrations.')
    return rowOf(row)
  }
}

function positionOf(row: Readonly<Record<string, unknown>>): LogPosition | null {
  return row['seq'] === null ? null : { epoch: String(row['epoch']), seq: Number(row['seq']), at: Number(row['at']) }
}

function rowOf(row: Readonly<Record<string, unknown>>): PurgedRow {
  return { epoch: String(row['epoch']), seq: Number(row['seq']), at: Number(row['at']), tags: row['tags'] as readonly string[] }
}
