import { isUnavailable } from '../../engine/postgres/failure.ts'
import type { DatabaseHandle } from '../../engine/postgres/open-database.ts'
import { GatewayError } from '../../errors.ts'
import type { RunStatement } from './run-statement.ts'

/** Maximum time of a statement that an operator waits for, ms. */
const DEADLINE_MS = 5000

/**
 * Returns a function that runs statements on the connection for operators, each with a deadline.
 * @throws GatewayError UNAVAILABLE at the deadline, and while the database cannot be reached.
 */
export function boundedReader(database: Pick<DatabaseHandle, 'runAside'>): RunStatement {
  return async (statement, parameters) => {
    try {
      return await database.runAside(statement, parameters, DEADLINE_MS)
    } catch (error) {
      if (!isUnavailable(error)) throw error
      const message =
        'The database did not answer in time: ask for less, such as a shorter time range or fewer items, or retry in a moment.'
      throw new GatewayError('UNAVAILABLE', message, { cause: error })
    }
  }
}
