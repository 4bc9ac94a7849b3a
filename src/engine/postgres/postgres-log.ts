import type { InvalidationLog, LogRow, Unwatched } from '../cache/log/invalidation-log.ts'
import type { Entity } from '../cache/model/entity.ts'
import type { WriteCause } from '../cache/model/write-cause.ts'

export type QueryLogRow = Readonly<Record<string, unknown>>

/** Connection of the invalidation log. Its statements run one after the other. */
export interface QueryLog {
  /** Runs a statement. @param deadlineMs Time after which the promise rejects, whatever the network does; undefined means no deadline. */
  run(statement: string, parameters: readonly unknown[], deadlineMs?: number): Promise<readonly QueryLogRow[]>
  close(): Promise<void>
}

const COLUMNS = 'seq, epoch, tags, at, causes, extract(epoch from clock_timestamp())::float8 * 1000 as now'
const TRIM_BATCH_ROWS = 1000
const MAX_TRIM_BATCHES = 100

/** The invalidation log in Postgres: see migrations/0004-invalidation-log.ts and the later migrations for its functions. */
export class PostgresLog implements InvalidationLog {
  readonly #connection: QueryLog

  constructor(connection: QueryLog) {
    this.#connection = connection
  }

  async sync(from: number | null, limit: number, deadlineMs: number, onTime?: (now: number) => void): Promise<readonly LogRow[]> {
    const rows =
      from === null
        ? await this.#connection.run(`select ${COLUMNS} from cache.newest($1)`, [limit], deadlineMs)
        : await this.#connection.run(`select ${COLUMNS} from cache.follow($1, $2)`, [from, limit], deadlineMs)
    const now = rows.at(-1)?.['now']
    if (now !== undefined) onTime?.(Number(now))
    return rows.map(({ seq, epoch, tags, at, causes }) => ({
      seq: Number(seq),
      epoch: String(epoch),
      at: Date.parse(String(at)),
      tags: tags as readonly string[],
      causes: causes as readonly WriteCause[],
    }))
  }

  async append(tags: readonly string[], cause: string): Promise<void> {
    await this.#connection.run('insert into cache.pending (tags, cause) values ($1, $2)', [[...tags], cause])
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
    for (let batch = 0; batch < MAX_TRIM_BATCHES; batch++) {
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
  // A newer release may have made the triggers emit tags for more columns. As long as the triggers also emit the tags that this release
  // needs, this release caches the type.
  const isEmitted = (columns: readonly string[], emitted: unknown) =>
    Array.isArray(emitted) && columns.every((column) => emitted.includes(column))
  return JSON.stringify(declared) === JSON.stringify(installed) &&
    isEmitted(entity.dimensions, row['dimensions']) &&
    isEmitted(entity.listed, row['listed'])
    ? undefined
    : 'its declaration is not the one that its triggers were made from: run the migrations'
}
