import assert from 'node:assert/strict'
import { startRedisCluster } from '../servers/redis-cluster.ts'
import type { Fault } from './fault.ts'
import { checkHealed, resultOf } from './healing.ts'
import { History } from './history.ts'
import { BRIEF_L1_MS, COMMAND_TIMEOUT_MS, expectUnharmed, latencies, untilShared } from './shared-tier.ts'
import { until } from './until.ts'
import { runWorkload, startWorkload } from './workload.ts'

const BACK_WITHIN_MS = 5000
const PROMOTED_WITHIN_MS = 15_000

export const fault: Fault = {
  id: 'F12',
  title: 'Redis Cluster of 3 + 3: each primary is killed in turn',
  // Seven servers and the election of a primary get too little time beside another fault.
  isAlone: true,
  run: async (context) => {
    const database = await context.database()
    const cluster = await startRedisCluster()
    context.defer(() => cluster.stop())
    const settings = { databaseUrl: database.url, redisUrl: cluster.url, l1Ms: BRIEF_L1_MS, commandTimeoutMs: COMMAND_TIMEOUT_MS }
    const { instances } = await context.fleet({ ...settings, instances: 2 })
    const history = new History()
    await untilShared(instances, 10_000)
    const baseline = await runWorkload({ instances, history, seed: context.seed, forMs: 2000 })
    const workload = startWorkload({ instances, history, seed: context.seed + 1 })
    const original = await cluster.primaries()
    assert.equal(original.length, 3)
    let slowestPromotionMs = 0
    let recoveryMs = 0
    for (const port of original) {
      await cluster.kill(port)
      const isPromoted = async () => {
        const primaries = await cluster.primaries()
        return primaries.length === 3 && !primaries.includes(port)
      }
      slowestPromotionMs = Math.max(slowestPromotionMs, await until(isPromoted, PROMOTED_WITHIN_MS, 'a replica is promoted'))
      recoveryMs = Math.max(recoveryMs, await untilShared(instances, BACK_WITHIN_MS))
    }
    const during = await workload.stop()
    expectUnharmed(history, baseline, during)
    const trusted = await checkHealed({ context, history, database, instances, settings })
    return resultOf(history, recoveryMs, {
      'slowest promotion ms': Math.round(slowestPromotionMs),
      'values in Redis': trusted,
      ...latencies(baseline, during),
    })
  },
}
