/**
 * Measures pings over HTTP, against a gateway with its own PostgreSQL and Redis:
 * `npm run bench:pings -- [--rate 200] [--seconds 60] [--runs 5] [--buyers 200] [--strategy HIGHEST_BID] [--posts 0] [--json file]`.
 * Pings to a tenant with rules (conditions, caps, opening hours, duplicates, consents, a do-not-call list and a rule set) take turns with pings
 * to a tenant without rules. `--posts 0.1` posts a tenth of the offers. `--statements` prints the statements that took most time.
 * With `--import`, the script measures pings while a do-not-call list of `--listed` callers (1,000,000) is replaced instead.
 */
import { writeFile } from 'node:fs/promises'
import { loadavg } from 'node:os'
import { parseArgs } from 'node:util'
import { strategies } from '#src/market/rules/routing/plan-document.ts'
import { importText, measureImport } from './import.ts'
import type { BenchOptions } from './options.ts'
import { turnsText } from './text.ts'
import { measureTurns } from './turns.ts'

const { values } = parseArgs({
  options: {
    rate: { type: 'string', default: '200' },
    seconds: { type: 'string', default: '60' },
    runs: { type: 'string', default: '5' },
    buyers: { type: 'string', default: '200' },
    strategy: { type: 'string', default: 'HIGHEST_BID' },
    posts: { type: 'string', default: '0' },
    import: { type: 'boolean', default: false },
    listed: { type: 'string', default: '1000000' },
    statements: { type: 'boolean', default: false },
    json: { type: 'string' },
  },
})
const strategy = strategies.find((name) => name === values.strategy)
if (!strategy) throw new Error(`--strategy: expected one of ${strategies.join(', ')}, got "${values.strategy}".`)
const options: BenchOptions = {
  rate: Number(values.rate),
  seconds: Number(values.seconds),
  runs: Number(values.runs),
  buyers: Number(values.buyers),
  strategy,
  posts: Number(values.posts),
  listed: Number(values.listed),
  showsStatements: values.statements,
}
const loadBefore = loadavg()
const progress = (line: string) => void process.stderr.write(`${line}\n`)
const [figures, text] = await (values.import ? imported() : turns())
process.stdout.write(`${text}\nload averages before and after: ${loadText(loadBefore)}; ${loadText(loadavg())}\n`)
if (values.json !== undefined)
  await writeFile(values.json, `${JSON.stringify({ options, loadBefore, loadAfter: loadavg(), figures }, null, 2)}\n`)

async function turns(): Promise<readonly [unknown, string]> {
  const measured = await measureTurns(options, progress)
  return [measured, turnsText(measured)]
}

async function imported(): Promise<readonly [unknown, string]> {
  const measured = await measureImport(options, progress)
  return [measured, importText(measured)]
}

function loadText(averages: readonly number[]): string {
  return averages.map((average) => average.toFixed(1)).join(', ')
}
