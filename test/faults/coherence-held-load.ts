import assert from 'node:assert/strict'
import type { Fault } from './fault.ts'
import type { Instance } from './fleet.ts'
import { checkHealed, resultOf } from './healing.ts'
import { History, readAndCheck, writeAndRecord } from './history.ts'
import { until } from './until.ts'

/**
 * Variants of the fault: which instance changes the value after the held load has read it, and whether another reader
 * waits for the same load before it ends.
 */
const VARIANTS = [
  { writer: 1, joined: true },
  { writer: 1, joined: false },
  { writer: 0, joined: true },
  { writer: 0, joined: false },
] as const

export const fault: Fault = {
  id: 'F3',
  title: 'a load held open, an invalidation in the middle, a new reader',
  run: async (context) => {
    const [database, redis] = await Promise.all([context.database(), context.redis()])
    const settings = { databaseUrl: database.url, redisUrl: redis.url }
    const fleet = await context.fleet({ ...settings, instances: 2 })
    const [holder, other] = fleet.instances as [Instance, Instance]
    const history = new History()
    let id = 0
    for (let round = 0; round < (context.quick ? 3 : 30); round++) {
      for (const { writer, joined } of VARIANTS) {
        id++
        const call = { tenant: 'acme', ids: [id] }
        await writeAndRecord(history, other, { tenant: 'acme', id })
        await holder.holdLoads()
        const overtaken = readAndCheck(history, holder, call)
        await until(async () => (await holder.stats()).heldLoads === 1, 5000, 'the load has read the old value')
        const written = await writeAndRecord(history, fleet.instances[writer] as Instance, { tenant: 'acme', id })
        assert.equal('version' in written && written.version, 2)
        const newcomers = joined
          ? [
              readAndCheck(history, holder, { ...call, token: written.token }),
              readAndCheck(history, holder, { ...call, token: written.token }),
            ]
          : []
        // A reader who needs the new value does not wait for the load of the old value: a second load begins.
        if (joined) await until(async () => (await holder.stats()).heldLoads === 2, 5000, 'the new readers have a load of their own')
        await holder.releaseLoads()
        await overtaken
        for (const [result] of await Promise.all(newcomers)) assert.equal(result && 'version' in result && result.version, 2)
        for (const instance of fleet.instances) {
          const [result] = await readAndCheck(history, instance, { ...call, token: written.token })
          assert.equal(result && 'version' in result && result.version, 2)
        }
      }
    }
    const trusted = await checkHealed({ context, history, database, instances: fleet.instances, settings })
    assert.equal(trusted, id, 'Redis holds the new value of every key')
    return resultOf(history, undefined, { 'values in Redis': trusted })
  },
}
