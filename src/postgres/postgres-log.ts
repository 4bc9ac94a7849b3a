import type { Entity } from '../cache/entity.ts'
import type { InvalidationLog, LogRow, Unwatched } from '../cache/invalidation-log.ts'

export type QueryLogRow = Readonly<Record<string, unknown>>

/** One connection, as the log needs it: statements run one after the other. */
export interface QueryLog {
  /** @param deadlineMs After this the promise rejects, whatever the network does; undefined: no deadline of its own. */
  run(statement: string, parameters: readonly unknown[], deadlineMs?: number): Promise<readonly QueryLogRow[]>
  close(): Promise<void>
}

const COLUMNS = 'seq, epoch, tags, at, extract(epoch from clock_timestamp())::float8 * 1000 as now'
const TRIM_BATCH_ROWS = 1000
const MOST_TRIM_BATCHES = 100

/** The invalidation log in the database: see migrations/0004-invalidation-log.ts for what its functions do. */
export class PostgresLog implements InvalidationLog {
  readonly #connection: QueryLog

  constructor(connection: QueryLog) {
    this.#connection = connection
  }

  async sync(from: number | null, limit: number, deadlineMs: number, onTime?: (now: number) => void): Promise<readonly LogRow[]> {
    const rows =
      from === null
        ? await this.#connection.run(`select ${COLUMNS} from cache.recent($1)`, [limit], deadlineMs)
        : await this.#connection.run(`select ${COLUMNS} from cache.sync($1, $2)`, [from, limit], deadlineMs)
    const now = rows.at(-1)?.['now']
    if (now !== undefined) onTime?.(Number(now))
    return rows.map(({ seq, epoch, tags, at }) => ({
      seq: Number(seq),
      epoch: String(epoch),
      at: Date.parse(String(at)),
      tags: tags as readonly string[],
    }))
  }

  async append(tags: readonly string[]): Promise<void> {
    await this.#connection.run('insert into cache.pending (tags) values ($1)', [[...tags]])
  }

  async bump(deadlineMs: number): Promise<void> {
    await this.#connection.run('select cache.bump()', [], deadlineMs)
  }

  async unwatched(entities: readonly Entity[]): Promise<readonly Unwatched[]> {
    const watched = await this.#connection.run(
      'select type, table_name, tenant_column, id_column, dimensions, listed from cache.watched',
      [],
    )
    const broken = await this.#connection.run('select type, reason from cache.broken_watches()', [])
    const declared = new Map(watched.map((row) => [row['type'], row]))
    const reasons = new Map(broken.map((row) => [row['type'], String(row['reason'])]))
    return entities.flatMap((entity) => {
      const known = declared.get(entity.type)
      const reason = known ? (reasons.get(entity.type) ?? differenceOf(entity, known)) : 'it is not watched: run the migrations'
      return reason === undefined ? [] : [{ type: entity.type, reason }]
    })
  }

  async trim(keepRows: number): Promise<void> {
    for (let batch = 0; batch < MOST_TRIM_BATCHES; batch++) {
      const [row] = await this.#connection.run('select cache.trim($1, $2) as removed', [keepRows, TRIM_BATCH_ROWS])
      if (Number(row?.['removed'] ?? 0) === 0) return
    }
  }

  close(): Promise<void> {
    return this.#connection.close()
  }
}

function differenceOf(entity: Entity, row: QueryLogRow): string | undefined {
  const declared = [entity.table, entity.tenantColumn, entity.idColumn]
  const installed = [
    row['table_name'] ?? row['tableName'],
    row['tenant_column'] ?? row['tenantColumn'] ?? null,
    row['id_column'] ?? row['idColumn'] ?? null,
  ]
  // A newer release may have added some: what this one needs is still emitted, so it goes on caching.
  const isEmitted = (columns: readonly string[], emitted: unknown) =>
    Array.isArray(emitted) && columns.every((column) => emitted.includes(column))
  return JSON.stringify(declared) === JSON.stringify(installed) &&
    isEmitted(entity.dimensions, row['dimensions']) &&
    isEmitted(entity.listed, row['listed'])
    ? undefined
    : 'its declaration is not the one that its triggers were made from: run the migrations'
}
