/**
 * Shows what each cache does if an invalidation comes while a load is in flight. The command is `npx node bench/cache/demonstrate.ts`. The
 * script plays every scenario on every cache and prints the values that the reads returned. The exit code is 1 unless tidegate served the
 * new value everywhere.
 *
 * The script starts redis-server on a free port. The compared caches (the peers) are packages in bench/peers. `npm ci --prefix bench/peers`
 * installs them.
 */
import { startRedis } from '../../test/servers/redis.ts'
import { contestants } from './contestants/index.ts'
import { tidegate } from './contestants/tidegate.ts'
import type { Row } from './measure.ts'
import { scenarios, type Verdict } from './scenarios.ts'
import { table } from './table.ts'

const NOTE = `"has none" means that the cache does not have this feature.
async-cache-dedupe has only one tier, so it uses only Redis here.
cache-manager cannot notify other instances of an invalidation, and cacheable is set up without such notifications. So instance A may still
read the old value from its own memory.`

const redis = await startRedis()
try {
  const rows: Row[] = []
  for (const [number, scenario] of scenarios.entries()) {
    const verdicts = new Map<string, readonly Verdict[]>()
    await Promise.all(
      contestants.map(async (contestant) => {
        verdicts.set(contestant.name, await scenario.run(contestant, redis.url, `demonstrate-${contestant.name}-${number}`))
      }),
    )
    scenario.moments.forEach((moment, place) => {
      const seen = contestants.map(({ name }) => [name, verdicts.get(name)?.[place] ?? ''])
      rows.push({ scenario: place === 0 ? scenario.title : '', moment, ...Object.fromEntries(seen) })
    })
  }
  process.stdout.write(`\n${table(rows)}\n${NOTE}\n`)
  // A scenario in which no load began does not test the cache. So the verdict `no load began` counts as a failure, too.
  if (rows.some((row) => row[tidegate.name] !== 'new value')) process.exitCode = 1
} finally {
  await redis.stop()
}
