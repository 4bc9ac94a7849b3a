import { CamelCasePlugin, CompiledQuery, type Dialect, Kysely, PGliteDialect, PostgresAdapter, PostgresDialect, sql } from 'kysely'
import type pg from 'pg'
import type { InvalidationLog } from '../cache/invalidation-log.ts'
import { pgTypes, scalarParsers } from './column-types.ts'
import { within } from './deadline.ts'
import { DedicatedConnection } from './dedicated-connection.ts'
import { lockFolder } from './folder-lock.ts'
import { PostgresLog, type QueryLog, type QueryLogRow } from './postgres-log.ts'
import { prepare } from './session-settings.ts'
import type { Database } from './tables.ts'
import { VerifiedPool } from './verified-pool.ts'

export interface OpenDatabaseOptions {
  /** Of a PostgreSQL server; without it the embedded one is opened. */
  readonly url?: string
  /** Where the embedded database is kept; null: in memory. */
  readonly dataDir?: string | null
  readonly poolSize: number
  readonly statementTimeoutMs: number
  /** Told of errors on connections that nobody is using. */
  readonly onError: (error: Error) => void
}

export interface DatabaseHandle {
  readonly db: Kysely<Database>
  readonly embedded: boolean
  /** The invalidation log, on a connection of its own where there can be one. */
  openLog(): InvalidationLog
  /**
   * Asks on a connection of its own where there can be one: statements that wait for a lock do not hold it up.
   * @throws when the database does not answer within the deadline, ms.
   */
  ping(deadlineMs: number): Promise<unknown>
  /** Runs `work` where no statement is timed out: migrations wait for locks, and for one another. */
  unhurried<Result>(work: (db: Kysely<Database>) => Promise<Result>): Promise<Result>
  /** The database's history changed: connections opened before are closed as soon as they are free. */
  renewConnections(): void
  close(): Promise<void>
}

const CONNECT_TIMEOUT_MS = 3000
/** The log's users have deadlines of their own, far shorter: this one ends what nobody waits for any more. */
const LOG_STATEMENT_TIMEOUT_MS = 30_000

/**
 * Opens the database. A PostgreSQL server is connected to when it is first asked; the embedded one takes a moment.
 * @throws GatewayError CONFIGURATION when another process uses the folder.
 */
export async function openDatabase(options: OpenDatabaseOptions): Promise<DatabaseHandle> {
  return options.url === undefined ? openEmbedded(options.dataDir ?? null) : openServer(options.url, options)
}

function openServer(url: string, { poolSize, statementTimeoutMs, onError }: OpenDatabaseOptions): DatabaseHandle {
  const connection: pg.ClientConfig = {
    connectionString: url,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    application_name: 'tidegate',
    types: pgTypes,
    keepAlive: true,
  }
  const pool = new VerifiedPool({ connection, poolSize, statementTimeoutMs, onError })
  const db = openKysely(new ServerDialect({ pool }))
  const probe = new DedicatedConnection({ ...connection, application_name: 'tidegate-ready' }, (client) =>
    prepare(client, CONNECT_TIMEOUT_MS),
  )
  return {
    db,
    embedded: false,
    openLog: () =>
      new PostgresLog(
        new DedicatedConnection({ ...connection, application_name: 'tidegate-log' }, (client) => prepare(client, LOG_STATEMENT_TIMEOUT_MS)),
      ),
    ping: (deadlineMs) => probe.run('select 1', [], deadlineMs),
    unhurried: async (work) => {
      const patient = openKysely(new ServerDialect({ pool: new VerifiedPool({ connection, poolSize: 1, statementTimeoutMs: 0, onError }) }))
      return work(patient).finally(() => patient.destroy())
    },
    renewConnections: () => pool.renew(),
    close: async () => {
      await probe.close()
      await db.destroy()
    },
  }
}

async function openEmbedded(folder: string | null): Promise<DatabaseHandle> {
  const lock = folder === null ? undefined : await lockFolder(folder)
  const { PGlite } = await import('@electric-sql/pglite')
  const pglite = await PGlite.create({ dataDir: folder ?? 'memory://', parsers: { ...scalarParsers } })
  const db = openKysely(new PGliteDialect({ pglite }))
  const query: QueryLog = {
    run: async (statement, parameters, deadlineMs) => {
      const work = db.executeQuery<QueryLogRow>(CompiledQuery.raw(statement, [...parameters]))
      return (await (deadlineMs === undefined ? work : within(deadlineMs, work))).rows
    },
    close: async () => undefined,
  }
  return {
    db,
    embedded: true,
    openLog: () => new PostgresLog(query),
    ping: (deadlineMs) => within(deadlineMs, sql`select 1`.execute(db)),
    unhurried: (work) => work(db),
    renewConnections: () => undefined,
    close: async () => {
      await db.destroy()
      await lock?.release()
    },
  }
}

function openKysely(dialect: Dialect): Kysely<Database> {
  return new Kysely<Database>({ dialect, plugins: [new CamelCasePlugin()] })
}

/** Kysely's lock for migrations belongs to a session, which a pooler shares out by the transaction: see migrations.ts for ours. */
class ServerDialect extends PostgresDialect {
  override createAdapter(): PostgresAdapter {
    return new LocklessAdapter()
  }
}

class LocklessAdapter extends PostgresAdapter {
  override async acquireMigrationLock(): Promise<void> {}
  override async releaseMigrationLock(): Promise<void> {}
}
