import type { Strategy } from '#src/market/rules/routing/plan-document.ts'

export interface BenchOptions {
  /** Pings a second. */
  readonly rate: number
  /** Duration of a run, s. */
  readonly seconds: number
  /** Number of runs of each tenant. */
  readonly runs: number
  /** Number of buyers of each tenant. */
  readonly buyers: number
  readonly strategy: Strategy
  /** Share of the offers that are posted, from 0 to 1. */
  readonly posts: number
  /** Callers on the do-not-call list that is replaced during pings. */
  readonly listed: number
  /** Whether the statements that took most time are printed after each run. */
  readonly showsStatements: boolean
}
