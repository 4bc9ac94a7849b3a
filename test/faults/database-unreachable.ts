import { setTimeout as pause } from 'node:timers/promises'
import type { Fault } from './fault.ts'
import { createFaultDatabase, openFaultDatabase } from './fault-database.ts'
import { checkHealed, resultOf } from './healing.ts'
import { History } from './history.ts'
import { prepareOutage, STALENESS_BOUND_MS } from './outage.ts'
import { until } from './until.ts'
import { runWorkload, startWorkload } from './workload.ts'

/**
 * Maximum time, ms, until instances follow the log of a restarted PostgreSQL server: the server first replays its WAL,
 * and instances reconnect at their next sync.
 */
const RESTARTED_MS = 5000

export const fault: Fault = {
  id: 'F8',
  title: 'PostgreSQL is a black hole, then stands still, then crashes',
  run: async (context) => {
    const server = await context.postgres()
    const database = await createFaultDatabase(server.url, 'unreachable')
    context.defer(() => database.close())
    const history = new History(STALENESS_BOUND_MS)
    const { link, instances, settings, probe, changeOutside, heal } = await prepareOutage(context, database, history)
    const work = { instances, history, tolerantShare: 0.5 }
    await runWorkload({ ...work, seed: context.seed, forMs: 1000 })
    // No COMMIT is in flight when the link breaks, so an instance may serve every cached copy, marked as stale.
    link.mode = 'swallow'
    const workload = startWorkload({ ...work, seed: context.seed + 1 })
    const brokenUntil = performance.now() + (context.quick ? 5000 : 60_000)
    await pause(2 * STALENESS_BOUND_MS)
    let slowestMs = 0
    while (performance.now() < brokenUntil) slowestMs = Math.max(slowestMs, await probe(false))
    await changeOutside()
    const { followsMs, convergedMs } = await heal()

    await server.suspend()
    await pause(2 * STALENESS_BOUND_MS)
    await probe(true)
    await server.resume()
    await pause(1000)
    await server.halt('SIGKILL')
    await pause(2 * STALENESS_BOUND_MS)
    await server.start()
    const follows = instances.map((instance) =>
      until(async () => (await instance.stats()).cache.hasLease, RESTARTED_MS, `the lease of instance ${instance.index} after the crash`),
    )
    await Promise.all(follows)
    await pause(1000)
    await workload.stop()

    const restarted = await openFaultDatabase(database.url)
    context.defer(() => restarted.close())
    const trusted = await checkHealed({ context, history, database: restarted, instances, settings })
    return resultOf(history, convergedMs, {
      'log followed after ms': Math.round(followsMs),
      'slowest strict failure ms': Math.round(slowestMs),
      'values in Redis': trusted,
    })
  },
}
