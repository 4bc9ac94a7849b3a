import type { Generated } from 'kysely'

/**
 * The rows of the database as Kysely sees them (CamelCasePlugin: column `tenant_id` is property `tenantId`).
 * int8 arrives as a number (an unsafe integer throws), timestamptz(3) as an ISO 8601 string in UTC with milliseconds.
 * Money is an integer of minor units in the tenant's currency.
 */
export interface Database {
  tenants: TenantRow
  users: UserRow
  revokedTokens: RevokedTokenRow
  tokenCutoffs: TokenCutoffRow
  campaigns: CampaignRow
  domains: DomainRow
  buyers: BuyerRow
  calls: CallRow
  bids: BidRow
  events: EventRow
  tlds: TldRow
  domainCounts: DomainCountRow
  campaignTotals: CampaignTotalRow
  campaignHours: CampaignHourRow
  buyerDays: BuyerDayRow
  eventHours: EventHourRow
}

export interface TenantRow {
  id: string // slug, primary key
  name: string
  currency: string // ISO 4217
  createdAt: Generated<string>
}

export interface UserRow {
  id: Generated<number>
  tenantId: string
  email: string // unique per tenant
  name: string
  role: 'VIEWER' | 'EDITOR' | 'ADMIN'
  createdAt: Generated<string>
}

/** A token that is refused, whoever shows it. */
export interface RevokedTokenRow {
  id: string // the claim jti, primary key
  revokedAt: Generated<string>
}

/** Of a user or service account only tokens that were issued later are accepted; (tenantId, userId) is the primary key. */
export interface TokenCutoffRow {
  tenantId: string
  userId: string // the claim sub
  validAfter: string
}

export interface CampaignRow {
  id: Generated<number>
  tenantId: string
  ownerId: number // users.id, same tenant
  name: string
  status: Generated<'DRAFT' | 'ACTIVE' | 'PAUSED' | 'ARCHIVED'>
  budgetMinor: number
  keywords: string[]
  tlds: string[]
  patterns: string[]
  startsAt: string | null
  endsAt: string | null
  version: Generated<number> // optimistic lock, starts at 1
  createdAt: Generated<string>
  updatedAt: Generated<string>
}

export interface DomainRow {
  id: Generated<number>
  tenantId: string
  campaignId: number // on delete cascade
  name: string // full name, A-label form, lower case; unique per tenant; a LIVE name is unique over all tenants
  sld: string
  tld: string
  terms: string[] // the words the name was made of: searched
  status: Generated<'GENERATED' | 'REGISTERED' | 'LIVE' | 'PAUSED' | 'EXPIRED' | 'REJECTED'>
  popularityRank: number | null // 1 is the most popular
  score: number // 0..100
  version: Generated<number>
  createdAt: Generated<string>
  updatedAt: Generated<string>
}

export interface BuyerRow {
  id: Generated<number>
  tenantId: string
  name: string // unique per tenant
  states: string[] // routing criteria: US states accepted, empty = all
  maxConcurrentCalls: number
  minDurationSeconds: number
  dailyCapMinor: number | null
  active: Generated<boolean>
  version: Generated<number>
  createdAt: Generated<string>
  updatedAt: Generated<string>
}

export interface CallRow {
  id: Generated<number>
  tenantId: string
  campaignId: number // on delete cascade
  domainId: number | null // on delete set null
  callerState: string // two letters
  status: Generated<'INCOMING' | 'CONNECTED' | 'SETTLED' | 'MISSED'>
  startedAt: string
  durationSeconds: Generated<number>
  costMinor: Generated<number> // what the traffic cost
  revenueMinor: Generated<number> // amount of the winning bid once settled
  winningBidId: number | null
  settledAt: string | null
  version: Generated<number>
}

export interface BidRow {
  id: Generated<number>
  tenantId: string
  callId: number // on delete cascade
  campaignId: number // the call's campaign; on delete cascade
  buyerId: number
  amountMinor: number
  status: Generated<'ACTIVE' | 'WON' | 'LOST' | 'CANCELLED'> // ACTIVE past expiresAt reads as EXPIRED
  placedAt: Generated<string>
  expiresAt: string
  version: Generated<number>
}

/** Analytics events; (tenantId, eventId) is the primary key, so a repeated event is stored once. */
export interface EventRow {
  tenantId: string
  eventId: string
  campaignId: number // on delete cascade
  domainId: number | null
  kind: 'IMPRESSION' | 'CLICK' | 'CALL_STARTED' | 'CALL_QUALIFIED' | 'CONVERSION'
  occurredAt: string
  receivedAt: Generated<string>
}

export interface TldRow {
  name: string // A-label, primary key
  unicodeName: string
  kind: 'COUNTRY_CODE' | 'GENERIC' | 'INTERNATIONALIZED'
}

/** Rollups: kept by statement-level triggers on the base tables, in the writer's own transaction. */
export interface DomainCountRow {
  tenantId: string
  campaignId: number
  status: DomainRow['status'] extends Generated<infer S> ? S : never
  count: number
}

export interface CampaignTotalRow {
  tenantId: string
  campaignId: number
  calls: number
  settledCalls: number
  durationSeconds: number
  spendMinor: number
  revenueMinor: number
  bids: number
  wonBids: number
}

/** Calls and money at the hour the call started; bids at the hour they were placed. */
export interface CampaignHourRow extends CampaignTotalRow {
  hour: string
}

export interface BuyerDayRow {
  tenantId: string
  buyerId: number
  day: string // date, YYYY-MM-DD (UTC), by placedAt
  bids: number
  wonBids: number
  revenueMinor: number
}

export interface EventHourRow {
  tenantId: string
  campaignId: number
  kind: EventRow['kind']
  hour: string
  count: number
}
