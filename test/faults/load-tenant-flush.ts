import assert from 'node:assert/strict'
import type { Fault } from './fault.ts'
import type { Instance } from './fleet.ts'
import { checkHealed, resultOf } from './healing.ts'
import { History } from './history.ts'

const BUSY = 'acme'
const QUIET = 'globex'
const QUIET_KEYS = 200
const CONCURRENT_LOADS = 8
const BATCH = 20

export const fault: Fault = {
  id: 'F17',
  title: "one tenant's flush with 100,000 hot keys beside another tenant",
  isAlone: true,
  run: async (context) => {
    const [database, redis] = await Promise.all([context.database(), context.redis()])
    const keys = context.quick ? 20_000 : 100_000
    const settings = { databaseUrl: database.url, redisUrl: redis.url, concurrentLoads: CONCURRENT_LOADS, memoryBytes: 512 * 2 ** 20 }
    const { instances } = await context.fleet({ ...settings, instances: 1 })
    const [instance] = instances as [Instance]
    const history = new History()
    await database.query(
      `insert into things select tenant, id, 1, tenant || '/' || id || '/1/seeded/'
       from (values ('${BUSY}', ${keys}), ('${QUIET}', ${QUIET_KEYS})) as tenants (tenant, count), generate_series(1, count) as id`,
    )
    const read = (tenant: string, count: number) => warm(instance, tenant, count)
    await read(BUSY, keys)
    await read(QUIET, QUIET_KEYS)
    const forMs = context.quick ? 3000 : 10_000
    // The quiet tenant also writes, so that some of its values must be loaded.
    const quiet = (seed: number) =>
      instance.workload({ forMs, readsPerSecond: 300, writesPerSecond: 20, tenants: [QUIET], keys: QUIET_KEYS, batch: 2, seed })
    const busy = (seed: number) =>
      instance.workload({ forMs, readsPerSecond: 200, writesPerSecond: 0, tenants: [BUSY], keys, batch: BATCH, seed })
    const [baseline] = await Promise.all([quiet(context.seed), busy(context.seed)])
    const allowedMs = 1.5 * baseline.readMs.p99 + 25
    const flush = async (seed: number) => {
      await instance.forgetLoads()
      await instance.invalidate([BUSY])
      return Promise.all([quiet(seed), busy(seed)])
    }
    let [during, flushed] = await flush(context.seed + 1)
    // A quick run may share the machine with other programs: what delays reads once, rarely delays them three times.
    for (let again = 2; context.quick && again <= 3 && during.readMs.p99 > allowedMs; again++) {
      ;[during, flushed] = await flush(context.seed + again)
    }
    for (const figures of [baseline, during, flushed]) {
      assert.deepEqual(figures.anomalies, [])
      assert.equal(figures.readErrors, 0, 'no read fails')
      history.operations += figures.reads
    }
    const { maxLoads } = await instance.stats()
    assert.ok(maxLoads <= CONCURRENT_LOADS, `${maxLoads} loads ran at one time`)
    assert.ok((flushed.layers.origin ?? 0) > 0, 'what was flushed is loaded again')
    assert.ok(during.readMs.p99 <= allowedMs, `the other tenant's p99 is ${during.readMs.p99} ms, allowed are ${allowedMs} ms`)
    await checkHealed({ context, history, database, instances, settings: { ...settings, memoryBytes: 16 * 2 ** 20 } })
    return resultOf(history, undefined, {
      keys,
      'loaded again': flushed.layers.origin ?? 0,
      'most loads at one time': maxLoads,
      "the other tenant's read p99 before, ms": baseline.readMs.p99,
      'and during': during.readMs.p99,
    })
  },
}

async function warm(instance: Instance, tenant: string, count: number): Promise<void> {
  for (let from = 1; from <= count; from += 500) {
    await instance.read({ tenant, ids: Array.from({ length: Math.min(500, count - from + 1) }, (_, index) => from + index) })
  }
}
