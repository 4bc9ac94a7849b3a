import type { Generated, Selectable } from 'kysely'

export interface SuppressionRow {
  id: Generated<number>
  tenantId: string
  caller: Uint8Array // keyed hash
  scope: 'TENANT' | 'CAMPAIGN' | 'BUYER'
  scopeId: Generated<number> // id of the campaign or buyer, 0 for the tenant
  source: string
  madeBy: string | null // subject of the token
  createdAt: Generated<string>
}

export interface ConsentRow {
  id: Generated<number>
  tenantId: string
  caller: Uint8Array // keyed hash
  campaignId: number | null // null: all campaigns
  source: string
  evidence: string
  givenAt: string
  expiresAt: string | null
  revokedAt: string | null
  revokedBy: string | null // subject of the token
  createdAt: Generated<string>
}

export interface ConsentRevocationRow {
  tenantId: string
  caller: Uint8Array // keyed hash
  source: string
  revokedAt: string
  revokedBy: string | null // subject of the token
}

export interface DncListRow {
  name: string
  version: Generated<number> // version in use, 0: none yet
  entries: Generated<number>
  importedAt: string | null
  importingVersion: number | null
}

export interface DncEntryRow {
  list: string
  version: number
  caller: Uint8Array // keyed hash, the same for all tenants
}

declare module '../../../gateway/contract/tables.ts' {
  interface Tables {
    suppressions: SuppressionRow
    consents: ConsentRow
    consentRevocations: ConsentRevocationRow
    dncLists: DncListRow
    dncEntries: DncEntryRow
  }
}

export type Suppression = Selectable<SuppressionRow>

export type Consent = Selectable<ConsentRow>

/** A user or a service, as its token names it. */
export interface Actor {
  readonly subject: string
}
