import assert from 'node:assert/strict'
import type { Fault } from './fault.ts'
import { createFaultDatabase, openFaultDatabase } from './fault-database.ts'
import type { Instance } from './fleet.ts'
import { checkHealed, resultOf } from './healing.ts'
import { History, readAndCheck } from './history.ts'
import { until } from './until.ts'
import { runWorkload } from './workload.ts'

const TENANT = 'umbrella'
const KEYS = [1, 2, 3, 4, 5]
const FOLLOWS_MS = 10_000
const MAX_ATTEMPTS = 10
/** Sync interval, ms: long enough to read a commit before the next log sync flushes that commit to disk. */
const TICK_MS = 700

export const fault: Fault = {
  id: 'F29',
  title: 'PostgreSQL crashes after asynchronous commits that were read already',
  run: async (context) => {
    const [server, redis] = await Promise.all([context.postgres({ wal_writer_delay: '10s', wal_writer_flush_after: '0' }), context.redis()])
    const database = await createFaultDatabase(server.url, 'crashed')
    const settings = { databaseUrl: database.url, redisUrl: redis.url, statementTimeoutMs: 1000, tickMs: TICK_MS }
    const { instances } = await context.fleet({ ...settings, instances: 3 })
    const history = new History()
    await runWorkload({ instances, history, seed: context.seed, forMs: context.quick ? 1000 : 5000 })
    let current = database
    let lost = 0
    let recoveryMs = 0
    for (let attempt = 1; lost === 0; attempt++) {
      assert.ok(attempt <= MAX_ATTEMPTS, 'asynchronous commits were lost in the crash')
      // No instance has read these keys before, so their first load reads writes that will be lost.
      const ids = KEYS.map((key) => 1000 * attempt + key)
      await insert(current, ids)
      await Promise.all(instances.map((instance) => readAndCheck(history, instance, { tenant: 'acme', ids: [1] })))
      await current.query('set synchronous_commit = off')
      const rows = await current.query(
        `update things set version = 2, payload = concat_ws('/', tenant_id, id, 2, 'asynchronous', '') where tenant_id = $1 and id = any($2)
         returning id, payload`,
        [TENANT, ids],
      )
      await Promise.all(instances.map((instance) => readAndCheck(history, instance, { tenant: TENANT, ids })))
      await server.halt('SIGKILL')
      for (const row of rows)
        history.recordCommit({ tenant: TENANT, id: Number(row['id']), version: 2, payload: String(row['payload']) }, performance.now())
      await current.close()
      await server.start()
      const startedAt = performance.now()
      current = await openFaultDatabase(database.url)
      lost = history.rewind(await current.rows())
      await Promise.all(instances.map((instance) => followsAnew(instance, attempt)))
      recoveryMs = performance.now() - startedAt
      await Promise.all(instances.map((instance) => readAndCheck(history, instance, { tenant: TENANT, ids })))
    }
    const restarted = current
    context.defer(() => restarted.close())
    await runWorkload({ instances, history, seed: context.seed + 1, forMs: context.quick ? 1500 : 10_000 })
    const trusted = await checkHealed({ context, history, database: restarted, instances, settings })
    return resultOf(history, recoveryMs, { 'writes lost': lost, 'values in Redis': trusted })
  },
}

async function insert(
  database: { query(statement: string, parameters: readonly unknown[]): Promise<unknown> },
  ids: readonly number[],
): Promise<void> {
  await database.query(
    `insert into things (tenant_id, id, version, payload) select $1::text, id, 1, concat_ws('/', $1::text, id, 1, 'first', '') from unnest($2::int8[]) as id`,
    [TENANT, ids],
  )
}

async function followsAnew(instance: Instance, crashes: number): Promise<void> {
  const follows = async () => {
    const { cache, events } = await instance.stats()
    return cache.hasLease && (events['epoch'] ?? 0) >= crashes
  }
  await until(follows, FOLLOWS_MS, `a new epoch on instance ${instance.index} after the crash`)
}
