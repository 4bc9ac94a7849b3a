import assert from 'node:assert/strict'
import type { FaultContext } from './fault.ts'
import type { Instance } from './fleet.ts'
import { History } from './history.ts'
import { RedisContents } from './redis-contents.ts'
import { until } from './until.ts'
import type { WorkloadTotals } from './workload.ts'

/** TTL in memory that is short enough to make reads go to Redis repeatedly. */
export const BRIEF_L1_MS = 100
export const COMMAND_TIMEOUT_MS = 250
/** Tolerance for a busy machine. */
const SLACK_MS = 150

const PROBED = 60
let probes = 0

/** Starts two instances that share a Redis server whose contents the fault can change. */
export async function prepareSharing(context: FaultContext) {
  const [database, redis] = await Promise.all([context.database(), context.redis()])
  const settings = { databaseUrl: database.url, redisUrl: redis.url, l1Ms: BRIEF_L1_MS, commandTimeoutMs: COMMAND_TIMEOUT_MS }
  const { instances } = await context.fleet({ ...settings, instances: 2 })
  const contents = new RedisContents(redis.url)
  context.defer(() => contents.close())
  return { database, settings, instances, contents, history: new History() }
}

/** Waits until one instance finds in Redis what another instance has loaded. @returns the time until then, ms. */
export function untilShared([one, other]: readonly Instance[], withinMs: number): Promise<number> {
  return until(
    async () => {
      if (!one || !other) throw new RangeError('Sharing takes two instances.')
      const ids = Array.from({ length: PROBED }, (_, index) => index + 1)
      const tenant = `probe-${probes++}`
      await one.read({ tenant, ids })
      await new Promise((resolve) => setTimeout(resolve, 20))
      const found = await other.read({ tenant, ids })
      return found.every((result) => 'layer' in result && result.layer === 'l2')
    },
    withinMs,
    'values are shared through Redis again',
  )
}

/**
 * Checks what must hold whatever happens to Redis: no client gets an error, and none waits longer than a Redis command
 * may take.
 */
export function expectUnharmed(history: History, baseline: WorkloadTotals, during: WorkloadTotals): void {
  assert.equal(history.readErrors, 0, 'no read fails')
  assert.equal(history.writeErrors, 0, 'no write fails')
  assert.equal(during.rejected, 0, 'no call is rejected')
  const allowed = baseline.readMs.p99 + COMMAND_TIMEOUT_MS + SLACK_MS
  assert.ok(during.readMs.p99 <= allowed, `the p99 of reads is ${during.readMs.p99} ms, allowed are ${allowed} ms`)
}

/** Returns the latencies that every Redis fault reports. */
export function latencies(baseline: WorkloadTotals, during: WorkloadTotals): Readonly<Record<string, string>> {
  return { 'read p50/p99 before': describe(baseline), 'and during': describe(during) }
}

function describe({ readMs: { p50, p99 } }: WorkloadTotals): string {
  return `${p50}/${p99} ms`
}
