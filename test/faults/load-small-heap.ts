import assert from 'node:assert/strict'
import { Random } from '#src/market/seed/random.ts'
import type { Fault } from './fault.ts'
import type { Instance } from './fleet.ts'
import { checkHealed, resultOf } from './healing.ts'
import { History, readAndCheck, writeAndRecord } from './history.ts'

const HEAP_MEBIBYTES = 96
const MEMORY_BYTES = 16 * 2 ** 20
const KEYS = 400
const MAX_BYTES = 300_000
const TENANTS = ['acme', 'globex']

export const fault: Fault = {
  id: 'F20',
  title: `values of up to 300 KB in a heap of ${HEAP_MEBIBYTES} MiB`,
  run: async (context) => {
    const [database, redis] = await Promise.all([context.database(), context.redis()])
    const settings = { databaseUrl: database.url, redisUrl: redis.url, memoryBytes: MEMORY_BYTES, concurrentLoads: 4 }
    const { instances } = await context.fleet({ ...settings, instances: 1, execArgv: [`--max-old-space-size=${HEAP_MEBIBYTES}`] })
    const [instance] = instances as [Instance]
    const history = new History()
    const random = new Random(`small heap ${context.seed}`)
    const endsAt = performance.now() + (context.quick ? 8000 : 60_000)
    let maxBytes = 0
    let written = 0
    while (performance.now() < endsAt) {
      const fillerBytes = random.integer(1000, MAX_BYTES)
      const write = { tenant: random.pick(TENANTS), id: random.integer(1, KEYS), fillerBytes }
      written += fillerBytes
      await Promise.all([
        writeAndRecord(history, instance, write),
        ...TENANTS.map((tenant) =>
          readAndCheck(history, instance, { tenant, ids: [...new Set([1, 2, 3, 4].map(() => random.integer(1, KEYS)))] }),
        ),
      ])
      const { cache } = await instance.stats()
      maxBytes = Math.max(maxBytes, cache.memoryBytes)
      assert.ok(cache.memoryBytes <= MEMORY_BYTES, `the copies take ${cache.memoryBytes} bytes`)
    }
    assert.equal(instance.process.exitCode, null, 'the instance lives')
    assert.ok(maxBytes > MEMORY_BYTES / 2, 'the copies came near their bound')
    assert.equal(history.readErrors + history.writeErrors, 0, 'nothing fails')
    const { rssBytes } = await instance.stats()
    await database.query("update things set version = version + 1, payload = concat_ws('/', tenant_id, id, version + 1, 'short', '')")
    await checkHealed({ context, history: new History(), database, instances, settings })
    return resultOf(history, undefined, {
      'MB written': Math.round(written / 1e6),
      'most KiB of copies': Math.round(maxBytes / 1024),
      'resident MiB': Math.round(rssBytes / 2 ** 20),
    })
  },
}
