/**
 * What the invalidation log costs the database:
 * `npm run bench:log -- [--only commits|durable|looks|polling] [--rounds 5] [--seconds 3] [--writers 8] [--json file]`.
 * commits and durable: commits per second, write-ahead log and latency of a write mix without the triggers, with them while four
 * instances follow the log, and with each commit acknowledged through a barrier; the three take turns in one run. looks: the time of
 * a look at the log that finds nothing, and of one that publishes what was written since. polling: what a hundred instances that
 * follow the log cost the server (Linux). Starts PostgreSQL servers of its own.
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
  if (!part) throw new Error(`--only must be one of ${Object.keys(parts).join(', ')}, got ${name}.`)
  const [figures, text] = await part()
  results[name] = figures
  process.stdout.write(`${text}\n`)
}
if (values.json !== undefined) await writeFile(values.json, `${JSON.stringify(results, null, 2)}\n`)

async function commits(durable: boolean): Promise<readonly [figures: unknown, text: string]> {
  const figures = await measureCommits(durable, options)
  return [figures, commitsText(figures)]
}
