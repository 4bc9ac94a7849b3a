import { writeFile } from 'node:fs/promises'
import { LoadError } from '../load-error.ts'
import type { TestResult } from '../run/run-test.ts'
import { type CheckRow, compactSummary } from './compact.ts'
import { summaryData, summaryInput } from './summary-data.ts'

/**
 * Writes the texts that the script's `handleSummary` returns to the places that their keys name: `stdout`, `stderr`, or file paths. Without
 * a `handleSummary`, prints the compact summary.
 */
export async function writeSummary(result: TestResult, checks: readonly CheckRow[]): Promise<void> {
  const { handleSummary } = result.setupUser
  if (typeof handleSummary !== 'function') {
    process.stdout.write(compactSummary(summaryInput(result, checks)))
    return
  }
  const outputs: unknown = await handleSummary(summaryData(result, checks))
  if (typeof outputs !== 'object' || outputs === null)
    throw new LoadError(
      'SCRIPT_FAILED',
      `handleSummary: expected an object with file paths as keys and texts as values, got ${JSON.stringify(outputs)}.`,
    )
  for (const [path, text] of Object.entries(outputs)) {
    if (typeof text !== 'string')
      throw new LoadError('SCRIPT_FAILED', `handleSummary: expected a text for the path ${path}, got a value of the type ${typeof text}.`)
    if (path === 'stdout') process.stdout.write(text)
    else if (path === 'stderr') process.stderr.write(text)
    else await writeFile(path, text)
  }
}
