import { AsyncLocalStorage } from 'node:async_hooks'
import {
  CompiledQuery,
  type DatabaseConnection,
  type Driver,
  PGliteDialect,
  type PGliteDialectConfig,
  PGliteDriver,
  PostgresDriver,
  type TransactionSettings,
} from 'kysely'
import { WITH_NEXT } from './prepared-statement.ts'

/**
 * Cause of the transaction that the running code begins. Kysely gives the driver nothing but the isolation level and the access mode, so
 * the cause reaches the driver this way.
 */
const causes = new AsyncLocalStorage<string>()

/**
 * Runs `begin`, which begins a transaction on a database of {@link openDatabase}. The rows that the transaction adds to the invalidation
 * log then carry the cause: see the column `cause` of migration 0013-write-causes.
 */
export function withCause<Result>(cause: string | undefined, begin: () => Promise<Result>): Promise<Result> {
  return cause === undefined ? begin() : causes.run(cause, begin)
}

/** Characters that mean nothing in a string of SQL, whatever the settings of the session are. */
const PLAIN = /^[A-Za-z0-9 _.:-]+$/

const setCause = (cause: string) => CompiledQuery.raw("select set_config('tidegate.cause', $1, true)", [cause])

/** Begins transactions with their cause, in the round trip of their first statement. */
export class CausePostgresDriver extends PostgresDriver {
  override async beginTransaction(connection: DatabaseConnection, settings: TransactionSettings): Promise<void> {
    const cause = causes.getStore()
    if (cause === undefined) return super.beginTransaction(connection, settings)
    if (PLAIN.test(cause) && settings.isolationLevel === undefined && settings.accessMode === undefined) {
      await connection.executeQuery(CompiledQuery.raw(`${WITH_NEXT}begin; set local tidegate.cause = '${cause}'`))
      return
    }
    // Text from a person is sent as a parameter, never as a part of a statement.
    await super.beginTransaction(connection, settings)
    await orRollBack(this, connection, connection.executeQuery(setCause(cause)))
  }
}

/** Begins transactions of the embedded database with their cause. */
class CausePGliteDriver extends PGliteDriver {
  override async beginTransaction(connection: Parameters<PGliteDriver['beginTransaction']>[0]): Promise<void> {
    const cause = causes.getStore()
    await super.beginTransaction(connection)
    if (cause !== undefined) await orRollBack(this, connection, connection.executeQuery(setCause(cause)))
  }
}

export class CausePGliteDialect extends PGliteDialect {
  readonly #config: PGliteDialectConfig

  constructor(config: PGliteDialectConfig) {
    super(config)
    this.#config = config
  }

  override createDriver(): Driver {
    return new CausePGliteDriver(this.#config)
  }
}

/** Kysely does not roll back a transaction that could not begin. */
async function orRollBack<Connection>(
  driver: { rollbackTransaction(connection: Connection): Promise<void> },
  connection: Connection,
  statement: Promise<unknown>,
): Promise<void> {
  try {
    await statement
  } catch (error) {
    await driver.rollbackTransaction(connection).catch(() => undefined)
    throw error
  }
}
