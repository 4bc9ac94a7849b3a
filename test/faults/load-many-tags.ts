import assert from 'node:assert/strict'
import { setTimeout as pause } from 'node:timers/promises'
import type { Fault } from './fault.ts'
import type { Instance } from './fleet.ts'
import { checkHealed, resultOf } from './healing.ts'
import { History } from './history.ts'
import { startWorkload } from './workload.ts'

const TAGS_AT_ONCE = 5000
const MAX_GROWTH_BYTES = 24 * 2 ** 20

export const fault: Fault = {
  id: 'F18',
  title: '1,000,000 distinct tags in a minute',
  run: async (context) => {
    const [database, redis] = await Promise.all([context.database(), context.redis()])
    const settings = { databaseUrl: database.url, redisUrl: redis.url }
    const { instances } = await context.fleet({ ...settings, instances: 2, execArgv: ['--expose-gc'] })
    const history = new History()
    const workload = startWorkload({ instances, history, seed: context.seed })
    const tags = context.quick ? 100_000 : 1_000_000
    await pause(1000)
    const before = await heapOf(instances)
    for (let from = 0; from < tags; from += TAGS_AT_ONCE) {
      await database.query(
        `insert into cache.pending (tags) select array_agg('umbrella:Thing:' || id) from generate_series($1::int, $2::int) as id`,
        [from, from + TAGS_AT_ONCE - 1],
      )
      // Inserting the million tags takes half a minute. The pause makes the tags of the next insert go into another log row.
      await pause(150)
    }
    await workload.stop()
    const growth = (await heapOf(instances)) - before
    assert.ok(growth < MAX_GROWTH_BYTES, `the heap grew by ${growth} bytes`)
    const trusted = await checkHealed({ context, history, database, instances, settings })
    return resultOf(history, undefined, { tags, 'heap growth KiB': Math.round(growth / 1024), 'values in Redis': trusted })
  },
}

/** Returns the largest heap among the instances after garbage collection, bytes. */
async function heapOf(instances: readonly Instance[]): Promise<number> {
  await Promise.all(instances.map((instance) => instance.collectGarbage()))
  const all = await Promise.all(instances.map((instance) => instance.stats()))
  return Math.max(...all.map(({ heapBytes }) => heapBytes))
}
