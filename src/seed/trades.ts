import { type Vertical, verticals } from '../generator/vocabulary/verticals.ts'

export interface Trade {
  readonly vertical: Vertical
  /** What the winning bid for a call is in the middle, in US cents. */
  readonly medianPriceMinor: number
}

/**
 * Levels of prices in the trade, by what a customer is worth there: a lawyer's case is worth more than a tow. They are
 * estimates; what is real is the spread around them (figures.ts).
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
