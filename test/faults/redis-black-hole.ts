import assert from 'node:assert/strict'
import { setTimeout as pause } from 'node:timers/promises'
import { freePort } from '../servers/free-port.ts'
import { runRedis } from '../servers/redis-processes.ts'
import type { Fault } from './fault.ts'
import type { Instance } from './fleet.ts'
import { checkHealed, resultOf } from './healing.ts'
import { History } from './history.ts'
import { startLink } from './link.ts'
import { RedisContents } from './redis-contents.ts'
import { BRIEF_L1_MS, COMMAND_TIMEOUT_MS, expectUnharmed, latencies, untilShared } from './shared-tier.ts'
import { runWorkload, type WorkloadTotals } from './workload.ts'

const BACK_WITHIN_MS = 10_000
const SLACK_MS = 50

export const fault: Fault = {
  id: 'F14',
  title: 'Redis swallows everything, then sleeps, then is stopped and started',
  run: async (context) => {
    const database = await context.database()
    const port = await freePort()
    const own = [`port ${port}`, 'enable-debug-command yes']
    let redis = await runRedis(port, own)
    context.defer(() => redis.stop())
    const link = await startLink(port)
    context.defer(() => link.close())
    const settings = {
      databaseUrl: database.url,
      redisUrl: `redis://127.0.0.1:${link.port}`,
      l1Ms: BRIEF_L1_MS,
      commandTimeoutMs: COMMAND_TIMEOUT_MS,
    }
    const { instances } = await context.fleet({ ...settings, instances: 2 })
    const contents = new RedisContents(`redis://127.0.0.1:${port}`)
    context.defer(() => contents.close())
    const history = new History()
    let seed = context.seed
    const work = (forMs: number) => runWorkload({ instances, history, seed: seed++, forMs })
    await untilShared(instances, BACK_WITHIN_MS)
    const baseline = await work(2000)

    let recoveryMs = 0
    let worst = baseline
    const suffer = async (forMs: number) => {
      const first = await work(1500)
      expectUnharmed(history, baseline, first)
      if (first.readMs.p99 > worst.readMs.p99) worst = first
      expectSteady(baseline, await work(forMs - 1500))
    }
    const recover = async () => {
      recoveryMs = Math.max(recoveryMs, await untilShared(instances, BACK_WITHIN_MS))
    }

    link.mode = 'swallow'
    await suffer(context.quick ? 3000 : 15_000)
    const opened = await breakersOpened(instances)
    link.mode = 'pass'
    await recover()

    const sleepS = context.quick ? 3 : 10
    const asleep = contents.sleep(sleepS)
    await suffer(sleepS * 1000)
    await asleep
    await recover()

    await redis.stop()
    await suffer(context.quick ? 3000 : 10_000)
    redis = await runRedis(port, own)
    await pause(100)
    await recover()

    assert.equal(opened, instances.length, 'the breaker of each instance opened')
    const trusted = await checkHealed({ context, history, database, instances, settings })
    return resultOf(history, recoveryMs, { 'values in Redis': trusted, ...latencies(baseline, worst) })
  },
}

/**
 * Checks that Redis costs readers no time once the circuit breaker is open, except for the few readers whose read
 * probes whether Redis answers again.
 */
function expectSteady(baseline: WorkloadTotals, during: WorkloadTotals): void {
  const allowed = 3 * baseline.readMs.p50 + SLACK_MS
  assert.ok(during.readMs.p50 <= allowed, `with the breaker open the median of reads is ${during.readMs.p50} ms, allowed are ${allowed} ms`)
}

async function breakersOpened(instances: readonly Instance[]): Promise<number> {
  const all = await Promise.all(instances.map((instance) => instance.stats()))
  return all.filter(({ events }) => (events['breaker-open'] ?? 0) > 0).length
}
