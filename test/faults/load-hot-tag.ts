import assert from 'node:assert/strict'
import { setTimeout as pause } from 'node:timers/promises'
import type { Fault } from './fault.ts'
import { checkHealed, resultOf } from './healing.ts'
import { History, writeAndRecord } from './history.ts'

const TENANT = 'acme'
const HOT_TAG = `${TENANT}:Thing:1`
const INVALIDATIONS_PER_SECOND = 5000
const READS_PER_SECOND = 1000
const STEP_MS = 10
const MAX_LAG_MS = 50

export const fault: Fault = {
  id: 'F16',
  title: 'one hot tag: 5,000 invalidations a second while two instances read it 2,000 times a second',
  run: async (context) => {
    const [database, redis] = await Promise.all([context.database(), context.redis()])
    const settings = { databaseUrl: database.url, redisUrl: redis.url }
    const { instances } = await context.fleet({ ...settings, instances: 2 })
    const history = new History()
    for (const instance of instances) await writeAndRecord(history, instance, { tenant: TENANT, id: 1 })
    const forMs = context.quick ? 4000 : 20_000
    const reading = instances.map((instance, index) =>
      instance.workload({
        forMs,
        readsPerSecond: READS_PER_SECOND,
        writesPerSecond: 10,
        tenants: [TENANT],
        keys: 1,
        seed: context.seed + index,
      }),
    )
    const startedAt = performance.now()
    let invalidations = 0
    while (performance.now() - startedAt < forMs) {
      const due = Math.floor(((performance.now() - startedAt) / 1000) * INVALIDATIONS_PER_SECOND) - invalidations
      await database.query('insert into cache.pending (tags) select array[$1] from generate_series(1, $2)', [HOT_TAG, due])
      invalidations += due
      await pause(STEP_MS)
    }
    const figures = await Promise.all(reading)
    for (const [index, { anomalies, reads, readErrors }] of figures.entries()) {
      assert.deepEqual(anomalies, [], `what instance ${index} read of its own writes`)
      assert.equal(readErrors, 0, 'no read fails')
      history.operations += reads
    }
    const stats = await Promise.all(instances.map((instance) => instance.stats()))
    const most = Math.max(...stats.map(({ maxLoadsOfKey }) => maxLoadsOfKey))
    assert.ok(most <= 2, `${most} loads of one key ran at one time in one instance`)
    const lagMs = Math.max(...figures.map(({ loopLagMs }) => loopLagMs.p99))
    assert.ok(lagMs < MAX_LAG_MS, `the event loop was late by ${lagMs} ms (p99)`)
    await checkHealed({ context, history, database, instances, settings })
    return resultOf(history, undefined, {
      invalidations,
      'most loads of the key at one time': most,
      'event loop lag p99 ms': Math.round(lagMs * 10) / 10,
      'read p99 ms': Math.max(...figures.map(({ readMs }) => readMs.p99)),
    })
  },
}
