import type { OwnPostgres } from '../servers/postgres.ts'
import type { RedisServer } from '../servers/redis.ts'
import type { FaultDatabase } from './fault-database.ts'
import type { Fleet, FleetSettings } from './fleet.ts'

/** Context of a fault. Everything that a fault starts through this context is stopped at the end of the fault, even after a failure. */
export interface FaultContext {
  /** Whether the run is short: faults then use shorter times and smaller numbers. */
  readonly quick: boolean
  /** Duration of a fault that can last as long as wanted, minutes. Default: that of the fault. */
  readonly minutes?: number
  /** Seed of all random choices. */
  readonly seed: number
  /** Creates a database for this fault on the server that all faults share. */
  database(): Promise<FaultDatabase>
  /** Starts a PostgreSQL server for this fault, which the fault may damage. */
  postgres(settings?: Readonly<Record<string, string>>): Promise<OwnPostgres>
  /** Starts a Redis server for this fault. */
  redis(): Promise<RedisServer>
  fleet(settings: FleetSettings): Promise<Fleet>
  /** Registers a cleanup to run at the end of the fault, in reverse order of registration. */
  defer(cleanup: () => Promise<unknown>): void
}

export interface FaultResult {
  /** Number of reads, writes and comparisons that the history checked. */
  readonly operations: number
  /** Number of anomalies. The fault fails if there is any. */
  readonly anomalies: number
  /** Descriptions of the first anomalies. */
  readonly firstAnomalies: readonly string[]
  /**
   * Longest time from the end of the fault until all answers were correct again, ms; undefined if nothing had to
   * recover.
   */
  readonly recoveryMs: number | undefined
  /** Other measured figures, by their description, which contains the unit. */
  readonly figures?: Readonly<Record<string, number | string>>
}

export interface Fault {
  /** Id in the list of faults: F1 … F32. */
  readonly id: string
  readonly title: string
  /** Whether no other fault may run beside it, because it compares latencies or needs the whole machine to be in time. */
  readonly isAlone?: true
  /** Causes the fault and checks its effects. @throws AssertionError if the system does not survive the fault as required. */
  run(context: FaultContext): Promise<FaultResult>
}
