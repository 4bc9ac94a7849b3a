import type { Dialect, Driver } from 'kysely'

/** Measures the statements of a dialect. A statement that the database refused counts, too. */
export class StatementTimes {
  #listener: (ms: number) => void = () => undefined

  /** Sets the listener that is called after each statement, with its duration, ms. */
  setListener(listener: (ms: number) => void): void {
    this.#listener = listener
  }

  /** Returns the dialect with connections that are measured. */
  measure(dialect: Dialect): Dialect {
    return {
      createDriver: () => this.#measured(dialect.createDriver()),
      createQueryCompiler: () => dialect.createQueryCompiler(),
      createAdapter: () => dialect.createAdapter(),
      createIntrospector: (db) => dialect.createIntrospector(db),
    }
  }

  /** Changes a driver so that its connections are measured. The driver releases only connections that it made, so none is wrapped. */
  #measured(driver: Driver): Driver {
    const measured = new WeakSet<object>()
    const acquire = driver.acquireConnection.bind(driver)
    driver.acquireConnection = async (options) => {
      const connection = await acquire(options)
      if (measured.has(connection)) return connection
      measured.add(connection)
      const execute = connection.executeQuery.bind(connection)
      connection.executeQuery = async <Row>(...given: Parameters<typeof execute>) => {
        const start = performance.now()
        try {
          return await execute<Row>(...given)
        } finally {
          this.#listener(performance.now() - start)
        }
      }
      return connection
    }
    return driver
  }
}
