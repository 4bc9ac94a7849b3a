import { setTimeout as pause } from 'node:timers/promises'
import type { Fault } from './fault.ts'
import type { Instance } from './fleet.ts'
import { checkHealed, resultOf } from './healing.ts'
import { History, readAndCheck, writeAndRecord } from './history.ts'
import { until } from './until.ts'
import { startWorkload } from './workload.ts'

/** Row that the workload does not touch, because the old transaction has locked it. */
const LOCKED = { tenant: 'acme', id: 1000 }
const FREE = { tenant: 'acme', id: 2000 }

export const fault: Fault = {
  id: 'F4',
  title: 'a transaction with an old id stays open while others write',
  run: async (context) => {
    const [database, redis] = await Promise.all([context.database(), context.redis()])
    const settings = { databaseUrl: database.url, redisUrl: redis.url }
    const fleet = await context.fleet({ ...settings, instances: 3 })
    const [writer, reader] = fleet.instances as [Instance, Instance]
    const history = new History()
    await writeAndRecord(history, writer, LOCKED)
    await Promise.all(fleet.instances.map((instance) => readAndCheck(history, instance, { tenant: LOCKED.tenant, ids: [LOCKED.id] })))

    const old = await database.connect()
    context.defer(() => old.end().catch(() => undefined))
    await old.query('begin')
    await old.query("update things set version = version + 1, payload = 'acme/1000/2/old/' where tenant_id = $1 and id = $2", [
      LOCKED.tenant,
      LOCKED.id,
    ])
    const workload = startWorkload({ instances: fleet.instances, history, seed: context.seed })
    const openUntil = performance.now() + (context.quick ? 4000 : 120_000)
    let slowestMs = 0
    while (performance.now() < openUntil) {
      const written = await writeAndRecord(history, writer, FREE)
      const version = 'version' in written ? written.version : 0
      slowestMs = Math.max(slowestMs, await seen(history, reader, FREE, version))
      await Promise.all([writer.trim(), pause(50)])
    }
    await old.query('commit')
    history.recordCommit({ ...LOCKED, version: 2, payload: 'acme/1000/2/old/' }, performance.now())
    const recoveryMs = Math.max(...(await Promise.all(fleet.instances.map((instance) => seen(history, instance, LOCKED, 2)))))
    await workload.stop()
    const trusted = await checkHealed({ context, history, database, instances: fleet.instances, settings })
    return resultOf(history, recoveryMs, { 'slowest of the others ms': Math.round(slowestMs), 'values in Redis': trusted })
  },
}

/** Waits until an instance returns the given version to a reader without a token. Resolves with the time until then, ms. */
function seen(history: History, instance: Instance, { tenant, id }: { tenant: string; id: number }, version: number): Promise<number> {
  const isSeen = async () => {
    const [result] = await readAndCheck(history, instance, { tenant, ids: [id] })
    return result !== undefined && 'version' in result && (result.version ?? 0) >= version
  }
  return until(isSeen, 1000, `version ${version} of ${tenant}/${id} on instance ${instance.index}`)
}
