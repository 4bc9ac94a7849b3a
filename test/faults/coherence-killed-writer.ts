import assert from 'node:assert/strict'
import { setTimeout as pause } from 'node:timers/promises'
import type { Fault, FaultContext } from './fault.ts'
import type { FaultDatabase } from './fault-database.ts'
import type { Instance } from './fleet.ts'
import { checkHealed, resultOf } from './healing.ts'
import { History, readAndCheck } from './history.ts'
import type { InstanceSettings } from './protocol.ts'
import { until } from './until.ts'
import { startWorkload } from './workload.ts'

const TICK_MS = 75
/** The sync interval has a jitter of 25 %. The additional time covers the round trip on a busy machine. */
const VISIBLE_WITHIN_MS = TICK_MS * 1.25 + 400
const TENANT = 'acme'

export const fault: Fault = {
  id: 'F5',
  title: 'kill -9 of the writer between COMMIT and barrier',
  run: async (context) => {
    const [database, redis] = await Promise.all([context.database(), context.redis()])
    const settings = { databaseUrl: database.url, redisUrl: redis.url, tickMs: TICK_MS }
    const fleet = await context.fleet({ ...settings, instances: 2 })
    const history = new History()
    let recoveryMs = 0
    for (let round = 1; round <= (context.quick ? 3 : 30); round++) {
      recoveryMs = Math.max(recoveryMs, await killAfterCommit(context, settings, fleet.instances, history, round))
    }
    await killUnderWrites(context, settings, fleet.instances, history)
    await everyoneAgrees(database, fleet.instances, history)
    const trusted = await checkHealed({ context, history, database, instances: fleet.instances, settings })
    return resultOf(history, recoveryMs, { 'values in Redis': trusted })
  },
}

/**
 * Kills an instance between COMMIT and acknowledgement.
 * @returns the longest time until another instance returned the killed instance's write, ms.
 */
async function killAfterCommit(
  context: FaultContext,
  settings: InstanceSettings,
  others: readonly Instance[],
  history: History,
  id: number,
): Promise<number> {
  const doomed = (await context.fleet({ ...settings, instances: 1 })).instances[0] as Instance
  const read = (instance: Instance) => readAndCheck(history, instance, { tenant: TENANT, ids: [id] })
  await Promise.all(others.map(read))
  const written = await doomed.write({ tenant: TENANT, id, unacknowledged: true })
  const committedAt = performance.now()
  await doomed.kill()
  assert.ok('version' in written, 'the write was committed')
  history.recordCommit({ tenant: TENANT, id, version: written.version, payload: written.payload }, committedAt)
  await Promise.all(
    others.map((instance) =>
      until(
        async () => {
          const [result] = await read(instance)
          return result !== undefined && 'version' in result && result.version === written.version
        },
        VISIBLE_WITHIN_MS,
        `the dead instance's write on instance ${instance.index}`,
      ),
    ),
  )
  return performance.now() - committedAt
}

async function killUnderWrites(
  context: FaultContext,
  settings: InstanceSettings,
  others: readonly Instance[],
  history: History,
): Promise<void> {
  for (let round = 0; round < (context.quick ? 1 : 10); round++) {
    const { instances } = await context.fleet({ ...settings, instances: 1 })
    const doomed = { ...(instances[0] as Instance), index: 100 + round }
    const seed = context.seed + round
    const workload = startWorkload({ instances: others, writing: [doomed], writers: 8, pauseMs: 1, history, seed })
    await pause(1000)
    await doomed.kill()
    await workload.stop()
  }
}

/** Checks that readers without a token also see a change that was committed but never acknowledged. */
async function everyoneAgrees(database: FaultDatabase, instances: readonly Instance[], history: History): Promise<void> {
  const committedAt = performance.now()
  const rows = await database.rows()
  for (const row of rows) history.recordCommit(row, committedAt)
  for (const instance of instances) {
    await until(
      async () => {
        const results = await Promise.all(rows.map(({ tenant, id }) => readAndCheck(history, instance, { tenant, ids: [id] })))
        return results.every(([result], position) => result && 'version' in result && result.version === rows[position]?.version)
      },
      VISIBLE_WITHIN_MS,
      `all that was committed on instance ${instance.index}`,
    )
  }
}
