import type { OwnPostgres } from '../servers/postgres.ts'
import type { RedisServer } from '../servers/redis.ts'
import type { FaultDatabase } from './fault-database.ts'
import type { Fleet, FleetSettings } from './fleet.ts'

/** What a fault is given. All that it starts here is stopped when it is over, however it ends. */
export interface FaultContext {
  /** A bounded run: the shorter of two times, the smaller of two numbers. */
  readonly quick: boolean
  /** Of everything drawn at random. */
  readonly seed: number
  /** A database of its own, on the server that all faults share. */
  database(): Promise<FaultDatabase>
  /** A server of its own, for a fault that hurts it. */
  postgres(settings?: Readonly<Record<string, string>>): Promise<OwnPostgres>
  /** A Redis of its own. */
  redis(): Promise<RedisServer>
  fleet(settings: FleetSettings): Promise<Fleet>
  /** To be called when the fault is over, last registered first. */
  defer(cleanup: () => Promise<unknown>): void
}

export interface FaultResult {
  /** Reads, writes and comparisons that the history judged. */
  readonly operations: number
  /** How many there were; with one the fault is not survived. */
  readonly anomalies: number
  /** The first of them, in words. */
  readonly firstAnomalies: readonly string[]
  /** From the end of the fault until answers were right again, the longest, ms; undefined where nothing had to recover. */
  readonly recoveryMs: number | undefined
  /** What else was measured. */
  readonly figures?: Readonly<Record<string, number | string>>
}

export interface Fault {
  /** As in the list of faults: F1 … F29. */
  readonly id: string
  readonly title: string
  /** @throws AssertionError, when something that the fault requires does not hold. */
  run(context: FaultContext): Promise<FaultResult>
}
