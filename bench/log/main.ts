/**
 * Measures the cost of the invalidation log for the database:
 * `npm run bench:log -- [--only commits|durable|looks|polling] [--rounds 5] [--seconds 3] [--writers 8] [--flush-delay 0] [--json file]`.
 * The parts `commits` and `durable` measure commits per second, write-ahead log and latency of a mix of writes. In `durable`, commits wait
 * for the disk. The option `--flush-delay` is a time in ms that is added to each flush, as on a slower disk.
 * Both parts measure four modes in each round. In the first mode there are no triggers. In the second mode the triggers are active, but no
 * instance follows the invalidation log. In the third mode four instances on this machine follow the log. In the fourth mode, each commit
 * is also acknowledged through a barrier (a new sync of the log).
 * The part `looks` measures the duration of a sync that finds nothing in the log, and of a sync that publishes the writes since the last
 * sync.
 * The part `polling` measures the CPU time of the database server while a hundred instances follow the log (Linux only).
 * The script starts PostgreSQL servers of its own.
 */
import { writeFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { commitsText, measureCommits } from './commits.ts'
import { looksText, measureLooks } from './looks.ts'
import { measurePolling, pollingText } from './polling.ts'

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '3' },
    writers: { type: 'string', default: '8' },
    'flush-delay': { type: 'string', default: '0' },
    json: { type: 'string' },
  },
})
const options = { rounds: Number(values.rounds), windowMs: Number(values.seconds) * 1000, writers: Number(values.writers) }

const parts: Readonly<Record<string, () => Promise<readonly [figures: unknown, text: string]>>> = {
  commits: () => commits(false),
  durable: () => commits(true),
  looks: async () => {
    const figures = await measureLooks()
    return [figures, looksText(figures)]
  },
  polling: async () => {
    const figures = await measurePolling()
    return [figures, pollingText(figures)]
  },
}

const names = values.only === undefined ? Object.keys(parts) : [values.only]
const results: Record<string, unknown> = {}
for (const name of names) {
  const part = parts[name]
  if (!part) throw new Error(`--only: expected one of the parts ${Object.keys(parts).join(', ')}, got "${name}".`)
  const [figures, text] = await part()
  results[name] = figures
  process.stdout.write(`${text}\n`)
}
if (values.json !== undefined) await writeFile(values.json, `${JSON.stringify(results, null, 2)}\n`)

async function commits(durable: boolean): Promise<readonly [figures: unknown, text: string]> {
  const figures = await measureCommits({ durable, flushDelayMs: durable ? Number(values['flush-delay']) : 0 }, options)
  return [figures, commitsText(figures)]
}
