import assert from 'node:assert/strict'
import { setTimeout as pause } from 'node:timers/promises'
import type { Fault } from './fault.ts'
import { checkHealed, resultOf } from './healing.ts'
import { expectUnharmed, latencies, prepareSharing } from './shared-tier.ts'
import { runWorkload, startWorkload } from './workload.ts'

export const fault: Fault = {
  id: 'F13',
  title: 'Redis is set back to an old dump, while others write and when all is quiet',
  run: async (context) => {
    const { database, settings, instances, contents, history } = await prepareSharing(context)
    const baseline = await runWorkload({ instances, history, seed: context.seed, forMs: 2000 })
    const dump = await contents.values()
    assert.ok(dump.length > 0, 'there is something to bring back')
    const workload = startWorkload({ instances, history, seed: context.seed + 1 })
    const times = context.quick ? 10 : 100
    for (let time = 0; time < times; time++) {
      await pause(300)
      await contents.flush()
      await contents.put(dump)
    }
    const during = await workload.stop()
    expectUnharmed(history, baseline, during)
    await contents.flush()
    await contents.put(dump)
    // A new instance also rejects all values in the old dump whose rows were written afterwards.
    await checkHealed({ context, history, database, instances, settings })
    return resultOf(history, undefined, { 'times set back': times, 'values in the dump': dump.length, ...latencies(baseline, during) })
  },
}
