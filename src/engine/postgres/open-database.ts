import {
  CamelCasePlugin,
  CompiledQuery,
  type Dialect,
  type Driver,
  Kysely,
  PostgresAdapter,
  PostgresDialect,
  type PostgresDialectConfig,
  sql,
} from 'kysely'
import pg from 'pg'
import { GatewayError, isNotInstalled } from '../../errors.ts'
import type { InvalidationLog } from '../cache/log/invalidation-log.ts'
import { pgTypes, scalarParsers } from './column-types.ts'
import { type DatabaseFigures, readDatabaseFigures } from './database-figures.ts'
import { within } from './deadline.ts'
import { DedicatedConnection } from './dedicated-connection.ts'
import { lockFolder } from './folder-lock.ts'
import { PostgresLog, type QueryLog, type QueryLogRow } from './postgres-log.ts'
import { observedDialect, type PostgresObserver, type PostgresServer } from './postgres-observer.ts'
import { statementRunner } from './run-statement.ts'
import { prepare } from './session-settings.ts'
import { StatementTimes } from './statement-times.ts'
import { CausePGliteDialect, CausePostgresDriver } from './transaction-cause.ts'
import { VerifiedPool } from './verified-pool.ts'
import { createWhole } from './whole-folder.ts'

export interface OpenDatabaseOptions {
  /** Connection string of a PostgreSQL server. Without it the embedded database is opened, which needs `@electric-sql/pglite`. */
  readonly url?: string
  /** Folder of the embedded database; null keeps the database in memory. */
  readonly dataDir?: string | null
  readonly poolSize: number
  readonly statementTimeoutMs: number
  /** Called with an error of a connection that is idle in the pool. */
  readonly onError: (error: Error) => void
  /** Observes the statements, for example to trace them. Statements of the invalidation log are not observed. Default: none. */
  readonly observer?: PostgresObserver | undefined
}

/** An open database. `Tables` maps table names to row types for Kysely. */
export interface DatabaseHandle<Tables = unknown> {
  readonly db: Kysely<Tables>
  readonly embedded: boolean
  /** Opens the invalidation log, on a dedicated connection unless the database is embedded. */
  openLog(): InvalidationLog
  /**
   * Checks that the database responds. Uses a dedicated connection unless the database is embedded, so that statements that wait for a lock
   * do not delay the check.
   * @throws when the database does not answer within the deadline, ms.
   */
  ping(deadlineMs: number): Promise<unknown>
  /**
   * Reads figures of the server and of the invalidation log, on the same connection as `ping`. The statement waits a fifth of a second for
   * locks at most.
   * @throws when the database does not answer within the deadline, ms.
   */
  readFigures(deadlineMs: number): Promise<DatabaseFigures>
  /**
   * Runs a statement that reads for an operator, on a dedicated connection unless the database is embedded. So however long it takes, it
   * holds no connection of the pool. Statements run one after the other.
   * @throws when the database does not answer within the deadline, ms.
   */
  runAside(statement: string, parameters: readonly unknown[], deadlineMs: number): Promise<readonly QueryLogRow[]>
  /**
   * Returns a function like `runAside`, with a connection of its own that is opened at the first use. `name` follows `tidegate-` in the name
   * that PostgreSQL shows for it. {@link close} closes it.
   */
  createRunner(name: string): DatabaseHandle['runAside']
  /** The connection pool; undefined if the database is embedded. */
  readonly pool: Pick<VerifiedPool, 'figures' | 'onConnected'> | undefined
  /**
   * Sets the listener that is called after each statement of {@link db}, with its duration, ms. The statements of the dedicated connections
   * are not measured.
   */
  onStatement(listener: (ms: number) => void): void
  /** Runs `work` without a statement timeout, because migrations wait for locks and for the migrations of other processes. */
  unhurried<Result>(work: (db: Kysely<Tables>) => Promise<Result>): Promise<Result>
  /** Marks all open connections as outdated: each is closed as soon as it is free. Called after the database timeline changed. */
  renewConnections(): void
  close(): Promise<void>
}

const CONNECT_TIMEOUT_MS = 3000
/**
 * Statement timeout of the connection for the invalidation log, ms. Callers have far shorter deadlines; this timeout ends statements whose
 * callers have given up.
 */
const LOG_STATEMENT_TIMEOUT_MS = 30_000
/** Statement timeout of the connections for operators and other purposes, ms. It ends statements whose callers have given up. */
const ASIDE_STATEMENT_TIMEOUT_MS = 6000

/**
 * Opens the database. A connection to a PostgreSQL server is opened only at the first query. The embedded database is started by this call,
 * which takes a moment.
 * @throws GatewayError CONFIGURATION when another process uses the folder, or the embedded database is not installed.
 */
export async function openDatabase<Tables>(options: OpenDatabaseOptions): Promise<DatabaseHandle<Tables>> {
  return options.url === undefined ? openEmbedded(options.dataDir ?? null, options.observer) : openServer(options.url, options)
}

function openServer<Tables>(url: string, { poolSize, statementTimeoutMs, onError, observer }: OpenDatabaseOptions): DatabaseHandle<Tables> {
  const connection: pg.ClientConfig = {
    connectionString: url,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    application_name: 'tidegate',
    types: pgTypes,
    keepAlive: true,
  }
  const pool = new VerifiedPool({ connection, verifyTimeoutMs: CONNECT_TIMEOUT_MS, poolSize, statementTimeoutMs, onError })
  const statements = new StatementTimes()
  const dialect = statements.measure(new ServerDialect({ pool }))
  const db = openKysely<Tables>(observer ? observedDialect(dialect, observer, serverOf(connection)) : dialect)
  const dedicated = (name: string, timeoutMs: number) =>
    new DedicatedConnection(
      { ...connection, application_name: `tidegate-${name}` },
      async (client) => void (await prepare(client, timeoutMs)),
    )
  const probe = dedicated('ready', CONNECT_TIMEOUT_MS)
  const aside = dedicated('figures', ASIDE_STATEMENT_TIMEOUT_MS)
  const runners: DedicatedConnection[] = []
  return {
    db,
    embedded: false,
    openLog: () => new PostgresLog(dedicated('log', LOG_STATEMENT_TIMEOUT_MS)),
    ping: (deadlineMs) => probe.run('select 1', [], deadlineMs),
    readFigures: (deadlineMs) => readDatabaseFigures((...query) => probe.run(...query), deadlineMs),
    runAside: (...query) => aside.run(...query),
    createRunner: (name) => {
      const runner = dedicated(name, ASIDE_STATEMENT_TIMEOUT_MS)
      runners.push(runner)
      return (...query) => runner.run(...query)
    },
    pool,
    onStatement: (listener) => statements.setListener(listener),
    unhurried: async (work) => {
      const patient = openKysely<Tables>(
        new ServerDialect({
          pool: new VerifiedPool({ connection, verifyTimeoutMs: CONNECT_TIMEOUT_MS, poolSize: 1, statementTimeoutMs: 0, onError }),
        }),
      )
      return work(patient).finally(() => patient.destroy())
    },
    renewConnections: () => pool.renew(),
    close: async () => {
      await Promise.all([aside, ...runners].map((each) => each.close()))
      await probe.close()
      await db.destroy()
    },
  }
}

async function openEmbedded<Tables>(folder: string | null, observer: PostgresObserver | undefined): Promise<DatabaseHandle<Tables>> {
  const { PGlite } = await importPGlite()
  const lock = folder === null ? undefined : await lockFolder(folder)
  const create = () => PGlite.create({ dataDir: folder ?? 'memory://', parsers: { ...scalarParsers } })
  const pglite = await (folder === null ? create() : createWhole(folder, create))
  const statements = new StatementTimes()
  const dialect = statements.measure(new CausePGliteDialect({ pglite }))
  const db = openKysely<Tables>(observer ? observedDialect(dialect, observer, WITHOUT_ADDRESS) : dialect)
  const query: QueryLog = {
    run: async (statement, parameters, deadlineMs) => {
      const work = db.executeQuery<QueryLogRow>(CompiledQuery.raw(statement, [...parameters]))
      return (await (deadlineMs === undefined ? work : within(deadlineMs, work))).rows
    },
    close: async () => undefined,
  }
  const runAside: DatabaseHandle['runAside'] = (statement, parameters, deadlineMs) =>
    within(deadlineMs, statementRunner(db)(statement, parameters))
  return {
    db,
    embedded: true,
    openLog: () => new PostgresLog(query),
    ping: (deadlineMs) => within(deadlineMs, sql`select 1`.execute(db)),
    readFigures: (deadlineMs) => readDatabaseFigures((...statement) => query.run(...statement), deadlineMs),
    runAside,
    createRunner: () => runAside,
    pool: undefined,
    onStatement: (listener) => statements.setListener(listener),
    unhurried: (work) => work(db),
    renewConnections: () => undefined,
    close: async () => {
      await db.destroy()
      await lock?.release()
    },
  }
}

const WITHOUT_ADDRESS: PostgresServer = { address: undefined, port: undefined, database: undefined }

/** Returns the address for observers, as the driver reads it from the configuration and the environment. */
function serverOf(connection: pg.ClientConfig): PostgresServer {
  try {
    const { host, port, database } = new pg.Client(connection)
    return { address: host, port, database }
  } catch {
    // The driver cannot read the address. The first statement fails for the same reason, and that failure is explained to the operator.
    return WITHOUT_ADDRESS
  }
}

/** Imports the embedded database. Its package is for development only: production images do not contain it. */
async function importPGlite(): Promise<typeof import('@electric-sql/pglite')> {
  try {
    return await import('@electric-sql/pglite')
  } catch (error) {
    if (!isNotInstalled(error, '@electric-sql/pglite')) throw error
    throw new GatewayError(
      'CONFIGURATION',
      'DATABASE_URL: not set, and the embedded database is not installed: set it to a PostgreSQL server, or run npm install @electric-sql/pglite.',
      { cause: error },
    )
  }
}

function openKysely<Tables>(dialect: Dialect): Kysely<Tables> {
  return new Kysely<Tables>({ dialect, plugins: [new CamelCasePlugin()] })
}

/**
 * Stores the cause of each transaction, and disables Kysely's migration lock. That lock belongs to a session, and a pooler shares sessions
 * between clients. migrate.ts takes its own lock.
 */
class ServerDialect extends PostgresDialect {
  readonly #config: PostgresDialectConfig

  constructor(config: PostgresDialectConfig) {
    super(config)
    this.#config = config
  }

  override createDriver(): Driver {
    return new CausePostgresDriver(this.#config)
  }

  override createAdapter(): PostgresAdapter {
    return new LocklessAdapter()
  }
}

class LocklessAdapter extends PostgresAdapter {
  override async acquireMigrationLock(): Promise<void> {}
  override async releaseMigrationLock(): Promise<void> {}
}
