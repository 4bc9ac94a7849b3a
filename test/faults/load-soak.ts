import assert from 'node:assert/strict'
import { setTimeout as pause } from 'node:timers/promises'
import type { ShadowOutcome } from '#src/engine/cache/index.ts'
import { DatabaseUnavailableError } from '#src/engine/postgres/failure.ts'
import { Random } from '#src/market/seed/random.ts'
import type { Fault } from './fault.ts'
import type { Instance } from './fleet.ts'
import { checkHealed, resultOf } from './healing.ts'
import { History } from './history.ts'
import { startLink } from './link.ts'
import { RedisContents } from './redis-contents.ts'
import { untilShared } from './shared-tier.ts'
import { until } from './until.ts'
import { startWorkload } from './workload.ts'

const FOLLOWS_WITHIN_MS = 5000
/** Share of the reads that shadow mode compares with the database. */
const SHADOW_RATE = 0.1
/** Maximum growth factor of the heap from the middle to the end of the run, after garbage collection. */
const MAX_GROWTH = 1.25

export const fault: Fault = {
  id: 'F24',
  title: 'random faults for a while: Redis and PostgreSQL cut, swallowed and flushed, instances stopped, clocks shifted',
  run: async (context) => {
    const [database, redis] = await Promise.all([context.database(), context.redis()])
    const [databaseLink, redisLink] = await Promise.all([startLink(Number(new URL(database.url).port)), startLink(redis.port)])
    context.defer(() => databaseLink.close())
    context.defer(() => redisLink.close())
    const settings = { databaseUrl: database.url, redisUrl: redis.url, statementTimeoutMs: 1000, readDeadlineMs: 1500 }
    const { instances } = await context.fleet({
      ...settings,
      databaseUrl: database.urlThrough(databaseLink.port),
      redisUrl: `redis://127.0.0.1:${redisLink.port}`,
      instances: 3,
      execArgv: ['--expose-gc'],
      shadowRate: SHADOW_RATE,
    })
    const contents = new RedisContents(redis.url)
    context.defer(() => contents.close())
    const history = new History()
    const random = new Random(`soak ${context.seed}`)
    const workload = startWorkload({ instances, history, seed: context.seed, tolerantShare: 0.2 })
    const forAWhile = async (begin: () => void, end: () => void) => {
      begin()
      await pause(random.integer(50, 1500))
      end()
    }
    const broken = (link: typeof redisLink) => {
      const mode = random.pick(['swallow', 'refuse'] as const)
      return forAWhile(
        () => {
          link.mode = mode
        },
        () => {
          link.mode = 'pass'
          link.cut()
        },
      )
    }
    const stopped = (instance: Instance) =>
      forAWhile(
        () => instance.process.kill('SIGSTOP'),
        () => instance.process.kill('SIGCONT'),
      )
    const faults: readonly (() => Promise<unknown>)[] = [
      () => contents.flush(),
      () => broken(redisLink),
      () => broken(databaseLink),
      async () => databaseLink.cut(),
      () => stopped(random.pick(instances)),
      // Shifts the wall clock of the first instance, which is never suspended, because the lease of an instance
      // survives either a suspended process or a shifted clock, but not both.
      () => (instances[0] as Instance).shiftWallClock(random.pick([0, 3_600_000, -3_600_000])),
      // A trim right after a cut may meet a connection that is lost. The maintenance does the same work again a minute later.
      () =>
        random
          .pick(instances.slice(1))
          .trim()
          .catch((error: Error) => {
            if (!error.message.startsWith(DatabaseUnavailableError.name)) throw error
          }),
    ]
    const endsAt = performance.now() + (context.minutes === undefined ? (context.quick ? 12_000 : 180_000) : 60_000 * context.minutes)
    const middle = (performance.now() + endsAt) / 2
    let heapInTheMiddle = 0
    let suffered = 0
    while (performance.now() < endsAt) {
      await random.pick(faults)()
      suffered++
      await pause(random.integer(50, 400))
      if (heapInTheMiddle === 0 && performance.now() > middle) heapInTheMiddle = await heapOf(instances)
    }
    await workload.stop()
    const recoveryMs = await until(
      async () => (await Promise.all(instances.map((instance) => instance.stats()))).every(({ cache }) => cache.hasLease),
      FOLLOWS_WITHIN_MS,
      'all instances follow the log',
    )
    // Resets the wall clock first: an instance whose clock is an hour behind stores values that other instances regard
    // as an hour old.
    await (instances[0] as Instance).shiftWallClock(0)
    await untilShared(instances, 2 * FOLLOWS_WITHIN_MS)
    const heap = await heapOf(instances)
    assert.ok(heap < MAX_GROWTH * heapInTheMiddle, `the heap grew from ${heapInTheMiddle} to ${heap} bytes`)
    const compared = await comparisonsOf(instances)
    assert.ok(compared.equal > 0, 'shadow mode compared nothing')
    assert.equal(compared.violations, 0, `shadow mode found ${compared.violations} violations of ${compared.judged}`)
    const trusted = await checkHealed({ context, history, database, instances, settings })
    return resultOf(history, recoveryMs, {
      faults: suffered,
      'heap in the middle KiB': Math.round(heapInTheMiddle / 1024),
      'and at the end': Math.round(heap / 1024),
      'values in Redis': trusted,
      'comparisons of shadow mode': compared.judged,
      'of them within the bound': compared.withinBound,
      undecided: compared.undecided,
    })
  },
}

/** Returns the comparisons of shadow mode by all instances, by outcome. */
async function comparisonsOf(instances: readonly Instance[]) {
  const all = await Promise.all(instances.map((instance) => instance.stats()))
  const count = (outcome: ShadowOutcome) => all.reduce((sum, { events }) => sum + (events[`shadow ${outcome}`] ?? 0), 0)
  const [equal, withinBound, violations, undecided] = [count('equal'), count('within bound'), count('violation'), count('undecided')]
  return { equal, withinBound, violations, undecided, judged: equal + violations }
}

/** Returns the total heap of all instances after garbage collection, bytes. */
async function heapOf(instances: readonly Instance[]): Promise<number> {
  await Promise.all(instances.map((instance) => instance.collectGarbage()))
  const all = await Promise.all(instances.map((instance) => instance.stats()))
  return all.reduce((sum, { heapBytes }) => sum + heapBytes, 0)
}
