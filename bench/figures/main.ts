/**
 * Measures the figures that docs/benchmarks.md publishes for a database with 1,000,000 bids: `npm run bench:figures`. Nothing else may run
 * on the machine. The measurement takes half an hour. With `--quick`, it takes some minutes, and the figures are less exact. With
 * `--sizing`, the script measures the coefficients of docs/sizing.md instead, which takes a quarter of an hour. The script prints Markdown,
 * and writes the reports of all runs to the folder `--out`.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import type { Report } from '../../load/report/write-report.ts'
import { publishedRuns, type Run, sizingRuns } from './runs.ts'
import { type Column, figuresTable } from './table.ts'

const ROOT = join(import.meta.dirname, '../..')

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    sizing: { type: 'boolean', default: false },
    rate: { type: 'string' },
    'low-rate': { type: 'string', default: '30' },
    out: { type: 'string', default: join(tmpdir(), 'tidegate-figures') },
  },
})
process.exitCode = await main()

async function main(): Promise<number> {
  const options = { isQuick: values.quick, rate: values.rate, lowRate: values['low-rate'] }
  const columns: Column[] = []
  let exitCode = 0
  for (const run of values.sizing ? sizingRuns(options) : publishedRuns(options)) {
    const { code, report } = await measured(run)
    columns.push({ title: run.title, report })
    if (code === 0 || (run.mayBeSlow && isRight(report))) continue
    process.stderr.write(`figures: "${run.title}" ended with ${code}\n`)
    exitCode = 1
  }
  process.stdout.write(`${figuresTable(columns)}\n`)
  for (const { report } of columns) for (const { second, what } of report.faults) process.stdout.write(`${second.toFixed(0)} s: ${what}\n`)
  return exitCode
}

function isRight({ costs }: Report): boolean {
  return costs.wrongAnswers === 0 && (costs.errorRate ?? 1) < 0.001
}

async function measured({ title, args }: Run): Promise<{ readonly code: number; readonly report: Report }> {
  const out = join(values.out, title.replaceAll(/\W+/g, '-'))
  process.stderr.write(`\n# ${title}: npm run load -- ${args.join(' ')}\n`)
  const command = ['--disable-warning=ExperimentalWarning', join(ROOT, 'load/main.ts'), ...args, '--out', out]
  const child = spawn(process.execPath, command, { cwd: ROOT, stdio: ['ignore', 'ignore', 'inherit'] })
  const [code] = await once(child, 'exit')
  return { code: code as number, report: JSON.parse(await readFile(join(out, 'report.json'), 'utf8')) as Report }
}
