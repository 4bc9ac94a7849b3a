import assert from 'node:assert/strict'
import { setTimeout as pause } from 'node:timers/promises'
import type { Fault } from './fault.ts'
import { checkHealed, resultOf } from './healing.ts'
import { History } from './history.ts'
import { prepareOutage, STALENESS_BOUND_MS } from './outage.ts'
import { startWorkload } from './workload.ts'

const ROWS_MISSED = 20

export const fault: Fault = {
  id: 'F9',
  title: 'PostgreSQL is a black hole and the log is trimmed meanwhile',
  run: async (context) => {
    const database = await context.database()
    const history = new History(STALENESS_BOUND_MS)
    const { link, instances, settings, probe, changeOutside, heal } = await prepareOutage(context, database, history)
    const workload = startWorkload({ instances, history, seed: context.seed, tolerantShare: 0.5 })
    await pause(1000)
    const resetsBefore = await Promise.all(instances.map(async (instance) => (await instance.stats()).events['reset'] ?? 0))
    link.mode = 'swallow'
    await pause(2 * STALENESS_BOUND_MS)
    for (let row = 0; row < ROWS_MISSED; row++) {
      await changeOutside()
      await database.query('select cache.publish()')
    }
    await probe(true)
    await pause(context.quick ? 0 : 50_000)
    let removed = 1
    while (removed > 0) removed = Number((await database.query('select cache.trim(1) as removed'))[0]?.['removed'])
    const [kept] = await database.query('select count(*)::int as rows from cache.log')
    assert.equal(kept?.['rows'], 1, 'only the newest row of the log is left')
    const { followsMs, convergedMs } = await heal()
    for (const [position, instance] of instances.entries()) {
      const { events } = await instance.stats()
      assert.equal((events['reset'] ?? 0) - (resetsBefore[position] as number), 1, `instance ${position} started anew, once`)
    }
    await pause(1000)
    await workload.stop()
    const trusted = await checkHealed({ context, history, database, instances, settings })
    return resultOf(history, convergedMs, { 'log followed after ms': Math.round(followsMs), 'values in Redis': trusted })
  },
}
