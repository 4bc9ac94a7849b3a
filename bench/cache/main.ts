/**
 * Compares the cache engine of tidegate with other caches (the peers): `npm run bench:cache`. For comparison, lru-cache alone and ioredis
 * alone are measured, too. Prints a table for each part of the benchmark and writes all tables as JSON.
 *
 *     --only name[,name]   run these parts only
 *     --rounds n           number of measurements of each contestant (default 7)
 *     --quick              fewer operations and rounds
 *     --json path          file for the results (default bench/cache/results.json)
 *
 * Needs redis-server, which it starts on a free port. The part `visibility` also needs a PostgreSQL server (DATABASE_URL; default: the
 * server at PostgreSQL's usual address). The peers are packages in bench/peers, which the script installs.
 */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { startRedis } from '../../test/servers/redis.ts'
import type { Row } from './measure.ts'
import { coldLoads, stampede } from './parts/cold-loads.ts'
import { hitRatioPart } from './parts/hit-ratios.ts'
import { heap, memoryHits, memoryLookups } from './parts/memory.ts'
import { concurrentRedisHits, redisBatches, redisHits } from './parts/redis-hits.ts'
import { tagInvalidation } from './parts/tag-invalidation.ts'
import { visibility } from './parts/visibility.ts'
import { table } from './table.ts'
import type { Part } from './workload.ts'

const PARTS: readonly Part[] = [
  memoryHits,
  memoryLookups,
  redisHits,
  concurrentRedisHits,
  redisBatches,
  coldLoads,
  stampede,
  tagInvalidation,
  visibility,
  heap,
  hitRatioPart,
]

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    rounds: { type: 'string' },
    quick: { type: 'boolean', default: false },
    json: { type: 'string', default: join(import.meta.dirname, 'results.json') },
  },
})

const only = values.only?.split(',')
const unknown = only?.find((name) => !PARTS.some((part) => part.name === name))
if (unknown !== undefined)
  throw new Error(`--only: expected parts of the benchmark (${PARTS.map(({ name }) => name).join(', ')}), got "${unknown}".`)

const redis = await startRedis()
try {
  const conditions = { redisUrl: redis.url, rounds: Number(values.rounds ?? (values.quick ? 3 : 7)), quick: values.quick }
  const results: Record<string, { readonly title: string; readonly seconds: number; readonly rows: readonly Row[] }> = {}
  for (const { name, title, measure } of PARTS) {
    if (only && !only.includes(name)) continue
    const start = performance.now()
    const rows = await measure(conditions)
    const seconds = Math.round((performance.now() - start) / 100) / 10
    results[name] = { title, seconds, rows }
    process.stdout.write(`\n## ${title} (${name}, ${seconds} s)\n\n${table(rows)}`)
  }
  await writeFile(
    values.json,
    `${JSON.stringify({ node: process.version, conditions: { ...conditions, redisUrl: undefined }, results }, null, 2)}\n`,
  )
} finally {
  await redis.stop()
}
