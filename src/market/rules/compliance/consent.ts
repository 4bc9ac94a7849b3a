import type { Consent } from './check.ts'

/** Stored consent of a caller. Times are Unix epoch ms. */
export interface ConsentRecord {
  /** Campaign that the consent is for; null for all campaigns of the tenant. */
  readonly campaignId: number | null
  readonly givenAt: number
  readonly expiresAt: number | null
  readonly revokedAt: number | null
}

/**
 * Returns the consent of a caller for a campaign. A revocation ends every consent for the campaign that was given before it, whichever record
 * it was written to. Only a consent that is given later counts again.
 * @param records All consents of the caller for this campaign, for all campaigns, or for others, which are left out.
 */
export function consentFor(records: readonly ConsentRecord[], campaignId: number, now: number): Consent {
  const own = records.filter((record) => record.campaignId === null || record.campaignId === campaignId)
  const revoked = Math.max(...own.map(({ revokedAt }) => revokedAt ?? Number.NEGATIVE_INFINITY))
  const isValid = ({ givenAt, expiresAt, revokedAt }: ConsentRecord) =>
    revokedAt === null && givenAt > revoked && givenAt <= now && (expiresAt === null || expiresAt > now)
  if (own.some(isValid)) return 'GIVEN'
  return revoked === Number.NEGATIVE_INFINITY ? 'MISSING' : 'REVOKED'
}
