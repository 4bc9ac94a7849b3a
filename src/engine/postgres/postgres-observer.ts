import type { Dialect, Driver } from 'kysely'
import type { OpenStep } from '../cache/index.ts'
import { inStep } from '../cache/model/open-step.ts'

/** The configured server; its members are undefined for the embedded database. The values contain no credentials. */
export interface PostgresServer {
  readonly address: string | undefined
  readonly port: number | undefined
  readonly database: string | undefined
}

/** Observes the statements that are run through Kysely. Without an observer, nothing is recorded and nothing is paid. */
export interface PostgresObserver {
  /** Called when a statement begins. @param statement Text of the statement, with placeholders in place of the parameters. */
  beginStatement(statement: string, server: PostgresServer): OpenStep
}

/** Returns a dialect whose connections report each statement to the observer. */
export function observedDialect(dialect: Dialect, observer: PostgresObserver, server: PostgresServer): Dialect {
  return {
    createDriver: () => observedDriver(dialect.createDriver(), observer, server),
    createQueryCompiler: () => dialect.createQueryCompiler(),
    createAdapter: () => dialect.createAdapter(),
    createIntrospector: (db) => dialect.createIntrospector(db),
  }
}

/** Changes a driver so that its connections report each statement. The driver releases only connections that it made, so none is wrapped. */
function observedDriver(driver: Driver, observer: PostgresObserver, server: PostgresServer): Driver {
  const observed = new WeakSet<object>()
  const acquire = driver.acquireConnection.bind(driver)
  driver.acquireConnection = async (options) => {
    const connection = await acquire(options)
    if (observed.has(connection)) return connection
    observed.add(connection)
    const execute = connection.executeQuery.bind(connection)
    connection.executeQuery = <Row>(...[query, given]: Parameters<typeof execute>) =>
      inStep(observer.beginStatement(query.sql, server), () => execute<Row>(query, given))
    return connection
  }
  return driver
}
