import assert from 'node:assert/strict'
import { setTimeout as pause } from 'node:timers/promises'
import type { Fault } from './fault.ts'
import type { Instance } from './fleet.ts'
import { checkHealed, resultOf } from './healing.ts'
import { History, readAndCheck } from './history.ts'
import { startWorkload } from './workload.ts'

const TENANTS = ['acme', 'globex', 'initech']
const KEYS = Array.from({ length: 40 }, (_, index) => index + 1)
const COLD = Array.from({ length: 40 }, (_, index) => index + 1001)

export const fault: Fault = {
  id: 'F7',
  title: 'an instance is stopped, others write, it goes on and is read at once',
  run: async (context) => {
    const [database, redis] = await Promise.all([context.database(), context.redis()])
    const settings = { databaseUrl: database.url, redisUrl: redis.url }
    const fleet = await context.fleet({ ...settings, instances: 3 })
    const [sleeper, ...awake] = fleet.instances as [Instance, Instance, Instance]
    const history = new History()
    const readAll = () => TENANTS.map((tenant) => readAndCheck(history, sleeper, { tenant, ids: KEYS }))
    let outdated = 0
    for (let round = 0; round < 2; round++) {
      const workload = startWorkload({ instances: awake, history, seed: context.seed + round })
      await pause(500)
      await Promise.all(readAll())
      const before = await database.rows()
      // Loads are in flight when the process stops: what they have read is outdated when they complete.
      const cold = TENANTS.map((tenant) => readAndCheck(history, sleeper, { tenant, ids: [...COLD, ...KEYS] }))
      sleeper.process.kill('SIGSTOP')
      await pause(context.quick ? 3000 : 30_000)
      const after = new Map((await database.rows()).map(({ tenant, id, version }) => [`${tenant}/${id}`, version]))
      outdated += before.filter(({ tenant, id, version }) => after.get(`${tenant}/${id}`) !== version).length
      // These requests are in the pipe of the suspended process before it wakes up, so the process serves them before
      // it does anything else.
      const waiting = readAll()
      sleeper.process.kill('SIGCONT')
      await Promise.all([...waiting, ...readAll()])
      for (let again = 0; again < 50; again++) await Promise.all(readAll())
      await Promise.all(cold)
      await workload.stop()
    }
    assert.ok(outdated > 0, 'what the sleeper held was changed elsewhere')
    const trusted = await checkHealed({ context, history, database, instances: fleet.instances, settings })
    return resultOf(history, undefined, { 'copies outdated while it slept': outdated, 'values in Redis': trusted })
  },
}
