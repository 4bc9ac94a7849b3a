/**
 * Measures what telemetry costs: `npm run bench:telemetry`. First a scrape of /metrics after 10,000 distinct names, then the CPU time of a
 * hot answer, with two gateways that take turns: one as it is, and one from which all counting was taken out.
 *
 *     --rounds n    number of measurements of each gateway in a case (default 15)
 *     --seconds n   duration of one measurement, s (default 3)
 *
 * Needs Linux with two cores, wrk, taskset, PostgreSQL (DATABASE_URL) and Redis (REDIS_URL), like bench:http. Takes eight minutes.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { table } from '../cache/table.ts'
import { openPlace } from '../http/database.ts'
import { measureHotAnswers } from './hot-answers.ts'
import { measureScrape } from './scrape.ts'

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '15' }, seconds: { type: 'string', default: '3' } } })

process.stdout.write(await measureScrape())
const folder = await mkdtemp(join(tmpdir(), 'tidegate-bench-'))
const place = await openPlace()
try {
  const rows = await measureHotAnswers(place, { rounds: Number(values.rounds), seconds: Number(values.seconds), folder })
  process.stdout.write(`\n${table(rows)}`)
} finally {
  await place.close()
  await rm(folder, { recursive: true, force: true })
}
