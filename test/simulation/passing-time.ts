import { type Cache, cacheKey, rowTag } from '../../src/cache/index.ts'
import { Thing } from '../cache/instance.ts'
import type { SimulatedDatabase } from './database.ts'
import type { InstanceEnv, Scheduler } from './scheduler.ts'

const PHASE_MS = 1500

const policy = { name: 'Phase', l1Ms: 60_000, l2Ms: 60_000, staleWhileRevalidateMs: 0, staleIfErrorMs: 0 }

/**
 * Reads a value that changes by itself, as a bid does when it expires: which phase the database's clock is in. An instance whose own clock
 * is wrong must neither keep a phase that has ended nor tell of one that has not begun.
 * @returns What was wrong with the answer.
 */
export async function readPhase(
  { cache, env }: { readonly cache: Cache; readonly env: InstanceEnv },
  database: SimulatedDatabase,
  scheduler: Scheduler,
  boundMs: number,
): Promise<string | undefined> {
  const sentAt = scheduler.now
  const least = Math.floor((database.now - boundMs) / PHASE_MS)
  let isCoherent = false
  const phase = await cache.get<number>(
    { key: cacheKey('acme', 'Phase', []), tags: [rowTag(Thing, 'acme', 'phase')] },
    policy,
    async () => {
      const value = Math.floor(cache.now() / PHASE_MS)
      await database.read(env, [])
      return { value, until: (value + 1) * PHASE_MS }
    },
    // A load while the log cannot be followed goes by the instance's own clocks, and is not kept.
    { session: cache.openSession(), observe: (_, { ttlMs }) => (isCoherent = ttlMs > 0) },
  )
  const most = Math.floor((database.now + boundMs) / PHASE_MS)
  if (!isCoherent || (phase >= least && phase <= most)) return undefined
  return `at ${sentAt}: phase ${phase}, ${least} to ${most} were right`
}
