import { setTimeout as pause } from 'node:timers/promises'
import { Random } from '#src/market/seed/random.ts'
import type { Instance } from './fleet.ts'
import { type History, readAndCheck, writeAndRecord } from './history.ts'
import { percentiles } from './percentiles.ts'
import type { Percentiles } from './protocol.ts'

export interface WorkloadSettings {
  readonly instances: readonly Instance[]
  readonly history: History
  readonly seed: number
  /** Instances that write. Default: all. */
  readonly writing?: readonly Instance[]
  /** Tenants whose rows are used. Default: three tenants. */
  readonly tenants?: readonly string[]
  /** Number of keys per tenant. Ids are 1 to this number. Default: 40. */
  readonly keys?: number
  /** Number of concurrent readers over all instances. Default: 8. */
  readonly readers?: number
  /** Number of concurrent writers over all instances. Default: 3. */
  readonly writers?: number
  /** Pause of each reader and writer between two operations, ms. Default: 4. */
  readonly pauseMs?: number
  /** Maximum number of rows per read. Default: 4. */
  readonly batch?: number
  /** Share of reads that accept a stale copy that is flagged, 0 to 1. Default: 0. */
  readonly tolerantShare?: number
}

export interface WorkloadTotals {
  readonly reads: number
  readonly writes: number
  /** Number of reads and writes without a result, because the instance had exited or reported an error. */
  readonly rejected: number
  readonly readMs: Percentiles
  readonly writeMs: Percentiles
}

export interface Workload {
  /** Starts no new operations, and waits for the operations in flight. */
  stop(): Promise<WorkloadTotals>
}

const TENANTS = ['acme', 'globex', 'initech']
const TOKEN_SHARE = 0.4
const PAUSE_AFTER_FAILURE_MS = 20

/** Starts readers and writers on a fleet until they are stopped. The history checks every response. */
export function startWorkload(settings: WorkloadSettings): Workload {
  const { instances, history, seed, writing = instances, tenants = TENANTS, keys = 40, readers = 8, writers = 3 } = settings
  const { pauseMs = 4, batch = 4, tolerantShare = 0 } = settings
  const readMs: number[] = []
  const writeMs: number[] = []
  const tokens = new Map<string, string>()
  let rejected = 0
  let isOver = false

  const repeat = async (durations: number[], operation: () => Promise<boolean>) => {
    while (!isOver) {
      const startedAt = performance.now()
      const succeeded = await operation().catch(() => {
        rejected++
        return false
      })
      durations.push(performance.now() - startedAt)
      await pause(succeeded ? pauseMs : PAUSE_AFTER_FAILURE_MS)
    }
  }
  const read = async (random: Random) => {
    const tenant = random.pick(tenants)
    const ids = random.sample(
      Array.from({ length: keys }, (_, index) => index + 1),
      random.integer(1, batch),
    )
    const token = random.chance(TOKEN_SHARE) ? tokens.get(tenant) : undefined
    const results = await readAndCheck(history, random.pick(instances), { tenant, ids, token, tolerant: random.chance(tolerantShare) })
    return results.every((result) => !('error' in result))
  }
  const write = async (random: Random) => {
    const tenant = random.pick(tenants)
    const result = await writeAndRecord(history, random.pick(writing), { tenant, id: random.integer(1, keys) })
    if (result.token) tokens.set(tenant, result.token)
    return !('error' in result)
  }
  const workers = [
    ...Array.from({ length: readers }, (_, index) => {
      const random = new Random(`reader ${index} of ${seed}`)
      return repeat(readMs, () => read(random))
    }),
    ...Array.from({ length: writers }, (_, index) => {
      const random = new Random(`writer ${index} of ${seed}`)
      return repeat(writeMs, () => write(random))
    }),
  ]
  return {
    stop: async () => {
      isOver = true
      await Promise.all(workers)
      return { reads: readMs.length, writes: writeMs.length, rejected, readMs: percentiles(readMs), writeMs: percentiles(writeMs) }
    },
  }
}

/** Runs the workload for a given time. */
export async function runWorkload(settings: WorkloadSettings & { readonly forMs: number }): Promise<WorkloadTotals> {
  const workload = startWorkload(settings)
  await pause(settings.forMs)
  return workload.stop()
}
