import type { CampaignTotalRow, EventRow } from '../../postgres/tables.ts'

/** Sums over rollup rows. */
export type Totals = Omit<CampaignTotalRow, 'tenantId' | 'campaignId'>

export const NO_TOTALS: Totals = Object.freeze({
  calls: 0,
  settledCalls: 0,
  durationSeconds: 0,
  spendMinor: 0,
  revenueMinor: 0,
  bids: 0,
  wonBids: 0,
})

export const EVENT_KINDS: readonly EventRow['kind'][] = ['IMPRESSION', 'CLICK', 'CALL_STARTED', 'CALL_QUALIFIED', 'CONVERSION']

/** null where there is no whole: nobody called is not the same as nobody bought. */
export function share(part: number, whole: number): number | null {
  return whole === 0 ? null : part / whole
}

/** Minor units per item, halves rounded up. */
export function perUnit(minor: number, items: number): number | null {
  return items === 0 ? null : Math.floor(minor / items + 0.5)
}

/** Every kind once, in the order of the schema, zeros where nothing was counted. */
export function eventCounts(
  counted: readonly { readonly kind: EventRow['kind']; readonly count: number }[],
): { kind: EventRow['kind']; count: number }[] {
  const counts = new Map(counted.map(({ kind, count }) => [kind, count]))
  return EVENT_KINDS.map((kind) => ({ kind, count: counts.get(kind) ?? 0 }))
}
