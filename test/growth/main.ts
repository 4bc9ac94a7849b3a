/**
 * Fails if the heap or the series of a gateway grow without bound while new operations, keys, tenants and users come:
 * `npm run test:thorough -- figures [--minutes n]`. Takes ten minutes, unless it is told otherwise. Needs PostgreSQL (DATABASE_URL) and redis-server.
 */
import { parseArgs } from 'node:util'
import { percent, runGrowth } from './run-growth.ts'
import { MAX_SERIES } from './series.ts'

const SERVER = process.env['DATABASE_URL'] ?? 'postgres://postgres@127.0.0.1:5432/postgres'

const { values } = parseArgs({ options: { minutes: { type: 'string', default: '10' } } })
const minutes = Number(values.minutes)
if (!(minutes > 0)) {
  process.stderr.write(`--minutes: expected a number above 0, got ${values.minutes}.\n`)
  process.exit(2)
}
const mebibytes = (bytes: number) => `${(bytes / 2 ** 20).toFixed(1)} MiB`
const { problems, growth, requests, tenants, samples } = await runGrowth({
  server: SERVER,
  minutes,
  onSample: ({ minute, heapUsed, rss, series, requests: answered }) =>
    process.stdout.write(
      `minute ${minute.toFixed(2)}: heap ${mebibytes(heapUsed)}, process ${mebibytes(rss)}, ${series} series, ${answered} requests\n`,
    ),
})
for (const problem of problems) process.stdout.write(`${problem}\n`)
const most = Math.max(...samples.map(({ series }) => series))
process.stdout.write(
  `${requests} requests of ${tenants} tenants: the heap grew by ${percent(growth)}, at most ${most} series (bound ${MAX_SERIES}). ${problems.length} problems.\n`,
)
process.exitCode = problems.length === 0 ? 0 : 1
