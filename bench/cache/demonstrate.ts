/**
 * What each cache does when an invalidation overtakes a load: `npm run demonstrate`. Plays every scenario on every cache with a
 * Redis of its own and prints what was served; every verdict is what a read gave in this very run. Ends with exit code 1 unless
 * Tidegate served the new value everywhere.
 *
 * Needs redis-server, which it starts on a port of its own. The peers are a package of their own in bench/peers, which the script
 * installs.
 */
import { startRedis } from '../../test/servers/redis.ts'
import { contestants } from './contestants/index.ts'
import { tidegate } from './contestants/tidegate.ts'
import type { Row } from './measure.ts'
import { scenarios, type Verdict } from './scenarios.ts'
import { table } from './table.ts'

const NOTE = `"has none": there is no such feature. async-cache-dedupe is set up on Redis, for it has one tier; cache-manager has no way to tell other
instances, and that of cacheable is not set up, so what "A reads" may come from A's memory.`

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
  // A verdict that is none, because no load began, is no proof either.
  if (rows.some((row) => row[tidegate.name] !== 'new value')) process.exitCode = 1
} finally {
  await redis.stop()
}
