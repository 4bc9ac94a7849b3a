import type { CampaignTotalRow } from '../campaigns/entity.ts'
import type { EventRow } from './entity.ts'

/** Sums over rows of a rollup table. */
export type Totals = Omit<CampaignTotalRow, 'tenantId' | 'campaignId'>

export const NO_TOTALS: Totals = Object.freeze({
  calls: 0,
  settledCalls: 0,
  durationSeconds: 0,
  spendMinor: 0,
  revenueMinor: 0,
  payoutMinor: 0,
  bids: 0,
  wonBids: 0,
})

const EVENT_KINDS: readonly EventRow['kind'][] = ['IMPRESSION', 'CLICK', 'CALL_STARTED', 'CALL_QUALIFIED', 'CONVERSION']

/** Returns the minor units per item, halves rounded up; null if there are no items. */
export function perUnit(minor: number, items: number): number | null {
  return items === 0 ? null : Math.floor(minor / items + 0.5)
}

/** Returns every kind of event once, in the order of the GraphQL schema. The count is 0 for a kind of which no event was counted. */
export function eventCounts(
  counted: readonly { readonly kind: EventRow['kind']; readonly count: number }[],
): { kind: EventRow['kind']; count: number }[] {
  const counts = new Map(counted.map(({ kind, count }) => [kind, count]))
  return EVENT_KINDS.map((kind) => ({ kind, count: counts.get(kind) ?? 0 }))
}
