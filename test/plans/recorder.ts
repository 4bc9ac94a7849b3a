import pg from 'pg'
import { type PlannedStatement, parseNotice } from './plan.ts'

/** Settings of a session in which the database tells the plan of every statement, also of those within functions and triggers. */
const SETTINGS: Readonly<Record<string, string>> = {
  session_preload_libraries: 'auto_explain',
  'auto_explain.log_min_duration': '0',
  'auto_explain.log_analyze': 'on',
  'auto_explain.log_timing': 'off',
  'auto_explain.log_nested_statements': 'on',
  'auto_explain.log_format': 'json',
  'auto_explain.log_level': 'notice',
  // A sequential scan that is avoided counts as so expensive that its statement would be compiled, which takes longer than a gateway waits.
  jit: 'off',
}

/**
 * Makes the sessions of a database tell their plans.
 * @param isSeqScanAvoided True to take a sequential scan only where no index fits.
 */
export async function tellPlans(client: pg.Client, database: string, isSeqScanAvoided: boolean): Promise<void> {
  for (const [name, value] of Object.entries({ ...SETTINGS, enable_seqscan: isSeqScanAvoided ? 'off' : 'on' }))
    await client.query(`alter database ${database} set ${name} = '${value}'`)
}

/** Calls `onStatement` with each statement that any connection of this process runs from now on. @returns a function that ends it. */
export function recordPlans(onStatement: (statement: PlannedStatement) => void): () => void {
  const prototype = pg.Client.prototype
  const connect = prototype.connect
  prototype.connect = function (this: pg.Client, ...given: never[]) {
    this.on('notice', ({ message }) => {
      const statement = parseNotice(message ?? '')
      if (statement) onStatement(statement)
    })
    return connect.apply(this, given as never)
  } as typeof connect
  return () => {
    prototype.connect = connect
  }
}
