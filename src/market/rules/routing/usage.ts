import type { Cap, Counted, Period } from './candidate.ts'

/**
 * Time in ms for which an open reservation is held beyond its expiry. A post that began before the expiry may not be committed yet, and
 * the clocks of two instances may differ a little. The time is longer than both together.
 */
export const GRACE_MS = 5000

/**
 * Time in ms after which a connected call is no longer one of the buyer's concurrent calls, although nobody has reported its end: the longest
 * call, and the grace. It still counts for caps and the budget, because a late report may sell it.
 */
export const MAX_CALL_MS = 24 * 60 * 60 * 1000 + GRACE_MS

/** Reservations, or calls, and the sum of their prices in minor units. */
export interface Held {
  readonly count: number
  readonly priceMinor: number
}

/** Usage of a buyer in one period. */
export interface PeriodUsage {
  /** Sums of `buyer_usage`. */
  readonly attempts: number
  readonly connections: number
  readonly conversions: number
  readonly moneyMinor: number
  /** Reservations made in the period that are open and have not expired. */
  readonly open: Held
  /** Reservations made in the period whose call is connected and not settled. */
  readonly connected: Held
}

/** Usage of a buyer, which its caps limit. */
export interface BuyerUsage {
  /** Reservations of any time that are open and have not expired, and calls that were connected within {@link MAX_CALL_MS}. */
  readonly concurrent: number
  /** Usage in the current period of each cap. */
  readonly periods: Readonly<Partial<Record<Period, PeriodUsage>>>
}

/**
 * Returns how much of a cap counts as used. What is held counts as if it will connect and convert: an open reservation is an attempt
 * already, a connected call is also a connection already.
 */
export function usedOf(counts: Counted, { attempts, connections, conversions, moneyMinor, open, connected }: PeriodUsage): number {
  switch (counts) {
    case 'ATTEMPTS':
      return attempts
    case 'CONNECTIONS':
      return connections + open.count
    case 'CONVERSIONS':
      return conversions + open.count + connected.count
    case 'MONEY':
      return moneyMinor + open.priceMinor + connected.priceMinor
  }
}

/** Returns whether a cap allows one more reservation. @param priceMinor Its price, minor units. */
export function hasRoom({ counts, maximum }: Cap, usage: PeriodUsage, priceMinor: number): boolean {
  return usedOf(counts, usage) + (counts === 'MONEY' ? priceMinor : 1) <= maximum
}
