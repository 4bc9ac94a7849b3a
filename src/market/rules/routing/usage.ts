import type { Cap, Counted, Period } from './candidate.ts'

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
  /** Reservations of any time that are open and have not expired, and calls that are connected. */
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
