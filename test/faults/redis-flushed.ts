import { setTimeout as pause } from 'node:timers/promises'
import type { Fault } from './fault.ts'
import { checkHealed, resultOf } from './healing.ts'
import { History } from './history.ts'
import { RedisContents } from './redis-contents.ts'
import { BRIEF_L1_MS, COMMAND_TIMEOUT_MS, expectUnharmed, latencies, untilShared } from './shared-tier.ts'
import { runWorkload, startWorkload } from './workload.ts'

export const fault: Fault = {
  id: 'F11',
  title: 'FLUSHALL again and again',
  run: async (context) => {
    const [database, redis] = await Promise.all([context.database(), context.redis()])
    const settings = { databaseUrl: database.url, redisUrl: redis.url, l1Ms: BRIEF_L1_MS, commandTimeoutMs: COMMAND_TIMEOUT_MS }
    const { instances } = await context.fleet({ ...settings, instances: 2 })
    const contents = new RedisContents(redis.url)
    context.defer(() => contents.close())
    const history = new History()
    const baseline = await runWorkload({ instances, history, seed: context.seed, forMs: 2000 })
    const workload = startWorkload({ instances, history, seed: context.seed + 1 })
    const times = context.quick ? 15 : 20
    for (let time = 0; time < times; time++) {
      await contents.flush()
      await pause(context.quick ? 250 : 3000)
    }
    const during = await workload.stop()
    expectUnharmed(history, baseline, during)
    const recoveryMs = await untilShared(instances, 5000)
    const trusted = await checkHealed({ context, history, database, instances, settings })
    return resultOf(history, recoveryMs, { flushes: times, 'values in Redis': trusted, ...latencies(baseline, during) })
  },
}
