import assert from 'node:assert/strict'
import type { Fault } from './fault.ts'
import { createFaultDatabase } from './fault-database.ts'
import type { Instance } from './fleet.ts'
import { checkHealed, resultOf } from './healing.ts'
import { History, readAndCheck } from './history.ts'
import { startLink } from './link.ts'
import { caughtUp, openPromoted } from './standby.ts'
import { until } from './until.ts'
import { runWorkload } from './workload.ts'

const TENANTS = ['acme', 'globex', 'initech']
const KEYS = Array.from({ length: 40 }, (_, index) => index + 1)
const RECONNECT_MS = 5000

export const fault: Fault = {
  id: 'F10',
  title: 'a standby is promoted with committed writes lost',
  run: async (context) => {
    const [primary, redis] = await Promise.all([context.postgres(), context.redis()])
    const database = await createFaultDatabase(primary.url, 'failover')
    context.defer(() => database.close())
    const replication = await startLink(primary.port)
    const address = await startLink(primary.port)
    context.defer(() => Promise.all([replication.close(), address.close()]))
    const starting = primary.startStandby(replication.port)
    context.defer(() => starting.then((server) => server.stop()))
    const standby = await starting
    const settings = { databaseUrl: database.urlThrough(address.port), redisUrl: redis.url, statementTimeoutMs: 1000 }
    const fleet = await context.fleet({ ...settings, instances: 3 })
    const history = new History()
    const work = { instances: fleet.instances, history, seed: context.seed }

    await runWorkload({ ...work, forMs: context.quick ? 1000 : 10_000 })
    await caughtUp(database, standby)
    replication.mode = 'refuse'
    replication.cut()
    await runWorkload({ ...work, seed: context.seed + 1, forMs: context.quick ? 1500 : 10_000 })
    // Every instance has cached the writes that the failover will lose, and loads that have read such writes are still
    // in flight: they complete after the promotion.
    await Promise.all(fleet.instances.map((instance) => readAll(history, instance)))
    const held = fleet.instances[2] as Instance
    await held.holdLoads()
    for (const tenant of TENANTS) await held.invalidate([tenant])
    const landing = readAll(history, held)
    await until(async () => (await held.stats()).heldLoads >= TENANTS.length, 5000, 'loads have read what will be lost')

    await primary.halt('SIGKILL')
    await standby.promote()
    const promoted = await openPromoted(context, database, standby.port)
    const lost = history.rewind(await promoted.rows())
    assert.ok(lost > 0, 'committed writes were lost')
    const promotedAt = performance.now()
    address.target = standby.port
    address.cut()
    await Promise.all(fleet.instances.map((instance) => syncedAnew(instance)))
    const recoveryMs = performance.now() - promotedAt
    // From now on no reader may see a lost write, neither before nor after the held loads complete.
    const newcomers = readAll(history, held)
    await Promise.all([readAll(history, fleet.instances[0] as Instance), readAll(history, fleet.instances[1] as Instance)])
    await held.releaseLoads()
    await newcomers
    await landing.catch(() => undefined)
    await Promise.all(fleet.instances.map((instance) => readAll(history, instance)))
    await runWorkload({ ...work, seed: context.seed + 2, forMs: context.quick ? 2000 : 20_000 })
    const trusted = await checkHealed({ context, history, database: promoted, instances: fleet.instances, settings })
    return resultOf(history, recoveryMs, { 'writes lost': lost, 'values in Redis': trusted })
  },
}

async function readAll(history: History, instance: Instance): Promise<void> {
  await Promise.all(TENANTS.map((tenant) => readAndCheck(history, instance, { tenant, ids: KEYS })))
}

/** Waits until the first sync after the promotion reports a new epoch. */
async function syncedAnew(instance: Instance): Promise<void> {
  await until(async () => ((await instance.stats()).events['epoch'] ?? 0) > 0, RECONNECT_MS, `a new epoch on instance ${instance.index}`)
}
