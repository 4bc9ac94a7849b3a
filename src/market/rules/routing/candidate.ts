import type { Condition } from './condition.ts'
import type { BuyerReason } from './reason.ts'
import type { Interval } from './schedule.ts'

/** Unit of a cap: reservations, posted calls, settled calls with revenue, or their revenue in minor units. */
export type Counted = 'ATTEMPTS' | 'CONNECTIONS' | 'CONVERSIONS' | 'MONEY'

/** Period of a cap, in the time zone of the buyer. TOTAL never ends. */
export type Period = 'HOUR' | 'DAY' | 'MONTH' | 'TOTAL'

export interface Cap {
  readonly period: Period
  readonly counts: Counted
  /** Largest number in a period, or the largest sum in minor units. */
  readonly maximum: number
}

/** Time for which a caller counts as a duplicate after a call that connected, or that was sold. */
export interface DuplicateWindow {
  /** Calls to this buyer only, or to any buyer of the campaign. */
  readonly scope: 'BUYER' | 'CAMPAIGN'
  /** Days of 24 hours. */
  readonly days: number
  readonly by: 'CONNECTED' | 'CONVERTED'
}

/** A buyer that may get a call from one state in one hour. */
export interface Candidate {
  readonly buyerId: number
  /** The lowest tier that has a qualified buyer gets the call. */
  readonly tier: number
  /** Share of the calls that the buyer gets within its tier, from 1 on. */
  readonly weight: number
  /** Price that the buyer pays for a call, minor units. */
  readonly priceMinor: number
  readonly timeZone: string
  /** Parts of the hour in which the buyer takes calls. */
  readonly open: readonly Interval[]
  readonly caps: readonly Cap[]
  readonly maxConcurrentCalls: number
  readonly duplicates: DuplicateWindow | null
  /** Conditions of the buyer and of its target in the plan; null if there are none. */
  readonly conditions: Condition | null
  /** Share of the buyer's calls that were sold, from 0 to 1, for plans that rank by expected revenue. */
  readonly conversion: number
}

/** A buyer that cannot get a call from this state in this hour. */
export type Excluded = BuyerReason
