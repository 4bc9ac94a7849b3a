/* Generated from schema/ by `npm run generate`: do not edit. */
import type { Condition } from '../rules/routing/condition.ts';
export type Maybe<T> = T | null;
export type InputMaybe<T> = T | null | undefined;
/** All built-in and custom scalars, mapped to their actual values */
export type Scalars = {
  ID: { input: string; output: string; }
  String: { input: string; output: string; }
  Boolean: { input: boolean; output: boolean; }
  Int: { input: number; output: number; }
  Float: { input: number; output: number; }
  /**
   * A condition on the attributes of a call, as JSON. It is one of these, nested at most 5 deep and with at most 100 comparisons:
   *
   * - `{all: [condition, ...]}`: each of the conditions holds.
   * - `{any: [condition, ...]}`: at least one of the conditions holds.
   * - `{attribute: "state", operator: "in", value: ["CA", "NY"]}`: a comparison. The operators are `=`, `!=`, `in`, `<`, `>` and `matches`, which
   *   takes a pattern such as `90*`.
   *
   * The attributes are `state` (two letters), `zip` (five digits), `publisher` (its id), `subId`, `hour` (0 to 23, where the caller is), `price`
   * (minor units), and any other name that publishers send.
   */
  Condition: { input: unknown; output: Condition; }
  /** An exact count, from 0 to 9007199254740991. Sums can exceed the range of Int. */
  Count: { input: number; output: number; }
  /**
   * A point in time in the years 0001 to 9999. Input is ISO 8601 with a time zone, such as `2026-03-01T08:30:00Z`. The zone is `Z` or an offset
   * such as `+05:30`. Seconds are optional. They can have a fraction of up to nine digits, but only the milliseconds are kept. Output is in UTC
   * with milliseconds, such as `2026-03-01T08:30:00.000Z`.
   */
  DateTime: { input: string; output: string; }
  /**
   * A domain name under one of the top-level domains of `tlds`. Input is in Unicode or in A-labels; blanks at both ends, upper case and one final
   * dot are ignored. Output is always in lower-case A-labels.
   */
  DomainName: { input: string; output: string; }
  /** An exact integer number of the smallest unit of a currency, from -9007199254740991 to 9007199254740991. It is a JSON number, not a string. */
  MinorUnits: { input: number; output: number; }
  /** The IANA name of a time zone, such as America/New_York. Upper and lower case are the same. */
  TimeZone: { input: string; output: string; }
};

/** A user, or a service such as a program of the tenant. */
export type Actor = {
  readonly __typename?: 'Actor';
  /** Subject of the token (claim `sub`). */
  readonly subject: Scalars['String']['output'];
  /** Null if the subject is no user, or the user was deleted. */
  readonly user: Maybe<User>;
};

/**
 * Figures about calls, bids and events. They are read from rollups (tables of precomputed sums). A write updates the rollups in the same
 * transaction as the calls, bids and events, so the figures are never older than these.
 *
 * Hours, days, weeks (from Monday) and months are in UTC, unless a field takes a `timeZone`. A call, its cost and its revenue count in the
 * hour in which the call started. A bid counts in the hour in which it was placed. A range consists of whole hours: `from` is rounded down
 * and `to` is rounded up. A range without `to`, or with a `to` in the future, ends with the current hour. A range spans at most 400 days.
 */
export type Analytics = {
  readonly __typename?: 'Analytics';
  /**
   * One entry per day of the time zone, in order of time. A day without a call has an entry with zeros. The range consists of whole hours, so
   * the first and the last day can be shorter than a day. For whole days, send the moments at which days begin in this zone. A day on which
   * clocks change has 23 or 25 hours. A zone whose days do not begin at a whole hour of UTC is refused.
   */
  readonly callsByDay: Maybe<ReadonlyArray<CallDay>>;
  /** One entry per hour, in order of time. An hour without a call has an entry with zeros. */
  readonly callsByHour: Maybe<ReadonlyArray<CallHour>>;
  /**
   * Compares the current day, week or month with the previous one. The current period counts up to the end of the current hour. The previous
   * period counts for the same number of hours from its start. Days begin at midnight in the time zone. A zone whose days do not begin at a
   * whole hour of UTC is refused.
   */
  readonly dashboard: Maybe<Dashboard>;
  /** Totals over the whole range. */
  readonly performance: Maybe<Performance>;
  /**
   * Revenue from the bids that each buyer placed in these days, highest first. Buyers without a bid are left out. The range consists of
   * whole days. `first` is at most 100.
   */
  readonly revenueByBuyer: Maybe<ReadonlyArray<BuyerRevenue>>;
};


/**
 * Figures about calls, bids and events. They are read from rollups (tables of precomputed sums). A write updates the rollups in the same
 * transaction as the calls, bids and events, so the figures are never older than these.
 *
 * Hours, days, weeks (from Monday) and months are in UTC, unless a field takes a `timeZone`. A call, its cost and its revenue count in the
 * hour in which the call started. A bid counts in the hour in which it was placed. A range consists of whole hours: `from` is rounded down
 * and `to` is rounded up. A range without `to`, or with a `to` in the future, ends with the current hour. A range spans at most 400 days.
 */
export type AnalyticsCallsByDayArgs = {
  campaignId?: InputMaybe<Scalars['ID']['input']>;
  from: Scalars['DateTime']['input'];
  timeZone: Scalars['TimeZone']['input'];
  to?: InputMaybe<Scalars['DateTime']['input']>;
};


/**
 * Figures about calls, bids and events. They are read from rollups (tables of precomputed sums). A write updates the rollups in the same
 * transaction as the calls, bids and events, so the figures are never older than these.
 *
 * Hours, days, weeks (from Monday) and months are in UTC, unless a field takes a `timeZone`. A call, its cost and its revenue count in the
 * hour in which the call started. A bid counts in the hour in which it was placed. A range consists of whole hours: `from` is rounded down
 * and `to` is rounded up. A range without `to`, or with a `to` in the future, ends with the current hour. A range spans at most 400 days.
 */
export type AnalyticsCallsByHourArgs = {
  campaignId?: InputMaybe<Scalars['ID']['input']>;
  from: Scalars['DateTime']['input'];
  to?: InputMaybe<Scalars['DateTime']['input']>;
};


/**
 * Figures about calls, bids and events. They are read from rollups (tables of precomputed sums). A write updates the rollups in the same
 * transaction as the calls, bids and events, so the figures are never older than these.
 *
 * Hours, days, weeks (from Monday) and months are in UTC, unless a field takes a `timeZone`. A call, its cost and its revenue count in the
 * hour in which the call started. A bid counts in the hour in which it was placed. A range consists of whole hours: `from` is rounded down
 * and `to` is rounded up. A range without `to`, or with a `to` in the future, ends with the current hour. A range spans at most 400 days.
 */
export type AnalyticsDashboardArgs = {
  period: DashboardPeriod;
  timeZone: Scalars['TimeZone']['input'];
};


/**
 * Figures about calls, bids and events. They are read from rollups (tables of precomputed sums). A write updates the rollups in the same
 * transaction as the calls, bids and events, so the figures are never older than these.
 *
 * Hours, days, weeks (from Monday) and months are in UTC, unless a field takes a `timeZone`. A call, its cost and its revenue count in the
 * hour in which the call started. A bid counts in the hour in which it was placed. A range consists of whole hours: `from` is rounded down
 * and `to` is rounded up. A range without `to`, or with a `to` in the future, ends with the current hour. A range spans at most 400 days.
 */
export type AnalyticsPerformanceArgs = {
  campaignId?: InputMaybe<Scalars['ID']['input']>;
  from: Scalars['DateTime']['input'];
  to?: InputMaybe<Scalars['DateTime']['input']>;
};


/**
 * Figures about calls, bids and events. They are read from rollups (tables of precomputed sums). A write updates the rollups in the same
 * transaction as the calls, bids and events, so the figures are never older than these.
 *
 * Hours, days, weeks (from Monday) and months are in UTC, unless a field takes a `timeZone`. A call, its cost and its revenue count in the
 * hour in which the call started. A bid counts in the hour in which it was placed. A range consists of whole hours: `from` is rounded down
 * and `to` is rounded up. A range without `to`, or with a `to` in the future, ends with the current hour. A range spans at most 400 days.
 */
export type AnalyticsRevenueByBuyerArgs = {
  first: Scalars['Int']['input'];
  from: Scalars['DateTime']['input'];
  to?: InputMaybe<Scalars['DateTime']['input']>;
};

/** Largest number of reservations for one caller in a window of hours. */
export type AttemptLimit = {
  readonly __typename?: 'AttemptLimit';
  readonly hours: Scalars['Int']['output'];
  readonly maximum: Scalars['Int']['output'];
};

export type AttemptLimitInput = {
  /** From 1 to 8784 hours. */
  readonly hours: Scalars['Int']['input'];
  /** From 1 to 1000 reservations. */
  readonly maximum: Scalars['Int']['input'];
};

/** An offer that a buyer makes for a call. */
export type Bid = Node & {
  readonly __typename?: 'Bid';
  /** What the buyer pays if the bid wins. It counts as revenue, so only ADMIN can read it. */
  readonly amount: Maybe<Money>;
  /** Null only if the object was deleted a moment ago. */
  readonly buyer: Maybe<Buyer>;
  /** Null only if the object was deleted a moment ago. */
  readonly call: Maybe<Call>;
  /** The campaign of the call. Null only if it was deleted a moment ago. */
  readonly campaign: Maybe<Campaign>;
  /** An open bid becomes EXPIRED at this time. */
  readonly expiresAt: Scalars['DateTime']['output'];
  readonly id: Scalars['ID']['output'];
  readonly placedAt: Scalars['DateTime']['output'];
  readonly status: BidStatus;
  /** Number of the current version. It increases with every write. Expiry is not a write and does not change it. */
  readonly version: Scalars['Int']['output'];
};

export type BidConnection = {
  readonly __typename?: 'BidConnection';
  readonly edges: ReadonlyArray<BidEdge>;
  readonly nodes: ReadonlyArray<Bid>;
  readonly pageInfo: PageInfo;
  /** Number of items that match, on all pages. It is counted only if the query selects it. */
  readonly totalCount: Scalars['Int']['output'];
};

export type BidEdge = {
  readonly __typename?: 'BidEdge';
  readonly cursor: Scalars['String']['output'];
  readonly node: Bid;
};

/** All given conditions must match. A condition that is null counts as not given. */
export type BidFilter = {
  readonly buyerId?: InputMaybe<Scalars['ID']['input']>;
  readonly callId?: InputMaybe<Scalars['ID']['input']>;
  readonly campaignId?: InputMaybe<Scalars['ID']['input']>;
  /** Only bids placed before this time. */
  readonly placedBefore?: InputMaybe<Scalars['DateTime']['input']>;
  /** Only bids placed at or after this time. */
  readonly placedFrom?: InputMaybe<Scalars['DateTime']['input']>;
  readonly status?: InputMaybe<BidStatus>;
};

export type BidOrder = {
  readonly direction: OrderDirection;
  readonly field: BidOrderField;
};

export type BidOrderField =
  | 'AMOUNT'
  | 'PLACED_AT';

export type BidStatus =
  /** The bid is open and can still win. */
  | 'ACTIVE'
  /** The bid was withdrawn before the call was settled. */
  | 'CANCELLED'
  /** The bid passed its `expiresAt` while it was open. It can no longer win. */
  | 'EXPIRED'
  /** The call was settled and another bid won, or none did. */
  | 'LOST'
  /** The bid won its call. */
  | 'WON';

/** All given conditions must match. A condition that is null counts as not given. */
export type BidsOfCallFilter = {
  readonly buyerId?: InputMaybe<Scalars['ID']['input']>;
  readonly status?: InputMaybe<BidStatus>;
};

/** All given conditions must match. A condition that is null counts as not given. */
export type BidsOfCampaignFilter = {
  readonly buyerId?: InputMaybe<Scalars['ID']['input']>;
  readonly status?: InputMaybe<BidStatus>;
};

/** A company or person that buys calls. */
export type Buyer = Node & {
  readonly __typename?: 'Buyer';
  /** Only an active buyer can place bids. Deactivating a buyer does not affect bids that are already placed. */
  readonly active: Scalars['Boolean']['output'];
  /** Bids that can still win, sorted by expiry, earliest first. `first` and `last` are at most 100. */
  readonly activeBids: BidConnection;
  readonly createdAt: Scalars['DateTime']['output'];
  readonly id: Scalars['ID']['output'];
  /** The name is unique within the tenant. */
  readonly name: Scalars['String']['output'];
  /** Total revenue from the calls that this buyer has won. */
  readonly revenue: Maybe<Money>;
  readonly routing: RoutingCriteria;
  readonly updatedAt: Scalars['DateTime']['output'];
  /**
   * What the buyer has used of its caps. It is computed anew after each reservation, each connected or settled call and each change of the
   * buyer, when a reservation expires, and when an hour begins.
   */
  readonly usage: BuyerUsage;
  /** Number of the current version. Send it with an update: the update is refused if another one came first. */
  readonly version: Scalars['Int']['output'];
};


/** A company or person that buys calls. */
export type BuyerActiveBidsArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  before?: InputMaybe<Scalars['String']['input']>;
  first?: InputMaybe<Scalars['Int']['input']>;
  last?: InputMaybe<Scalars['Int']['input']>;
};

export type BuyerConnection = {
  readonly __typename?: 'BuyerConnection';
  readonly edges: ReadonlyArray<BuyerEdge>;
  readonly nodes: ReadonlyArray<Buyer>;
  readonly pageInfo: PageInfo;
  /** Number of items that match, on all pages. It is counted only if the query selects it. */
  readonly totalCount: Scalars['Int']['output'];
};

export type BuyerEdge = {
  readonly __typename?: 'BuyerEdge';
  readonly cursor: Scalars['String']['output'];
  readonly node: Buyer;
};

/** All given conditions must match. A condition that is null counts as not given. */
export type BuyerFilter = {
  /** Matches buyers that take calls from this US state: a two-letter code in upper or lower case. */
  readonly acceptsState?: InputMaybe<Scalars['String']['input']>;
  readonly active?: InputMaybe<Scalars['Boolean']['input']>;
};

export type BuyerOrder = {
  readonly direction: OrderDirection;
  readonly field: BuyerOrderField;
};

export type BuyerOrderField =
  | 'CREATED_AT'
  | 'NAME';

/** Figures for the bids of one buyer. */
export type BuyerRevenue = {
  readonly __typename?: 'BuyerRevenue';
  readonly bids: Scalars['Count']['output'];
  /** Null only if the object was deleted a moment ago. */
  readonly buyer: Maybe<Buyer>;
  readonly revenue: Money;
  /** Won bids divided by bids, from 0 to 1. Null if there is no bid. */
  readonly winRate: Maybe<Scalars['Float']['output']>;
  readonly wonBids: Scalars['Count']['output'];
};

/**
 * What a buyer has used of its caps. An open reservation and a connected call count as if they will connect and convert. An open reservation
 * counts until five seconds after it expires, because its post may not be committed yet. A call whose end nobody reports counts for the caps
 * until it is settled or missed, but one day and five seconds after it was connected it is no longer one of the concurrent calls.
 */
export type BuyerUsage = {
  readonly __typename?: 'BuyerUsage';
  /** When the figures were computed. */
  readonly asOf: Scalars['DateTime']['output'];
  /** The caps that count calls, in the order of the buyer's caps. */
  readonly caps: ReadonlyArray<CapUsage>;
  /** Open reservations and connected calls. */
  readonly concurrentCalls: Scalars['Int']['output'];
  /** Total amount of the bids of today (UTC) that count for `dailyCap`. */
  readonly dailyCapUsed: Maybe<Money>;
  /** The caps that count money, in the order of the buyer's caps. */
  readonly moneyCaps: Maybe<ReadonlyArray<CapUsage>>;
  /** Calls that the buyer can take at this moment, by `maxConcurrentCalls`. */
  readonly remainingConcurrentCalls: Scalars['Int']['output'];
};

export type CacheControlScope =
  /** Only the caller's own cache, such as a browser, may store the response. */
  | 'PRIVATE'
  /** Shared caches such as CDNs may store the response and serve it to all callers. */
  | 'PUBLIC';

export type CacheScope =
  /** All callers, also those without a token. */
  | 'PUBLIC'
  /** All members of a tenant who have the same role. */
  | 'ROLE'
  /** All members of a tenant. */
  | 'TENANT'
  /** A single user. */
  | 'USER';

/** A phone call from a visitor of one of a campaign's domains. Buyers bid on it, and the best bid wins when the call is settled. */
export type Call = Node & {
  readonly __typename?: 'Call';
  /** The newest come first by default. `first` and `last` are at most 100. */
  readonly bids: BidConnection;
  /** The buyer that the call was routed to. Null for a call that buyers bid on; its `winner` names the buyer. */
  readonly buyer: Maybe<Buyer>;
  /** Two-letter code of a US state, such as `CA`. */
  readonly callerState: Scalars['String']['output'];
  /** Null only if the object was deleted a moment ago. */
  readonly campaign: Maybe<Campaign>;
  /** What the traffic that led to the call cost. */
  readonly cost: Money;
  /** The decision that connected the call. Null for a call that was not routed, or if the decision is no longer kept. */
  readonly decision: Maybe<RoutingDecision>;
  /** The domain whose visitor called. Null after the domain is deleted. */
  readonly domain: Maybe<Domain>;
  /** Duration in seconds. It is 0 until the call is settled. */
  readonly durationSeconds: Scalars['Int']['output'];
  readonly id: Scalars['ID']['output'];
  /** Revenue minus payout. The cost of the traffic is not subtracted. It can be negative. */
  readonly margin: Maybe<Money>;
  /** What the publisher gets. It is 0 until the call is settled. */
  readonly payout: Maybe<Money>;
  /** Who sent the call and is paid for it. Null for a call that came from one of the campaign's domains alone. */
  readonly publisher: Maybe<Publisher>;
  /** What the winning bid pays. It is 0 until the call is settled, and if no bid won. */
  readonly revenue: Maybe<Money>;
  /** When the call was settled. Null before that. */
  readonly settledAt: Maybe<Scalars['DateTime']['output']>;
  readonly startedAt: Scalars['DateTime']['output'];
  readonly status: CallStatus;
  /** Number of the current version. It increases with every change. */
  readonly version: Scalars['Int']['output'];
  /** The winning bid. Null until the call is settled, and if no bid won. */
  readonly winner: Maybe<Bid>;
};


/** A phone call from a visitor of one of a campaign's domains. Buyers bid on it, and the best bid wins when the call is settled. */
export type CallBidsArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  before?: InputMaybe<Scalars['String']['input']>;
  filter?: InputMaybe<BidsOfCallFilter>;
  first?: InputMaybe<Scalars['Int']['input']>;
  last?: InputMaybe<Scalars['Int']['input']>;
  orderBy?: InputMaybe<BidOrder>;
};

export type CallConnection = {
  readonly __typename?: 'CallConnection';
  readonly edges: ReadonlyArray<CallEdge>;
  readonly nodes: ReadonlyArray<Call>;
  readonly pageInfo: PageInfo;
  /** Number of items that match, on all pages. It is counted only if the query selects it. */
  readonly totalCount: Scalars['Int']['output'];
};

/** Figures for the calls and bids of one day. */
export type CallDay = {
  readonly __typename?: 'CallDay';
  readonly bids: Scalars['Count']['output'];
  readonly calls: Scalars['Count']['output'];
  /** The date in the time zone, such as 2026-03-08. */
  readonly date: Scalars['String']['output'];
  /** Total duration of the calls of this day, in seconds. */
  readonly durationSeconds: Scalars['Count']['output'];
  /** The start of the first hour that is included. */
  readonly from: Scalars['DateTime']['output'];
  /** Revenue minus payout. The cost of the traffic is not subtracted. It can be negative. */
  readonly margin: Maybe<Money>;
  /** What the publishers get for the calls. */
  readonly payout: Maybe<Money>;
  /** Revenue minus spend minus payout. It can be negative. */
  readonly profit: Maybe<Money>;
  readonly revenue: Maybe<Money>;
  readonly settledCalls: Scalars['Count']['output'];
  readonly spend: Money;
  /** The end of the last hour that is included. */
  readonly to: Scalars['DateTime']['output'];
  readonly wonBids: Scalars['Count']['output'];
};

export type CallEdge = {
  readonly __typename?: 'CallEdge';
  readonly cursor: Scalars['String']['output'];
  readonly node: Call;
};

/** All given conditions must match. A condition that is null counts as not given. */
export type CallFilter = {
  /** Only calls that were routed to this buyer. */
  readonly buyerId?: InputMaybe<Scalars['ID']['input']>;
  /** Two-letter code of a US state, in upper or lower case. */
  readonly callerState?: InputMaybe<Scalars['String']['input']>;
  readonly campaignId?: InputMaybe<Scalars['ID']['input']>;
  readonly domainId?: InputMaybe<Scalars['ID']['input']>;
  readonly publisherId?: InputMaybe<Scalars['ID']['input']>;
  /** Only calls that started before this time. */
  readonly startedBefore?: InputMaybe<Scalars['DateTime']['input']>;
  /** Only calls that started at or after this time. */
  readonly startedFrom?: InputMaybe<Scalars['DateTime']['input']>;
  /** Matches any of these statuses, at most 4 of them. A single status can be written without brackets. An empty list matches no call. */
  readonly status?: InputMaybe<ReadonlyArray<CallStatus>>;
};

/** Figures for the calls and bids of one hour. */
export type CallHour = {
  readonly __typename?: 'CallHour';
  readonly bids: Scalars['Count']['output'];
  readonly calls: Scalars['Count']['output'];
  /** Total duration of the calls of this hour, in seconds. */
  readonly durationSeconds: Scalars['Count']['output'];
  /** The start of the hour. */
  readonly hour: Scalars['DateTime']['output'];
  /** Revenue minus payout. The cost of the traffic is not subtracted. It can be negative. */
  readonly margin: Maybe<Money>;
  /** What the publishers get for the calls. */
  readonly payout: Maybe<Money>;
  /** Revenue minus spend minus payout. It can be negative. */
  readonly profit: Maybe<Money>;
  readonly revenue: Maybe<Money>;
  readonly settledCalls: Scalars['Count']['output'];
  readonly spend: Money;
  readonly wonBids: Scalars['Count']['output'];
};

export type CallOrder = {
  readonly direction: OrderDirection;
  readonly field: CallOrderField;
};

export type CallOrderField =
  | 'DURATION'
  | 'REVENUE'
  | 'STARTED_AT';

export type CallStatus =
  /** The caller is talking. Bids are accepted until the call is settled. */
  | 'CONNECTED'
  /** The phone is ringing. Bids are accepted. */
  | 'INCOMING'
  /** The call is over and no bid was eligible. */
  | 'MISSED'
  /** The call is over and was sold to the winner. */
  | 'SETTLED';

/** What is known about a caller at this moment. */
export type CallerStatus = {
  readonly __typename?: 'CallerStatus';
  /** First 8 hexadecimal digits of the caller's hash. */
  readonly caller: Scalars['String']['output'];
  /** Consent for all campaigns, or for the given one. */
  readonly consent: ConsentStatus;
  /** The newest consents, with those that have ended. */
  readonly consents: ReadonlyArray<Consent>;
  /** All do-not-call lists that are in use. */
  readonly dncLists: ReadonlyArray<DncListStatus>;
  /** Whether no campaign of the tenant, or not the given campaign, takes the caller. */
  readonly isSuppressed: Scalars['Boolean']['output'];
  /** How the caller last revoked all consents, such as `text message STOP`. Null if the caller never did. */
  readonly revocationSource: Maybe<Scalars['String']['output']>;
  /** When the caller last revoked all consents. Null if the caller never did. */
  readonly revokedAt: Maybe<Scalars['DateTime']['output']>;
  /** Who recorded that revocation. Null if there is none, if SQL did, or a version of the gateway that did not record it. */
  readonly revokedBy: Maybe<Actor>;
  /** The newest suppressions of every scope. */
  readonly suppressions: ReadonlyArray<Suppression>;
};

/** A campaign holds a budget, and the keywords, top-level domains and patterns that domains are generated from. */
export type Campaign = Node & {
  readonly __typename?: 'Campaign';
  /** The newest come first by default. `first` and `last` are at most 100. */
  readonly bids: BidConnection;
  readonly budget: Money;
  /** The newest come first by default. `first` and `last` are at most 100. */
  readonly calls: CallConnection;
  readonly createdAt: Scalars['DateTime']['output'];
  /** Number of domains with this status, or of all domains without the argument. */
  readonly domainCount: Scalars['Count']['output'];
  /** The newest come first by default. `first` and `last` are at most 100. */
  readonly domains: DomainConnection;
  readonly endsAt: Maybe<Scalars['DateTime']['output']>;
  readonly id: Scalars['ID']['output'];
  readonly keywords: ReadonlyArray<Scalars['String']['output']>;
  readonly name: Scalars['String']['output'];
  /** Null only if the object was deleted a moment ago. */
  readonly owner: Maybe<User>;
  /** Patterns for domain names, such as `{keyword}-{city}`. If the list is empty, the gateway chooses patterns that suit the keywords. */
  readonly patterns: ReadonlyArray<Scalars['String']['output']>;
  /** Plan by which calls are routed. Null routes to all active buyers, the highest price first. */
  readonly plan: Maybe<RoutingPlan>;
  readonly startsAt: Maybe<Scalars['DateTime']['output']>;
  readonly statistics: CampaignStatistics;
  readonly status: CampaignStatus;
  /** Top-level domains as A-labels without a dot, such as `com`. */
  readonly tlds: ReadonlyArray<Scalars['String']['output']>;
  readonly updatedAt: Scalars['DateTime']['output'];
  /** Number of the current version. Send it with an update: the update is refused if another one came first. */
  readonly version: Scalars['Int']['output'];
};


/** A campaign holds a budget, and the keywords, top-level domains and patterns that domains are generated from. */
export type CampaignBidsArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  before?: InputMaybe<Scalars['String']['input']>;
  filter?: InputMaybe<BidsOfCampaignFilter>;
  first?: InputMaybe<Scalars['Int']['input']>;
  last?: InputMaybe<Scalars['Int']['input']>;
  orderBy?: InputMaybe<BidOrder>;
};


/** A campaign holds a budget, and the keywords, top-level domains and patterns that domains are generated from. */
export type CampaignCallsArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  before?: InputMaybe<Scalars['String']['input']>;
  first?: InputMaybe<Scalars['Int']['input']>;
  last?: InputMaybe<Scalars['Int']['input']>;
  orderBy?: InputMaybe<CallOrder>;
};


/** A campaign holds a budget, and the keywords, top-level domains and patterns that domains are generated from. */
export type CampaignDomainCountArgs = {
  status?: InputMaybe<DomainStatus>;
};


/** A campaign holds a budget, and the keywords, top-level domains and patterns that domains are generated from. */
export type CampaignDomainsArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  before?: InputMaybe<Scalars['String']['input']>;
  filter?: InputMaybe<DomainsOfCampaignFilter>;
  first?: InputMaybe<Scalars['Int']['input']>;
  last?: InputMaybe<Scalars['Int']['input']>;
  orderBy?: InputMaybe<DomainOrder>;
};

export type CampaignConnection = {
  readonly __typename?: 'CampaignConnection';
  readonly edges: ReadonlyArray<CampaignEdge>;
  readonly nodes: ReadonlyArray<Campaign>;
  readonly pageInfo: PageInfo;
  /** Number of items that match, on all pages. It is counted only if the query selects it. */
  readonly totalCount: Scalars['Int']['output'];
};

export type CampaignEdge = {
  readonly __typename?: 'CampaignEdge';
  readonly cursor: Scalars['String']['output'];
  readonly node: Campaign;
};

/** All given conditions must match. A condition that is null counts as not given. An empty list matches no campaign. */
export type CampaignFilter = {
  /** Only campaigns that were created before this time. */
  readonly createdBefore?: InputMaybe<Scalars['DateTime']['input']>;
  /** Only campaigns that were created at or after this time. */
  readonly createdFrom?: InputMaybe<Scalars['DateTime']['input']>;
  /** Only campaigns that end before this time. Campaigns without an end do not match. */
  readonly endsBefore?: InputMaybe<Scalars['DateTime']['input']>;
  /** Only campaigns that end at or after this time. Campaigns without an end do not match. */
  readonly endsFrom?: InputMaybe<Scalars['DateTime']['input']>;
  readonly ownerId?: InputMaybe<Scalars['ID']['input']>;
  /**
   * Matches campaigns whose name contains each word of this text, or a word that begins with it, in upper or lower case. Blanks and
   * punctuation separate words. From 1 to 10 words of at most 200 characters together.
   */
  readonly search?: InputMaybe<Scalars['String']['input']>;
  /** Only campaigns that start before this time. Campaigns without a start do not match. */
  readonly startsBefore?: InputMaybe<Scalars['DateTime']['input']>;
  /** Only campaigns that start at or after this time. Campaigns without a start do not match. */
  readonly startsFrom?: InputMaybe<Scalars['DateTime']['input']>;
  /** Matches any of these statuses, at most 4 of them. */
  readonly status?: InputMaybe<ReadonlyArray<CampaignStatus>>;
};

export type CampaignOrder = {
  readonly direction: OrderDirection;
  readonly field: CampaignOrderField;
};

export type CampaignOrderField =
  | 'BUDGET'
  /** Number of calls over the whole life of the campaign. */
  | 'CALLS'
  | 'CREATED_AT'
  /** Campaigns without an end come last in ascending order and first in descending order. */
  | 'ENDS_AT'
  | 'NAME'
  /** Revenue over the whole life of the campaign. */
  | 'REVENUE';

/** Figures for the calls of one campaign. */
export type CampaignShare = {
  readonly __typename?: 'CampaignShare';
  readonly calls: Scalars['Count']['output'];
  /** Null only if the object was deleted a moment ago. */
  readonly campaign: Maybe<Campaign>;
  readonly revenue: Maybe<Money>;
  readonly settledCalls: Scalars['Count']['output'];
};

/** Figures for the whole life of the campaign. */
export type CampaignStatistics = {
  readonly __typename?: 'CampaignStatistics';
  readonly bids: Scalars['Count']['output'];
  readonly calls: Scalars['Count']['output'];
  /** Number of domains for each status. A status without domains is left out. */
  readonly domainsByStatus: ReadonlyArray<DomainStatusCount>;
  /** Revenue minus payout. The cost of the traffic is not subtracted. It can be negative. */
  readonly margin: Maybe<Money>;
  /** What the publishers get for the calls. */
  readonly payout: Maybe<Money>;
  /** What the buyers pay for the calls. */
  readonly revenue: Maybe<Money>;
  readonly settledCalls: Scalars['Count']['output'];
  /** What the traffic that led to the calls cost. */
  readonly spend: Money;
  /** Won bids divided by bids, from 0 to 1. Null if there is no bid. */
  readonly winRate: Maybe<Scalars['Float']['output']>;
};

export type CampaignStatus =
  /** The campaign is running. */
  | 'ACTIVE'
  /** The campaign has ended and cannot be resumed. */
  | 'ARCHIVED'
  /** The campaign is being prepared. */
  | 'DRAFT'
  /** The campaign is stopped and can be resumed. */
  | 'PAUSED';

export type CancelBidInput = {
  readonly id: Scalars['ID']['input'];
};

export type CancelBidPayload = {
  readonly __typename?: 'CancelBidPayload';
  readonly bid: Maybe<Bid>;
  readonly errors: ReadonlyArray<UserError>;
};

export type Cap = {
  readonly __typename?: 'Cap';
  readonly counts: CapCount;
  /** Largest number of calls in a period; minor units of the tenant's currency if `counts` is MONEY. */
  readonly maximum: Scalars['Count']['output'];
  readonly period: CapPeriod;
};

export type CapCount =
  /** Reservations, whatever becomes of them. */
  | 'ATTEMPTS'
  /** Calls that were connected. */
  | 'CONNECTIONS'
  /** Calls that were settled with revenue. */
  | 'CONVERSIONS'
  /** Revenue of settled calls. */
  | 'MONEY';

export type CapInput = {
  readonly counts: CapCount;
  /** From 0 to 1000000000000 calls; minor units of the tenant's currency if `counts` is MONEY. */
  readonly maximum: Scalars['Count']['input'];
  readonly period: CapPeriod;
};

/** Period of a cap, in the buyer's time zone. It resets exactly once, also where clocks change. */
export type CapPeriod =
  | 'DAY'
  | 'HOUR'
  | 'MONTH'
  /** The whole life of the buyer. */
  | 'TOTAL';

/** How much of a cap is used in its current period: calls, or minor units if the cap counts MONEY. */
export type CapUsage = {
  readonly __typename?: 'CapUsage';
  readonly cap: Cap;
  /** 0 if more is used than the cap allows, which happens when a cap is lowered. */
  readonly remaining: Scalars['Count']['output'];
  readonly used: Scalars['Count']['output'];
};

export type ChangeCallInput = {
  readonly id: Scalars['ID']['input'];
};

export type ChangeCallPayload = {
  readonly __typename?: 'ChangeCallPayload';
  /** Null if the change was refused. */
  readonly call: Maybe<Call>;
  readonly errors: ReadonlyArray<UserError>;
};

export type ChangeCampaignStatusInput = {
  readonly id: Scalars['ID']['input'];
  /** If given, this must be the current version. Otherwise the change is refused with CONFLICT. */
  readonly version?: InputMaybe<Scalars['Int']['input']>;
};

export type ChangeCampaignStatusPayload = {
  readonly __typename?: 'ChangeCampaignStatusPayload';
  /** The object as it is now. */
  readonly campaign: Maybe<Campaign>;
  readonly errors: ReadonlyArray<UserError>;
};

/**
 * Rules of compliance for routed calls. The rules of a state apply in addition to the rules for all calls, so a state can only be stricter.
 * A published rule set never changes, so a cached copy of it is never stale.
 */
export type ComplianceRuleSet = Node & {
  readonly __typename?: 'ComplianceRuleSet';
  readonly attempts: ReadonlyArray<AttemptLimit>;
  /** Hours in which calls are allowed, on the clocks of the caller's state. Null allows every hour. */
  readonly callingHours: Maybe<Schedule>;
  /** True if a caller must have agreed to be called. */
  readonly consentRequired: Scalars['Boolean']['output'];
  readonly createdAt: Scalars['DateTime']['output'];
  /** Do-not-call lists whose callers are refused. */
  readonly dncLists: ReadonlyArray<Scalars['String']['output']>;
  readonly id: Scalars['ID']['output'];
  /** Counts from 1 in the tenant. */
  readonly number: Scalars['Int']['output'];
  readonly publishedAt: Maybe<Scalars['DateTime']['output']>;
  /** Conditions under which a call is refused, also if an attribute that they need is missing. */
  readonly refuse: ReadonlyArray<RefusingCondition>;
  readonly states: ReadonlyArray<StateRules>;
  readonly status: VersionStatus;
  /** Number of the current state of a draft. Send it with a change: the change is refused if another one came first. */
  readonly version: Scalars['Int']['output'];
};


/**
 * Rules of compliance for routed calls. The rules of a state apply in addition to the rules for all calls, so a state can only be stricter.
 * A published rule set never changes, so a cached copy of it is never stale.
 */
export type ComplianceRuleSetStatesArgs = {
  first: Scalars['Int']['input'];
};

export type ComplianceRuleSetConnection = {
  readonly __typename?: 'ComplianceRuleSetConnection';
  readonly edges: ReadonlyArray<ComplianceRuleSetEdge>;
  readonly nodes: ReadonlyArray<ComplianceRuleSet>;
  readonly pageInfo: PageInfo;
  /** Number of items that match, on all pages. It is counted only if the query selects it. */
  readonly totalCount: Scalars['Int']['output'];
};

export type ComplianceRuleSetEdge = {
  readonly __typename?: 'ComplianceRuleSetEdge';
  readonly cursor: Scalars['String']['output'];
  readonly node: ComplianceRuleSet;
};

/** Consent of a caller to be called, with its evidence. It is never deleted: a revocation ends it. */
export type Consent = {
  readonly __typename?: 'Consent';
  /** First 8 hexadecimal digits of the caller's hash. */
  readonly caller: Scalars['String']['output'];
  /** The only campaign that the consent is for. Null if it is for all campaigns, and after the campaign is deleted. */
  readonly campaign: Maybe<Campaign>;
  /** What proves the consent, such as the address or id of a certificate. */
  readonly evidence: Scalars['String']['output'];
  /** When the consent ends by itself. Null if it does not. */
  readonly expiresAt: Maybe<Scalars['DateTime']['output']>;
  readonly givenAt: Scalars['DateTime']['output'];
  readonly id: Scalars['ID']['output'];
  /** When the caller revoked the consent. Null if the caller did not. */
  readonly revokedAt: Maybe<Scalars['DateTime']['output']>;
  /** Who recorded the revocation. Null if there is none, if SQL did, or a version of the gateway that did not record it. */
  readonly revokedBy: Maybe<Actor>;
  /** Where the consent was given, such as `web form`. */
  readonly source: Scalars['String']['output'];
};

export type ConsentPayload = {
  readonly __typename?: 'ConsentPayload';
  readonly consent: Maybe<Consent>;
  readonly errors: ReadonlyArray<UserError>;
};

export type ConsentStatus =
  /** The caller has consented, and the consent has neither expired nor been revoked. */
  | 'GIVEN'
  /** There is no consent, or only expired ones, and the caller has revoked none. */
  | 'MISSING'
  /** The caller has revoked consents, and no later consent is in force: none was given, or it has expired. */
  | 'REVOKED';

export type CreateBuyerInput = {
  readonly active: Scalars['Boolean']['input'];
  /** At most one for each combination of `period` and `counts`. */
  readonly caps: ReadonlyArray<CapInput>;
  /** Null means none. */
  readonly conditions?: InputMaybe<Scalars['Condition']['input']>;
  /** More than 0, in the tenant's currency. Null means no limit. */
  readonly dailyCap?: InputMaybe<MoneyInput>;
  /** Null means that no caller is a duplicate. */
  readonly duplicates?: InputMaybe<DuplicateWindowInput>;
  /** From 1 to 10000 calls. */
  readonly maxConcurrentCalls: Scalars['Int']['input'];
  /** From 0 to 86400 seconds. */
  readonly minDurationSeconds: Scalars['Int']['input'];
  /** From 1 to 120 characters. Blanks at both ends are removed. */
  readonly name: Scalars['String']['input'];
  /** 0 or more, in the tenant's currency. */
  readonly price?: InputMaybe<MoneyInput>;
  /** Null means always. */
  readonly schedule?: InputMaybe<ScheduleInput>;
  /** US states as two-letter codes, at most 60. An empty list means all states. */
  readonly states: ReadonlyArray<Scalars['String']['input']>;
  /** IANA time zone, such as `America/New_York`. */
  readonly timeZone: Scalars['String']['input'];
};

export type CreateBuyerPayload = {
  readonly __typename?: 'CreateBuyerPayload';
  readonly buyer: Maybe<Buyer>;
  readonly errors: ReadonlyArray<UserError>;
};

export type CreateCampaignInput = {
  /** An amount of 0 or more, in the tenant's currency. */
  readonly budget: MoneyInput;
  /** Must be after `startsAt`. */
  readonly endsAt?: InputMaybe<Scalars['DateTime']['input']>;
  /** From 1 to 50 keywords. */
  readonly keywords: ReadonlyArray<Scalars['String']['input']>;
  /** From 1 to 120 characters. Blanks at both ends are removed. */
  readonly name: Scalars['String']['input'];
  /** The user who owns the campaign. By default it is the caller. */
  readonly ownerId?: InputMaybe<Scalars['ID']['input']>;
  /** At most 50 patterns, such as `{keyword}-{city}`. By default the gateway chooses patterns that suit the keywords. */
  readonly patterns: ReadonlyArray<Scalars['String']['input']>;
  /** Plan by which calls are routed. Null routes to all active buyers, the highest price first. */
  readonly planId?: InputMaybe<Scalars['ID']['input']>;
  readonly startsAt?: InputMaybe<Scalars['DateTime']['input']>;
  /** From 1 to 100 top-level domains, written `com` or `.com`. */
  readonly tlds: ReadonlyArray<Scalars['String']['input']>;
};

export type CreateCampaignPayload = {
  readonly __typename?: 'CreateCampaignPayload';
  readonly campaign: Maybe<Campaign>;
  readonly errors: ReadonlyArray<UserError>;
};

export type CreatePublisherInput = {
  readonly active: Scalars['Boolean']['input'];
  /** From 1 to 120 characters. Blanks at both ends are removed. */
  readonly name: Scalars['String']['input'];
  readonly terms: PayoutTermsInput;
};

export type CreateRoutingPlanInput = {
  /** From 1 to 120 characters. Blanks at both ends are removed. */
  readonly name: Scalars['String']['input'];
  readonly plan: RoutingPlanInput;
};

export type Dashboard = {
  readonly __typename?: 'Dashboard';
  readonly current: Performance;
  readonly period: DashboardPeriod;
  /** Figures for the start of the previous day, week or month: as many hours as `current` covers, or all hours if it had fewer. */
  readonly previous: Performance;
  /** The five campaigns with the most calls in the current period. */
  readonly topCampaigns: ReadonlyArray<CampaignShare>;
};

export type DashboardPeriod =
  /** The current month. */
  | 'MONTH'
  /** The current day. */
  | 'TODAY'
  /** The current week, which starts on Monday. */
  | 'WEEK';

export type DeleteCampaignInput = {
  readonly id: Scalars['ID']['input'];
  /** If given, the campaign is deleted only if this is the current version. */
  readonly version?: InputMaybe<Scalars['Int']['input']>;
};

export type DeleteCampaignPayload = {
  readonly __typename?: 'DeleteCampaignPayload';
  /** The id of the deleted campaign. */
  readonly deletedId: Maybe<Scalars['ID']['output']>;
  readonly errors: ReadonlyArray<UserError>;
};

/** A do-not-call list, and whether a caller is on it. */
export type DncListStatus = {
  readonly __typename?: 'DncListStatus';
  /** How many callers are on the list. */
  readonly entries: Scalars['Count']['output'];
  /** When this version was imported. */
  readonly importedAt: Scalars['DateTime']['output'];
  readonly isListed: Scalars['Boolean']['output'];
  readonly name: Scalars['String']['output'];
  /** Number of the version that is in use. It increases with every import. */
  readonly version: Scalars['Int']['output'];
};

/** A domain name of a campaign. Visitors of the domain become calls. */
export type Domain = Node & {
  readonly __typename?: 'Domain';
  /** Null only if the object was deleted a moment ago. */
  readonly campaign: Maybe<Campaign>;
  readonly createdAt: Scalars['DateTime']['output'];
  readonly id: Scalars['ID']['output'];
  /** The name is unique within the tenant. */
  readonly name: Scalars['DomainName']['output'];
  /** Popularity rank. 1 is the most popular. Null if the domain has no rank. */
  readonly popularityRank: Maybe<Scalars['Int']['output']>;
  /** How promising the name is, from 0 to 100. Higher is better. */
  readonly score: Scalars['Int']['output'];
  /** The part of the name before the top-level domain. */
  readonly sld: Scalars['String']['output'];
  /**
   * Figures for the calls of this domain that started in these days (UTC), or for all its calls. The range consists of whole days: `from` is
   * rounded down and `to` is rounded up. Bids and events are not counted by domain.
   */
  readonly statistics: DomainStatistics;
  readonly status: DomainStatus;
  readonly tld: Scalars['String']['output'];
  /** The name in Unicode, as people read it. */
  readonly unicodeName: Scalars['String']['output'];
  readonly updatedAt: Scalars['DateTime']['output'];
  /** Number of the current version. It increases with every change. */
  readonly version: Scalars['Int']['output'];
};


/** A domain name of a campaign. Visitors of the domain become calls. */
export type DomainStatisticsArgs = {
  from?: InputMaybe<Scalars['DateTime']['input']>;
  to?: InputMaybe<Scalars['DateTime']['input']>;
};

export type DomainConnection = {
  readonly __typename?: 'DomainConnection';
  readonly edges: ReadonlyArray<DomainEdge>;
  readonly nodes: ReadonlyArray<Domain>;
  readonly pageInfo: PageInfo;
  /** Number of items that match, on all pages. It is counted only if the query selects it. */
  readonly totalCount: Scalars['Int']['output'];
};

export type DomainEdge = {
  readonly __typename?: 'DomainEdge';
  readonly cursor: Scalars['String']['output'];
  readonly node: Domain;
};

export type DomainFacets = {
  readonly __typename?: 'DomainFacets';
  /** Number of domains for each status. */
  readonly statuses: ReadonlyArray<DomainStatusCount>;
  /** The 20 most frequent top-level domains, most frequent first. */
  readonly tlds: ReadonlyArray<TldCount>;
};

/** All given conditions must match. A condition that is null counts as not given. An empty list matches no domain. */
export type DomainFilter = {
  readonly campaignId?: InputMaybe<Scalars['ID']['input']>;
  /** Maximum popularity rank. Domains without a rank do not match. */
  readonly maxRank?: InputMaybe<Scalars['Int']['input']>;
  readonly minScore?: InputMaybe<Scalars['Int']['input']>;
  /** Matches any of these statuses, at most 6 of them. */
  readonly status?: InputMaybe<ReadonlyArray<DomainStatus>>;
  /** Matches any of these top-level domains, written `com` or `.com`, at most 100 of them. */
  readonly tlds?: InputMaybe<ReadonlyArray<Scalars['String']['input']>>;
};

export type DomainOrder = {
  readonly direction: OrderDirection;
  readonly field: DomainOrderField;
};

export type DomainOrderField =
  | 'CREATED_AT'
  | 'NAME'
  /** Domains without a rank come last in ascending order and first in descending order. */
  | 'POPULARITY_RANK'
  | 'SCORE';

/** A pattern for domain names, suggested for a set of keywords. */
export type DomainPattern = {
  readonly __typename?: 'DomainPattern';
  /** Examples of names that the pattern generates from the keywords, at most 3. */
  readonly examples: ReadonlyArray<Scalars['String']['output']>;
  /** The pattern, such as `{keyword}-{city}`. */
  readonly pattern: Scalars['String']['output'];
  /** The reason why the pattern suits the keywords. */
  readonly reason: Scalars['String']['output'];
};

export type DomainSearchConnection = {
  readonly __typename?: 'DomainSearchConnection';
  readonly edges: ReadonlyArray<DomainEdge>;
  /** Counts of all matching domains, on all pages. */
  readonly facets: DomainFacets;
  readonly nodes: ReadonlyArray<Domain>;
  readonly pageInfo: PageInfo;
  /** Number of items that match, on all pages. It is counted only if the query selects it. */
  readonly totalCount: Scalars['Int']['output'];
};

/** Figures for the calls of one domain. A ratio or average is null if its divisor is zero. */
export type DomainStatistics = {
  readonly __typename?: 'DomainStatistics';
  /** Average duration of all calls, in seconds. Null if there is no call. */
  readonly averageDurationSeconds: Maybe<Scalars['Float']['output']>;
  readonly calls: Scalars['Count']['output'];
  /** Settled calls divided by calls, from 0 to 1. Null if there is no call. */
  readonly conversion: Maybe<Scalars['Float']['output']>;
  /** What the buyers pay for the calls. */
  readonly revenue: Maybe<Money>;
  readonly settledCalls: Scalars['Count']['output'];
  /** What the traffic that led to the calls cost. */
  readonly spend: Money;
};

export type DomainStatus =
  /** The registration was not renewed. */
  | 'EXPIRED'
  /** The name was generated and is a proposal. */
  | 'GENERATED'
  /** The domain is in use. A name can be LIVE for at most one tenant. */
  | 'LIVE'
  /** The domain is temporarily not in use. */
  | 'PAUSED'
  /** The domain is bought, but not in use. */
  | 'REGISTERED'
  /** The proposal was rejected. */
  | 'REJECTED';

export type DomainStatusCount = {
  readonly __typename?: 'DomainStatusCount';
  readonly count: Scalars['Count']['output'];
  readonly status: DomainStatus;
};

/** A generated name that is not stored. */
export type DomainSuggestion = {
  readonly __typename?: 'DomainSuggestion';
  readonly name: Scalars['DomainName']['output'];
  /** The pattern that generated the name. */
  readonly pattern: Scalars['String']['output'];
  /** How promising the name is, from 0 to 100. Higher is better. */
  readonly score: Scalars['Int']['output'];
  readonly sld: Scalars['String']['output'];
  /** The words that the name consists of. */
  readonly terms: ReadonlyArray<Scalars['String']['output']>;
  readonly tld: Scalars['String']['output'];
  readonly unicodeName: Scalars['String']['output'];
};

/** All given conditions must match. A condition that is null counts as not given. An empty list matches no domain. */
export type DomainsOfCampaignFilter = {
  /** Maximum popularity rank. Domains without a rank do not match. */
  readonly maxRank?: InputMaybe<Scalars['Int']['input']>;
  readonly minScore?: InputMaybe<Scalars['Int']['input']>;
  /** Matches any of these statuses, at most 6 of them. */
  readonly status?: InputMaybe<ReadonlyArray<DomainStatus>>;
  /** Matches any of these top-level domains, written `com` or `.com`, at most 100 of them. */
  readonly tlds?: InputMaybe<ReadonlyArray<Scalars['String']['input']>>;
};

export type DuplicateBy =
  | 'CONNECTED'
  | 'CONVERTED';

export type DuplicateScope =
  | 'BUYER'
  | 'CAMPAIGN';

export type DuplicateWindow = {
  readonly __typename?: 'DuplicateWindow';
  /** Calls that count: connected ones, or sold ones. */
  readonly by: DuplicateBy;
  /** From 1 to 366 days. */
  readonly days: Scalars['Int']['output'];
  /** Calls to this buyer only, or to any buyer of the campaign. */
  readonly scope: DuplicateScope;
};

export type DuplicateWindowInput = {
  readonly by: DuplicateBy;
  /** From 1 to 366 days. */
  readonly days: Scalars['Int']['input'];
  readonly scope: DuplicateScope;
};

/** Number of tracked events of one kind. */
export type EventCount = {
  readonly __typename?: 'EventCount';
  readonly count: Scalars['Count']['output'];
  readonly kind: EventKind;
};

export type EventInput = {
  readonly campaignId: Scalars['ID']['input'];
  /** A domain of the same tenant. */
  readonly domainId?: InputMaybe<Scalars['ID']['input']>;
  /** Chosen by the sender and unique within the tenant. From 1 to 64 of the characters A-Z a-z 0-9 . _ : - */
  readonly eventId: Scalars['String']['input'];
  readonly kind: EventKind;
  /** At most one day in the future, and not before the year 2000. */
  readonly occurredAt: Scalars['DateTime']['input'];
};

export type EventKind =
  | 'CALL_QUALIFIED'
  | 'CALL_STARTED'
  | 'CLICK'
  | 'CONVERSION'
  | 'IMPRESSION';

/** A buyer that did not get a call, and why. */
export type ExcludedBuyer = {
  readonly __typename?: 'ExcludedBuyer';
  /** Null if the buyer was deleted. */
  readonly buyer: Maybe<Buyer>;
  readonly reason: RoutingReason;
};

export type GenerateDomainsInput = {
  readonly campaignId: Scalars['ID']['input'];
  /** From 1 to 50 keywords. The default is the campaign's keywords. */
  readonly keywords?: InputMaybe<ReadonlyArray<Scalars['String']['input']>>;
  /** Maximum number of new domains, from 1 to 10000. */
  readonly limit: Scalars['Int']['input'];
  /** Minimum score, from 0 to 100. Names with a lower score are left out. */
  readonly minScore: Scalars['Int']['input'];
  /** At most 50 patterns. The default is the campaign's patterns. If both are empty, the gateway chooses patterns that suit the keywords. */
  readonly patterns?: InputMaybe<ReadonlyArray<Scalars['String']['input']>>;
  /** From 1 to 100 top-level domains. The default is the campaign's top-level domains. */
  readonly tlds?: InputMaybe<ReadonlyArray<Scalars['String']['input']>>;
};

export type GenerateDomainsPayload = {
  readonly __typename?: 'GenerateDomainsPayload';
  readonly campaign: Maybe<Campaign>;
  /** Number of domains that were stored. */
  readonly count: Scalars['Int']['output'];
  /** The first stored domains, at most 100. */
  readonly domains: ReadonlyArray<Domain>;
  readonly errors: ReadonlyArray<UserError>;
};

/** Public data of a domain that is LIVE. */
export type LiveDomain = {
  readonly __typename?: 'LiveDomain';
  readonly name: Scalars['DomainName']['output'];
  readonly popularityRank: Maybe<Scalars['Int']['output']>;
  /** Always LIVE. */
  readonly status: DomainStatus;
  readonly tld: Scalars['String']['output'];
  readonly unicodeName: Scalars['String']['output'];
};

/** An amount of money in one currency. */
export type Money = {
  readonly __typename?: 'Money';
  /** Amount in the smallest unit of the currency. For example, an amount of 1999 with the currency USD is 19.99 US dollars. */
  readonly amount: Scalars['MinorUnits']['output'];
  /** ISO 4217 code of the tenant's currency. */
  readonly currency: Scalars['String']['output'];
};

export type MoneyInput = {
  /** Amount in the smallest unit of the currency. For example, an amount of 1999 with the currency USD is 19.99 US dollars. */
  readonly amount: Scalars['MinorUnits']['input'];
  /** ISO 4217 code. It must be the tenant's currency. */
  readonly currency: Scalars['String']['input'];
};

export type Mutation = {
  readonly __typename?: 'Mutation';
  /** Changes the status from DRAFT, ACTIVE or PAUSED to ARCHIVED. This cannot be undone. Errors: CONFLICT, INVALID_STATE, NOT_FOUND. */
  readonly archiveCampaign: ChangeCampaignStatusPayload;
  /**
   * Withdraws an open bid. Errors: INVALID_STATE (the bid is already decided or expired, or belongs to a call that was routed to its buyer),
   * NOT_FOUND.
   */
  readonly cancelBid: CancelBidPayload;
  /**
   * Records that an incoming call was answered. A call that is connected already stays as it is. Errors: INVALID, INVALID_STATE (the call has
   * ended), NOT_FOUND.
   */
  readonly connectCall: ChangeCallPayload;
  /** Creates a buyer. Errors: NAME_TAKEN, INVALID. */
  readonly createBuyer: CreateBuyerPayload;
  /** Creates a campaign with status DRAFT. The caller owns it, unless `ownerId` is given. Errors: INVALID, NOT_FOUND. */
  readonly createCampaign: CreateCampaignPayload;
  /** Creates a publisher. Errors: NAME_TAKEN, INVALID. */
  readonly createPublisher: PublisherPayload;
  /** Creates a plan with one draft. Errors: NAME_TAKEN, INVALID, NOT_FOUND (a buyer). */
  readonly createRoutingPlan: RoutingPlanPayload;
  /** Deletes a campaign with all its domains, calls, bids and events, and ends its reservations. Errors: CONFLICT, NOT_FOUND. */
  readonly deleteCampaign: DeleteCampaignPayload;
  /**
   * Generates domains for a campaign and stores those that the tenant does not have yet. After an error none of them is stored.
   * Errors: INVALID (an input has a value that is not allowed), INVALID_STATE (the campaign is archived, over, or
   * has spent its budget), NOT_FOUND.
   */
  readonly generateDomains: GenerateDomainsPayload;
  /**
   * Ends a call that nobody answered: it becomes MISSED, its bids lose, and nobody pays. Errors: INVALID, INVALID_STATE (the call has ended),
   * NOT_FOUND.
   */
  readonly missCall: ChangeCallPayload;
  /** Changes the status from ACTIVE to PAUSED. Errors: CONFLICT, INVALID_STATE, NOT_FOUND. */
  readonly pauseCampaign: ChangeCampaignStatusPayload;
  /**
   * Asks who would buy a call, and reserves the best buyer for it. Nothing is called yet. An equal ping for the same caller gets the same offer
   * until it expires, unless the caller must not be called any more. Errors: INVALID, NOT_FOUND.
   */
  readonly pingCall: PingCallPayload;
  /**
   * Places a bid on a call. Errors:
   *
   * - INVALID_STATE: the call is over, the buyer is not active, or the campaign is not ACTIVE, has not begun, is over, or has spent its budget.
   * - NOT_ROUTED: the buyer takes no calls from the caller's state.
   * - CAP_EXCEEDED: the bid would exceed the buyer's daily cap. The cap limits the total amount of the bids that the buyer placed on the
   *   current day (UTC). Only bids that won or can still win count, and no bids of routed calls.
   * - INVALID: the amount, the currency or `ttlSeconds` is out of bounds.
   * - NOT_FOUND: the tenant has no such call or buyer.
   */
  readonly placeBid: PlaceBidPayload;
  /**
   * Accepts a reservation: creates the call with the bid of its buyer, and connects it. The caller, the campaign, the publisher and
   * the buyer are checked again. A repeated post gets the
   * same call. Errors: INVALID, NOT_FOUND.
   */
  readonly postCall: PostCallPayload;
  /**
   * Publishes a draft. From the next call on, the plan's campaigns use it. When the mutation returns, the version is in the cache.
   * Errors: CONFLICT (`version` is not the current version), INVALID, INVALID_STATE (the version is published already), NOT_FOUND.
   */
  readonly publishRoutingPlan: RoutingPlanPayload;
  /**
   * Publishes a draft. It applies from the next call on. When the mutation returns, the rule set is in the cache. Errors: CONFLICT (`version`
   * is not the current version), INVALID, INVALID_STATE (the rule set is published already), NOT_FOUND.
   */
  readonly publishRuleSet: RuleSetPayload;
  /**
   * Records a consent. The same consent (caller, campaign, `givenAt` and evidence) is recorded once. A consent that was given before the
   * caller's last revocation is revoked from the beginning. Errors: INVALID, NOT_FOUND.
   */
  readonly recordConsent: ConsentPayload;
  /** Recomputes the tenant's rollups from its calls, bids and events, and corrects the rollup rows that differ. No row is expected to differ. */
  readonly refreshAnalytics: RefreshAnalyticsPayload;
  /** Changes the status from DRAFT or PAUSED to ACTIVE. Errors: CONFLICT, INVALID_STATE, NOT_FOUND. */
  readonly resumeCampaign: ChangeCampaignStatusPayload;
  /**
   * Revokes all consents of a caller that were given until now, also those that are recorded later. The revocation is effective for the next
   * call, on every instance. It can be repeated. Errors: INVALID.
   */
  readonly revokeConsent: RevocationPayload;
  /**
   * Creates a draft of a plan, or replaces the content of a draft. Errors: CONFLICT (`version` is not the current version), INVALID,
   * INVALID_STATE (the version is published), NOT_FOUND.
   */
  readonly saveRoutingPlanDraft: RoutingPlanPayload;
  /**
   * Creates a draft, or replaces the content of a draft. Errors: CONFLICT (`version` is not the current version), INVALID, INVALID_STATE (the
   * rule set is published), NOT_FOUND.
   */
  readonly saveRuleSetDraft: RuleSetPayload;
  /**
   * Changes the status of a domain. These changes are allowed: GENERATED to REGISTERED or REJECTED, REJECTED to GENERATED, REGISTERED to LIVE
   * or EXPIRED, LIVE to PAUSED or EXPIRED, PAUSED to LIVE or EXPIRED, EXPIRED to REGISTERED. Errors: CONFLICT, INVALID_STATE, NAME_TAKEN (the
   * name is already LIVE for a tenant), NOT_FOUND.
   */
  readonly setDomainStatus: SetDomainStatusPayload;
  /** Changes the status of 1 to 1000 domains, with the rules of `setDomainStatus`. Domains that cannot be changed are reported in `errors`; all others are changed. */
  readonly setDomainsStatus: SetDomainsStatusPayload;
  /**
   * Ends a call and decides which of its open bids wins. The highest eligible bid wins. If several have the same amount, the one that was
   * placed first wins. All other open bids become LOST. A bid is not eligible if the call was shorter than the buyer's `minDurationSeconds`.
   * If no bid is eligible, the call becomes MISSED and `winner` is null. That is not an error. The mutation is atomic: if two requests
   * settle the same call, one of them gets INVALID_STATE.
   */
  readonly settleCall: SettleCallPayload;
  /** Suppresses a caller. If the caller is suppressed in this scope already, nothing changes. Errors: INVALID, NOT_FOUND. */
  readonly suppressCaller: SuppressionPayload;
  /**
   * Stores analytics events. The response is sent after the events are durable. An `eventId` that is already stored counts as a duplicate,
   * so after an error or a lost response you can safely send the same events again. If too many events are waiting, the request fails with
   * OVERLOADED, and `retryAfterMs` in its extensions says when to send them again.
   */
  readonly trackEvents: TrackEventsPayload;
  /** Deletes a suppression. Errors: INVALID, NOT_FOUND. */
  readonly unsuppressCaller: UnsuppressPayload;
  /** Changes the given fields and keeps the others. Errors: CONFLICT (`version` is not the current version), NAME_TAKEN, INVALID, NOT_FOUND. */
  readonly updateBuyer: UpdateBuyerPayload;
  /** Changes the given fields and keeps the others. Errors: CONFLICT, INVALID, INVALID_STATE (the campaign is archived), NOT_FOUND. */
  readonly updateCampaign: UpdateCampaignPayload;
  /** Changes the given fields and keeps the others. Errors: CONFLICT (`version` is not the current version), NAME_TAKEN, INVALID, NOT_FOUND. */
  readonly updatePublisher: PublisherPayload;
};


export type MutationArchiveCampaignArgs = {
  input: ChangeCampaignStatusInput;
};


export type MutationCancelBidArgs = {
  input: CancelBidInput;
};


export type MutationConnectCallArgs = {
  input: ChangeCallInput;
};


export type MutationCreateBuyerArgs = {
  input: CreateBuyerInput;
};


export type MutationCreateCampaignArgs = {
  input: CreateCampaignInput;
};


export type MutationCreatePublisherArgs = {
  input: CreatePublisherInput;
};


export type MutationCreateRoutingPlanArgs = {
  input: CreateRoutingPlanInput;
};


export type MutationDeleteCampaignArgs = {
  input: DeleteCampaignInput;
};


export type MutationGenerateDomainsArgs = {
  input: GenerateDomainsInput;
};


export type MutationMissCallArgs = {
  input: ChangeCallInput;
};


export type MutationPauseCampaignArgs = {
  input: ChangeCampaignStatusInput;
};


export type MutationPingCallArgs = {
  input: PingCallInput;
};


export type MutationPlaceBidArgs = {
  input: PlaceBidInput;
};


export type MutationPostCallArgs = {
  input: PostCallInput;
};


export type MutationPublishRoutingPlanArgs = {
  input: PublishRoutingPlanInput;
};


export type MutationPublishRuleSetArgs = {
  input: PublishRuleSetInput;
};


export type MutationRecordConsentArgs = {
  input: RecordConsentInput;
};


export type MutationResumeCampaignArgs = {
  input: ChangeCampaignStatusInput;
};


export type MutationRevokeConsentArgs = {
  input: RevokeConsentInput;
};


export type MutationSaveRoutingPlanDraftArgs = {
  input: SaveRoutingPlanDraftInput;
};


export type MutationSaveRuleSetDraftArgs = {
  input: SaveRuleSetDraftInput;
};


export type MutationSetDomainStatusArgs = {
  input: SetDomainStatusInput;
};


export type MutationSetDomainsStatusArgs = {
  input: SetDomainsStatusInput;
};


export type MutationSettleCallArgs = {
  input: SettleCallInput;
};


export type MutationSuppressCallerArgs = {
  input: SuppressCallerInput;
};


export type MutationTrackEventsArgs = {
  input: TrackEventsInput;
};


export type MutationUnsuppressCallerArgs = {
  input: UnsuppressCallerInput;
};


export type MutationUpdateBuyerArgs = {
  input: UpdateBuyerInput;
};


export type MutationUpdateCampaignArgs = {
  input: UpdateCampaignInput;
};


export type MutationUpdatePublisherArgs = {
  input: UpdatePublisherInput;
};

/** An object with a global id. */
export type Node = {
  /** Global id. It is opaque, and unique across all types. */
  readonly id: Scalars['ID']['output'];
};

export type OpeningHours = {
  readonly __typename?: 'OpeningHours';
  readonly day: Weekday;
  /** Local time such as `09:00`. */
  readonly from: Scalars['String']['output'];
  /** Local time after `from`, at most `24:00`; not included. */
  readonly until: Scalars['String']['output'];
};

export type OpeningHoursInput = {
  readonly day: Weekday;
  /** Local time such as `09:00`. */
  readonly from: Scalars['String']['input'];
  /** Local time after `from`, at most `24:00`; not included. */
  readonly until: Scalars['String']['input'];
};

export type OrderDirection =
  | 'ASC'
  | 'DESC';

/** Position of a page in its list, as in the Relay cursor connections specification. */
export type PageInfo = {
  readonly __typename?: 'PageInfo';
  /** Cursor of the last item. Send it as `after` to get the next page. */
  readonly endCursor: Maybe<Scalars['String']['output']>;
  /** True if there are items after this page. For a page with `last`: true if it was requested with `before`. */
  readonly hasNextPage: Scalars['Boolean']['output'];
  /** True if the page was requested with `after`. For a page with `last`: true if there are items before this page. */
  readonly hasPreviousPage: Scalars['Boolean']['output'];
  /** Cursor of the first item. Send it as `before`, with `last`, to get the previous page. */
  readonly startCursor: Maybe<Scalars['String']['output']>;
};

export type PayoutKind =
  /** The same amount for each call. */
  | 'FIXED'
  /** A share of the call's revenue. */
  | 'REVENUE_SHARE';

/** What a publisher gets for a call that was settled with revenue. */
export type PayoutTerms = {
  readonly __typename?: 'PayoutTerms';
  /** The same amount for each call. Null unless `kind` is FIXED. */
  readonly amount: Maybe<Money>;
  readonly kind: PayoutKind;
  /** Share of the call's revenue in thousandths, rounded down to the minor unit. Null unless `kind` is REVENUE_SHARE. */
  readonly sharePermille: Maybe<Scalars['Int']['output']>;
};

export type PayoutTermsInput = {
  /** 0 or more, in the tenant's currency. It must be given if `kind` is FIXED, and only then. */
  readonly amount?: InputMaybe<MoneyInput>;
  readonly kind: PayoutKind;
  /** From 0 to 1000 thousandths. It must be given if `kind` is REVENUE_SHARE, and only then. */
  readonly sharePermille?: InputMaybe<Scalars['Int']['input']>;
};

/** Ratios are from 0 to 1. A ratio or average is null if its divisor is zero. */
export type Performance = {
  readonly __typename?: 'Performance';
  /** Average duration of all calls, in seconds. Null if there is no call. */
  readonly averageDurationSeconds: Maybe<Scalars['Float']['output']>;
  readonly bids: Scalars['Count']['output'];
  readonly calls: Scalars['Count']['output'];
  /** Settled calls divided by calls, from 0 to 1. Null if there is no call. */
  readonly conversion: Maybe<Scalars['Float']['output']>;
  /** Spend divided by calls, rounded half up to the minor unit. Null if there is no call. */
  readonly costPerCall: Maybe<Money>;
  /** Number of tracked events for each kind. Every kind is listed, also with a count of 0. */
  readonly events: ReadonlyArray<EventCount>;
  readonly from: Scalars['DateTime']['output'];
  /** Revenue minus payout. The cost of the traffic is not subtracted. It can be negative. */
  readonly margin: Maybe<Money>;
  /** What the publishers get for the calls. */
  readonly payout: Maybe<Money>;
  /** Revenue minus spend minus payout. It can be negative. */
  readonly profit: Maybe<Money>;
  readonly revenue: Maybe<Money>;
  /** Revenue divided by calls, rounded half up to the minor unit. Null if there is no call. */
  readonly revenuePerCall: Maybe<Money>;
  readonly settledCalls: Scalars['Count']['output'];
  /** What the traffic that led to the calls cost. */
  readonly spend: Money;
  /** The end of the last hour that is included. */
  readonly to: Scalars['DateTime']['output'];
  /** Won bids divided by bids, from 0 to 1. Null if there is no bid. */
  readonly winRate: Maybe<Scalars['Float']['output']>;
  readonly wonBids: Scalars['Count']['output'];
};

export type PingCallInput = {
  /** At most 20. */
  readonly attributes: ReadonlyArray<RoutingAttributeInput>;
  /**
   * A number such as `+12125550123`, or the SHA-256 of this number as 64 hexadecimal digits. Nothing but a keyed hash of it is stored, so both
   * are the same caller.
   */
  readonly caller: Scalars['String']['input'];
  readonly campaignId: Scalars['ID']['input'];
  /** Who sends the call. */
  readonly publisherId?: InputMaybe<Scalars['ID']['input']>;
  /** Two-letter code of the caller's US state. */
  readonly state: Scalars['String']['input'];
  /** What the publisher calls its source. At most 100 characters. */
  readonly subId?: InputMaybe<Scalars['String']['input']>;
  /** Five digits. */
  readonly zip?: InputMaybe<Scalars['String']['input']>;
};

export type PingCallPayload = {
  readonly __typename?: 'PingCallPayload';
  /** The decision. An equal ping gets the decision of the first one. */
  readonly decision: Maybe<RoutingDecision>;
  readonly errors: ReadonlyArray<UserError>;
  /** Every other buyer, if there is a reservation or the refusal is NO_BUYER. Empty for other refusals, which do not depend on the buyers. */
  readonly excluded: ReadonlyArray<ExcludedBuyer>;
  /**
   * The buyer of the reservation, and after it the buyers that the rules allow, the best first. What these others have used of their caps and
   * concurrent calls is not counted, so some of them may be full. Null if an equal ping got the same offer before.
   */
  readonly ranked: Maybe<ReadonlyArray<Buyer>>;
  /** Why there is no reservation. Null if there is one. */
  readonly refusal: Maybe<RoutingOutcome>;
  /** Null if no buyer can have the call. */
  readonly reservation: Maybe<Reservation>;
};


export type PingCallPayloadExcludedArgs = {
  first: Scalars['Int']['input'];
};


export type PingCallPayloadRankedArgs = {
  first: Scalars['Int']['input'];
};

export type PlaceBidInput = {
  /** From 1 to 10000000000 minor units of the tenant's currency. The maximum keeps sums over calls exact. */
  readonly amount: MoneyInput;
  readonly buyerId: Scalars['ID']['input'];
  readonly callId: Scalars['ID']['input'];
  /** How long the bid stays open, in seconds: from 1 to 86400. */
  readonly ttlSeconds: Scalars['Int']['input'];
};

export type PlaceBidPayload = {
  readonly __typename?: 'PlaceBidPayload';
  readonly bid: Maybe<Bid>;
  readonly errors: ReadonlyArray<UserError>;
};

export type PostCallInput = {
  /** The caller of the ping, as a number or as its SHA-256. */
  readonly caller: Scalars['String']['input'];
  /** The domain of the campaign whose visitor called. */
  readonly domainId?: InputMaybe<Scalars['ID']['input']>;
  readonly reservationId: Scalars['ID']['input'];
};

export type PostCallPayload = {
  readonly __typename?: 'PostCallPayload';
  /** Null if the post was refused. */
  readonly call: Maybe<Call>;
  /** The decision. Null for a repeated post, which gets the call of the first one. */
  readonly decision: Maybe<RoutingDecision>;
  readonly errors: ReadonlyArray<UserError>;
  /** Why there is no call. Null if there is one. */
  readonly refusal: Maybe<RoutingOutcome>;
};

export type PublishRoutingPlanInput = {
  readonly draftId: Scalars['ID']['input'];
  /** The `version` of the draft that you decided to publish. */
  readonly version: Scalars['Int']['input'];
};

export type PublishRuleSetInput = {
  readonly id: Scalars['ID']['input'];
  /** The `version` of the draft that you decided to publish. */
  readonly version: Scalars['Int']['input'];
};

/** A company or person that sends calls and is paid for them: the source of the traffic. */
export type Publisher = Node & {
  readonly __typename?: 'Publisher';
  /** Only calls of an active publisher are routed. Deactivating a publisher does not affect calls that are already connected. */
  readonly active: Scalars['Boolean']['output'];
  readonly createdAt: Scalars['DateTime']['output'];
  readonly id: Scalars['ID']['output'];
  /** The name is unique within the tenant. */
  readonly name: Scalars['String']['output'];
  /**
   * Figures for the calls of the publisher that started in these days (UTC). The range consists of whole days: `from` is rounded down and
   * `to` is rounded up. Without `to`, or with a `to` in the future, the range ends with the current day. A range spans at most 400 days.
   */
  readonly statistics: PublisherStatistics;
  /** What the publisher gets for a call. */
  readonly terms: Maybe<PayoutTerms>;
  readonly updatedAt: Scalars['DateTime']['output'];
  /** Number of the current version. Send it with an update: the update is refused if another one came first. */
  readonly version: Scalars['Int']['output'];
};


/** A company or person that sends calls and is paid for them: the source of the traffic. */
export type PublisherStatisticsArgs = {
  from: Scalars['DateTime']['input'];
  to?: InputMaybe<Scalars['DateTime']['input']>;
};

export type PublisherConnection = {
  readonly __typename?: 'PublisherConnection';
  readonly edges: ReadonlyArray<PublisherEdge>;
  readonly nodes: ReadonlyArray<Publisher>;
  readonly pageInfo: PageInfo;
  /** Number of items that match, on all pages. It is counted only if the query selects it. */
  readonly totalCount: Scalars['Int']['output'];
};

export type PublisherEdge = {
  readonly __typename?: 'PublisherEdge';
  readonly cursor: Scalars['String']['output'];
  readonly node: Publisher;
};

/** All given conditions must match. A condition that is null counts as not given. */
export type PublisherFilter = {
  readonly active?: InputMaybe<Scalars['Boolean']['input']>;
};

export type PublisherPayload = {
  readonly __typename?: 'PublisherPayload';
  readonly errors: ReadonlyArray<UserError>;
  /** The object as it is now, also if an update was refused with CONFLICT. */
  readonly publisher: Maybe<Publisher>;
};

export type PublisherStatistics = {
  readonly __typename?: 'PublisherStatistics';
  readonly calls: Scalars['Count']['output'];
  /** The start of the first day that is included. */
  readonly from: Scalars['DateTime']['output'];
  /** Revenue minus payout. It can be negative. */
  readonly margin: Maybe<Money>;
  /** What the publisher gets for the calls. */
  readonly payout: Maybe<Money>;
  /** What the buyers pay for the calls. */
  readonly revenue: Maybe<Money>;
  readonly settledCalls: Scalars['Count']['output'];
  /** The end of the last day that is included. */
  readonly to: Scalars['DateTime']['output'];
};

/**
 * These rules hold for all arguments and input fields of queries and mutations:
 *
 * - Null counts as not given, unless the description says otherwise. An empty list or an empty string counts as given: an empty list of
 *   wanted values matches nothing, and an empty string is not a valid id or state.
 * - Send an id exactly as a field `id` returned it. Any other string (empty, a bare number, or with blanks at either end) is an error. If the
 *   tenant has no object with the id, or the object has another type, the result is the same as for an object that does not exist.
 * - A string is Unicode text without U+0000 and without unpaired surrogates. Lengths in characters are counted in code points: an accented
 *   letter has one or two, an emoji has one or more.
 * - A connection is a page of a list. It has the first 20 items unless `first` or `last` says otherwise: `first` reads from the start of the
 *   list, `last` from its end, and both together are an error. With the cursors `after` and `before`, only the items between them count. The
 *   order of the items is that of the list in both directions.
 */
export type Query = {
  readonly __typename?: 'Query';
  /** Groups the analytics fields. The selected fields decide how long the response may be cached. */
  readonly analytics: Maybe<Analytics>;
  readonly bid: Maybe<Bid>;
  /** The newest come first by default. `first` and `last` are at most 100. */
  readonly bids: Maybe<BidConnection>;
  readonly buyer: Maybe<Buyer>;
  /** Sorted by name by default. `first` and `last` are at most 100. */
  readonly buyers: Maybe<BuyerConnection>;
  readonly call: Maybe<Call>;
  /**
   * What is known about a caller. `caller` is a number such as `+12125550123`, or the SHA-256 of this number as 64 hexadecimal digits. Send it
   * as a variable and by POST, because addresses are logged by proxies. One request can ask for a few callers only.
   */
  readonly callerStatus: Maybe<CallerStatus>;
  /** The newest come first by default. `first` and `last` are at most 100. */
  readonly calls: Maybe<CallConnection>;
  readonly campaign: Maybe<Campaign>;
  /** The newest come first by default. `first` and `last` are at most 100. */
  readonly campaigns: Maybe<CampaignConnection>;
  readonly domain: Maybe<Domain>;
  readonly domainByName: Maybe<Domain>;
  /** Patterns that suit the keywords, most promising first. Takes from 1 to 50 keywords. */
  readonly domainPatterns: Maybe<ReadonlyArray<DomainPattern>>;
  /** The newest come first by default. `first` and `last` are at most 100. */
  readonly domains: Maybe<DomainConnection>;
  /** The LIVE domain with this name, of whichever tenant. Null if there is none. */
  readonly liveDomain: Maybe<LiveDomain>;
  /** The object with this global id. Null if the tenant has no such object. */
  readonly node: Maybe<Node>;
  /** The objects with these global ids, at most 100, in the same order. An item is null if the tenant has no such object. */
  readonly nodes: Maybe<ReadonlyArray<Maybe<Node>>>;
  readonly publisher: Maybe<Publisher>;
  /** Sorted by name. `first` and `last` are at most 100. */
  readonly publishers: Maybe<PublisherConnection>;
  /**
   * The buyers for calls to a campaign from a state. Null if the tenant has no such campaign. `at` is the present time by default, and may be
   * from an hour ago to eight days from now.
   */
  readonly routingCandidates: Maybe<RoutingCandidates>;
  /** The newest come first. `first` and `last` are at most 100. The list is read from the database each time. */
  readonly routingDecisions: Maybe<RoutingDecisionConnection>;
  readonly routingPlan: Maybe<RoutingPlan>;
  /** Sorted by name. `first` and `last` are at most 100. */
  readonly routingPlans: Maybe<RoutingPlanConnection>;
  /** Null until the tenant has a buyer or a published rule set. */
  readonly routingState: Maybe<RoutingState>;
  /** The rule set in use. Null before the first publication. */
  readonly ruleSet: Maybe<ComplianceRuleSet>;
  /** All rule sets, drafts too, the newest first. `first` and `last` are at most 100. */
  readonly ruleSets: Maybe<ComplianceRuleSetConnection>;
  /**
   * Searches domains by words. Each word of the query must be a word of the domain, or the beginning of one. The query has from 1 to 10 words
   * and at most 200 characters. The highest scores come first by default. `first` and `last` are at most 100.
   */
  readonly searchDomains: Maybe<DomainSearchConnection>;
  /**
   * Generates domain names, best first, and stores nothing. The same input always gives the same names. Generations run one at a time. If too
   * many are waiting, the request fails with OVERLOADED.
   */
  readonly suggestDomains: Maybe<ReadonlyArray<DomainSuggestion>>;
  /** The newest come first. `first` and `last` are at most 100. */
  readonly suppressions: Maybe<SuppressionConnection>;
  /** All top-level domains, in alphabetical order of their A-labels. */
  readonly tlds: Maybe<ReadonlyArray<Tld>>;
  /** The tenant's users, sorted by name by default. `first` and `last` are at most 100. */
  readonly users: Maybe<UserConnection>;
  /**
   * The routes whose offers were worth most, among the newest 5,000 decisions of the last seven days. Those of the highest value come first.
   * Candidates are those of the time `at`: see `routingCandidates`. `first` is at most 50.
   */
  readonly valuableRoutes: Maybe<ReadonlyArray<ValuableRoute>>;
  readonly viewer: Maybe<Viewer>;
};


/**
 * These rules hold for all arguments and input fields of queries and mutations:
 *
 * - Null counts as not given, unless the description says otherwise. An empty list or an empty string counts as given: an empty list of
 *   wanted values matches nothing, and an empty string is not a valid id or state.
 * - Send an id exactly as a field `id` returned it. Any other string (empty, a bare number, or with blanks at either end) is an error. If the
 *   tenant has no object with the id, or the object has another type, the result is the same as for an object that does not exist.
 * - A string is Unicode text without U+0000 and without unpaired surrogates. Lengths in characters are counted in code points: an accented
 *   letter has one or two, an emoji has one or more.
 * - A connection is a page of a list. It has the first 20 items unless `first` or `last` says otherwise: `first` reads from the start of the
 *   list, `last` from its end, and both together are an error. With the cursors `after` and `before`, only the items between them count. The
 *   order of the items is that of the list in both directions.
 */
export type QueryBidArgs = {
  id: Scalars['ID']['input'];
};


/**
 * These rules hold for all arguments and input fields of queries and mutations:
 *
 * - Null counts as not given, unless the description says otherwise. An empty list or an empty string counts as given: an empty list of
 *   wanted values matches nothing, and an empty string is not a valid id or state.
 * - Send an id exactly as a field `id` returned it. Any other string (empty, a bare number, or with blanks at either end) is an error. If the
 *   tenant has no object with the id, or the object has another type, the result is the same as for an object that does not exist.
 * - A string is Unicode text without U+0000 and without unpaired surrogates. Lengths in characters are counted in code points: an accented
 *   letter has one or two, an emoji has one or more.
 * - A connection is a page of a list. It has the first 20 items unless `first` or `last` says otherwise: `first` reads from the start of the
 *   list, `last` from its end, and both together are an error. With the cursors `after` and `before`, only the items between them count. The
 *   order of the items is that of the list in both directions.
 */
export type QueryBidsArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  before?: InputMaybe<Scalars['String']['input']>;
  filter?: InputMaybe<BidFilter>;
  first?: InputMaybe<Scalars['Int']['input']>;
  last?: InputMaybe<Scalars['Int']['input']>;
  orderBy?: InputMaybe<BidOrder>;
};


/**
 * These rules hold for all arguments and input fields of queries and mutations:
 *
 * - Null counts as not given, unless the description says otherwise. An empty list or an empty string counts as given: an empty list of
 *   wanted values matches nothing, and an empty string is not a valid id or state.
 * - Send an id exactly as a field `id` returned it. Any other string (empty, a bare number, or with blanks at either end) is an error. If the
 *   tenant has no object with the id, or the object has another type, the result is the same as for an object that does not exist.
 * - A string is Unicode text without U+0000 and without unpaired surrogates. Lengths in characters are counted in code points: an accented
 *   letter has one or two, an emoji has one or more.
 * - A connection is a page of a list. It has the first 20 items unless `first` or `last` says otherwise: `first` reads from the start of the
 *   list, `last` from its end, and both together are an error. With the cursors `after` and `before`, only the items between them count. The
 *   order of the items is that of the list in both directions.
 */
export type QueryBuyerArgs = {
  id: Scalars['ID']['input'];
};


/**
 * These rules hold for all arguments and input fields of queries and mutations:
 *
 * - Null counts as not given, unless the description says otherwise. An empty list or an empty string counts as given: an empty list of
 *   wanted values matches nothing, and an empty string is not a valid id or state.
 * - Send an id exactly as a field `id` returned it. Any other string (empty, a bare number, or with blanks at either end) is an error. If the
 *   tenant has no object with the id, or the object has another type, the result is the same as for an object that does not exist.
 * - A string is Unicode text without U+0000 and without unpaired surrogates. Lengths in characters are counted in code points: an accented
 *   letter has one or two, an emoji has one or more.
 * - A connection is a page of a list. It has the first 20 items unless `first` or `last` says otherwise: `first` reads from the start of the
 *   list, `last` from its end, and both together are an error. With the cursors `after` and `before`, only the items between them count. The
 *   order of the items is that of the list in both directions.
 */
export type QueryBuyersArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  before?: InputMaybe<Scalars['String']['input']>;
  filter?: InputMaybe<BuyerFilter>;
  first?: InputMaybe<Scalars['Int']['input']>;
  last?: InputMaybe<Scalars['Int']['input']>;
  orderBy?: InputMaybe<BuyerOrder>;
};


/**
 * These rules hold for all arguments and input fields of queries and mutations:
 *
 * - Null counts as not given, unless the description says otherwise. An empty list or an empty string counts as given: an empty list of
 *   wanted values matches nothing, and an empty string is not a valid id or state.
 * - Send an id exactly as a field `id` returned it. Any other string (empty, a bare number, or with blanks at either end) is an error. If the
 *   tenant has no object with the id, or the object has another type, the result is the same as for an object that does not exist.
 * - A string is Unicode text without U+0000 and without unpaired surrogates. Lengths in characters are counted in code points: an accented
 *   letter has one or two, an emoji has one or more.
 * - A connection is a page of a list. It has the first 20 items unless `first` or `last` says otherwise: `first` reads from the start of the
 *   list, `last` from its end, and both together are an error. With the cursors `after` and `before`, only the items between them count. The
 *   order of the items is that of the list in both directions.
 */
export type QueryCallArgs = {
  id: Scalars['ID']['input'];
};


/**
 * These rules hold for all arguments and input fields of queries and mutations:
 *
 * - Null counts as not given, unless the description says otherwise. An empty list or an empty string counts as given: an empty list of
 *   wanted values matches nothing, and an empty string is not a valid id or state.
 * - Send an id exactly as a field `id` returned it. Any other string (empty, a bare number, or with blanks at either end) is an error. If the
 *   tenant has no object with the id, or the object has another type, the result is the same as for an object that does not exist.
 * - A string is Unicode text without U+0000 and without unpaired surrogates. Lengths in characters are counted in code points: an accented
 *   letter has one or two, an emoji has one or more.
 * - A connection is a page of a list. It has the first 20 items unless `first` or `last` says otherwise: `first` reads from the start of the
 *   list, `last` from its end, and both together are an error. With the cursors `after` and `before`, only the items between them count. The
 *   order of the items is that of the list in both directions.
 */
export type QueryCallerStatusArgs = {
  caller: Scalars['String']['input'];
  campaignId?: InputMaybe<Scalars['ID']['input']>;
};


/**
 * These rules hold for all arguments and input fields of queries and mutations:
 *
 * - Null counts as not given, unless the description says otherwise. An empty list or an empty string counts as given: an empty list of
 *   wanted values matches nothing, and an empty string is not a valid id or state.
 * - Send an id exactly as a field `id` returned it. Any other string (empty, a bare number, or with blanks at either end) is an error. If the
 *   tenant has no object with the id, or the object has another type, the result is the same as for an object that does not exist.
 * - A string is Unicode text without U+0000 and without unpaired surrogates. Lengths in characters are counted in code points: an accented
 *   letter has one or two, an emoji has one or more.
 * - A connection is a page of a list. It has the first 20 items unless `first` or `last` says otherwise: `first` reads from the start of the
 *   list, `last` from its end, and both together are an error. With the cursors `after` and `before`, only the items between them count. The
 *   order of the items is that of the list in both directions.
 */
export type QueryCallsArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  before?: InputMaybe<Scalars['String']['input']>;
  filter?: InputMaybe<CallFilter>;
  first?: InputMaybe<Scalars['Int']['input']>;
  last?: InputMaybe<Scalars['Int']['input']>;
  orderBy?: InputMaybe<CallOrder>;
};


/**
 * These rules hold for all arguments and input fields of queries and mutations:
 *
 * - Null counts as not given, unless the description says otherwise. An empty list or an empty string counts as given: an empty list of
 *   wanted values matches nothing, and an empty string is not a valid id or state.
 * - Send an id exactly as a field `id` returned it. Any other string (empty, a bare number, or with blanks at either end) is an error. If the
 *   tenant has no object with the id, or the object has another type, the result is the same as for an object that does not exist.
 * - A string is Unicode text without U+0000 and without unpaired surrogates. Lengths in characters are counted in code points: an accented
 *   letter has one or two, an emoji has one or more.
 * - A connection is a page of a list. It has the first 20 items unless `first` or `last` says otherwise: `first` reads from the start of the
 *   list, `last` from its end, and both together are an error. With the cursors `after` and `before`, only the items between them count. The
 *   order of the items is that of the list in both directions.
 */
export type QueryCampaignArgs = {
  id: Scalars['ID']['input'];
};


/**
 * These rules hold for all arguments and input fields of queries and mutations:
 *
 * - Null counts as not given, unless the description says otherwise. An empty list or an empty string counts as given: an empty list of
 *   wanted values matches nothing, and an empty string is not a valid id or state.
 * - Send an id exactly as a field `id` returned it. Any other string (empty, a bare number, or with blanks at either end) is an error. If the
 *   tenant has no object with the id, or the object has another type, the result is the same as for an object that does not exist.
 * - A string is Unicode text without U+0000 and without unpaired surrogates. Lengths in characters are counted in code points: an accented
 *   letter has one or two, an emoji has one or more.
 * - A connection is a page of a list. It has the first 20 items unless `first` or `last` says otherwise: `first` reads from the start of the
 *   list, `last` from its end, and both together are an error. With the cursors `after` and `before`, only the items between them count. The
 *   order of the items is that of the list in both directions.
 */
export type QueryCampaignsArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  before?: InputMaybe<Scalars['String']['input']>;
  filter?: InputMaybe<CampaignFilter>;
  first?: InputMaybe<Scalars['Int']['input']>;
  last?: InputMaybe<Scalars['Int']['input']>;
  orderBy?: InputMaybe<CampaignOrder>;
};


/**
 * These rules hold for all arguments and input fields of queries and mutations:
 *
 * - Null counts as not given, unless the description says otherwise. An empty list or an empty string counts as given: an empty list of
 *   wanted values matches nothing, and an empty string is not a valid id or state.
 * - Send an id exactly as a field `id` returned it. Any other string (empty, a bare number, or with blanks at either end) is an error. If the
 *   tenant has no object with the id, or the object has another type, the result is the same as for an object that does not exist.
 * - A string is Unicode text without U+0000 and without unpaired surrogates. Lengths in characters are counted in code points: an accented
 *   letter has one or two, an emoji has one or more.
 * - A connection is a page of a list. It has the first 20 items unless `first` or `last` says otherwise: `first` reads from the start of the
 *   list, `last` from its end, and both together are an error. With the cursors `after` and `before`, only the items between them count. The
 *   order of the items is that of the list in both directions.
 */
export type QueryDomainArgs = {
  id: Scalars['ID']['input'];
};


/**
 * These rules hold for all arguments and input fields of queries and mutations:
 *
 * - Null counts as not given, unless the description says otherwise. An empty list or an empty string counts as given: an empty list of
 *   wanted values matches nothing, and an empty string is not a valid id or state.
 * - Send an id exactly as a field `id` returned it. Any other string (empty, a bare number, or with blanks at either end) is an error. If the
 *   tenant has no object with the id, or the object has another type, the result is the same as for an object that does not exist.
 * - A string is Unicode text without U+0000 and without unpaired surrogates. Lengths in characters are counted in code points: an accented
 *   letter has one or two, an emoji has one or more.
 * - A connection is a page of a list. It has the first 20 items unless `first` or `last` says otherwise: `first` reads from the start of the
 *   list, `last` from its end, and both together are an error. With the cursors `after` and `before`, only the items between them count. The
 *   order of the items is that of the list in both directions.
 */
export type QueryDomainByNameArgs = {
  name: Scalars['DomainName']['input'];
};


/**
 * These rules hold for all arguments and input fields of queries and mutations:
 *
 * - Null counts as not given, unless the description says otherwise. An empty list or an empty string counts as given: an empty list of
 *   wanted values matches nothing, and an empty string is not a valid id or state.
 * - Send an id exactly as a field `id` returned it. Any other string (empty, a bare number, or with blanks at either end) is an error. If the
 *   tenant has no object with the id, or the object has another type, the result is the same as for an object that does not exist.
 * - A string is Unicode text without U+0000 and without unpaired surrogates. Lengths in characters are counted in code points: an accented
 *   letter has one or two, an emoji has one or more.
 * - A connection is a page of a list. It has the first 20 items unless `first` or `last` says otherwise: `first` reads from the start of the
 *   list, `last` from its end, and both together are an error. With the cursors `after` and `before`, only the items between them count. The
 *   order of the items is that of the list in both directions.
 */
export type QueryDomainPatternsArgs = {
  keywords: ReadonlyArray<Scalars['String']['input']>;
};


/**
 * These rules hold for all arguments and input fields of queries and mutations:
 *
 * - Null counts as not given, unless the description says otherwise. An empty list or an empty string counts as given: an empty list of
 *   wanted values matches nothing, and an empty string is not a valid id or state.
 * - Send an id exactly as a field `id` returned it. Any other string (empty, a bare number, or with blanks at either end) is an error. If the
 *   tenant has no object with the id, or the object has another type, the result is the same as for an object that does not exist.
 * - A string is Unicode text without U+0000 and without unpaired surrogates. Lengths in characters are counted in code points: an accented
 *   letter has one or two, an emoji has one or more.
 * - A connection is a page of a list. It has the first 20 items unless `first` or `last` says otherwise: `first` reads from the start of the
 *   list, `last` from its end, and both together are an error. With the cursors `after` and `before`, only the items between them count. The
 *   order of the items is that of the list in both directions.
 */
export type QueryDomainsArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  before?: InputMaybe<Scalars['String']['input']>;
  filter?: InputMaybe<DomainFilter>;
  first?: InputMaybe<Scalars['Int']['input']>;
  last?: InputMaybe<Scalars['Int']['input']>;
  orderBy?: InputMaybe<DomainOrder>;
};


/**
 * These rules hold for all arguments and input fields of queries and mutations:
 *
 * - Null counts as not given, unless the description says otherwise. An empty list or an empty string counts as given: an empty list of
 *   wanted values matches nothing, and an empty string is not a valid id or state.
 * - Send an id exactly as a field `id` returned it. Any other string (empty, a bare number, or with blanks at either end) is an error. If the
 *   tenant has no object with the id, or the object has another type, the result is the same as for an object that does not exist.
 * - A string is Unicode text without U+0000 and without unpaired surrogates. Lengths in characters are counted in code points: an accented
 *   letter has one or two, an emoji has one or more.
 * - A connection is a page of a list. It has the first 20 items unless `first` or `last` says otherwise: `first` reads from the start of the
 *   list, `last` from its end, and both together are an error. With the cursors `after` and `before`, only the items between them count. The
 *   order of the items is that of the list in both directions.
 */
export type QueryLiveDomainArgs = {
  name: Scalars['DomainName']['input'];
};


/**
 * These rules hold for all arguments and input fields of queries and mutations:
 *
 * - Null counts as not given, unless the description says otherwise. An empty list or an empty string counts as given: an empty list of
 *   wanted values matches nothing, and an empty string is not a valid id or state.
 * - Send an id exactly as a field `id` returned it. Any other string (empty, a bare number, or with blanks at either end) is an error. If the
 *   tenant has no object with the id, or the object has another type, the result is the same as for an object that does not exist.
 * - A string is Unicode text without U+0000 and without unpaired surrogates. Lengths in characters are counted in code points: an accented
 *   letter has one or two, an emoji has one or more.
 * - A connection is a page of a list. It has the first 20 items unless `first` or `last` says otherwise: `first` reads from the start of the
 *   list, `last` from its end, and both together are an error. With the cursors `after` and `before`, only the items between them count. The
 *   order of the items is that of the list in both directions.
 */
export type QueryNodeArgs = {
  id: Scalars['ID']['input'];
};


/**
 * These rules hold for all arguments and input fields of queries and mutations:
 *
 * - Null counts as not given, unless the description says otherwise. An empty list or an empty string counts as given: an empty list of
 *   wanted values matches nothing, and an empty string is not a valid id or state.
 * - Send an id exactly as a field `id` returned it. Any other string (empty, a bare number, or with blanks at either end) is an error. If the
 *   tenant has no object with the id, or the object has another type, the result is the same as for an object that does not exist.
 * - A string is Unicode text without U+0000 and without unpaired surrogates. Lengths in characters are counted in code points: an accented
 *   letter has one or two, an emoji has one or more.
 * - A connection is a page of a list. It has the first 20 items unless `first` or `last` says otherwise: `first` reads from the start of the
 *   list, `last` from its end, and both together are an error. With the cursors `after` and `before`, only the items between them count. The
 *   order of the items is that of the list in both directions.
 */
export type QueryNodesArgs = {
  ids: ReadonlyArray<Scalars['ID']['input']>;
};


/**
 * These rules hold for all arguments and input fields of queries and mutations:
 *
 * - Null counts as not given, unless the description says otherwise. An empty list or an empty string counts as given: an empty list of
 *   wanted values matches nothing, and an empty string is not a valid id or state.
 * - Send an id exactly as a field `id` returned it. Any other string (empty, a bare number, or with blanks at either end) is an error. If the
 *   tenant has no object with the id, or the object has another type, the result is the same as for an object that does not exist.
 * - A string is Unicode text without U+0000 and without unpaired surrogates. Lengths in characters are counted in code points: an accented
 *   letter has one or two, an emoji has one or more.
 * - A connection is a page of a list. It has the first 20 items unless `first` or `last` says otherwise: `first` reads from the start of the
 *   list, `last` from its end, and both together are an error. With the cursors `after` and `before`, only the items between them count. The
 *   order of the items is that of the list in both directions.
 */
export type QueryPublisherArgs = {
  id: Scalars['ID']['input'];
};


/**
 * These rules hold for all arguments and input fields of queries and mutations:
 *
 * - Null counts as not given, unless the description says otherwise. An empty list or an empty string counts as given: an empty list of
 *   wanted values matches nothing, and an empty string is not a valid id or state.
 * - Send an id exactly as a field `id` returned it. Any other string (empty, a bare number, or with blanks at either end) is an error. If the
 *   tenant has no object with the id, or the object has another type, the result is the same as for an object that does not exist.
 * - A string is Unicode text without U+0000 and without unpaired surrogates. Lengths in characters are counted in code points: an accented
 *   letter has one or two, an emoji has one or more.
 * - A connection is a page of a list. It has the first 20 items unless `first` or `last` says otherwise: `first` reads from the start of the
 *   list, `last` from its end, and both together are an error. With the cursors `after` and `before`, only the items between them count. The
 *   order of the items is that of the list in both directions.
 */
export type QueryPublishersArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  before?: InputMaybe<Scalars['String']['input']>;
  filter?: InputMaybe<PublisherFilter>;
  first?: InputMaybe<Scalars['Int']['input']>;
  last?: InputMaybe<Scalars['Int']['input']>;
};


/**
 * These rules hold for all arguments and input fields of queries and mutations:
 *
 * - Null counts as not given, unless the description says otherwise. An empty list or an empty string counts as given: an empty list of
 *   wanted values matches nothing, and an empty string is not a valid id or state.
 * - Send an id exactly as a field `id` returned it. Any other string (empty, a bare number, or with blanks at either end) is an error. If the
 *   tenant has no object with the id, or the object has another type, the result is the same as for an object that does not exist.
 * - A string is Unicode text without U+0000 and without unpaired surrogates. Lengths in characters are counted in code points: an accented
 *   letter has one or two, an emoji has one or more.
 * - A connection is a page of a list. It has the first 20 items unless `first` or `last` says otherwise: `first` reads from the start of the
 *   list, `last` from its end, and both together are an error. With the cursors `after` and `before`, only the items between them count. The
 *   order of the items is that of the list in both directions.
 */
export type QueryRoutingCandidatesArgs = {
  at?: InputMaybe<Scalars['DateTime']['input']>;
  campaignId: Scalars['ID']['input'];
  state: Scalars['String']['input'];
};


/**
 * These rules hold for all arguments and input fields of queries and mutations:
 *
 * - Null counts as not given, unless the description says otherwise. An empty list or an empty string counts as given: an empty list of
 *   wanted values matches nothing, and an empty string is not a valid id or state.
 * - Send an id exactly as a field `id` returned it. Any other string (empty, a bare number, or with blanks at either end) is an error. If the
 *   tenant has no object with the id, or the object has another type, the result is the same as for an object that does not exist.
 * - A string is Unicode text without U+0000 and without unpaired surrogates. Lengths in characters are counted in code points: an accented
 *   letter has one or two, an emoji has one or more.
 * - A connection is a page of a list. It has the first 20 items unless `first` or `last` says otherwise: `first` reads from the start of the
 *   list, `last` from its end, and both together are an error. With the cursors `after` and `before`, only the items between them count. The
 *   order of the items is that of the list in both directions.
 */
export type QueryRoutingDecisionsArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  before?: InputMaybe<Scalars['String']['input']>;
  filter?: InputMaybe<RoutingDecisionFilter>;
  first?: InputMaybe<Scalars['Int']['input']>;
  last?: InputMaybe<Scalars['Int']['input']>;
};


/**
 * These rules hold for all arguments and input fields of queries and mutations:
 *
 * - Null counts as not given, unless the description says otherwise. An empty list or an empty string counts as given: an empty list of
 *   wanted values matches nothing, and an empty string is not a valid id or state.
 * - Send an id exactly as a field `id` returned it. Any other string (empty, a bare number, or with blanks at either end) is an error. If the
 *   tenant has no object with the id, or the object has another type, the result is the same as for an object that does not exist.
 * - A string is Unicode text without U+0000 and without unpaired surrogates. Lengths in characters are counted in code points: an accented
 *   letter has one or two, an emoji has one or more.
 * - A connection is a page of a list. It has the first 20 items unless `first` or `last` says otherwise: `first` reads from the start of the
 *   list, `last` from its end, and both together are an error. With the cursors `after` and `before`, only the items between them count. The
 *   order of the items is that of the list in both directions.
 */
export type QueryRoutingPlanArgs = {
  id: Scalars['ID']['input'];
};


/**
 * These rules hold for all arguments and input fields of queries and mutations:
 *
 * - Null counts as not given, unless the description says otherwise. An empty list or an empty string counts as given: an empty list of
 *   wanted values matches nothing, and an empty string is not a valid id or state.
 * - Send an id exactly as a field `id` returned it. Any other string (empty, a bare number, or with blanks at either end) is an error. If the
 *   tenant has no object with the id, or the object has another type, the result is the same as for an object that does not exist.
 * - A string is Unicode text without U+0000 and without unpaired surrogates. Lengths in characters are counted in code points: an accented
 *   letter has one or two, an emoji has one or more.
 * - A connection is a page of a list. It has the first 20 items unless `first` or `last` says otherwise: `first` reads from the start of the
 *   list, `last` from its end, and both together are an error. With the cursors `after` and `before`, only the items between them count. The
 *   order of the items is that of the list in both directions.
 */
export type QueryRoutingPlansArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  before?: InputMaybe<Scalars['String']['input']>;
  first?: InputMaybe<Scalars['Int']['input']>;
  last?: InputMaybe<Scalars['Int']['input']>;
};


/**
 * These rules hold for all arguments and input fields of queries and mutations:
 *
 * - Null counts as not given, unless the description says otherwise. An empty list or an empty string counts as given: an empty list of
 *   wanted values matches nothing, and an empty string is not a valid id or state.
 * - Send an id exactly as a field `id` returned it. Any other string (empty, a bare number, or with blanks at either end) is an error. If the
 *   tenant has no object with the id, or the object has another type, the result is the same as for an object that does not exist.
 * - A string is Unicode text without U+0000 and without unpaired surrogates. Lengths in characters are counted in code points: an accented
 *   letter has one or two, an emoji has one or more.
 * - A connection is a page of a list. It has the first 20 items unless `first` or `last` says otherwise: `first` reads from the start of the
 *   list, `last` from its end, and both together are an error. With the cursors `after` and `before`, only the items between them count. The
 *   order of the items is that of the list in both directions.
 */
export type QueryRuleSetsArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  before?: InputMaybe<Scalars['String']['input']>;
  first?: InputMaybe<Scalars['Int']['input']>;
  last?: InputMaybe<Scalars['Int']['input']>;
};


/**
 * These rules hold for all arguments and input fields of queries and mutations:
 *
 * - Null counts as not given, unless the description says otherwise. An empty list or an empty string counts as given: an empty list of
 *   wanted values matches nothing, and an empty string is not a valid id or state.
 * - Send an id exactly as a field `id` returned it. Any other string (empty, a bare number, or with blanks at either end) is an error. If the
 *   tenant has no object with the id, or the object has another type, the result is the same as for an object that does not exist.
 * - A string is Unicode text without U+0000 and without unpaired surrogates. Lengths in characters are counted in code points: an accented
 *   letter has one or two, an emoji has one or more.
 * - A connection is a page of a list. It has the first 20 items unless `first` or `last` says otherwise: `first` reads from the start of the
 *   list, `last` from its end, and both together are an error. With the cursors `after` and `before`, only the items between them count. The
 *   order of the items is that of the list in both directions.
 */
export type QuerySearchDomainsArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  before?: InputMaybe<Scalars['String']['input']>;
  filter?: InputMaybe<DomainFilter>;
  first?: InputMaybe<Scalars['Int']['input']>;
  last?: InputMaybe<Scalars['Int']['input']>;
  orderBy?: InputMaybe<DomainOrder>;
  query: Scalars['String']['input'];
};


/**
 * These rules hold for all arguments and input fields of queries and mutations:
 *
 * - Null counts as not given, unless the description says otherwise. An empty list or an empty string counts as given: an empty list of
 *   wanted values matches nothing, and an empty string is not a valid id or state.
 * - Send an id exactly as a field `id` returned it. Any other string (empty, a bare number, or with blanks at either end) is an error. If the
 *   tenant has no object with the id, or the object has another type, the result is the same as for an object that does not exist.
 * - A string is Unicode text without U+0000 and without unpaired surrogates. Lengths in characters are counted in code points: an accented
 *   letter has one or two, an emoji has one or more.
 * - A connection is a page of a list. It has the first 20 items unless `first` or `last` says otherwise: `first` reads from the start of the
 *   list, `last` from its end, and both together are an error. With the cursors `after` and `before`, only the items between them count. The
 *   order of the items is that of the list in both directions.
 */
export type QuerySuggestDomainsArgs = {
  config: SuggestDomainsInput;
};


/**
 * These rules hold for all arguments and input fields of queries and mutations:
 *
 * - Null counts as not given, unless the description says otherwise. An empty list or an empty string counts as given: an empty list of
 *   wanted values matches nothing, and an empty string is not a valid id or state.
 * - Send an id exactly as a field `id` returned it. Any other string (empty, a bare number, or with blanks at either end) is an error. If the
 *   tenant has no object with the id, or the object has another type, the result is the same as for an object that does not exist.
 * - A string is Unicode text without U+0000 and without unpaired surrogates. Lengths in characters are counted in code points: an accented
 *   letter has one or two, an emoji has one or more.
 * - A connection is a page of a list. It has the first 20 items unless `first` or `last` says otherwise: `first` reads from the start of the
 *   list, `last` from its end, and both together are an error. With the cursors `after` and `before`, only the items between them count. The
 *   order of the items is that of the list in both directions.
 */
export type QuerySuppressionsArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  before?: InputMaybe<Scalars['String']['input']>;
  first?: InputMaybe<Scalars['Int']['input']>;
  last?: InputMaybe<Scalars['Int']['input']>;
};


/**
 * These rules hold for all arguments and input fields of queries and mutations:
 *
 * - Null counts as not given, unless the description says otherwise. An empty list or an empty string counts as given: an empty list of
 *   wanted values matches nothing, and an empty string is not a valid id or state.
 * - Send an id exactly as a field `id` returned it. Any other string (empty, a bare number, or with blanks at either end) is an error. If the
 *   tenant has no object with the id, or the object has another type, the result is the same as for an object that does not exist.
 * - A string is Unicode text without U+0000 and without unpaired surrogates. Lengths in characters are counted in code points: an accented
 *   letter has one or two, an emoji has one or more.
 * - A connection is a page of a list. It has the first 20 items unless `first` or `last` says otherwise: `first` reads from the start of the
 *   list, `last` from its end, and both together are an error. With the cursors `after` and `before`, only the items between them count. The
 *   order of the items is that of the list in both directions.
 */
export type QueryTldsArgs = {
  kind?: InputMaybe<TldKind>;
};


/**
 * These rules hold for all arguments and input fields of queries and mutations:
 *
 * - Null counts as not given, unless the description says otherwise. An empty list or an empty string counts as given: an empty list of
 *   wanted values matches nothing, and an empty string is not a valid id or state.
 * - Send an id exactly as a field `id` returned it. Any other string (empty, a bare number, or with blanks at either end) is an error. If the
 *   tenant has no object with the id, or the object has another type, the result is the same as for an object that does not exist.
 * - A string is Unicode text without U+0000 and without unpaired surrogates. Lengths in characters are counted in code points: an accented
 *   letter has one or two, an emoji has one or more.
 * - A connection is a page of a list. It has the first 20 items unless `first` or `last` says otherwise: `first` reads from the start of the
 *   list, `last` from its end, and both together are an error. With the cursors `after` and `before`, only the items between them count. The
 *   order of the items is that of the list in both directions.
 */
export type QueryUsersArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  before?: InputMaybe<Scalars['String']['input']>;
  filter?: InputMaybe<UserFilter>;
  first?: InputMaybe<Scalars['Int']['input']>;
  last?: InputMaybe<Scalars['Int']['input']>;
  orderBy?: InputMaybe<UserOrder>;
};


/**
 * These rules hold for all arguments and input fields of queries and mutations:
 *
 * - Null counts as not given, unless the description says otherwise. An empty list or an empty string counts as given: an empty list of
 *   wanted values matches nothing, and an empty string is not a valid id or state.
 * - Send an id exactly as a field `id` returned it. Any other string (empty, a bare number, or with blanks at either end) is an error. If the
 *   tenant has no object with the id, or the object has another type, the result is the same as for an object that does not exist.
 * - A string is Unicode text without U+0000 and without unpaired surrogates. Lengths in characters are counted in code points: an accented
 *   letter has one or two, an emoji has one or more.
 * - A connection is a page of a list. It has the first 20 items unless `first` or `last` says otherwise: `first` reads from the start of the
 *   list, `last` from its end, and both together are an error. With the cursors `after` and `before`, only the items between them count. The
 *   order of the items is that of the list in both directions.
 */
export type QueryValuableRoutesArgs = {
  at?: InputMaybe<Scalars['DateTime']['input']>;
  first: Scalars['Int']['input'];
};

export type RecordConsentInput = {
  /** A number such as `+12125550123`, or the SHA-256 of this number as 64 hexadecimal digits. */
  readonly caller: Scalars['String']['input'];
  /** Null: for all campaigns. */
  readonly campaignId?: InputMaybe<Scalars['ID']['input']>;
  /** From 1 to 2000 characters, without the number of the caller. */
  readonly evidence: Scalars['String']['input'];
  /** After `givenAt`. */
  readonly expiresAt?: InputMaybe<Scalars['DateTime']['input']>;
  /** At most five minutes ahead. */
  readonly givenAt: Scalars['DateTime']['input'];
  /** From 1 to 120 characters, without the number of the caller. */
  readonly source: Scalars['String']['input'];
};

export type RefreshAnalyticsPayload = {
  readonly __typename?: 'RefreshAnalyticsPayload';
  /** Number of rollup rows that were wrong. */
  readonly correctedRows: Scalars['Count']['output'];
  readonly errors: ReadonlyArray<UserError>;
};

export type RefusingCondition = {
  readonly __typename?: 'RefusingCondition';
  readonly condition: Scalars['Condition']['output'];
  readonly name: Scalars['String']['output'];
};

export type RefusingConditionInput = {
  /** It cannot name the attribute `price`, because no buyer is chosen yet. */
  readonly condition: Scalars['Condition']['input'];
  /** From 1 to 100 characters. */
  readonly name: Scalars['String']['input'];
};

/** The offer of a buyer, which a post accepts before it expires. */
export type Reservation = {
  readonly __typename?: 'Reservation';
  readonly buyer: Maybe<Buyer>;
  readonly expiresAt: Scalars['DateTime']['output'];
  readonly id: Scalars['ID']['output'];
  /** What the publisher gets if the call is sold. */
  readonly payout: Money;
  /** What the buyer pays if the call is sold. */
  readonly price: Maybe<Money>;
};

export type RevocationPayload = {
  readonly __typename?: 'RevocationPayload';
  readonly errors: ReadonlyArray<UserError>;
  /** Number of consents that this revocation ended. */
  readonly revoked: Scalars['Count']['output'];
  /** When the caller revoked all consents. Null if nothing was revoked because of an error. */
  readonly revokedAt: Maybe<Scalars['DateTime']['output']>;
};

export type RevokeConsentInput = {
  /** A number such as `+12125550123`, or the SHA-256 of this number as 64 hexadecimal digits. */
  readonly caller: Scalars['String']['input'];
  /** From 1 to 120 characters, without the number of the caller. */
  readonly source: Scalars['String']['input'];
};

/** VIEWER, EDITOR and ADMIN are roles of a tenant's members, and each includes the rights of the ones before it. OPERATOR includes none of them. */
export type Role =
  /** Can also delete, and can read revenue: the amounts of single bids and their sums. */
  | 'ADMIN'
  /** Can read and write. */
  | 'EDITOR'
  /** Operates the installation. Can read public fields, but no data of a tenant. */
  | 'OPERATOR'
  /** Can read. */
  | 'VIEWER';

export type RoutingAttributeInput = {
  /** From 1 to 40 letters, digits, dots, hyphens and underscores. `state`, `zip`, `publisher`, `subId`, `hour` and `price` are taken. */
  readonly name: Scalars['String']['input'];
  /** From 1 to 100 characters. */
  readonly value: Scalars['String']['input'];
};

/** A buyer that may get a call. */
export type RoutingCandidate = {
  readonly __typename?: 'RoutingCandidate';
  /** Null only if the object was deleted a moment ago. */
  readonly buyer: Maybe<Buyer>;
  /** What the buyer pays for a call. */
  readonly price: Maybe<Money>;
  /** Buyers of a lower tier come first. */
  readonly tier: Scalars['Int']['output'];
  /** Share of the calls that the buyer gets within its tier, where the plan draws by weights. */
  readonly weight: Scalars['Int']['output'];
};

/**
 * The buyers of the tenant for calls from one state in one hour, under one version of the campaign's routing plan. It never changes: when a
 * buyer or the plan changes, there is another one.
 */
export type RoutingCandidates = {
  readonly __typename?: 'RoutingCandidates';
  /** Counts the changes of the tenant's buyers. */
  readonly buyersRevision: Scalars['Count']['output'];
  /** Buyers that can get a call, if their caps and the caller allow it. `first` is at most 1000. */
  readonly candidates: ReadonlyArray<RoutingCandidate>;
  /** Buyers that cannot get a call from this state in this hour. `first` is at most 1000. */
  readonly excluded: ReadonlyArray<ExcludedBuyer>;
  /** Start of the hour. */
  readonly hour: Scalars['DateTime']['output'];
  /** Two-letter code of a US state. */
  readonly state: Scalars['String']['output'];
};


/**
 * The buyers of the tenant for calls from one state in one hour, under one version of the campaign's routing plan. It never changes: when a
 * buyer or the plan changes, there is another one.
 */
export type RoutingCandidatesCandidatesArgs = {
  first: Scalars['Int']['input'];
};


/**
 * The buyers of the tenant for calls from one state in one hour, under one version of the campaign's routing plan. It never changes: when a
 * buyer or the plan changes, there is another one.
 */
export type RoutingCandidatesExcludedArgs = {
  first: Scalars['Int']['input'];
};

/** Criteria for the calls that a buyer takes. */
export type RoutingCriteria = {
  readonly __typename?: 'RoutingCriteria';
  /** Limits of routed calls. A cap is never exceeded. */
  readonly caps: ReadonlyArray<Cap>;
  /** Condition that a routed call must meet. Null means none. */
  readonly conditions: Maybe<Scalars['Condition']['output']>;
  /**
   * Maximum total amount of the bids placed in auctions on one day (UTC). Only bids that won or can still win count. Routed calls neither count
   * nor are limited by it: `caps` limit them. Null means no limit.
   */
  readonly dailyCap: Maybe<Money>;
  /** How long a caller counts as a duplicate. Null means never. */
  readonly duplicates: Maybe<DuplicateWindow>;
  /** Maximum number of calls that the buyer can answer at the same time. Routing never exceeds it; placing a bid does not check it. */
  readonly maxConcurrentCalls: Scalars['Int']['output'];
  /** The buyer does not pay for calls shorter than this many seconds. */
  readonly minDurationSeconds: Scalars['Int']['output'];
  /** What the buyer pays for a routed call, unless the plan says otherwise. With a price of 0 the buyer takes part in auctions only. */
  readonly price: Maybe<Money>;
  /** Hours in which the buyer takes routed calls, in its time zone. Null means always. */
  readonly schedule: Maybe<Schedule>;
  /** US states as two-letter codes. An empty list means all states. */
  readonly states: ReadonlyArray<Scalars['String']['output']>;
  /** IANA time zone of the schedule and of the periods of caps, such as `America/New_York`. */
  readonly timeZone: Scalars['String']['output'];
};

/** A decision on a ping or a post. It is never changed, and kept for at least 30 days. */
export type RoutingDecision = {
  readonly __typename?: 'RoutingDecision';
  /** The buyer that got the offer or the call. Null if none did. */
  readonly buyer: Maybe<Buyer>;
  /** The revision of the tenant's buyers. */
  readonly buyersRevision: Scalars['Count']['output'];
  /** Two-letter code of a US state. */
  readonly callerState: Scalars['String']['output'];
  /** Null if the campaign was deleted. */
  readonly campaign: Maybe<Campaign>;
  readonly decidedAt: Scalars['DateTime']['output'];
  /** Versions of the do-not-call lists that were read, such as `national:7`. Null if none was. */
  readonly dncVersions: Maybe<Scalars['String']['output']>;
  readonly id: Scalars['ID']['output'];
  readonly kind: RoutingDecisionKind;
  readonly outcome: RoutingOutcome;
  /** What the publisher gets if the call is sold. */
  readonly payout: Maybe<Money>;
  /** The published version of the routing plan. Null for the default plan. */
  readonly planVersionId: Maybe<Scalars['ID']['output']>;
  /** What the buyer pays if the call is sold. */
  readonly price: Maybe<Money>;
  /** Null if the call came from no publisher, or if the publisher was deleted. */
  readonly publisher: Maybe<Publisher>;
  /**
   * Why each other buyer did not get the call. Empty for a post, and if the call was refused for another reason than NO_BUYER, which does not
   * depend on the buyers. `first` is at most 1000.
   */
  readonly reasons: ReadonlyArray<ExcludedBuyer>;
  readonly reservationId: Maybe<Scalars['ID']['output']>;
  /** The compliance rule set. Null if none was published. */
  readonly ruleSetId: Maybe<Scalars['ID']['output']>;
};


/** A decision on a ping or a post. It is never changed, and kept for at least 30 days. */
export type RoutingDecisionReasonsArgs = {
  first: Scalars['Int']['input'];
};

export type RoutingDecisionConnection = {
  readonly __typename?: 'RoutingDecisionConnection';
  readonly edges: ReadonlyArray<RoutingDecisionEdge>;
  readonly nodes: ReadonlyArray<RoutingDecision>;
  readonly pageInfo: PageInfo;
};

export type RoutingDecisionEdge = {
  readonly __typename?: 'RoutingDecisionEdge';
  readonly cursor: Scalars['String']['output'];
  readonly node: RoutingDecision;
};

/** All given conditions must match. A condition that is null counts as not given. */
export type RoutingDecisionFilter = {
  /** Only decisions before this time. */
  readonly before?: InputMaybe<Scalars['DateTime']['input']>;
  /** Only decisions on this caller: a number such as `+12125550123`, or the SHA-256 of this number as 64 hexadecimal digits. */
  readonly caller?: InputMaybe<Scalars['String']['input']>;
  readonly campaignId?: InputMaybe<Scalars['ID']['input']>;
  /** Only decisions at or after this time. */
  readonly from?: InputMaybe<Scalars['DateTime']['input']>;
  readonly outcome?: InputMaybe<RoutingOutcome>;
};

export type RoutingDecisionKind =
  | 'PING'
  | 'POST';

/** Outcome of a ping or a post. All but OFFERED and CONNECTED are refusals. */
export type RoutingOutcome =
  /** The caller was tried as often as the rules allow. */
  | 'ATTEMPTS'
  /** The buyer of the reservation was paused after the ping. */
  | 'BUYER_PAUSED'
  /** It is outside of the calling hours in the caller's state, or on a holiday. */
  | 'CALLING_HOURS'
  /** The campaign is a draft, paused or archived. */
  | 'CAMPAIGN_NOT_ACTIVE'
  /** The dates of the campaign have not begun or are over. */
  | 'CAMPAIGN_OVER'
  /** The budget of the campaign is spent or held for calls. */
  | 'CAMPAIGN_SPENT'
  /** The call was created and connected. */
  | 'CONNECTED'
  /** The caller has not agreed to be called, or the consent has expired. */
  | 'CONSENT_MISSING'
  /** The caller has revoked the consent. */
  | 'CONSENT_REVOKED'
  /** The caller is on a do-not-call list, or such a list was not loaded. */
  | 'DNC'
  /** The post came too late: the reservation has expired, or an earlier post of it was refused. */
  | 'LAPSED'
  /** No buyer can get the call. The reasons of the buyers say why. */
  | 'NO_BUYER'
  /** A buyer was found, and a reservation made. */
  | 'OFFERED'
  /** The publisher is paused. */
  | 'PUBLISHER_PAUSED'
  /** A condition of the rules refuses the call, or an attribute that it needs is missing. */
  | 'RULE'
  /** The caller's state is no state of the United States. */
  | 'STATE_UNKNOWN'
  /** The caller must not be called by the tenant, for the campaign, or (for a post) by the buyer. */
  | 'SUPPRESSED'
  /** The post names another caller than the ping. */
  | 'WRONG_CALLER';

/** A plan says which buyers get routed calls, and in which order. Its published version is the one in use. */
export type RoutingPlan = Node & {
  readonly __typename?: 'RoutingPlan';
  readonly createdAt: Scalars['DateTime']['output'];
  readonly id: Scalars['ID']['output'];
  /** The name is unique within the tenant. */
  readonly name: Scalars['String']['output'];
  /** The version that routing uses. Null until a version is published. */
  readonly published: Maybe<RoutingPlanVersion>;
  readonly updatedAt: Scalars['DateTime']['output'];
  /** Number of the current version of this object, which each publication raises. It is not the number of a plan's version. */
  readonly version: Scalars['Int']['output'];
  /** The newest versions, drafts too, the newest first. `first` is at most 100. */
  readonly versions: ReadonlyArray<RoutingPlanVersion>;
};


/** A plan says which buyers get routed calls, and in which order. Its published version is the one in use. */
export type RoutingPlanVersionsArgs = {
  first: Scalars['Int']['input'];
};

export type RoutingPlanConnection = {
  readonly __typename?: 'RoutingPlanConnection';
  readonly edges: ReadonlyArray<RoutingPlanEdge>;
  readonly nodes: ReadonlyArray<RoutingPlan>;
  readonly pageInfo: PageInfo;
  /** Number of items that match, on all pages. It is counted only if the query selects it. */
  readonly totalCount: Scalars['Int']['output'];
};

export type RoutingPlanEdge = {
  readonly __typename?: 'RoutingPlanEdge';
  readonly cursor: Scalars['String']['output'];
  readonly node: RoutingPlan;
};

export type RoutingPlanInput = {
  /** 0 or more, in the tenant's currency. */
  readonly minimumPrice?: InputMaybe<MoneyInput>;
  /** From 5 to 600 seconds. */
  readonly reservationSeconds: Scalars['Int']['input'];
  readonly strategy: RoutingStrategy;
  /** At most 1000, each buyer once. */
  readonly targets: ReadonlyArray<RoutingTargetInput>;
};

export type RoutingPlanPayload = {
  readonly __typename?: 'RoutingPlanPayload';
  readonly errors: ReadonlyArray<UserError>;
  /** The plan as it is now. */
  readonly plan: Maybe<RoutingPlan>;
  /** The draft that was saved, or the version that was published, as it is now. */
  readonly version: Maybe<RoutingPlanVersion>;
};

/** A version of a plan. A published version never changes, so a cached copy of it is never stale. */
export type RoutingPlanVersion = Node & {
  readonly __typename?: 'RoutingPlanVersion';
  readonly createdAt: Scalars['DateTime']['output'];
  readonly id: Scalars['ID']['output'];
  /** Least price of every buyer. Null means no minimum. */
  readonly minimumPrice: Maybe<Money>;
  /** Counts from 1 in each plan. */
  readonly number: Scalars['Int']['output'];
  /** Null only if the object was deleted a moment ago. */
  readonly plan: Maybe<RoutingPlan>;
  readonly publishedAt: Maybe<Scalars['DateTime']['output']>;
  /** Time in which the offer of a call can be accepted, in seconds. */
  readonly reservationSeconds: Scalars['Int']['output'];
  readonly status: VersionStatus;
  readonly strategy: RoutingStrategy;
  readonly targetCount: Scalars['Int']['output'];
  /** Buyers in the plan. Without any, all active buyers are, in tier 1 and with weight 1. */
  readonly targets: ReadonlyArray<RoutingTarget>;
  /** Number of the current state of a draft. Send it with a change: the change is refused if another one came first. */
  readonly version: Scalars['Int']['output'];
};


/** A version of a plan. A published version never changes, so a cached copy of it is never stale. */
export type RoutingPlanVersionTargetsArgs = {
  first: Scalars['Int']['input'];
  skip: Scalars['Int']['input'];
};

/** Why a buyer did not get a call. */
export type RoutingReason =
  /** A cap of the buyer is used up, or what is left is less than the price of a call. */
  | 'CAP'
  /** The buyer is closed at this time, by its opening hours or a holiday. */
  | 'CLOSED'
  /** The buyer has as many calls and open reservations at once as it may have. */
  | 'CONCURRENCY'
  /** A condition of the buyer or its target does not hold, or an attribute that it needs is missing. */
  | 'CONDITION'
  /** With the conditions of this buyer, those of all buyers together would take too long to evaluate for a ping. */
  | 'CONDITION_LIMIT'
  /** The caller was connected or sold before, within the buyer's duplicate window. */
  | 'DUPLICATE'
  /** The price of the buyer is below the minimum of the plan or the target, or the buyer has no price. */
  | 'MINIMUM_BID'
  /** The plan does not have the buyer among its targets. */
  | 'NOT_IN_PLAN'
  /** The rules allow the buyer, but another one ranked higher. It may be full, too: that was not looked at. */
  | 'OUTRANKED'
  /** The buyer is paused. */
  | 'PAUSED'
  /** The buyer takes no calls from the caller's state. */
  | 'STATE'
  /** The caller must not be connected to this buyer. */
  | 'SUPPRESSED';

/** What the routing of a tenant uses at present. The deciding transaction reads it from the database, never from a cache. */
export type RoutingState = {
  readonly __typename?: 'RoutingState';
  /** Each change of a buyer raises it. */
  readonly buyersRevision: Scalars['Count']['output'];
  /** The rule set that was published last. Null before the first publication: then no rules apply. */
  readonly ruleSet: Maybe<ComplianceRuleSet>;
};

/** How the buyers of one tier are ranked. */
export type RoutingStrategy =
  /** By price times the share of the buyer's calls that were sold. */
  | 'EXPECTED_REVENUE'
  /** By price. */
  | 'HIGHEST_BID'
  /** At random: each buyer is first as often as its weight says. */
  | 'WEIGHTED';

/** A buyer in a plan. */
export type RoutingTarget = {
  readonly __typename?: 'RoutingTarget';
  /** Null if the buyer does not exist any more. */
  readonly buyer: Maybe<Buyer>;
  /** Condition that a call must meet, in addition to the one of the buyer. Null means none. */
  readonly conditions: Maybe<Scalars['Condition']['output']>;
  /** The buyer's price must be at least this. Null means no minimum. */
  readonly minimumPrice: Maybe<Money>;
  /** Price in place of the buyer's own. Null leaves the buyer's own. */
  readonly price: Maybe<Money>;
  /** Buyers of a lower tier come first. From 1 to 100. */
  readonly tier: Scalars['Int']['output'];
  /** From 1 to 1000. */
  readonly weight: Scalars['Int']['output'];
};

export type RoutingTargetInput = {
  readonly buyerId: Scalars['ID']['input'];
  readonly conditions?: InputMaybe<Scalars['Condition']['input']>;
  /** 0 or more, in the tenant's currency. */
  readonly minimumPrice?: InputMaybe<MoneyInput>;
  /** 0 or more, in the tenant's currency. */
  readonly price?: InputMaybe<MoneyInput>;
  /** From 1 to 100. */
  readonly tier: Scalars['Int']['input'];
  /** From 1 to 1000. */
  readonly weight: Scalars['Int']['input'];
};

/** The fields are those of `ComplianceRuleSet`. What is left out is not restricted. */
export type RuleSetInput = {
  /** At most 10. */
  readonly attempts: ReadonlyArray<AttemptLimitInput>;
  readonly callingHours?: InputMaybe<ScheduleInput>;
  readonly consentRequired: Scalars['Boolean']['input'];
  /** At most 10 names of lower-case letters, digits and hyphens. */
  readonly dncLists: ReadonlyArray<Scalars['String']['input']>;
  /** At most 50. */
  readonly refuse: ReadonlyArray<RefusingConditionInput>;
  /** Each state once. */
  readonly states: ReadonlyArray<StateRulesInput>;
};

export type RuleSetPayload = {
  readonly __typename?: 'RuleSetPayload';
  readonly errors: ReadonlyArray<UserError>;
  /** The rule set as it is now. */
  readonly ruleSet: Maybe<ComplianceRuleSet>;
};

export type SaveRoutingPlanDraftInput = {
  /** The draft to replace. Without it, a new draft is created. */
  readonly draftId?: InputMaybe<Scalars['ID']['input']>;
  readonly plan: RoutingPlanInput;
  readonly planId: Scalars['ID']['input'];
  /** The `version` of the draft that you read before the change. It must be given with `draftId`. */
  readonly version?: InputMaybe<Scalars['Int']['input']>;
};

export type SaveRuleSetDraftInput = {
  /** The draft to replace. Without it, a new draft is created. */
  readonly id?: InputMaybe<Scalars['ID']['input']>;
  readonly rules: RuleSetInput;
  /** The `version` of the draft that you read before the change. It must be given with `id`. */
  readonly version?: InputMaybe<Scalars['Int']['input']>;
};

/** Opening hours in local time. */
export type Schedule = {
  readonly __typename?: 'Schedule';
  /** Dates such as `2026-12-25` on which it is closed, at most 400. */
  readonly holidays: ReadonlyArray<Scalars['String']['output']>;
  /** At most 70. Without any it is never open. */
  readonly hours: ReadonlyArray<OpeningHours>;
};

export type ScheduleInput = {
  /** Dates such as `2026-12-25` on which it is closed, at most 400. */
  readonly holidays: ReadonlyArray<Scalars['String']['input']>;
  /** At most 70. Hours that pass midnight are two entries: one until `24:00`, and one of the next day from `00:00`. */
  readonly hours: ReadonlyArray<OpeningHoursInput>;
};

export type SetDomainStatusInput = {
  readonly id: Scalars['ID']['input'];
  readonly status: DomainStatus;
  /** If given, this must be the current version. Otherwise the change is refused with CONFLICT. */
  readonly version?: InputMaybe<Scalars['Int']['input']>;
};

export type SetDomainStatusPayload = {
  readonly __typename?: 'SetDomainStatusPayload';
  /** The object as it is now. */
  readonly domain: Maybe<Domain>;
  readonly errors: ReadonlyArray<UserError>;
};

export type SetDomainsStatusInput = {
  /** From 1 to 1000 ids. */
  readonly ids: ReadonlyArray<Scalars['ID']['input']>;
  readonly status: DomainStatus;
};

export type SetDomainsStatusPayload = {
  readonly __typename?: 'SetDomainsStatusPayload';
  /** The domains whose status was changed. */
  readonly domains: ReadonlyArray<Domain>;
  readonly errors: ReadonlyArray<UserError>;
};

export type SettleCallInput = {
  /** Duration of the call, from 0 to 86400 seconds. */
  readonly durationSeconds: Scalars['Int']['input'];
  readonly id: Scalars['ID']['input'];
};

export type SettleCallPayload = {
  readonly __typename?: 'SettleCallPayload';
  readonly call: Maybe<Call>;
  readonly errors: ReadonlyArray<UserError>;
  readonly winner: Maybe<Bid>;
};

/** Rules that apply in addition to calls from one state. The fields are those of `ComplianceRuleSet`. */
export type StateRules = {
  readonly __typename?: 'StateRules';
  readonly attempts: ReadonlyArray<AttemptLimit>;
  readonly callingHours: Maybe<Schedule>;
  readonly consentRequired: Scalars['Boolean']['output'];
  readonly dncLists: ReadonlyArray<Scalars['String']['output']>;
  readonly refuse: ReadonlyArray<RefusingCondition>;
  /** Two-letter code of a US state. */
  readonly state: Scalars['String']['output'];
};

/** The limits are those of `RuleSetInput`. */
export type StateRulesInput = {
  readonly attempts: ReadonlyArray<AttemptLimitInput>;
  readonly callingHours?: InputMaybe<ScheduleInput>;
  readonly consentRequired: Scalars['Boolean']['input'];
  readonly dncLists: ReadonlyArray<Scalars['String']['input']>;
  readonly refuse: ReadonlyArray<RefusingConditionInput>;
  /** Two capital letters of a US state. */
  readonly state: Scalars['String']['input'];
};

export type SuggestDomainsInput = {
  /**
   * From 1 to 50 keywords of 1 to 40 characters each. Blanks do not count as characters. Keywords and patterns can make at most 50000
   * combinations of words. A combination with letters other than a to z counts as more than one.
   */
  readonly keywords: ReadonlyArray<Scalars['String']['input']>;
  /** Maximum number of suggestions, from 1 to 500. */
  readonly limit: Scalars['Int']['input'];
  /** Maximum length of the part before the top-level domain, from 1 to 63 characters. */
  readonly maxLength: Scalars['Int']['input'];
  /** Minimum score, from 0 to 100. Names with a lower score are left out. */
  readonly minScore: Scalars['Int']['input'];
  /** From 1 to 50 patterns, such as `{keyword}-{city}`. If left out or null, the gateway chooses patterns that suit the keywords. */
  readonly patterns?: InputMaybe<ReadonlyArray<Scalars['String']['input']>>;
  /** From 1 to 100 top-level domains, written `com` or `.com`. */
  readonly tlds: ReadonlyArray<Scalars['String']['input']>;
};

export type SuppressCallerInput = {
  /** A number such as `+12125550123`, or the SHA-256 of this number as 64 hexadecimal digits. */
  readonly caller: Scalars['String']['input'];
  readonly scope: SuppressionScope;
  /** Id of the campaign or the buyer. Required for these scopes, and not accepted for the scope TENANT. */
  readonly scopeId?: InputMaybe<Scalars['ID']['input']>;
  /** From 1 to 120 characters, without the number of the caller. */
  readonly source: Scalars['String']['input'];
};

/**
 * A caller who must not be connected. Nothing of this file is cached, so a suppression or revocation is effective for the next call. The number
 * of a caller is stored nowhere: `caller` is the beginning of a keyed hash, by which rows of the same caller can be recognised.
 */
export type Suppression = {
  readonly __typename?: 'Suppression';
  /** The only buyer that does not take the caller. Null in other scopes. */
  readonly buyer: Maybe<Buyer>;
  /** First 8 hexadecimal digits of the caller's hash. */
  readonly caller: Scalars['String']['output'];
  /** The only campaign that does not take the caller. Null in other scopes, and after the campaign is deleted. */
  readonly campaign: Maybe<Campaign>;
  readonly createdAt: Scalars['DateTime']['output'];
  readonly id: Scalars['ID']['output'];
  /** Who suppressed the caller. Null if SQL did, or a version of the gateway that did not record it. */
  readonly madeBy: Maybe<Actor>;
  readonly scope: SuppressionScope;
  /** Who or what asked for the suppression, such as `opt-out page`. */
  readonly source: Scalars['String']['output'];
};

export type SuppressionConnection = {
  readonly __typename?: 'SuppressionConnection';
  readonly edges: ReadonlyArray<SuppressionEdge>;
  readonly nodes: ReadonlyArray<Suppression>;
  readonly pageInfo: PageInfo;
};

export type SuppressionEdge = {
  readonly __typename?: 'SuppressionEdge';
  readonly cursor: Scalars['String']['output'];
  readonly node: Suppression;
};

export type SuppressionPayload = {
  readonly __typename?: 'SuppressionPayload';
  readonly errors: ReadonlyArray<UserError>;
  readonly suppression: Maybe<Suppression>;
};

export type SuppressionScope =
  /** One buyer does not take the caller. */
  | 'BUYER'
  /** One campaign does not take the caller. */
  | 'CAMPAIGN'
  /** No campaign of the tenant takes the caller. */
  | 'TENANT';

/** A team of users. Each object belongs to exactly one tenant, except public data, which belongs to none. */
export type Tenant = Node & {
  readonly __typename?: 'Tenant';
  readonly createdAt: Scalars['DateTime']['output'];
  /** ISO 4217 code of the currency of all the tenant's amounts. */
  readonly currency: Scalars['String']['output'];
  readonly id: Scalars['ID']['output'];
  readonly name: Scalars['String']['output'];
};

/** A top-level domain from the list of IANA. */
export type Tld = {
  readonly __typename?: 'Tld';
  readonly kind: TldKind;
  /** The name as an A-label without a dot. */
  readonly name: Scalars['String']['output'];
  readonly unicodeName: Scalars['String']['output'];
};

export type TldCount = {
  readonly __typename?: 'TldCount';
  readonly count: Scalars['Count']['output'];
  readonly tld: Scalars['String']['output'];
};

export type TldKind =
  /** A country code, such as `de`. */
  | 'COUNTRY_CODE'
  /** A generic top-level domain, such as `com`. */
  | 'GENERIC'
  /** A top-level domain in a script other than Latin. */
  | 'INTERNATIONALIZED';

export type TrackEventsInput = {
  /** From 1 to 1000 events. */
  readonly events: ReadonlyArray<EventInput>;
};

/** Each event that was sent is counted once: as accepted, as a duplicate, or as an error. */
export type TrackEventsPayload = {
  readonly __typename?: 'TrackEventsPayload';
  readonly accepted: Scalars['Int']['output'];
  readonly duplicates: Scalars['Int']['output'];
  /** One error for each event that was not stored. Its `field` is `input`, `events` and the index of the event in `events`. */
  readonly errors: ReadonlyArray<UserError>;
};

export type UnsuppressCallerInput = {
  readonly id: Scalars['ID']['input'];
};

export type UnsuppressPayload = {
  readonly __typename?: 'UnsuppressPayload';
  /** The id of what is gone. */
  readonly deletedId: Maybe<Scalars['ID']['output']>;
  readonly errors: ReadonlyArray<UserError>;
};

/** A field that is left out or null keeps its value, unless its description says otherwise. The limits are those of `CreateBuyerInput`. */
export type UpdateBuyerInput = {
  readonly active?: InputMaybe<Scalars['Boolean']['input']>;
  /** Replaces all caps. An empty list removes them. */
  readonly caps?: InputMaybe<ReadonlyArray<CapInput>>;
  /** Null removes it. */
  readonly conditions?: InputMaybe<Scalars['Condition']['input']>;
  /** Null removes the cap. */
  readonly dailyCap?: InputMaybe<MoneyInput>;
  /** Null removes it. */
  readonly duplicates?: InputMaybe<DuplicateWindowInput>;
  readonly id: Scalars['ID']['input'];
  readonly maxConcurrentCalls?: InputMaybe<Scalars['Int']['input']>;
  readonly minDurationSeconds?: InputMaybe<Scalars['Int']['input']>;
  readonly name?: InputMaybe<Scalars['String']['input']>;
  /** 0 or more, in the tenant's currency. */
  readonly price?: InputMaybe<MoneyInput>;
  /** Null removes it. */
  readonly schedule?: InputMaybe<ScheduleInput>;
  /** At most 60 states. An empty list means all states. */
  readonly states?: InputMaybe<ReadonlyArray<Scalars['String']['input']>>;
  /** IANA time zone, such as `America/New_York`. */
  readonly timeZone?: InputMaybe<Scalars['String']['input']>;
  /** The `version` that you read before the change. The update is refused with CONFLICT if the object has changed since. */
  readonly version: Scalars['Int']['input'];
};

export type UpdateBuyerPayload = {
  readonly __typename?: 'UpdateBuyerPayload';
  /** The object as it is now, also if the update was refused with CONFLICT. */
  readonly buyer: Maybe<Buyer>;
  readonly errors: ReadonlyArray<UserError>;
};

/** A field that is left out or null keeps its value, unless its description says otherwise. The limits are those of `CreateCampaignInput`. */
export type UpdateCampaignInput = {
  readonly budget?: InputMaybe<MoneyInput>;
  /** Null removes the date. */
  readonly endsAt?: InputMaybe<Scalars['DateTime']['input']>;
  readonly id: Scalars['ID']['input'];
  /** From 1 to 50 keywords. */
  readonly keywords?: InputMaybe<ReadonlyArray<Scalars['String']['input']>>;
  readonly name?: InputMaybe<Scalars['String']['input']>;
  readonly ownerId?: InputMaybe<Scalars['ID']['input']>;
  /** At most 50 patterns. If the list is empty, the gateway chooses patterns that suit the keywords. */
  readonly patterns?: InputMaybe<ReadonlyArray<Scalars['String']['input']>>;
  /** Null removes the plan. */
  readonly planId?: InputMaybe<Scalars['ID']['input']>;
  /** Null removes the date. */
  readonly startsAt?: InputMaybe<Scalars['DateTime']['input']>;
  /** From 1 to 100 top-level domains, written `com` or `.com`. */
  readonly tlds?: InputMaybe<ReadonlyArray<Scalars['String']['input']>>;
  /** The `version` that you read before the change. The update is refused with CONFLICT if the object has changed since. */
  readonly version: Scalars['Int']['input'];
};

export type UpdateCampaignPayload = {
  readonly __typename?: 'UpdateCampaignPayload';
  /** The object as it is now, also if the update was refused with CONFLICT. */
  readonly campaign: Maybe<Campaign>;
  readonly errors: ReadonlyArray<UserError>;
};

/** A field that is left out or null keeps its value. The limits are those of `CreatePublisherInput`. */
export type UpdatePublisherInput = {
  readonly active?: InputMaybe<Scalars['Boolean']['input']>;
  readonly id: Scalars['ID']['input'];
  readonly name?: InputMaybe<Scalars['String']['input']>;
  readonly terms?: InputMaybe<PayoutTermsInput>;
  /** The `version` that you read before the change. The update is refused with CONFLICT if the object has changed since. */
  readonly version: Scalars['Int']['input'];
};

/** A person who works for a tenant. */
export type User = Node & {
  readonly __typename?: 'User';
  readonly createdAt: Scalars['DateTime']['output'];
  /** The address is unique within the tenant. */
  readonly email: Scalars['String']['output'];
  readonly id: Scalars['ID']['output'];
  readonly name: Scalars['String']['output'];
  /** Role of the user. A token of the user can grant a lower role, but not a higher one. */
  readonly role: Role;
};

export type UserConnection = {
  readonly __typename?: 'UserConnection';
  readonly edges: ReadonlyArray<UserEdge>;
  readonly nodes: ReadonlyArray<User>;
  readonly pageInfo: PageInfo;
  /** Number of items that match, on all pages. It is counted only if the query selects it. */
  readonly totalCount: Scalars['Int']['output'];
};

export type UserEdge = {
  readonly __typename?: 'UserEdge';
  readonly cursor: Scalars['String']['output'];
  readonly node: User;
};

/** The reason why a mutation changed nothing, or only a part of what was requested. */
export type UserError = {
  readonly __typename?: 'UserError';
  /** Stable code of the error. Programs should decide by the code, not by the message. */
  readonly code: UserErrorCode;
  /** Path to the invalid input, such as `input`, `budget`. Empty if no single input is the cause. */
  readonly field: ReadonlyArray<Scalars['String']['output']>;
  /** Message for people: what was expected, what was received, and what to do. */
  readonly message: Scalars['String']['output'];
};

export type UserErrorCode =
  /** The bid would exceed the buyer's daily cap. */
  | 'CAP_EXCEEDED'
  /** The object has changed since you read it. Read it again and repeat the change. */
  | 'CONFLICT'
  /** An input is invalid, for example out of its bounds. */
  | 'INVALID'
  /** The current status of the object does not allow the change. */
  | 'INVALID_STATE'
  /** Another object already has the name. */
  | 'NAME_TAKEN'
  /** The tenant has no such object. */
  | 'NOT_FOUND'
  /** The buyer's routing criteria exclude the call. */
  | 'NOT_ROUTED';

/** All given conditions must match. A condition that is null counts as not given. */
export type UserFilter = {
  readonly role?: InputMaybe<Role>;
  /**
   * Matches users whose name or email address contains each word of this text, or a word that begins with it, in upper or lower case. Blanks
   * and punctuation separate words. From 1 to 10 words of at most 200 characters together.
   */
  readonly search?: InputMaybe<Scalars['String']['input']>;
};

export type UserOrder = {
  readonly direction: OrderDirection;
  readonly field: UserOrderField;
};

export type UserOrderField =
  | 'CREATED_AT'
  | 'NAME';

/** A campaign and a state from which calls came for it. */
export type ValuableRoute = {
  readonly __typename?: 'ValuableRoute';
  /** Null if the campaign was deleted. */
  readonly campaign: Maybe<Campaign>;
  /** The buyers for its calls at the time that was asked for. Null if the campaign was deleted. */
  readonly candidates: Maybe<RoutingCandidates>;
  /** Sum of the prices of these offers. */
  readonly offered: Maybe<Money>;
  /** Number of pings that got an offer. */
  readonly offers: Scalars['Count']['output'];
  /** Two-letter code of a US state. */
  readonly state: Scalars['String']['output'];
};

/** Status of a version of a plan or of a rule set. */
export type VersionStatus =
  /** The version can be changed, and is not used. */
  | 'DRAFT'
  /** The version cannot be changed any more. */
  | 'PUBLISHED';

/** The caller, as identified by the token. */
export type Viewer = {
  readonly __typename?: 'Viewer';
  /** The role that the token grants. */
  readonly role: Role;
  readonly tenant: Maybe<Tenant>;
  /** The caller's user. Null if the token belongs to no user of the tenant. An operator's token is an example. */
  readonly user: Maybe<User>;
};

export type Weekday =
  | 'FRIDAY'
  | 'MONDAY'
  | 'SATURDAY'
  | 'SUNDAY'
  | 'THURSDAY'
  | 'TUESDAY'
  | 'WEDNESDAY';
