import type { Fault } from './fault.ts'
import type { Instance } from './fleet.ts'
import { checkHealed, resultOf } from './healing.ts'
import { History } from './history.ts'
import { runWorkload } from './workload.ts'

const HOUR_MS = 3_600_000

export const fault: Fault = {
  id: 'F21',
  title: 'the wall clock of one instance jumps an hour either way',
  run: async (context) => {
    const [database, redis] = await Promise.all([context.database(), context.redis()])
    const settings = { databaseUrl: database.url, redisUrl: redis.url }
    const fleet = await context.fleet({ ...settings, instances: 2 })
    const jumping = fleet.instances[1] as Instance
    const history = new History()
    const forMs = context.quick ? 1000 : 15_000
    for (const [round, byMs] of [0, HOUR_MS, 0, -HOUR_MS, HOUR_MS, -HOUR_MS, 0].entries()) {
      await jumping.shiftWallClock(byMs)
      await runWorkload({ instances: fleet.instances, history, seed: context.seed + round, forMs, tolerantShare: 0.2 })
    }
    if (history.readErrors + history.writeErrors > 0) throw new Error('A read or a write failed because of the clock.')
    const trusted = await checkHealed({ context, history, database, instances: fleet.instances, settings })
    return resultOf(history, undefined, { 'values in Redis': trusted })
  },
}
