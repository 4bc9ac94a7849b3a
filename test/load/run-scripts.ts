/** Runs the scripts in its arguments, and prints their errors as JSON. */

import { pathToFileURL } from 'node:url'
import { LoadError } from '../../load/load-error.ts'
import { runTest } from '../../load/run/run-test.ts'

const outcomes = []
for (const [index, file] of process.argv.slice(2).entries()) outcomes.push(await outcomeOf(file, `script${index}`))
process.stdout.write(JSON.stringify(outcomes))

async function outcomeOf(file: string, run: string) {
  const env = { BASE_URL: 'http://127.0.0.1:1' }
  const signal = new AbortController().signal
  try {
    const result = await runTest({ script: pathToFileURL(file), env, run, signal, onProgress: () => undefined, onFailure: () => undefined })
    result.close()
    return described(result.aborted)
  } catch (error) {
    return described(error)
  }
}

function described(error: unknown) {
  return error instanceof LoadError ? { code: error.code, exitCode: error.exitCode, message: error.message } : { message: String(error) }
}
