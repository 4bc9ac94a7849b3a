import { type Cache, cacheKey, rowTag } from '#src/engine/cache/index.ts'
import { Thing } from '../cache/instance.ts'
import type { SimulatedDatabase } from './database.ts'
import type { InstanceEnv, Scheduler } from './scheduler.ts'

const PHASE_MS = 1500

const policy = { name: 'Phase', l1Ms: 60_000, l2Ms: 60_000, staleWhileRevalidateMs: 0, staleIfErrorMs: 0 }

/**
 * Reads a value that changes with time alone, like the status of a bid that expires: the current phase of the database's clock. An instance
 * whose own clock is wrong must return neither a phase that has already ended nor a phase that has not begun.
 * @returns a description of the wrong value, or undefined if the value is right.
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
    // An instance that cannot reach the log loads the value by its own clock, and does not store the value.
    { session: cache.openSession(), observe: (_, { ttlMs }) => (isCoherent = ttlMs > 0) },
  )
  const most = Math.floor((database.now + boundMs) / PHASE_MS)
  if (!isCoherent || (phase >= least && phase <= most)) return undefined
  return `at ${sentAt}: phase ${phase}, ${least} to ${most} were right`
}
