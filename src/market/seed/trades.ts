import { type Vertical, verticals } from '../rules/naming/vocabulary/verticals.ts'

export interface Trade {
  readonly vertical: Vertical
  /** Median amount of the winning bids for a phone call, in US cents. */
  readonly medianPriceMinor: number
}

/**
 * Median price of a phone call by trade, in US cents. It depends on the worth of a customer: a lawyer's case is worth more than a tow. The
 * medians are estimates; only the spread around them comes from real data (figures.ts).
 */
const medianPricesMinor: Readonly<Record<string, number>> = {
  insurance: 3_200,
  plumbing: 3_800,
  roofing: 6_500,
  legal: 14_000,
  rehab: 11_000,
  hvac: 4_200,
  solar: 7_000,
  debt: 4_500,
  dental: 3_600,
  locksmith: 2_400,
  pest: 2_600,
  restoration: 8_500,
  moving: 2_900,
  towing: 1_800,
  home: 4_800,
  senior: 5_200,
  security: 3_400,
  travel: 1_500,
  telecom: 2_200,
  education: 3_000,
}

export const trades: readonly Trade[] = verticals.map((vertical) => ({
  vertical,
  medianPriceMinor: medianPricesMinor[vertical.name] ?? 3_000,
}))
