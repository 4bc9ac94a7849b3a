import { sqlState } from './failure.ts'

const UNIQUE_VIOLATION = '23505'

/**
 * Runs a write and returns the result of the write. If the named unique constraint or index refuses the write, returns the result of
 * `taken` instead. So if two callers store the same unique value at the same moment, only one of them succeeds. Any other error is thrown.
 * @param constraint Name of the constraint or index.
 * @param write Runs the write in its own transaction. This transaction is rolled back after the violation, because it accepts no more
 * statements.
 */
export async function unlessTaken<Result, Taken>(
  constraint: string,
  write: () => Promise<Result>,
  taken: () => Taken,
): Promise<Result | Taken> {
  try {
    return await write()
  } catch (error) {
    if (sqlState(error) !== UNIQUE_VIOLATION || constraintOf(error) !== constraint) throw error
    return taken()
  }
}

function constraintOf(error: unknown): unknown {
  return error instanceof Error && 'constraint' in error ? error.constraint : undefined
}
