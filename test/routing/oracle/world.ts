import type { Cap, DuplicateWindow } from '#src/market/rules/routing/candidate.ts'
import type { Schedule } from '#src/market/rules/routing/schedule.ts'

/** Time in which an operation had its effect, in ticks of the run. */
export interface Span {
  readonly start: number
  readonly end: number
}

/** Settings of a buyer, as the judge knows them. */
export interface BuyerSettings {
  readonly active: boolean
  readonly states: readonly string[]
  readonly priceMinor: number
  readonly maxConcurrentCalls: number
  readonly timeZone: string
  readonly schedule: Schedule | null
  readonly caps: readonly Cap[]
  readonly duplicates: DuplicateWindow | null
}

export interface PlanTarget {
  readonly buyerId: number
  readonly tier: number
  readonly price: number | null
}

/** A rule set, as the judge knows it. */
export interface Rules {
  readonly consentRequired: boolean
  /** Largest number of reservations of a caller in an hour; null if there is no limit. */
  readonly attempts: number | null
}

/** A version of a document: its content, and when it became the current one. */
export interface Version<Content> extends Span {
  readonly id: number | null
  readonly content: Content
}

/** Times are Unix epoch ms by the clock of the run. */
export interface CallerEvent extends Span {
  readonly kind: 'CONSENT' | 'REVOCATION' | 'SUPPRESSION'
  readonly caller: string
  readonly at: number
  /** Buyer of a suppression; 0 for the tenant. */
  readonly buyerId: number
}

export interface PingRun extends Span {
  readonly decisionId: number
  readonly reservationId: number | null
  readonly caller: string
  readonly state: string
  readonly request: string
  /** Time of the ping, Unix epoch ms. */
  readonly at: number
}

export interface PostRun extends Span {
  readonly reservationId: number
  readonly caller: string
  readonly callId: number | null
  readonly refusal: string | null
}

export interface SettleRun extends Span {
  readonly callId: number
  readonly settled: boolean
}

/** Everything that happened in a run, by the one who ran it. The judge compares it with the rows of the database. */
export interface History {
  /** Settings of all buyers by revision. */
  readonly buyers: Version<ReadonlyMap<number, BuyerSettings>>[]
  readonly plans: Version<readonly PlanTarget[]>[]
  readonly rules: Version<Rules>[]
  readonly callers: CallerEvent[]
  readonly pings: PingRun[]
  readonly posts: PostRun[]
  readonly settlements: SettleRun[]
  readonly budgetMinor: number
}
