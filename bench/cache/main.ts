/**
 * The cache engine beside its peers, and both beside the limit that lru-cache and ioredis set: `npm run bench:cache`. Prints a
 * table for each part and writes all of them as JSON.
 *
 *     --only name[,name]   these parts only
 *     --rounds n           how many turns each contestant takes (default 7)
 *     --quick              fewer operations and rounds
 *     --json path          where to write the result (default bench/cache/results.json)
 *
 * Needs redis-server, which it starts on a port of its own, and for `visibility` a PostgreSQL server (DATABASE_URL, by default the
 * one at its usual place). The peers are a package of their own in bench/peers, which the script installs.
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
if (unknown !== undefined) throw new Error(`There is no part ${unknown}: there are ${PARTS.map(({ name }) => name).join(', ')}.`)

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
