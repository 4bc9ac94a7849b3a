import { setTimeout as pause } from 'node:timers/promises'
import { Random } from '../../src/seed/random.ts'
import type { Instance } from './fleet.ts'
import { type History, readAndCheck, writeAndRecord } from './history.ts'
import { percentiles } from './percentiles.ts'
import type { Percentiles } from './protocol.ts'

export interface WorkloadSettings {
  readonly instances: readonly Instance[]
  readonly history: History
  readonly seed: number
  /** Those that write, where not all do. */
  readonly writing?: readonly Instance[]
  /** Default three. */
  readonly tenants?: readonly string[]
  /** Ids are 1 … this; 40. */
  readonly keys?: number
  /** Readers at one time, over all instances; 8. */
  readonly readers?: number
  /** 3. */
  readonly writers?: number
  /** How long each of them waits between two operations, ms; 4. */
  readonly pauseMs?: number
  /** Rows that a read asks for at most; 4. */
  readonly batch?: number
  /** Of the reads, which would take a flagged stale copy; 0. */
  readonly tolerantShare?: number
}

export interface WorkloadTotals {
  readonly reads: number
  readonly writes: number
  /** Calls that were rejected as a whole: the instance was gone, or failed. */
  readonly rejected: number
  readonly readMs: Percentiles
  readonly writeMs: Percentiles
}

export interface Workload {
  /** Lets what is under way end, and starts nothing more. */
  stop(): Promise<WorkloadTotals>
}

const TENANTS = ['acme', 'globex', 'initech']
const TOKEN_SHARE = 0.4
const PAUSE_AFTER_FAILURE_MS = 20

/** Readers and writers over a fleet, all of whose answers the history judges, until they are told to stop. */
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

/** The same for a given time. */
export async function runWorkload(settings: WorkloadSettings & { readonly forMs: number }): Promise<WorkloadTotals> {
  const workload = startWorkload(settings)
  await pause(settings.forMs)
  return workload.stop()
}
