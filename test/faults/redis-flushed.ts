import { setTimeout as pause } from 'node:timers/promises'
import type { Fault } from './fault.ts'
import { checkHealed, resultOf } from './healing.ts'
import { expectUnharmed, latencies, prepareSharing, untilShared } from './shared-tier.ts'
import { runWorkload, startWorkload } from './workload.ts'

export const fault: Fault = {
  id: 'F11',
  title: 'FLUSHALL again and again',
  run: async (context) => {
    const { database, settings, instances, contents, history } = await prepareSharing(context)
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
