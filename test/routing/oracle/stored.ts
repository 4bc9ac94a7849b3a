import type { BuyerReason } from '#src/market/rules/routing/reason.ts'

/** A row of `reservations`, as the judge reads it. Times are Unix epoch ms. */
export interface StoredReservation {
  readonly id: number
  readonly buyerId: number
  readonly caller: string
  readonly state: 'OPEN' | 'CONNECTED' | 'CONVERTED' | 'ENDED'
  readonly priceMinor: number
  readonly payoutMinor: number
  readonly reservedAt: number
  readonly expiresAt: number
  readonly connectedAt: number | null
}

/** A row of `routing_decisions`, as the judge reads it. */
export interface StoredDecision {
  readonly id: number
  readonly kind: 'PING' | 'POST'
  readonly outcome: string
  readonly decidedAt: number
  readonly buyerId: number | null
  readonly reservationId: number | null
  readonly buyersRevision: number
  readonly planVersionId: number | null
  readonly ruleSetId: number | null
  readonly reasons: readonly BuyerReason[]
}
