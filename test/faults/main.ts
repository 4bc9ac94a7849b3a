import { writeFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import type { Fault, FaultResult } from './fault.ts'
import { FaultRun } from './fault-run.ts'
import { findFaults } from './find-faults.ts'
import { checkPrograms } from './required-programs.ts'

const USAGE = 'Usage: npm run test:faults -- [--only F3,F4] [--quick] [--minutes 10] [--at-once 1] [--seed 1] [--json file]'

interface Verdict {
  readonly id: string
  readonly title: string
  readonly passed: boolean
  /** Why the fault failed or was skipped. */
  readonly reason: string | undefined
  readonly seconds: number
  readonly result: FaultResult | undefined
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      only: { type: 'string' },
      quick: { type: 'boolean' },
      minutes: { type: 'string' },
      'at-once': { type: 'string', default: '1' },
      seed: { type: 'string' },
      json: { type: 'string' },
    },
  })
  const only = values.only?.split(',')
  const all = await findFaults()
  const unknown = only?.filter((id) => !all.some((fault) => fault.id === id)) ?? []
  if (unknown.length > 0) throw new Error(`There is no fault ${unknown.join(', ')}. ${USAGE}`)
  await checkPrograms()
  // Each has servers of its own. A fault waits for timeouts and restarts most of the time, so two at once hardly disturb each other.
  const minutes = values.minutes === undefined ? {} : { minutes: Number(values.minutes) }
  const settings = { quick: values.quick ?? false, seed: Number(values.seed ?? 1), ...minutes }
  const runs = Array.from({ length: Number(values['at-once']) }, () => new FaultRun(settings))
  if (runs.length === 0) throw new Error(`Expected --at-once of 1 or more. ${USAGE}`)
  const end = () => Promise.all(runs.map((run) => run.end()))
  const interrupted = () => void end().finally(() => process.exit(130))
  process.once('SIGINT', interrupted)
  process.once('SIGTERM', interrupted)
  const verdicts: Verdict[] = []
  try {
    let waiting = all.filter(({ id }) => !only || only.includes(id))
    const settle = async (fault: Fault, run: FaultRun) => {
      const verdict = await judge(fault, run)
      verdicts.push(verdict)
      print(describe(verdict))
    }
    const work = async (run: FaultRun) => {
      for (let fault = waiting.shift(); fault; fault = waiting.shift()) await settle(fault, run)
    }
    // What compares latencies runs first, before anything runs beside it.
    const [first] = runs
    const besideNothing = waiting.filter(({ isAlone }) => isAlone)
    waiting = waiting.filter(({ isAlone }) => !isAlone)
    if (first) for (const fault of besideNothing) await settle(fault, first)
    await Promise.all(runs.map(work))
  } finally {
    await end()
  }
  const failed = verdicts.filter(({ passed }) => !passed)
  print(
    `${verdicts.length - failed.length} of ${verdicts.length} faults survived${failed.length > 0 ? `; not ${failed.map(({ id }) => id).join(', ')}` : ''}`,
  )
  if (values.json !== undefined) await writeFile(values.json, `${JSON.stringify(verdicts, null, 2)}\n`)
  return failed.length > 0 ? 1 : 0
}

async function judge(fault: Fault, run: FaultRun): Promise<Verdict> {
  const { id, title } = fault
  const startedAt = performance.now()
  const seconds = () => Math.round((performance.now() - startedAt) / 100) / 10
  try {
    const result = await run.run(fault)
    const [first] = result.firstAnomalies
    const reason = result.anomalies > 0 ? `${result.anomalies} anomalies, the first: ${first}` : undefined
    return { id, title, passed: reason === undefined, reason, seconds: seconds(), result }
  } catch (error) {
    return {
      id,
      title,
      passed: false,
      reason: error instanceof Error ? error.message : String(error),
      seconds: seconds(),
      result: undefined,
    }
  }
}

function describe({ id, title, passed, reason, seconds, result }: Verdict): string {
  const parts = [`${passed ? 'pass' : 'FAIL'} ${id.padEnd(4)}${title}`]
  if (result) {
    parts.push(`${result.operations} operations`, `${result.anomalies} anomalies`)
    if (result.recoveryMs !== undefined) parts.push(`recovered in ${Math.round(result.recoveryMs)} ms`)
    for (const [name, figure] of Object.entries(result.figures ?? {})) if (figure !== 0) parts.push(`${name} ${figure}`)
  }
  parts.push(`${seconds} s`)
  return `${parts.join(' | ')}${reason === undefined ? '' : `\n     ${reason}`}`
}

function print(line: string): void {
  process.stdout.write(`${line}\n`)
}

main().then(
  (exitCode) => process.exit(exitCode),
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : error}\n`)
    process.exit(2)
  },
)
