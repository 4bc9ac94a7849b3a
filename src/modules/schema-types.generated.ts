/* Generated from schema/ by `npm run codegen`: do not edit. */
import type { GraphQLResolveInfo, GraphQLScalarType, GraphQLScalarTypeConfig } from 'graphql';
import type { Viewer as ViewerSource, RequestContext } from './module.ts';
import type { Tenant as TenantSource, User as UserSource } from './tenants/entity.ts';
import type { Campaign as CampaignSource } from './campaigns/entity.ts';
import type { CampaignConnection as CampaignConnectionSource, CampaignStatistics as CampaignStatisticsSource } from './campaigns/queries.ts';
import type { Domain as DomainSource, LiveDomain as LiveDomainSource } from './domains/entity.ts';
import type { DomainConnection as DomainConnectionSource, DomainConnection as DomainSearchConnectionSource } from './domains/queries.ts';
import type { Call as CallSource } from './calls/entity.ts';
import type { CallConnection as CallConnectionSource } from './calls/queries.ts';
import type { Bid as BidSource } from './bids/entity.ts';
import type { BidConnection as BidConnectionSource } from './bids/queries.ts';
import type { Buyer as BuyerSource, Buyer as RoutingCriteriaSource } from './buyers/entity.ts';
import type { BuyerConnection as BuyerConnectionSource } from './buyers/queries.ts';
import type { AnalyticsNamespace, CallHour as CallHourSource, Performance as PerformanceSource, BuyerRevenue as BuyerRevenueSource, CampaignShare as CampaignShareSource, Dashboard as DashboardSource } from './analytics/queries.ts';
export type Maybe<T> = T | null;
export type InputMaybe<T> = T | null | undefined;
export type Omit<T, K extends keyof T> = Pick<T, Exclude<keyof T, K>>;
export type RequireFields<T, K extends keyof T> = Omit<T, K> & { [P in K]-?: NonNullable<T[P]> };
/** All built-in and custom scalars, mapped to their actual values */
export type Scalars = {
  ID: { input: string; output: string; }
  String: { input: string; output: string; }
  Boolean: { input: boolean; output: boolean; }
  Int: { input: number; output: number; }
  Float: { input: number; output: number; }
  /** How many there are of something, from 0 to 9007199254740991, and exact: sums may pass what an Int can hold. */
  Count: { input: number; output: number; }
  /**
   * A moment in the years 0001 to 9999. On input ISO 8601 with a zone: `2026-03-01T08:30:00Z`, seconds and up to nine digits of their
   * fraction optional (milliseconds count), `Z` or an offset such as `+05:30`. On output UTC with milliseconds: `2026-03-01T08:30:00.000Z`.
   */
  DateTime: { input: string; output: string; }
  /**
   * A domain name under a top-level domain of `tlds`, in Unicode or in A-labels; blanks around it, capitals and one final dot make no
   * difference. On output always the lower-case A-label form.
   */
  DomainName: { input: string; output: string; }
  /** An integer of the smallest unit of a currency, from -9007199254740991 to 9007199254740991, and exact. Not a text. */
  MinorUnits: { input: number; output: number; }
};

/**
 * Figures from rollups that are kept in the transaction of each write: they are never behind the rows. Hours, days, weeks (from
 * Monday) and months are those of UTC. Calls and their money count in the hour the call started, bids in the hour they were placed.
 * A range holds whole hours: `from` is taken down to its hour and `to` up; without `to`, and where `to` is later, it ends with the
 * current hour. It spans at most 400 days.
 */
export type Analytics = {
  readonly __typename?: 'Analytics';
  /** One point an hour, in order; hours without a call are zeros. */
  readonly callsByHour: ReadonlyArray<CallHour>;
  /** The current day, week or month, up to the end of the current hour, beside the same part of the one before it. */
  readonly dashboard: Dashboard;
  /** The whole range in one set of figures. */
  readonly performance: Performance;
  /**
   * What each buyer's bids of these days brought, most first; buyers without a bid are left out. The range holds whole days. `first`
   * is at most 100.
   */
  readonly revenueByBuyer: Maybe<ReadonlyArray<BuyerRevenue>>;
};


/**
 * Figures from rollups that are kept in the transaction of each write: they are never behind the rows. Hours, days, weeks (from
 * Monday) and months are those of UTC. Calls and their money count in the hour the call started, bids in the hour they were placed.
 * A range holds whole hours: `from` is taken down to its hour and `to` up; without `to`, and where `to` is later, it ends with the
 * current hour. It spans at most 400 days.
 */
export type AnalyticsCallsByHourArgs = {
  campaignId?: InputMaybe<Scalars['ID']['input']>;
  from: Scalars['DateTime']['input'];
  to?: InputMaybe<Scalars['DateTime']['input']>;
};


/**
 * Figures from rollups that are kept in the transaction of each write: they are never behind the rows. Hours, days, weeks (from
 * Monday) and months are those of UTC. Calls and their money count in the hour the call started, bids in the hour they were placed.
 * A range holds whole hours: `from` is taken down to its hour and `to` up; without `to`, and where `to` is later, it ends with the
 * current hour. It spans at most 400 days.
 */
export type AnalyticsDashboardArgs = {
  period: DashboardPeriod;
};


/**
 * Figures from rollups that are kept in the transaction of each write: they are never behind the rows. Hours, days, weeks (from
 * Monday) and months are those of UTC. Calls and their money count in the hour the call started, bids in the hour they were placed.
 * A range holds whole hours: `from` is taken down to its hour and `to` up; without `to`, and where `to` is later, it ends with the
 * current hour. It spans at most 400 days.
 */
export type AnalyticsPerformanceArgs = {
  campaignId?: InputMaybe<Scalars['ID']['input']>;
  from: Scalars['DateTime']['input'];
  to?: InputMaybe<Scalars['DateTime']['input']>;
};


/**
 * Figures from rollups that are kept in the transaction of each write: they are never behind the rows. Hours, days, weeks (from
 * Monday) and months are those of UTC. Calls and their money count in the hour the call started, bids in the hour they were placed.
 * A range holds whole hours: `from` is taken down to its hour and `to` up; without `to`, and where `to` is later, it ends with the
 * current hour. It spans at most 400 days.
 */
export type AnalyticsRevenueByBuyerArgs = {
  first: Scalars['Int']['input'];
  from: Scalars['DateTime']['input'];
  to?: InputMaybe<Scalars['DateTime']['input']>;
};

/** What a buyer offers for a call. */
export type Bid = Node & {
  readonly __typename?: 'Bid';
  /** What the buyer pays if the bid wins: so it is revenue. */
  readonly amount: Maybe<Money>;
  /** Null only where it was deleted a moment ago. */
  readonly buyer: Maybe<Buyer>;
  /** Null only where it was deleted a moment ago. */
  readonly call: Maybe<Call>;
  /** The call's campaign; null only where it was deleted a moment ago. */
  readonly campaign: Maybe<Campaign>;
  /** From this moment on the bid is EXPIRED, unless it was decided before. */
  readonly expiresAt: Scalars['DateTime']['output'];
  readonly id: Scalars['ID']['output'];
  readonly placedAt: Scalars['DateTime']['output'];
  readonly status: BidStatus;
  /** Rises with every change that is written; expiring is not written. */
  readonly version: Scalars['Int']['output'];
};

export type BidConnection = {
  readonly __typename?: 'BidConnection';
  readonly edges: ReadonlyArray<BidEdge>;
  readonly nodes: ReadonlyArray<Bid>;
  readonly pageInfo: PageInfo;
  /** Counted only when asked for. */
  readonly totalCount: Scalars['Int']['output'];
};

export type BidEdge = {
  readonly __typename?: 'BidEdge';
  readonly cursor: Scalars['String']['output'];
  readonly node: Bid;
};

/** Every part that is given must hold; a part that is null counts as not given. */
export type BidFilter = {
  readonly buyerId?: InputMaybe<Scalars['ID']['input']>;
  readonly callId?: InputMaybe<Scalars['ID']['input']>;
  readonly campaignId?: InputMaybe<Scalars['ID']['input']>;
  /** Before this time. */
  readonly placedBefore?: InputMaybe<Scalars['DateTime']['input']>;
  /** At or after this time. */
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
  /** Open: it can still win. */
  | 'ACTIVE'
  | 'CANCELLED'
  /** Never decided, and too old to win. */
  | 'EXPIRED'
  | 'LOST'
  | 'WON';

/** Every part that is given must hold; a part that is null counts as not given. */
export type BidsOfCallFilter = {
  readonly buyerId?: InputMaybe<Scalars['ID']['input']>;
  readonly status?: InputMaybe<BidStatus>;
};

/** Every part that is given must hold; a part that is null counts as not given. */
export type BidsOfCampaignFilter = {
  readonly buyerId?: InputMaybe<Scalars['ID']['input']>;
  readonly status?: InputMaybe<BidStatus>;
};

/** Someone who buys calls. */
export type Buyer = Node & {
  readonly __typename?: 'Buyer';
  /** Only an active buyer can place bids; what was placed before stands. */
  readonly active: Scalars['Boolean']['output'];
  /** Bids that can still win, soonest to expire first. */
  readonly activeBids: BidConnection;
  readonly createdAt: Scalars['DateTime']['output'];
  readonly id: Scalars['ID']['output'];
  /** Unique within the tenant. */
  readonly name: Scalars['String']['output'];
  /** What all calls this buyer has won pay. */
  readonly revenue: Maybe<Money>;
  readonly routing: RoutingCriteria;
  readonly updatedAt: Scalars['DateTime']['output'];
  /** Send it with an update: it is refused when someone else's came first. */
  readonly version: Scalars['Int']['output'];
};


/** Someone who buys calls. */
export type BuyerActiveBidsArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  first: Scalars['Int']['input'];
};

export type BuyerConnection = {
  readonly __typename?: 'BuyerConnection';
  readonly edges: ReadonlyArray<BuyerEdge>;
  readonly nodes: ReadonlyArray<Buyer>;
  readonly pageInfo: PageInfo;
  /** Counted only when asked for. */
  readonly totalCount: Scalars['Int']['output'];
};

export type BuyerEdge = {
  readonly __typename?: 'BuyerEdge';
  readonly cursor: Scalars['String']['output'];
  readonly node: Buyer;
};

/** Every part that is given must hold; a part that is null counts as not given. */
export type BuyerFilter = {
  /** Buyers that take calls from this state: two letters, capitals or not. */
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

export type BuyerRevenue = {
  readonly __typename?: 'BuyerRevenue';
  readonly bids: Scalars['Count']['output'];
  /** Null only where it was deleted a moment ago. */
  readonly buyer: Maybe<Buyer>;
  readonly revenue: Money;
  /** Won bids to bids. */
  readonly winRate: Maybe<Scalars['Float']['output']>;
  readonly wonBids: Scalars['Count']['output'];
};

export type CacheControlScope =
  /** Only the caller's own cache may keep a copy. */
  | 'PRIVATE'
  /** Any cache may keep a copy and give it to anybody. */
  | 'PUBLIC';

export type CacheScope =
  /** Anybody, token or not. */
  | 'PUBLIC'
  /** Those of a tenant who have the same role. */
  | 'ROLE'
  | 'TENANT'
  /** One user. */
  | 'USER';

/** A phone call that a visitor of a campaign's domain made. Buyers bid for it; the best bid gets it when it is settled. */
export type Call = Node & {
  readonly __typename?: 'Call';
  /** Newest first, unless ordered otherwise. */
  readonly bids: BidConnection;
  /** Two letters of a US state, such as `CA`. */
  readonly callerState: Scalars['String']['output'];
  /** Null only where it was deleted a moment ago. */
  readonly campaign: Maybe<Campaign>;
  /** What the traffic that led to the call cost. */
  readonly cost: Money;
  /** The domain whose visitor called; null once that domain is deleted. */
  readonly domain: Maybe<Domain>;
  /** 0 until the call is settled. */
  readonly durationSeconds: Scalars['Int']['output'];
  readonly id: Scalars['ID']['output'];
  /** What the winning bid pays; 0 while there is none. */
  readonly revenue: Maybe<Money>;
  readonly settledAt: Maybe<Scalars['DateTime']['output']>;
  readonly startedAt: Scalars['DateTime']['output'];
  readonly status: CallStatus;
  /** Rises with every change. */
  readonly version: Scalars['Int']['output'];
  /** The bid that won; null before the call is settled and where nobody won. */
  readonly winner: Maybe<Bid>;
};


/** A phone call that a visitor of a campaign's domain made. Buyers bid for it; the best bid gets it when it is settled. */
export type CallBidsArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  filter?: InputMaybe<BidsOfCallFilter>;
  first: Scalars['Int']['input'];
  orderBy?: InputMaybe<BidOrder>;
};

export type CallConnection = {
  readonly __typename?: 'CallConnection';
  readonly edges: ReadonlyArray<CallEdge>;
  readonly nodes: ReadonlyArray<Call>;
  readonly pageInfo: PageInfo;
  /** Counted only when asked for. */
  readonly totalCount: Scalars['Int']['output'];
};

export type CallEdge = {
  readonly __typename?: 'CallEdge';
  readonly cursor: Scalars['String']['output'];
  readonly node: Call;
};

/** Every part that is given must hold; a part that is null counts as not given. */
export type CallFilter = {
  /** Two letters of a US state, capitals or not. */
  readonly callerState?: InputMaybe<Scalars['String']['input']>;
  readonly campaignId?: InputMaybe<Scalars['ID']['input']>;
  readonly domainId?: InputMaybe<Scalars['ID']['input']>;
  /** Before this time. */
  readonly startedBefore?: InputMaybe<Scalars['DateTime']['input']>;
  /** At or after this time. */
  readonly startedFrom?: InputMaybe<Scalars['DateTime']['input']>;
  readonly status?: InputMaybe<CallStatus>;
};

export type CallHour = {
  readonly __typename?: 'CallHour';
  readonly bids: Scalars['Count']['output'];
  readonly calls: Scalars['Count']['output'];
  /** Of all calls of the hour together. */
  readonly durationSeconds: Scalars['Count']['output'];
  /** Start of the hour. */
  readonly hour: Scalars['DateTime']['output'];
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
  | 'STARTED_AT';

export type CallStatus =
  /** Talking: bids are accepted until it is settled. */
  | 'CONNECTED'
  /** Ringing: bids are accepted. */
  | 'INCOMING'
  /** Over, and nobody's bid was eligible. */
  | 'MISSED'
  /** Over, and sold to the winner. */
  | 'SETTLED';

/** Keywords, top-level domains and patterns that domains are generated from, and the money to do it with. */
export type Campaign = Node & {
  readonly __typename?: 'Campaign';
  /** Newest first, unless ordered otherwise. `first` is at most 100. */
  readonly bids: BidConnection;
  readonly budget: Money;
  /** Newest first, unless ordered otherwise. `first` is at most 100. */
  readonly calls: CallConnection;
  readonly createdAt: Scalars['DateTime']['output'];
  /** Of one status, or of all. */
  readonly domainCount: Scalars['Count']['output'];
  /** Newest first, unless ordered otherwise. `first` is at most 100. */
  readonly domains: DomainConnection;
  readonly endsAt: Maybe<Scalars['DateTime']['output']>;
  readonly id: Scalars['ID']['output'];
  readonly keywords: ReadonlyArray<Scalars['String']['output']>;
  readonly name: Scalars['String']['output'];
  /** Null only where it was deleted a moment ago. */
  readonly owner: Maybe<User>;
  /** Such as `{keyword}-{city}`. Empty where those that suit the keywords are meant. */
  readonly patterns: ReadonlyArray<Scalars['String']['output']>;
  readonly startsAt: Maybe<Scalars['DateTime']['output']>;
  readonly statistics: CampaignStatistics;
  readonly status: CampaignStatus;
  /** A-labels without a dot, such as `com`. */
  readonly tlds: ReadonlyArray<Scalars['String']['output']>;
  readonly updatedAt: Scalars['DateTime']['output'];
  /** Send it with an update: it is refused when someone else's came first. */
  readonly version: Scalars['Int']['output'];
};


/** Keywords, top-level domains and patterns that domains are generated from, and the money to do it with. */
export type CampaignBidsArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  filter?: InputMaybe<BidsOfCampaignFilter>;
  first: Scalars['Int']['input'];
  orderBy?: InputMaybe<BidOrder>;
};


/** Keywords, top-level domains and patterns that domains are generated from, and the money to do it with. */
export type CampaignCallsArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  first: Scalars['Int']['input'];
  orderBy?: InputMaybe<CallOrder>;
};


/** Keywords, top-level domains and patterns that domains are generated from, and the money to do it with. */
export type CampaignDomainCountArgs = {
  status?: InputMaybe<DomainStatus>;
};


/** Keywords, top-level domains and patterns that domains are generated from, and the money to do it with. */
export type CampaignDomainsArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  filter?: InputMaybe<DomainsOfCampaignFilter>;
  first: Scalars['Int']['input'];
  orderBy?: InputMaybe<DomainOrder>;
};

export type CampaignConnection = {
  readonly __typename?: 'CampaignConnection';
  readonly edges: ReadonlyArray<CampaignEdge>;
  readonly nodes: ReadonlyArray<Campaign>;
  readonly pageInfo: PageInfo;
  /** Counted only when asked for. */
  readonly totalCount: Scalars['Int']['output'];
};

export type CampaignEdge = {
  readonly __typename?: 'CampaignEdge';
  readonly cursor: Scalars['String']['output'];
  readonly node: Campaign;
};

/** Every part that is given must hold; a part that is null counts as not given, an empty list holds for no campaign. */
export type CampaignFilter = {
  readonly ownerId?: InputMaybe<Scalars['ID']['input']>;
  /** One of these; at most 4. */
  readonly status?: InputMaybe<ReadonlyArray<CampaignStatus>>;
};

export type CampaignOrder = {
  readonly direction: OrderDirection;
  readonly field: CampaignOrderField;
};

export type CampaignOrderField =
  | 'BUDGET'
  | 'CREATED_AT'
  | 'NAME';

export type CampaignShare = {
  readonly __typename?: 'CampaignShare';
  readonly calls: Scalars['Count']['output'];
  /** Null only where it was deleted a moment ago. */
  readonly campaign: Maybe<Campaign>;
  readonly revenue: Maybe<Money>;
  readonly settledCalls: Scalars['Count']['output'];
};

/** Over the whole life of the campaign. */
export type CampaignStatistics = {
  readonly __typename?: 'CampaignStatistics';
  readonly bids: Scalars['Count']['output'];
  readonly calls: Scalars['Count']['output'];
  /** Statuses that no domain has are left out. */
  readonly domainsByStatus: ReadonlyArray<DomainStatusCount>;
  /** What buyers pay for the calls. */
  readonly revenue: Maybe<Money>;
  readonly settledCalls: Scalars['Count']['output'];
  /** What the calls' traffic cost. */
  readonly spend: Money;
  /** Won bids to bids, from 0 to 1; null while there is no bid. */
  readonly winRate: Maybe<Scalars['Float']['output']>;
};

export type CampaignStatus =
  | 'ACTIVE'
  /** Over for good. */
  | 'ARCHIVED'
  /** Being prepared. */
  | 'DRAFT'
  | 'PAUSED';

export type CancelBidInput = {
  readonly id: Scalars['ID']['input'];
};

export type CancelBidPayload = {
  readonly __typename?: 'CancelBidPayload';
  readonly bid: Maybe<Bid>;
  readonly errors: ReadonlyArray<UserError>;
};

export type ChangeCampaignStatusInput = {
  readonly id: Scalars['ID']['input'];
  /** Given, the change is refused unless this is the current version. */
  readonly version?: InputMaybe<Scalars['Int']['input']>;
};

export type ChangeCampaignStatusPayload = {
  readonly __typename?: 'ChangeCampaignStatusPayload';
  /** As it is now. */
  readonly campaign: Maybe<Campaign>;
  readonly errors: ReadonlyArray<UserError>;
};

export type CreateBuyerInput = {
  readonly active: Scalars['Boolean']['input'];
  /** More than 0, in the tenant's currency. */
  readonly dailyCap?: InputMaybe<MoneyInput>;
  /** From 1 to 10000. */
  readonly maxConcurrentCalls: Scalars['Int']['input'];
  /** From 0 to 86400. */
  readonly minDurationSeconds: Scalars['Int']['input'];
  /** From 1 to 120 characters, blanks around them left out. */
  readonly name: Scalars['String']['input'];
  /** US states, two letters each, at most 60; empty means all of them. */
  readonly states: ReadonlyArray<Scalars['String']['input']>;
};

export type CreateBuyerPayload = {
  readonly __typename?: 'CreateBuyerPayload';
  readonly buyer: Maybe<Buyer>;
  readonly errors: ReadonlyArray<UserError>;
};

export type CreateCampaignInput = {
  /** 0 or more, in the tenant's currency. */
  readonly budget: MoneyInput;
  /** After `startsAt`. */
  readonly endsAt?: InputMaybe<Scalars['DateTime']['input']>;
  /** From 1 to 50. */
  readonly keywords: ReadonlyArray<Scalars['String']['input']>;
  /** From 1 to 120 characters, blanks around them left out. */
  readonly name: Scalars['String']['input'];
  /** By default the caller. */
  readonly ownerId?: InputMaybe<Scalars['ID']['input']>;
  /** At most 50, such as `{keyword}-{city}`; by default those that suit the keywords. */
  readonly patterns: ReadonlyArray<Scalars['String']['input']>;
  readonly startsAt?: InputMaybe<Scalars['DateTime']['input']>;
  /** From 1 to 100, as `com` or `.com`. */
  readonly tlds: ReadonlyArray<Scalars['String']['input']>;
};

export type CreateCampaignPayload = {
  readonly __typename?: 'CreateCampaignPayload';
  readonly campaign: Maybe<Campaign>;
  readonly errors: ReadonlyArray<UserError>;
};

export type Dashboard = {
  readonly __typename?: 'Dashboard';
  readonly current: Performance;
  readonly period: DashboardPeriod;
  /** The same part of the day, week or month before: as many hours from its start, or all where it had fewer. */
  readonly previous: Performance;
  /** The five with the most calls in the current period. */
  readonly topCampaigns: ReadonlyArray<CampaignShare>;
};

export type DashboardPeriod =
  | 'MONTH'
  | 'TODAY'
  /** From Monday. */
  | 'WEEK';

export type DeleteCampaignInput = {
  readonly id: Scalars['ID']['input'];
  /** Given, the campaign is deleted only if this is the current version. */
  readonly version?: InputMaybe<Scalars['Int']['input']>;
};

export type DeleteCampaignPayload = {
  readonly __typename?: 'DeleteCampaignPayload';
  /** The id of what is gone. */
  readonly deletedId: Maybe<Scalars['ID']['output']>;
  readonly errors: ReadonlyArray<UserError>;
};

/** A domain name of a campaign: its visitors become calls. */
export type Domain = Node & {
  readonly __typename?: 'Domain';
  /** Null only where it was deleted a moment ago. */
  readonly campaign: Maybe<Campaign>;
  readonly createdAt: Scalars['DateTime']['output'];
  readonly id: Scalars['ID']['output'];
  /** Unique within the tenant. */
  readonly name: Scalars['DomainName']['output'];
  /** 1 is the most popular; null where it is not ranked. */
  readonly popularityRank: Maybe<Scalars['Int']['output']>;
  /** How promising the name is, from 0 to 100. */
  readonly score: Scalars['Int']['output'];
  /** What is left of the top-level domain. */
  readonly sld: Scalars['String']['output'];
  readonly status: DomainStatus;
  readonly tld: Scalars['String']['output'];
  /** The name as people read it. */
  readonly unicodeName: Scalars['String']['output'];
  readonly updatedAt: Scalars['DateTime']['output'];
  /** Rises with every change. */
  readonly version: Scalars['Int']['output'];
};

export type DomainConnection = {
  readonly __typename?: 'DomainConnection';
  readonly edges: ReadonlyArray<DomainEdge>;
  readonly nodes: ReadonlyArray<Domain>;
  readonly pageInfo: PageInfo;
  /** Counted only when asked for. */
  readonly totalCount: Scalars['Int']['output'];
};

export type DomainEdge = {
  readonly __typename?: 'DomainEdge';
  readonly cursor: Scalars['String']['output'];
  readonly node: Domain;
};

export type DomainFacets = {
  readonly __typename?: 'DomainFacets';
  readonly statuses: ReadonlyArray<DomainStatusCount>;
  /** The 20 most frequent, most first. */
  readonly tlds: ReadonlyArray<TldCount>;
};

/** Every part that is given must hold; a part that is null counts as not given, an empty list holds for no domain. */
export type DomainFilter = {
  readonly campaignId?: InputMaybe<Scalars['ID']['input']>;
  /** Popularity rank at most this; leaves out what is not ranked. */
  readonly maxRank?: InputMaybe<Scalars['Int']['input']>;
  readonly minScore?: InputMaybe<Scalars['Int']['input']>;
  /** One of these; at most 6. */
  readonly status?: InputMaybe<ReadonlyArray<DomainStatus>>;
  /** One of these, as `com` or `.com`; at most 100. */
  readonly tlds?: InputMaybe<ReadonlyArray<Scalars['String']['input']>>;
};

export type DomainOrder = {
  readonly direction: OrderDirection;
  readonly field: DomainOrderField;
};

export type DomainOrderField =
  | 'CREATED_AT'
  | 'NAME'
  /** What is not ranked comes last ascending, first descending. */
  | 'POPULARITY_RANK'
  | 'SCORE';

export type DomainPattern = {
  readonly __typename?: 'DomainPattern';
  /** Names that it makes of the keywords: at most 3. */
  readonly examples: ReadonlyArray<Scalars['String']['output']>;
  /** Such as `{keyword}-{city}`. */
  readonly pattern: Scalars['String']['output'];
  /** Why it suits them. */
  readonly reason: Scalars['String']['output'];
};

export type DomainSearchConnection = {
  readonly __typename?: 'DomainSearchConnection';
  readonly edges: ReadonlyArray<DomainEdge>;
  /** How all that was found divides, whatever the page. */
  readonly facets: DomainFacets;
  readonly nodes: ReadonlyArray<Domain>;
  readonly pageInfo: PageInfo;
  /** Counted only when asked for. */
  readonly totalCount: Scalars['Int']['output'];
};

export type DomainStatus =
  /** Not renewed. */
  | 'EXPIRED'
  /** A proposal. */
  | 'GENERATED'
  /** On the air: at most one tenant has a name live. */
  | 'LIVE'
  /** Taken off the air for a while. */
  | 'PAUSED'
  /** Bought, and not on the air. */
  | 'REGISTERED'
  /** A proposal that was turned down. */
  | 'REJECTED';

export type DomainStatusCount = {
  readonly __typename?: 'DomainStatusCount';
  readonly count: Scalars['Count']['output'];
  readonly status: DomainStatus;
};

/** A name that was generated and not stored. */
export type DomainSuggestion = {
  readonly __typename?: 'DomainSuggestion';
  readonly name: Scalars['DomainName']['output'];
  /** The pattern that it came out of. */
  readonly pattern: Scalars['String']['output'];
  /** How promising the name is, from 0 to 100. */
  readonly score: Scalars['Int']['output'];
  readonly sld: Scalars['String']['output'];
  /** The words that it was made of. */
  readonly terms: ReadonlyArray<Scalars['String']['output']>;
  readonly tld: Scalars['String']['output'];
  readonly unicodeName: Scalars['String']['output'];
};

/** Every part that is given must hold; a part that is null counts as not given, an empty list holds for no domain. */
export type DomainsOfCampaignFilter = {
  /** Popularity rank at most this; leaves out what is not ranked. */
  readonly maxRank?: InputMaybe<Scalars['Int']['input']>;
  readonly minScore?: InputMaybe<Scalars['Int']['input']>;
  /** One of these; at most 6. */
  readonly status?: InputMaybe<ReadonlyArray<DomainStatus>>;
  /** One of these, as `com` or `.com`; at most 100. */
  readonly tlds?: InputMaybe<ReadonlyArray<Scalars['String']['input']>>;
};

export type EventCount = {
  readonly __typename?: 'EventCount';
  readonly count: Scalars['Count']['output'];
  readonly kind: EventKind;
};

export type EventInput = {
  readonly campaignId: Scalars['ID']['input'];
  /** A domain of that campaign's tenant. */
  readonly domainId?: InputMaybe<Scalars['ID']['input']>;
  /** Chosen by the sender, unique within the tenant: from 1 to 64 characters of A-Z a-z 0-9 . _ : - */
  readonly eventId: Scalars['String']['input'];
  readonly kind: EventKind;
  /** Not more than a day ahead, and not before the year 2000. */
  readonly occurredAt: Scalars['DateTime']['input'];
};

export type EventKind =
  | 'CALL_QUALIFIED'
  | 'CALL_STARTED'
  | 'CLICK'
  | 'CONVERSION'
  | 'IMPRESSION';

export type GenerateDomainsInput = {
  readonly campaignId: Scalars['ID']['input'];
  /** From 1 to 50; by default the campaign's. */
  readonly keywords?: InputMaybe<ReadonlyArray<Scalars['String']['input']>>;
  /** How many new domains at most: from 1 to 10000. */
  readonly limit: Scalars['Int']['input'];
  /** Names that score less are left out, from 0 to 100. */
  readonly minScore: Scalars['Int']['input'];
  /** At most 50; by default the campaign's. None, here or of the campaign, means those that suit the keywords. */
  readonly patterns?: InputMaybe<ReadonlyArray<Scalars['String']['input']>>;
  /** From 1 to 100; by default the campaign's. */
  readonly tlds?: InputMaybe<ReadonlyArray<Scalars['String']['input']>>;
};

export type GenerateDomainsPayload = {
  readonly __typename?: 'GenerateDomainsPayload';
  readonly campaign: Maybe<Campaign>;
  /** How many were stored. */
  readonly count: Scalars['Int']['output'];
  /** The first of them, at most 100. */
  readonly domains: ReadonlyArray<Domain>;
  readonly errors: ReadonlyArray<UserError>;
};

/** What everybody may know of a domain that is live. */
export type LiveDomain = {
  readonly __typename?: 'LiveDomain';
  readonly name: Scalars['DomainName']['output'];
  readonly popularityRank: Maybe<Scalars['Int']['output']>;
  /** LIVE. */
  readonly status: DomainStatus;
  readonly tld: Scalars['String']['output'];
  readonly unicodeName: Scalars['String']['output'];
};

export type Money = {
  readonly __typename?: 'Money';
  /** In the smallest unit of the currency: 1999 USD is 19.99 US dollars. */
  readonly amount: Scalars['MinorUnits']['output'];
  /** ISO 4217; the tenant's. */
  readonly currency: Scalars['String']['output'];
};

export type MoneyInput = {
  readonly amount: Scalars['MinorUnits']['input'];
  /** ISO 4217; must be the tenant's. */
  readonly currency: Scalars['String']['input'];
};

export type Mutation = {
  readonly __typename?: 'Mutation';
  /** Whatever it is becomes ARCHIVED, for good. Errors: CONFLICT, INVALID_STATE, NOT_FOUND. */
  readonly archiveCampaign: ChangeCampaignStatusPayload;
  /** Takes an open bid back. Errors: INVALID_STATE (it is decided or expired), NOT_FOUND. */
  readonly cancelBid: CancelBidPayload;
  /** Errors: NAME_TAKEN, INVALID. */
  readonly createBuyer: CreateBuyerPayload;
  /** A new campaign, DRAFT, owned by the caller unless said otherwise. Errors: INVALID, NOT_FOUND. */
  readonly createCampaign: CreateCampaignPayload;
  /** Deletes a campaign with all its domains, calls, bids and events. Errors: CONFLICT, NOT_FOUND. */
  readonly deleteCampaign: DeleteCampaignPayload;
  /**
   * Generates domains for a campaign and stores those that the tenant does not have yet: all of them or, after an error, none.
   * Errors: INVALID (limit, keywords, top-level domains, patterns), INVALID_STATE (it is archived), NOT_FOUND.
   */
  readonly generateDomains: GenerateDomainsPayload;
  /** ACTIVE becomes PAUSED. Errors: CONFLICT, INVALID_STATE, NOT_FOUND. */
  readonly pauseCampaign: ChangeCampaignStatusPayload;
  /**
   * Offers an amount for a call. Errors: INVALID_STATE (the call is over, the buyer is not active), NOT_ROUTED (the buyer takes no
   * calls from that state), CAP_EXCEEDED (with the bids that the buyer placed today and won or may still win, the daily cap would
   * be passed; days are those of UTC), INVALID (amount, currency, time to live), NOT_FOUND.
   */
  readonly placeBid: PlaceBidPayload;
  /** Computes the tenant's rollups from the rows anew and corrects those that differ. It should never find one. */
  readonly refreshAnalytics: RefreshAnalyticsPayload;
  /** DRAFT and PAUSED become ACTIVE. Errors: CONFLICT, INVALID_STATE, NOT_FOUND. */
  readonly resumeCampaign: ChangeCampaignStatusPayload;
  /**
   * Moves a domain to another status: GENERATED to REGISTERED or REJECTED, REJECTED to GENERATED, REGISTERED to LIVE or EXPIRED, LIVE
   * to PAUSED or EXPIRED, PAUSED to LIVE or EXPIRED, EXPIRED to REGISTERED. Errors: CONFLICT, INVALID_STATE, NAME_TAKEN (the name is
   * live elsewhere), NOT_FOUND.
   */
  readonly setDomainStatus: SetDomainStatusPayload;
  /** Moves from 1 to 1000 domains as `setDomainStatus` does: those that can be moved are, and each other has its error. */
  readonly setDomainsStatus: SetDomainsStatusPayload;
  /**
   * Ends a call: of its open bids the highest wins (among equals the one placed first), all others have lost. A buyer who pays only
   * for calls of some length is passed over when this one was shorter. Where no bid is eligible the call is MISSED and `winner` is
   * null, which is no error. All of it happens at once or not at all; of two who settle the same call, one gets INVALID_STATE.
   */
  readonly settleCall: SettleCallPayload;
  /**
   * Stores analytics events. The answer comes only once they are durable, and an `eventId` that is known already is counted as a
   * duplicate: after an error, or no answer, send the same events again.
   */
  readonly trackEvents: TrackEventsPayload;
  /** Changes what is given and leaves the rest. Errors: CONFLICT (`version` is not the current one), NAME_TAKEN, INVALID, NOT_FOUND. */
  readonly updateBuyer: UpdateBuyerPayload;
  /** Changes what is given and leaves the rest. Errors: CONFLICT, INVALID, INVALID_STATE (it is archived), NOT_FOUND. */
  readonly updateCampaign: UpdateCampaignPayload;
};


export type MutationArchiveCampaignArgs = {
  input: ChangeCampaignStatusInput;
};


export type MutationCancelBidArgs = {
  input: CancelBidInput;
};


export type MutationCreateBuyerArgs = {
  input: CreateBuyerInput;
};


export type MutationCreateCampaignArgs = {
  input: CreateCampaignInput;
};


export type MutationDeleteCampaignArgs = {
  input: DeleteCampaignInput;
};


export type MutationGenerateDomainsArgs = {
  input: GenerateDomainsInput;
};


export type MutationPauseCampaignArgs = {
  input: ChangeCampaignStatusInput;
};


export type MutationPlaceBidArgs = {
  input: PlaceBidInput;
};


export type MutationResumeCampaignArgs = {
  input: ChangeCampaignStatusInput;
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


export type MutationTrackEventsArgs = {
  input: TrackEventsInput;
};


export type MutationUpdateBuyerArgs = {
  input: UpdateBuyerInput;
};


export type MutationUpdateCampaignArgs = {
  input: UpdateCampaignInput;
};

/** Whatever has a global id. */
export type Node = {
  /** Opaque, and unique over all types. */
  readonly id: Scalars['ID']['output'];
};

export type OrderDirection =
  | 'ASC'
  | 'DESC';

export type PageInfo = {
  readonly __typename?: 'PageInfo';
  /** Send it as `after` for the next page. */
  readonly endCursor: Maybe<Scalars['String']['output']>;
  readonly hasNextPage: Scalars['Boolean']['output'];
  /** Whether the page began after a cursor. */
  readonly hasPreviousPage: Scalars['Boolean']['output'];
  readonly startCursor: Maybe<Scalars['String']['output']>;
};

/** Shares run from 0 to 1. What would be a division by zero is null. */
export type Performance = {
  readonly __typename?: 'Performance';
  /** Seconds, over all calls. */
  readonly averageDurationSeconds: Maybe<Scalars['Float']['output']>;
  readonly bids: Scalars['Count']['output'];
  readonly calls: Scalars['Count']['output'];
  /** Settled calls to calls. */
  readonly conversion: Maybe<Scalars['Float']['output']>;
  /** Spend to calls, rounded to the minor unit, halves up. */
  readonly costPerCall: Maybe<Money>;
  /** Tracked events by kind, every kind once. */
  readonly events: ReadonlyArray<EventCount>;
  readonly from: Scalars['DateTime']['output'];
  /** Revenue less spend; may be negative. */
  readonly profit: Maybe<Money>;
  readonly revenue: Maybe<Money>;
  /** Revenue to calls, rounded to the minor unit, halves up. */
  readonly revenuePerCall: Maybe<Money>;
  readonly settledCalls: Scalars['Count']['output'];
  /** What the calls' traffic cost. */
  readonly spend: Money;
  /** The end of the last hour counted. */
  readonly to: Scalars['DateTime']['output'];
  /** Won bids to bids. */
  readonly winRate: Maybe<Scalars['Float']['output']>;
  readonly wonBids: Scalars['Count']['output'];
};

export type PlaceBidInput = {
  /** From 1 to 10000000000, in the tenant's currency: so that sums over calls stay exact. */
  readonly amount: MoneyInput;
  readonly buyerId: Scalars['ID']['input'];
  readonly callId: Scalars['ID']['input'];
  /** How long the bid is open: from 1 to 86400. */
  readonly ttlSeconds: Scalars['Int']['input'];
};

export type PlaceBidPayload = {
  readonly __typename?: 'PlaceBidPayload';
  readonly bid: Maybe<Bid>;
  readonly errors: ReadonlyArray<UserError>;
};

/**
 * Rules for all arguments and inputs, here and in mutations:
 *
 * - A nullable one that is null counts as not given, unless its description says otherwise. Anything else that is empty is a value of its
 *   own: an empty list of wanted values holds for nothing, an empty text is no id and no state.
 * - An id is sent exactly as a field `id` gave it. Any other text (empty, a bare number, with blanks around it) is an error. The id of an
 *   object that the tenant does not have, or that is of another type, stands for no object.
 * - A text is Unicode without U+0000 and without halves of surrogate pairs. A character, where a length is given in characters, is a code
 *   point: an accented letter has one or two, an emoji one or more.
 */
export type Query = {
  readonly __typename?: 'Query';
  /** Holds nothing of its own: how long the answer may be kept, the fields asked for say. */
  readonly analytics: Analytics;
  readonly bid: Maybe<Bid>;
  /** Newest first, unless ordered otherwise. `first` is at most 100. */
  readonly bids: BidConnection;
  readonly buyer: Maybe<Buyer>;
  /** By name, unless ordered otherwise. `first` is at most 100. */
  readonly buyers: BuyerConnection;
  readonly call: Maybe<Call>;
  /** Newest first, unless ordered otherwise. `first` is at most 100. */
  readonly calls: CallConnection;
  readonly campaign: Maybe<Campaign>;
  /** Newest first, unless ordered otherwise. `first` is at most 100. */
  readonly campaigns: CampaignConnection;
  readonly domain: Maybe<Domain>;
  readonly domainByName: Maybe<Domain>;
  /** The patterns that suit the keywords, the most promising first. From 1 to 50 keywords. */
  readonly domainPatterns: ReadonlyArray<DomainPattern>;
  /** Newest first, unless ordered otherwise. `first` is at most 100. */
  readonly domains: DomainConnection;
  /** A domain that is on the air, whoever's it is. */
  readonly liveDomain: Maybe<LiveDomain>;
  /** The object with this global id; null when the tenant has none. */
  readonly node: Maybe<Node>;
  /** At most 100; null where the tenant has no such object. */
  readonly nodes: ReadonlyArray<Maybe<Node>>;
  /**
   * Domains with all the words of the query among their own, or with words that begin so: from 1 to 10 words, at most 200 characters.
   * The highest score first, unless ordered otherwise. `first` is at most 100.
   */
  readonly searchDomains: DomainSearchConnection;
  /**
   * Generates names and stores nothing: the best first; the same input always gives the same names. One generation runs at a time:
   * OVERLOADED when too many wait.
   */
  readonly suggestDomains: ReadonlyArray<DomainSuggestion>;
  /** Every top-level domain, in alphabetical order of the A-labels. */
  readonly tlds: ReadonlyArray<Tld>;
  readonly viewer: Viewer;
};


/**
 * Rules for all arguments and inputs, here and in mutations:
 *
 * - A nullable one that is null counts as not given, unless its description says otherwise. Anything else that is empty is a value of its
 *   own: an empty list of wanted values holds for nothing, an empty text is no id and no state.
 * - An id is sent exactly as a field `id` gave it. Any other text (empty, a bare number, with blanks around it) is an error. The id of an
 *   object that the tenant does not have, or that is of another type, stands for no object.
 * - A text is Unicode without U+0000 and without halves of surrogate pairs. A character, where a length is given in characters, is a code
 *   point: an accented letter has one or two, an emoji one or more.
 */
export type QueryBidArgs = {
  id: Scalars['ID']['input'];
};


/**
 * Rules for all arguments and inputs, here and in mutations:
 *
 * - A nullable one that is null counts as not given, unless its description says otherwise. Anything else that is empty is a value of its
 *   own: an empty list of wanted values holds for nothing, an empty text is no id and no state.
 * - An id is sent exactly as a field `id` gave it. Any other text (empty, a bare number, with blanks around it) is an error. The id of an
 *   object that the tenant does not have, or that is of another type, stands for no object.
 * - A text is Unicode without U+0000 and without halves of surrogate pairs. A character, where a length is given in characters, is a code
 *   point: an accented letter has one or two, an emoji one or more.
 */
export type QueryBidsArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  filter?: InputMaybe<BidFilter>;
  first: Scalars['Int']['input'];
  orderBy?: InputMaybe<BidOrder>;
};


/**
 * Rules for all arguments and inputs, here and in mutations:
 *
 * - A nullable one that is null counts as not given, unless its description says otherwise. Anything else that is empty is a value of its
 *   own: an empty list of wanted values holds for nothing, an empty text is no id and no state.
 * - An id is sent exactly as a field `id` gave it. Any other text (empty, a bare number, with blanks around it) is an error. The id of an
 *   object that the tenant does not have, or that is of another type, stands for no object.
 * - A text is Unicode without U+0000 and without halves of surrogate pairs. A character, where a length is given in characters, is a code
 *   point: an accented letter has one or two, an emoji one or more.
 */
export type QueryBuyerArgs = {
  id: Scalars['ID']['input'];
};


/**
 * Rules for all arguments and inputs, here and in mutations:
 *
 * - A nullable one that is null counts as not given, unless its description says otherwise. Anything else that is empty is a value of its
 *   own: an empty list of wanted values holds for nothing, an empty text is no id and no state.
 * - An id is sent exactly as a field `id` gave it. Any other text (empty, a bare number, with blanks around it) is an error. The id of an
 *   object that the tenant does not have, or that is of another type, stands for no object.
 * - A text is Unicode without U+0000 and without halves of surrogate pairs. A character, where a length is given in characters, is a code
 *   point: an accented letter has one or two, an emoji one or more.
 */
export type QueryBuyersArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  filter?: InputMaybe<BuyerFilter>;
  first: Scalars['Int']['input'];
  orderBy?: InputMaybe<BuyerOrder>;
};


/**
 * Rules for all arguments and inputs, here and in mutations:
 *
 * - A nullable one that is null counts as not given, unless its description says otherwise. Anything else that is empty is a value of its
 *   own: an empty list of wanted values holds for nothing, an empty text is no id and no state.
 * - An id is sent exactly as a field `id` gave it. Any other text (empty, a bare number, with blanks around it) is an error. The id of an
 *   object that the tenant does not have, or that is of another type, stands for no object.
 * - A text is Unicode without U+0000 and without halves of surrogate pairs. A character, where a length is given in characters, is a code
 *   point: an accented letter has one or two, an emoji one or more.
 */
export type QueryCallArgs = {
  id: Scalars['ID']['input'];
};


/**
 * Rules for all arguments and inputs, here and in mutations:
 *
 * - A nullable one that is null counts as not given, unless its description says otherwise. Anything else that is empty is a value of its
 *   own: an empty list of wanted values holds for nothing, an empty text is no id and no state.
 * - An id is sent exactly as a field `id` gave it. Any other text (empty, a bare number, with blanks around it) is an error. The id of an
 *   object that the tenant does not have, or that is of another type, stands for no object.
 * - A text is Unicode without U+0000 and without halves of surrogate pairs. A character, where a length is given in characters, is a code
 *   point: an accented letter has one or two, an emoji one or more.
 */
export type QueryCallsArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  filter?: InputMaybe<CallFilter>;
  first: Scalars['Int']['input'];
  orderBy?: InputMaybe<CallOrder>;
};


/**
 * Rules for all arguments and inputs, here and in mutations:
 *
 * - A nullable one that is null counts as not given, unless its description says otherwise. Anything else that is empty is a value of its
 *   own: an empty list of wanted values holds for nothing, an empty text is no id and no state.
 * - An id is sent exactly as a field `id` gave it. Any other text (empty, a bare number, with blanks around it) is an error. The id of an
 *   object that the tenant does not have, or that is of another type, stands for no object.
 * - A text is Unicode without U+0000 and without halves of surrogate pairs. A character, where a length is given in characters, is a code
 *   point: an accented letter has one or two, an emoji one or more.
 */
export type QueryCampaignArgs = {
  id: Scalars['ID']['input'];
};


/**
 * Rules for all arguments and inputs, here and in mutations:
 *
 * - A nullable one that is null counts as not given, unless its description says otherwise. Anything else that is empty is a value of its
 *   own: an empty list of wanted values holds for nothing, an empty text is no id and no state.
 * - An id is sent exactly as a field `id` gave it. Any other text (empty, a bare number, with blanks around it) is an error. The id of an
 *   object that the tenant does not have, or that is of another type, stands for no object.
 * - A text is Unicode without U+0000 and without halves of surrogate pairs. A character, where a length is given in characters, is a code
 *   point: an accented letter has one or two, an emoji one or more.
 */
export type QueryCampaignsArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  filter?: InputMaybe<CampaignFilter>;
  first: Scalars['Int']['input'];
  orderBy?: InputMaybe<CampaignOrder>;
};


/**
 * Rules for all arguments and inputs, here and in mutations:
 *
 * - A nullable one that is null counts as not given, unless its description says otherwise. Anything else that is empty is a value of its
 *   own: an empty list of wanted values holds for nothing, an empty text is no id and no state.
 * - An id is sent exactly as a field `id` gave it. Any other text (empty, a bare number, with blanks around it) is an error. The id of an
 *   object that the tenant does not have, or that is of another type, stands for no object.
 * - A text is Unicode without U+0000 and without halves of surrogate pairs. A character, where a length is given in characters, is a code
 *   point: an accented letter has one or two, an emoji one or more.
 */
export type QueryDomainArgs = {
  id: Scalars['ID']['input'];
};


/**
 * Rules for all arguments and inputs, here and in mutations:
 *
 * - A nullable one that is null counts as not given, unless its description says otherwise. Anything else that is empty is a value of its
 *   own: an empty list of wanted values holds for nothing, an empty text is no id and no state.
 * - An id is sent exactly as a field `id` gave it. Any other text (empty, a bare number, with blanks around it) is an error. The id of an
 *   object that the tenant does not have, or that is of another type, stands for no object.
 * - A text is Unicode without U+0000 and without halves of surrogate pairs. A character, where a length is given in characters, is a code
 *   point: an accented letter has one or two, an emoji one or more.
 */
export type QueryDomainByNameArgs = {
  name: Scalars['DomainName']['input'];
};


/**
 * Rules for all arguments and inputs, here and in mutations:
 *
 * - A nullable one that is null counts as not given, unless its description says otherwise. Anything else that is empty is a value of its
 *   own: an empty list of wanted values holds for nothing, an empty text is no id and no state.
 * - An id is sent exactly as a field `id` gave it. Any other text (empty, a bare number, with blanks around it) is an error. The id of an
 *   object that the tenant does not have, or that is of another type, stands for no object.
 * - A text is Unicode without U+0000 and without halves of surrogate pairs. A character, where a length is given in characters, is a code
 *   point: an accented letter has one or two, an emoji one or more.
 */
export type QueryDomainPatternsArgs = {
  keywords: ReadonlyArray<Scalars['String']['input']>;
};


/**
 * Rules for all arguments and inputs, here and in mutations:
 *
 * - A nullable one that is null counts as not given, unless its description says otherwise. Anything else that is empty is a value of its
 *   own: an empty list of wanted values holds for nothing, an empty text is no id and no state.
 * - An id is sent exactly as a field `id` gave it. Any other text (empty, a bare number, with blanks around it) is an error. The id of an
 *   object that the tenant does not have, or that is of another type, stands for no object.
 * - A text is Unicode without U+0000 and without halves of surrogate pairs. A character, where a length is given in characters, is a code
 *   point: an accented letter has one or two, an emoji one or more.
 */
export type QueryDomainsArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  filter?: InputMaybe<DomainFilter>;
  first: Scalars['Int']['input'];
  orderBy?: InputMaybe<DomainOrder>;
};


/**
 * Rules for all arguments and inputs, here and in mutations:
 *
 * - A nullable one that is null counts as not given, unless its description says otherwise. Anything else that is empty is a value of its
 *   own: an empty list of wanted values holds for nothing, an empty text is no id and no state.
 * - An id is sent exactly as a field `id` gave it. Any other text (empty, a bare number, with blanks around it) is an error. The id of an
 *   object that the tenant does not have, or that is of another type, stands for no object.
 * - A text is Unicode without U+0000 and without halves of surrogate pairs. A character, where a length is given in characters, is a code
 *   point: an accented letter has one or two, an emoji one or more.
 */
export type QueryLiveDomainArgs = {
  name: Scalars['DomainName']['input'];
};


/**
 * Rules for all arguments and inputs, here and in mutations:
 *
 * - A nullable one that is null counts as not given, unless its description says otherwise. Anything else that is empty is a value of its
 *   own: an empty list of wanted values holds for nothing, an empty text is no id and no state.
 * - An id is sent exactly as a field `id` gave it. Any other text (empty, a bare number, with blanks around it) is an error. The id of an
 *   object that the tenant does not have, or that is of another type, stands for no object.
 * - A text is Unicode without U+0000 and without halves of surrogate pairs. A character, where a length is given in characters, is a code
 *   point: an accented letter has one or two, an emoji one or more.
 */
export type QueryNodeArgs = {
  id: Scalars['ID']['input'];
};


/**
 * Rules for all arguments and inputs, here and in mutations:
 *
 * - A nullable one that is null counts as not given, unless its description says otherwise. Anything else that is empty is a value of its
 *   own: an empty list of wanted values holds for nothing, an empty text is no id and no state.
 * - An id is sent exactly as a field `id` gave it. Any other text (empty, a bare number, with blanks around it) is an error. The id of an
 *   object that the tenant does not have, or that is of another type, stands for no object.
 * - A text is Unicode without U+0000 and without halves of surrogate pairs. A character, where a length is given in characters, is a code
 *   point: an accented letter has one or two, an emoji one or more.
 */
export type QueryNodesArgs = {
  ids: ReadonlyArray<Scalars['ID']['input']>;
};


/**
 * Rules for all arguments and inputs, here and in mutations:
 *
 * - A nullable one that is null counts as not given, unless its description says otherwise. Anything else that is empty is a value of its
 *   own: an empty list of wanted values holds for nothing, an empty text is no id and no state.
 * - An id is sent exactly as a field `id` gave it. Any other text (empty, a bare number, with blanks around it) is an error. The id of an
 *   object that the tenant does not have, or that is of another type, stands for no object.
 * - A text is Unicode without U+0000 and without halves of surrogate pairs. A character, where a length is given in characters, is a code
 *   point: an accented letter has one or two, an emoji one or more.
 */
export type QuerySearchDomainsArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  filter?: InputMaybe<DomainFilter>;
  first: Scalars['Int']['input'];
  orderBy?: InputMaybe<DomainOrder>;
  query: Scalars['String']['input'];
};


/**
 * Rules for all arguments and inputs, here and in mutations:
 *
 * - A nullable one that is null counts as not given, unless its description says otherwise. Anything else that is empty is a value of its
 *   own: an empty list of wanted values holds for nothing, an empty text is no id and no state.
 * - An id is sent exactly as a field `id` gave it. Any other text (empty, a bare number, with blanks around it) is an error. The id of an
 *   object that the tenant does not have, or that is of another type, stands for no object.
 * - A text is Unicode without U+0000 and without halves of surrogate pairs. A character, where a length is given in characters, is a code
 *   point: an accented letter has one or two, an emoji one or more.
 */
export type QuerySuggestDomainsArgs = {
  config: SuggestDomainsInput;
};


/**
 * Rules for all arguments and inputs, here and in mutations:
 *
 * - A nullable one that is null counts as not given, unless its description says otherwise. Anything else that is empty is a value of its
 *   own: an empty list of wanted values holds for nothing, an empty text is no id and no state.
 * - An id is sent exactly as a field `id` gave it. Any other text (empty, a bare number, with blanks around it) is an error. The id of an
 *   object that the tenant does not have, or that is of another type, stands for no object.
 * - A text is Unicode without U+0000 and without halves of surrogate pairs. A character, where a length is given in characters, is a code
 *   point: an accented letter has one or two, an emoji one or more.
 */
export type QueryTldsArgs = {
  kind?: InputMaybe<TldKind>;
};

export type RefreshAnalyticsPayload = {
  readonly __typename?: 'RefreshAnalyticsPayload';
  /** How many rows of the rollups were wrong. */
  readonly correctedRows: Scalars['Count']['output'];
  readonly errors: ReadonlyArray<UserError>;
};

/** VIEWER, EDITOR and ADMIN are members of a tenant: each includes the ones before it. OPERATOR includes none of them. */
export type Role =
  /** Sees revenue, which is all that bids pay, one by one or in sums, and deletes. */
  | 'ADMIN'
  /** Reads and writes. */
  | 'EDITOR'
  /** Runs the installation. Reads public fields, and nothing of any tenant. */
  | 'OPERATOR'
  /** Reads. */
  | 'VIEWER';

/** Which calls a buyer takes. */
export type RoutingCriteria = {
  readonly __typename?: 'RoutingCriteria';
  /** The most that bids placed on one day (UTC) may cost together; null for no limit. */
  readonly dailyCap: Maybe<Money>;
  /** How many calls the buyer can answer at a time: for the telephone system, not checked when a bid is placed. */
  readonly maxConcurrentCalls: Scalars['Int']['output'];
  /** Calls shorter than this are not paid for. */
  readonly minDurationSeconds: Scalars['Int']['output'];
  /** US states, two letters each; empty means all of them. */
  readonly states: ReadonlyArray<Scalars['String']['output']>;
};

export type SetDomainStatusInput = {
  readonly id: Scalars['ID']['input'];
  readonly status: DomainStatus;
  /** Given, the change is refused unless this is the current version. */
  readonly version?: InputMaybe<Scalars['Int']['input']>;
};

export type SetDomainStatusPayload = {
  readonly __typename?: 'SetDomainStatusPayload';
  /** As it is now. */
  readonly domain: Maybe<Domain>;
  readonly errors: ReadonlyArray<UserError>;
};

export type SetDomainsStatusInput = {
  /** From 1 to 1000. */
  readonly ids: ReadonlyArray<Scalars['ID']['input']>;
  readonly status: DomainStatus;
};

export type SetDomainsStatusPayload = {
  readonly __typename?: 'SetDomainsStatusPayload';
  /** Those that were moved. */
  readonly domains: ReadonlyArray<Domain>;
  readonly errors: ReadonlyArray<UserError>;
};

export type SettleCallInput = {
  /** From 0 to 86400. */
  readonly durationSeconds: Scalars['Int']['input'];
  readonly id: Scalars['ID']['input'];
};

export type SettleCallPayload = {
  readonly __typename?: 'SettleCallPayload';
  readonly call: Maybe<Call>;
  readonly errors: ReadonlyArray<UserError>;
  readonly winner: Maybe<Bid>;
};

export type SuggestDomainsInput = {
  /**
   * From 1 to 50, of 1 to 40 characters each, blanks left out. The combinations of words that keywords and patterns make are bounded: 50000 where all
   * letters are a to z, fewer with letters that need the tables of Unicode.
   */
  readonly keywords: ReadonlyArray<Scalars['String']['input']>;
  /** From 1 to 500. */
  readonly limit: Scalars['Int']['input'];
  /** Longest name left of the top-level domain, from 1 to 63 characters. */
  readonly maxLength: Scalars['Int']['input'];
  /** Names that score less are left out, from 0 to 100. */
  readonly minScore: Scalars['Int']['input'];
  /** From 1 to 50, such as `{keyword}-{city}`; by default, and for null, those that suit the keywords. */
  readonly patterns?: InputMaybe<ReadonlyArray<Scalars['String']['input']>>;
  /** From 1 to 100, as `com` or `.com`. */
  readonly tlds: ReadonlyArray<Scalars['String']['input']>;
};

/** A team: everything belongs to one, except what is public. */
export type Tenant = Node & {
  readonly __typename?: 'Tenant';
  readonly createdAt: Scalars['DateTime']['output'];
  /** ISO 4217: all of the tenant's money is in it. */
  readonly currency: Scalars['String']['output'];
  readonly id: Scalars['ID']['output'];
  readonly name: Scalars['String']['output'];
};

/** A top-level domain that IANA lists. */
export type Tld = {
  readonly __typename?: 'Tld';
  readonly kind: TldKind;
  /** A-label without a dot. */
  readonly name: Scalars['String']['output'];
  readonly unicodeName: Scalars['String']['output'];
};

export type TldCount = {
  readonly __typename?: 'TldCount';
  readonly count: Scalars['Count']['output'];
  readonly tld: Scalars['String']['output'];
};

export type TldKind =
  | 'COUNTRY_CODE'
  | 'GENERIC'
  /** In another script than Latin. */
  | 'INTERNATIONALIZED';

export type TrackEventsInput = {
  /** From 1 to 1000. */
  readonly events: ReadonlyArray<EventInput>;
};

/** accepted + duplicates + errors = events sent. */
export type TrackEventsPayload = {
  readonly __typename?: 'TrackEventsPayload';
  readonly accepted: Scalars['Int']['output'];
  readonly duplicates: Scalars['Int']['output'];
  /** One for each event that was not stored; its path is `input`, `events`, the position. */
  readonly errors: ReadonlyArray<UserError>;
};

/** What is left out or null stays as it is, unless said otherwise. The bounds are those of `CreateBuyerInput`. */
export type UpdateBuyerInput = {
  readonly active?: InputMaybe<Scalars['Boolean']['input']>;
  /** null removes the cap. */
  readonly dailyCap?: InputMaybe<MoneyInput>;
  readonly id: Scalars['ID']['input'];
  readonly maxConcurrentCalls?: InputMaybe<Scalars['Int']['input']>;
  readonly minDurationSeconds?: InputMaybe<Scalars['Int']['input']>;
  readonly name?: InputMaybe<Scalars['String']['input']>;
  /** At most 60. */
  readonly states?: InputMaybe<ReadonlyArray<Scalars['String']['input']>>;
  /** The version that the change was decided on. */
  readonly version: Scalars['Int']['input'];
};

export type UpdateBuyerPayload = {
  readonly __typename?: 'UpdateBuyerPayload';
  /** As it is now: also where the update came too late. */
  readonly buyer: Maybe<Buyer>;
  readonly errors: ReadonlyArray<UserError>;
};

/** What is left out or null stays as it is, unless said otherwise. The bounds are those of `CreateCampaignInput`. */
export type UpdateCampaignInput = {
  readonly budget?: InputMaybe<MoneyInput>;
  /** null removes it. */
  readonly endsAt?: InputMaybe<Scalars['DateTime']['input']>;
  readonly id: Scalars['ID']['input'];
  /** From 1 to 50. */
  readonly keywords?: InputMaybe<ReadonlyArray<Scalars['String']['input']>>;
  readonly name?: InputMaybe<Scalars['String']['input']>;
  readonly ownerId?: InputMaybe<Scalars['ID']['input']>;
  /** At most 50. */
  readonly patterns?: InputMaybe<ReadonlyArray<Scalars['String']['input']>>;
  /** null removes it. */
  readonly startsAt?: InputMaybe<Scalars['DateTime']['input']>;
  /** From 1 to 100. */
  readonly tlds?: InputMaybe<ReadonlyArray<Scalars['String']['input']>>;
  /** The version that the change was decided on. */
  readonly version: Scalars['Int']['input'];
};

export type UpdateCampaignPayload = {
  readonly __typename?: 'UpdateCampaignPayload';
  /** As it is now: also where the update came too late. */
  readonly campaign: Maybe<Campaign>;
  readonly errors: ReadonlyArray<UserError>;
};

/** Someone who works for a tenant. */
export type User = Node & {
  readonly __typename?: 'User';
  readonly createdAt: Scalars['DateTime']['output'];
  /** Unique within the tenant. */
  readonly email: Scalars['String']['output'];
  readonly id: Scalars['ID']['output'];
  readonly name: Scalars['String']['output'];
  /** What the user may do at most; a token may say less. */
  readonly role: Role;
};

/** Why a mutation changed nothing, or not all that it was asked to. */
export type UserError = {
  readonly __typename?: 'UserError';
  /** For programs. */
  readonly code: UserErrorCode;
  /** The path to the input at fault, such as `input`, `budget`; empty where it is none in particular. */
  readonly field: ReadonlyArray<Scalars['String']['output']>;
  /** For people: what was expected, what was got, what to do. */
  readonly message: Scalars['String']['output'];
};

export type UserErrorCode =
  /** The buyer's daily cap would be passed. */
  | 'CAP_EXCEEDED'
  /** The object was changed meanwhile: read it again and decide anew. */
  | 'CONFLICT'
  /** An input is out of its bounds. */
  | 'INVALID'
  /** The object's state does not allow it. */
  | 'INVALID_STATE'
  /** Another object has the name. */
  | 'NAME_TAKEN'
  /** There is no such object in this tenant. */
  | 'NOT_FOUND'
  /** The buyer does not take such calls. */
  | 'NOT_ROUTED';

/** Who asks, as the token says. */
export type Viewer = {
  readonly __typename?: 'Viewer';
  /** What this token allows. */
  readonly role: Role;
  readonly tenant: Maybe<Tenant>;
  /** Null for a token that stands for no user of the tenant, such as an operator's. */
  readonly user: Maybe<User>;
};



export type ResolverTypeWrapper<T> = Promise<T> | T;


export type ResolverWithResolve<TResult, TParent, TContext, TArgs> = {
  resolve: ResolverFn<TResult, TParent, TContext, TArgs>;
};
export type Resolver<TResult, TParent = Record<PropertyKey, never>, TContext = Record<PropertyKey, never>, TArgs = Record<PropertyKey, never>> = ResolverFn<TResult, TParent, TContext, TArgs> | ResolverWithResolve<TResult, TParent, TContext, TArgs>;

export type ResolverFn<TResult, TParent, TContext, TArgs> = (
  parent: TParent,
  args: TArgs,
  context: TContext,
  info: GraphQLResolveInfo
) => Promise<TResult> | TResult;

export type SubscriptionSubscribeFn<TResult, TParent, TContext, TArgs> = (
  parent: TParent,
  args: TArgs,
  context: TContext,
  info: GraphQLResolveInfo
) => AsyncIterable<TResult> | Promise<AsyncIterable<TResult>>;

export type SubscriptionResolveFn<TResult, TParent, TContext, TArgs> = (
  parent: TParent,
  args: TArgs,
  context: TContext,
  info: GraphQLResolveInfo
) => TResult | Promise<TResult>;

export interface SubscriptionSubscriberObject<TResult, TKey extends string, TParent, TContext, TArgs> {
  subscribe: SubscriptionSubscribeFn<{ [key in TKey]: TResult }, TParent, TContext, TArgs>;
  resolve?: SubscriptionResolveFn<TResult, { [key in TKey]: TResult }, TContext, TArgs>;
}

export interface SubscriptionResolverObject<TResult, TParent, TContext, TArgs> {
  subscribe: SubscriptionSubscribeFn<any, TParent, TContext, TArgs>;
  resolve: SubscriptionResolveFn<TResult, any, TContext, TArgs>;
}

export type SubscriptionObject<TResult, TKey extends string, TParent, TContext, TArgs> =
  | SubscriptionSubscriberObject<TResult, TKey, TParent, TContext, TArgs>
  | SubscriptionResolverObject<TResult, TParent, TContext, TArgs>;

export type SubscriptionResolver<TResult, TKey extends string, TParent = Record<PropertyKey, never>, TContext = Record<PropertyKey, never>, TArgs = Record<PropertyKey, never>> =
  | ((...args: any[]) => SubscriptionObject<TResult, TKey, TParent, TContext, TArgs>)
  | SubscriptionObject<TResult, TKey, TParent, TContext, TArgs>;

export type TypeResolveFn<TTypes, TParent = Record<PropertyKey, never>, TContext = Record<PropertyKey, never>> = (
  parent: TParent,
  context: TContext,
  info: GraphQLResolveInfo
) => Maybe<TTypes> | Promise<Maybe<TTypes>>;

export type IsTypeOfResolverFn<T = Record<PropertyKey, never>, TContext = Record<PropertyKey, never>> = (obj: T, context: TContext, info: GraphQLResolveInfo) => boolean | Promise<boolean>;

export type NextResolverFn<T> = () => Promise<T>;

export type DirectiveResolverFn<TResult = Record<PropertyKey, never>, TParent = Record<PropertyKey, never>, TContext = Record<PropertyKey, never>, TArgs = Record<PropertyKey, never>> = (
  next: NextResolverFn<TResult>,
  parent: TParent,
  args: TArgs,
  context: TContext,
  info: GraphQLResolveInfo
) => TResult | Promise<TResult>;




/** Mapping of interface types */
export type ResolversInterfaceTypes<_RefType extends Record<string, unknown>> = {
  Node:
    | ( BidSource )
    | ( BuyerSource )
    | ( CallSource )
    | ( CampaignSource )
    | ( DomainSource )
    | ( TenantSource )
    | ( UserSource )
  ;
};

/** Mapping between all available schema types and the resolvers types */
export type ResolversTypes = {
  Analytics: ResolverTypeWrapper<AnalyticsNamespace>;
  Bid: ResolverTypeWrapper<BidSource>;
  BidConnection: ResolverTypeWrapper<BidConnectionSource>;
  BidEdge: ResolverTypeWrapper<Omit<BidEdge, 'node'> & { node: ResolversTypes['Bid'] }>;
  BidFilter: BidFilter;
  BidOrder: BidOrder;
  BidOrderField: BidOrderField;
  BidStatus: BidStatus;
  BidsOfCallFilter: BidsOfCallFilter;
  BidsOfCampaignFilter: BidsOfCampaignFilter;
  Boolean: ResolverTypeWrapper<Scalars['Boolean']['output']>;
  Buyer: ResolverTypeWrapper<BuyerSource>;
  BuyerConnection: ResolverTypeWrapper<BuyerConnectionSource>;
  BuyerEdge: ResolverTypeWrapper<Omit<BuyerEdge, 'node'> & { node: ResolversTypes['Buyer'] }>;
  BuyerFilter: BuyerFilter;
  BuyerOrder: BuyerOrder;
  BuyerOrderField: BuyerOrderField;
  BuyerRevenue: ResolverTypeWrapper<BuyerRevenueSource>;
  CacheControlScope: CacheControlScope;
  CacheScope: CacheScope;
  Call: ResolverTypeWrapper<CallSource>;
  CallConnection: ResolverTypeWrapper<CallConnectionSource>;
  CallEdge: ResolverTypeWrapper<Omit<CallEdge, 'node'> & { node: ResolversTypes['Call'] }>;
  CallFilter: CallFilter;
  CallHour: ResolverTypeWrapper<CallHourSource>;
  CallOrder: CallOrder;
  CallOrderField: CallOrderField;
  CallStatus: CallStatus;
  Campaign: ResolverTypeWrapper<CampaignSource>;
  CampaignConnection: ResolverTypeWrapper<CampaignConnectionSource>;
  CampaignEdge: ResolverTypeWrapper<Omit<CampaignEdge, 'node'> & { node: ResolversTypes['Campaign'] }>;
  CampaignFilter: CampaignFilter;
  CampaignOrder: CampaignOrder;
  CampaignOrderField: CampaignOrderField;
  CampaignShare: ResolverTypeWrapper<CampaignShareSource>;
  CampaignStatistics: ResolverTypeWrapper<CampaignStatisticsSource>;
  CampaignStatus: CampaignStatus;
  CancelBidInput: CancelBidInput;
  CancelBidPayload: ResolverTypeWrapper<Omit<CancelBidPayload, 'bid'> & { bid?: Maybe<ResolversTypes['Bid']> }>;
  ChangeCampaignStatusInput: ChangeCampaignStatusInput;
  ChangeCampaignStatusPayload: ResolverTypeWrapper<Omit<ChangeCampaignStatusPayload, 'campaign'> & { campaign?: Maybe<ResolversTypes['Campaign']> }>;
  Count: ResolverTypeWrapper<Scalars['Count']['output']>;
  CreateBuyerInput: CreateBuyerInput;
  CreateBuyerPayload: ResolverTypeWrapper<Omit<CreateBuyerPayload, 'buyer'> & { buyer?: Maybe<ResolversTypes['Buyer']> }>;
  CreateCampaignInput: CreateCampaignInput;
  CreateCampaignPayload: ResolverTypeWrapper<Omit<CreateCampaignPayload, 'campaign'> & { campaign?: Maybe<ResolversTypes['Campaign']> }>;
  Dashboard: ResolverTypeWrapper<DashboardSource>;
  DashboardPeriod: DashboardPeriod;
  DateTime: ResolverTypeWrapper<Scalars['DateTime']['output']>;
  DeleteCampaignInput: DeleteCampaignInput;
  DeleteCampaignPayload: ResolverTypeWrapper<DeleteCampaignPayload>;
  Domain: ResolverTypeWrapper<DomainSource>;
  DomainConnection: ResolverTypeWrapper<DomainConnectionSource>;
  DomainEdge: ResolverTypeWrapper<Omit<DomainEdge, 'node'> & { node: ResolversTypes['Domain'] }>;
  DomainFacets: ResolverTypeWrapper<DomainFacets>;
  DomainFilter: DomainFilter;
  DomainName: ResolverTypeWrapper<Scalars['DomainName']['output']>;
  DomainOrder: DomainOrder;
  DomainOrderField: DomainOrderField;
  DomainPattern: ResolverTypeWrapper<DomainPattern>;
  DomainSearchConnection: ResolverTypeWrapper<DomainSearchConnectionSource>;
  DomainStatus: DomainStatus;
  DomainStatusCount: ResolverTypeWrapper<DomainStatusCount>;
  DomainSuggestion: ResolverTypeWrapper<DomainSuggestion>;
  DomainsOfCampaignFilter: DomainsOfCampaignFilter;
  EventCount: ResolverTypeWrapper<EventCount>;
  EventInput: EventInput;
  EventKind: EventKind;
  Float: ResolverTypeWrapper<Scalars['Float']['output']>;
  GenerateDomainsInput: GenerateDomainsInput;
  GenerateDomainsPayload: ResolverTypeWrapper<Omit<GenerateDomainsPayload, 'campaign' | 'domains'> & { campaign?: Maybe<ResolversTypes['Campaign']>, domains: ReadonlyArray<ResolversTypes['Domain']> }>;
  ID: ResolverTypeWrapper<Scalars['ID']['output']>;
  Int: ResolverTypeWrapper<Scalars['Int']['output']>;
  LiveDomain: ResolverTypeWrapper<LiveDomainSource>;
  MinorUnits: ResolverTypeWrapper<Scalars['MinorUnits']['output']>;
  Money: ResolverTypeWrapper<Money>;
  MoneyInput: MoneyInput;
  Mutation: ResolverTypeWrapper<Record<PropertyKey, never>>;
  Node: ResolverTypeWrapper<ResolversInterfaceTypes<ResolversTypes>['Node']>;
  OrderDirection: OrderDirection;
  PageInfo: ResolverTypeWrapper<PageInfo>;
  Performance: ResolverTypeWrapper<PerformanceSource>;
  PlaceBidInput: PlaceBidInput;
  PlaceBidPayload: ResolverTypeWrapper<Omit<PlaceBidPayload, 'bid'> & { bid?: Maybe<ResolversTypes['Bid']> }>;
  Query: ResolverTypeWrapper<Record<PropertyKey, never>>;
  RefreshAnalyticsPayload: ResolverTypeWrapper<RefreshAnalyticsPayload>;
  Role: Role;
  RoutingCriteria: ResolverTypeWrapper<RoutingCriteriaSource>;
  SetDomainStatusInput: SetDomainStatusInput;
  SetDomainStatusPayload: ResolverTypeWrapper<Omit<SetDomainStatusPayload, 'domain'> & { domain?: Maybe<ResolversTypes['Domain']> }>;
  SetDomainsStatusInput: SetDomainsStatusInput;
  SetDomainsStatusPayload: ResolverTypeWrapper<Omit<SetDomainsStatusPayload, 'domains'> & { domains: ReadonlyArray<ResolversTypes['Domain']> }>;
  SettleCallInput: SettleCallInput;
  SettleCallPayload: ResolverTypeWrapper<Omit<SettleCallPayload, 'call' | 'winner'> & { call?: Maybe<ResolversTypes['Call']>, winner?: Maybe<ResolversTypes['Bid']> }>;
  String: ResolverTypeWrapper<Scalars['String']['output']>;
  SuggestDomainsInput: SuggestDomainsInput;
  Tenant: ResolverTypeWrapper<TenantSource>;
  Tld: ResolverTypeWrapper<Tld>;
  TldCount: ResolverTypeWrapper<TldCount>;
  TldKind: TldKind;
  TrackEventsInput: TrackEventsInput;
  TrackEventsPayload: ResolverTypeWrapper<TrackEventsPayload>;
  UpdateBuyerInput: UpdateBuyerInput;
  UpdateBuyerPayload: ResolverTypeWrapper<Omit<UpdateBuyerPayload, 'buyer'> & { buyer?: Maybe<ResolversTypes['Buyer']> }>;
  UpdateCampaignInput: UpdateCampaignInput;
  UpdateCampaignPayload: ResolverTypeWrapper<Omit<UpdateCampaignPayload, 'campaign'> & { campaign?: Maybe<ResolversTypes['Campaign']> }>;
  User: ResolverTypeWrapper<UserSource>;
  UserError: ResolverTypeWrapper<UserError>;
  UserErrorCode: UserErrorCode;
  Viewer: ResolverTypeWrapper<ViewerSource>;
};

/** Mapping between all available schema types and the resolvers parents */
export type ResolversParentTypes = {
  Analytics: AnalyticsNamespace;
  Bid: BidSource;
  BidConnection: BidConnectionSource;
  BidEdge: Omit<BidEdge, 'node'> & { node: ResolversParentTypes['Bid'] };
  BidFilter: BidFilter;
  BidOrder: BidOrder;
  BidsOfCallFilter: BidsOfCallFilter;
  BidsOfCampaignFilter: BidsOfCampaignFilter;
  Boolean: Scalars['Boolean']['output'];
  Buyer: BuyerSource;
  BuyerConnection: BuyerConnectionSource;
  BuyerEdge: Omit<BuyerEdge, 'node'> & { node: ResolversParentTypes['Buyer'] };
  BuyerFilter: BuyerFilter;
  BuyerOrder: BuyerOrder;
  BuyerRevenue: BuyerRevenueSource;
  Call: CallSource;
  CallConnection: CallConnectionSource;
  CallEdge: Omit<CallEdge, 'node'> & { node: ResolversParentTypes['Call'] };
  CallFilter: CallFilter;
  CallHour: CallHourSource;
  CallOrder: CallOrder;
  Campaign: CampaignSource;
  CampaignConnection: CampaignConnectionSource;
  CampaignEdge: Omit<CampaignEdge, 'node'> & { node: ResolversParentTypes['Campaign'] };
  CampaignFilter: CampaignFilter;
  CampaignOrder: CampaignOrder;
  CampaignShare: CampaignShareSource;
  CampaignStatistics: CampaignStatisticsSource;
  CancelBidInput: CancelBidInput;
  CancelBidPayload: Omit<CancelBidPayload, 'bid'> & { bid?: Maybe<ResolversParentTypes['Bid']> };
  ChangeCampaignStatusInput: ChangeCampaignStatusInput;
  ChangeCampaignStatusPayload: Omit<ChangeCampaignStatusPayload, 'campaign'> & { campaign?: Maybe<ResolversParentTypes['Campaign']> };
  Count: Scalars['Count']['output'];
  CreateBuyerInput: CreateBuyerInput;
  CreateBuyerPayload: Omit<CreateBuyerPayload, 'buyer'> & { buyer?: Maybe<ResolversParentTypes['Buyer']> };
  CreateCampaignInput: CreateCampaignInput;
  CreateCampaignPayload: Omit<CreateCampaignPayload, 'campaign'> & { campaign?: Maybe<ResolversParentTypes['Campaign']> };
  Dashboard: DashboardSource;
  DateTime: Scalars['DateTime']['output'];
  DeleteCampaignInput: DeleteCampaignInput;
  DeleteCampaignPayload: DeleteCampaignPayload;
  Domain: DomainSource;
  DomainConnection: DomainConnectionSource;
  DomainEdge: Omit<DomainEdge, 'node'> & { node: ResolversParentTypes['Domain'] };
  DomainFacets: DomainFacets;
  DomainFilter: DomainFilter;
  DomainName: Scalars['DomainName']['output'];
  DomainOrder: DomainOrder;
  DomainPattern: DomainPattern;
  DomainSearchConnection: DomainSearchConnectionSource;
  DomainStatusCount: DomainStatusCount;
  DomainSuggestion: DomainSuggestion;
  DomainsOfCampaignFilter: DomainsOfCampaignFilter;
  EventCount: EventCount;
  EventInput: EventInput;
  Float: Scalars['Float']['output'];
  GenerateDomainsInput: GenerateDomainsInput;
  GenerateDomainsPayload: Omit<GenerateDomainsPayload, 'campaign' | 'domains'> & { campaign?: Maybe<ResolversParentTypes['Campaign']>, domains: ReadonlyArray<ResolversParentTypes['Domain']> };
  ID: Scalars['ID']['output'];
  Int: Scalars['Int']['output'];
  LiveDomain: LiveDomainSource;
  MinorUnits: Scalars['MinorUnits']['output'];
  Money: Money;
  MoneyInput: MoneyInput;
  Mutation: Record<PropertyKey, never>;
  Node: ResolversInterfaceTypes<ResolversParentTypes>['Node'];
  PageInfo: PageInfo;
  Performance: PerformanceSource;
  PlaceBidInput: PlaceBidInput;
  PlaceBidPayload: Omit<PlaceBidPayload, 'bid'> & { bid?: Maybe<ResolversParentTypes['Bid']> };
  Query: Record<PropertyKey, never>;
  RefreshAnalyticsPayload: RefreshAnalyticsPayload;
  RoutingCriteria: RoutingCriteriaSource;
  SetDomainStatusInput: SetDomainStatusInput;
  SetDomainStatusPayload: Omit<SetDomainStatusPayload, 'domain'> & { domain?: Maybe<ResolversParentTypes['Domain']> };
  SetDomainsStatusInput: SetDomainsStatusInput;
  SetDomainsStatusPayload: Omit<SetDomainsStatusPayload, 'domains'> & { domains: ReadonlyArray<ResolversParentTypes['Domain']> };
  SettleCallInput: SettleCallInput;
  SettleCallPayload: Omit<SettleCallPayload, 'call' | 'winner'> & { call?: Maybe<ResolversParentTypes['Call']>, winner?: Maybe<ResolversParentTypes['Bid']> };
  String: Scalars['String']['output'];
  SuggestDomainsInput: SuggestDomainsInput;
  Tenant: TenantSource;
  Tld: Tld;
  TldCount: TldCount;
  TrackEventsInput: TrackEventsInput;
  TrackEventsPayload: TrackEventsPayload;
  UpdateBuyerInput: UpdateBuyerInput;
  UpdateBuyerPayload: Omit<UpdateBuyerPayload, 'buyer'> & { buyer?: Maybe<ResolversParentTypes['Buyer']> };
  UpdateCampaignInput: UpdateCampaignInput;
  UpdateCampaignPayload: Omit<UpdateCampaignPayload, 'campaign'> & { campaign?: Maybe<ResolversParentTypes['Campaign']> };
  User: UserSource;
  UserError: UserError;
  Viewer: ViewerSource;
};

export type AuthDirectiveArgs = {
  requires: Role;
};

export type AuthDirectiveResolver<Result, Parent, ContextType = RequestContext, Args = AuthDirectiveArgs> = DirectiveResolverFn<Result, Parent, ContextType, Args>;

export type CacheDirectiveArgs = {
  browser: Scalars['Int']['input'];
  depends?: Maybe<ReadonlyArray<Scalars['String']['input']>>;
  l1: Scalars['Int']['input'];
  l2: Scalars['Int']['input'];
  scope: CacheScope;
  staleIfError: Scalars['Int']['input'];
  staleWhileRevalidate: Scalars['Int']['input'];
};

export type CacheDirectiveResolver<Result, Parent, ContextType = RequestContext, Args = CacheDirectiveArgs> = DirectiveResolverFn<Result, Parent, ContextType, Args>;

export type CacheControlDirectiveArgs = {
  inheritMaxAge?: Maybe<Scalars['Boolean']['input']>;
  maxAge?: Maybe<Scalars['Int']['input']>;
  scope?: Maybe<CacheControlScope>;
};

export type CacheControlDirectiveResolver<Result, Parent, ContextType = RequestContext, Args = CacheControlDirectiveArgs> = DirectiveResolverFn<Result, Parent, ContextType, Args>;

export type CostDirectiveArgs = {
  weight: Scalars['Int']['input'];
};

export type CostDirectiveResolver<Result, Parent, ContextType = RequestContext, Args = CostDirectiveArgs> = DirectiveResolverFn<Result, Parent, ContextType, Args>;

export type ListSizeDirectiveArgs = {
  assumedSize: Scalars['Int']['input'];
  hoursBetween: ReadonlyArray<Scalars['String']['input']>;
  sizedFields: ReadonlyArray<Scalars['String']['input']>;
  slicingArguments: ReadonlyArray<Scalars['String']['input']>;
};

export type ListSizeDirectiveResolver<Result, Parent, ContextType = RequestContext, Args = ListSizeDirectiveArgs> = DirectiveResolverFn<Result, Parent, ContextType, Args>;

export type StrictDirectiveArgs = { };

export type StrictDirectiveResolver<Result, Parent, ContextType = RequestContext, Args = StrictDirectiveArgs> = DirectiveResolverFn<Result, Parent, ContextType, Args>;

export type AnalyticsResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['Analytics'] = ResolversParentTypes['Analytics']> = {
  callsByHour?: Resolver<ReadonlyArray<ResolversTypes['CallHour']>, ParentType, ContextType, RequireFields<AnalyticsCallsByHourArgs, 'from'>>;
  dashboard?: Resolver<ResolversTypes['Dashboard'], ParentType, ContextType, RequireFields<AnalyticsDashboardArgs, 'period'>>;
  performance?: Resolver<ResolversTypes['Performance'], ParentType, ContextType, RequireFields<AnalyticsPerformanceArgs, 'from'>>;
  revenueByBuyer?: Resolver<Maybe<ReadonlyArray<ResolversTypes['BuyerRevenue']>>, ParentType, ContextType, RequireFields<AnalyticsRevenueByBuyerArgs, 'first' | 'from'>>;
};

export type BidResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['Bid'] = ResolversParentTypes['Bid']> = {
  amount?: Resolver<Maybe<ResolversTypes['Money']>, ParentType, ContextType>;
  buyer?: Resolver<Maybe<ResolversTypes['Buyer']>, ParentType, ContextType>;
  call?: Resolver<Maybe<ResolversTypes['Call']>, ParentType, ContextType>;
  campaign?: Resolver<Maybe<ResolversTypes['Campaign']>, ParentType, ContextType>;
  expiresAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  placedAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  status?: Resolver<ResolversTypes['BidStatus'], ParentType, ContextType>;
  version?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  __isTypeOf?: IsTypeOfResolverFn<ParentType, ContextType>;
};

export type BidConnectionResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['BidConnection'] = ResolversParentTypes['BidConnection']> = {
  edges?: Resolver<ReadonlyArray<ResolversTypes['BidEdge']>, ParentType, ContextType>;
  nodes?: Resolver<ReadonlyArray<ResolversTypes['Bid']>, ParentType, ContextType>;
  pageInfo?: Resolver<ResolversTypes['PageInfo'], ParentType, ContextType>;
  totalCount?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
};

export type BidEdgeResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['BidEdge'] = ResolversParentTypes['BidEdge']> = {
  cursor?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  node?: Resolver<ResolversTypes['Bid'], ParentType, ContextType>;
};

export type BuyerResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['Buyer'] = ResolversParentTypes['Buyer']> = {
  active?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  activeBids?: Resolver<ResolversTypes['BidConnection'], ParentType, ContextType, RequireFields<BuyerActiveBidsArgs, 'first'>>;
  createdAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  name?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  revenue?: Resolver<Maybe<ResolversTypes['Money']>, ParentType, ContextType>;
  routing?: Resolver<ResolversTypes['RoutingCriteria'], ParentType, ContextType>;
  updatedAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  version?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  __isTypeOf?: IsTypeOfResolverFn<ParentType, ContextType>;
};

export type BuyerConnectionResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['BuyerConnection'] = ResolversParentTypes['BuyerConnection']> = {
  edges?: Resolver<ReadonlyArray<ResolversTypes['BuyerEdge']>, ParentType, ContextType>;
  nodes?: Resolver<ReadonlyArray<ResolversTypes['Buyer']>, ParentType, ContextType>;
  pageInfo?: Resolver<ResolversTypes['PageInfo'], ParentType, ContextType>;
  totalCount?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
};

export type BuyerEdgeResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['BuyerEdge'] = ResolversParentTypes['BuyerEdge']> = {
  cursor?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  node?: Resolver<ResolversTypes['Buyer'], ParentType, ContextType>;
};

export type BuyerRevenueResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['BuyerRevenue'] = ResolversParentTypes['BuyerRevenue']> = {
  bids?: Resolver<ResolversTypes['Count'], ParentType, ContextType>;
  buyer?: Resolver<Maybe<ResolversTypes['Buyer']>, ParentType, ContextType>;
  revenue?: Resolver<ResolversTypes['Money'], ParentType, ContextType>;
  winRate?: Resolver<Maybe<ResolversTypes['Float']>, ParentType, ContextType>;
  wonBids?: Resolver<ResolversTypes['Count'], ParentType, ContextType>;
};

export type CallResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['Call'] = ResolversParentTypes['Call']> = {
  bids?: Resolver<ResolversTypes['BidConnection'], ParentType, ContextType, RequireFields<CallBidsArgs, 'first'>>;
  callerState?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  campaign?: Resolver<Maybe<ResolversTypes['Campaign']>, ParentType, ContextType>;
  cost?: Resolver<ResolversTypes['Money'], ParentType, ContextType>;
  domain?: Resolver<Maybe<ResolversTypes['Domain']>, ParentType, ContextType>;
  durationSeconds?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  revenue?: Resolver<Maybe<ResolversTypes['Money']>, ParentType, ContextType>;
  settledAt?: Resolver<Maybe<ResolversTypes['DateTime']>, ParentType, ContextType>;
  startedAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  status?: Resolver<ResolversTypes['CallStatus'], ParentType, ContextType>;
  version?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  winner?: Resolver<Maybe<ResolversTypes['Bid']>, ParentType, ContextType>;
  __isTypeOf?: IsTypeOfResolverFn<ParentType, ContextType>;
};

export type CallConnectionResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['CallConnection'] = ResolversParentTypes['CallConnection']> = {
  edges?: Resolver<ReadonlyArray<ResolversTypes['CallEdge']>, ParentType, ContextType>;
  nodes?: Resolver<ReadonlyArray<ResolversTypes['Call']>, ParentType, ContextType>;
  pageInfo?: Resolver<ResolversTypes['PageInfo'], ParentType, ContextType>;
  totalCount?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
};

export type CallEdgeResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['CallEdge'] = ResolversParentTypes['CallEdge']> = {
  cursor?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  node?: Resolver<ResolversTypes['Call'], ParentType, ContextType>;
};

export type CallHourResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['CallHour'] = ResolversParentTypes['CallHour']> = {
  bids?: Resolver<ResolversTypes['Count'], ParentType, ContextType>;
  calls?: Resolver<ResolversTypes['Count'], ParentType, ContextType>;
  durationSeconds?: Resolver<ResolversTypes['Count'], ParentType, ContextType>;
  hour?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  revenue?: Resolver<Maybe<ResolversTypes['Money']>, ParentType, ContextType>;
  settledCalls?: Resolver<ResolversTypes['Count'], ParentType, ContextType>;
  spend?: Resolver<ResolversTypes['Money'], ParentType, ContextType>;
  wonBids?: Resolver<ResolversTypes['Count'], ParentType, ContextType>;
};

export type CampaignResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['Campaign'] = ResolversParentTypes['Campaign']> = {
  bids?: Resolver<ResolversTypes['BidConnection'], ParentType, ContextType, RequireFields<CampaignBidsArgs, 'first'>>;
  budget?: Resolver<ResolversTypes['Money'], ParentType, ContextType>;
  calls?: Resolver<ResolversTypes['CallConnection'], ParentType, ContextType, RequireFields<CampaignCallsArgs, 'first'>>;
  createdAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  domainCount?: Resolver<ResolversTypes['Count'], ParentType, ContextType, Partial<CampaignDomainCountArgs>>;
  domains?: Resolver<ResolversTypes['DomainConnection'], ParentType, ContextType, RequireFields<CampaignDomainsArgs, 'first'>>;
  endsAt?: Resolver<Maybe<ResolversTypes['DateTime']>, ParentType, ContextType>;
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  keywords?: Resolver<ReadonlyArray<ResolversTypes['String']>, ParentType, ContextType>;
  name?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  owner?: Resolver<Maybe<ResolversTypes['User']>, ParentType, ContextType>;
  patterns?: Resolver<ReadonlyArray<ResolversTypes['String']>, ParentType, ContextType>;
  startsAt?: Resolver<Maybe<ResolversTypes['DateTime']>, ParentType, ContextType>;
  statistics?: Resolver<ResolversTypes['CampaignStatistics'], ParentType, ContextType>;
  status?: Resolver<ResolversTypes['CampaignStatus'], ParentType, ContextType>;
  tlds?: Resolver<ReadonlyArray<ResolversTypes['String']>, ParentType, ContextType>;
  updatedAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  version?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  __isTypeOf?: IsTypeOfResolverFn<ParentType, ContextType>;
};

export type CampaignConnectionResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['CampaignConnection'] = ResolversParentTypes['CampaignConnection']> = {
  edges?: Resolver<ReadonlyArray<ResolversTypes['CampaignEdge']>, ParentType, ContextType>;
  nodes?: Resolver<ReadonlyArray<ResolversTypes['Campaign']>, ParentType, ContextType>;
  pageInfo?: Resolver<ResolversTypes['PageInfo'], ParentType, ContextType>;
  totalCount?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
};

export type CampaignEdgeResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['CampaignEdge'] = ResolversParentTypes['CampaignEdge']> = {
  cursor?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  node?: Resolver<ResolversTypes['Campaign'], ParentType, ContextType>;
};

export type CampaignShareResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['CampaignShare'] = ResolversParentTypes['CampaignShare']> = {
  calls?: Resolver<ResolversTypes['Count'], ParentType, ContextType>;
  campaign?: Resolver<Maybe<ResolversTypes['Campaign']>, ParentType, ContextType>;
  revenue?: Resolver<Maybe<ResolversTypes['Money']>, ParentType, ContextType>;
  settledCalls?: Resolver<ResolversTypes['Count'], ParentType, ContextType>;
};

export type CampaignStatisticsResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['CampaignStatistics'] = ResolversParentTypes['CampaignStatistics']> = {
  bids?: Resolver<ResolversTypes['Count'], ParentType, ContextType>;
  calls?: Resolver<ResolversTypes['Count'], ParentType, ContextType>;
  domainsByStatus?: Resolver<ReadonlyArray<ResolversTypes['DomainStatusCount']>, ParentType, ContextType>;
  revenue?: Resolver<Maybe<ResolversTypes['Money']>, ParentType, ContextType>;
  settledCalls?: Resolver<ResolversTypes['Count'], ParentType, ContextType>;
  spend?: Resolver<ResolversTypes['Money'], ParentType, ContextType>;
  winRate?: Resolver<Maybe<ResolversTypes['Float']>, ParentType, ContextType>;
};

export type CancelBidPayloadResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['CancelBidPayload'] = ResolversParentTypes['CancelBidPayload']> = {
  bid?: Resolver<Maybe<ResolversTypes['Bid']>, ParentType, ContextType>;
  errors?: Resolver<ReadonlyArray<ResolversTypes['UserError']>, ParentType, ContextType>;
};

export type ChangeCampaignStatusPayloadResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['ChangeCampaignStatusPayload'] = ResolversParentTypes['ChangeCampaignStatusPayload']> = {
  campaign?: Resolver<Maybe<ResolversTypes['Campaign']>, ParentType, ContextType>;
  errors?: Resolver<ReadonlyArray<ResolversTypes['UserError']>, ParentType, ContextType>;
};

export interface CountScalarConfig extends GraphQLScalarTypeConfig<ResolversTypes['Count'], any> {
  name: 'Count';
}

export type CreateBuyerPayloadResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['CreateBuyerPayload'] = ResolversParentTypes['CreateBuyerPayload']> = {
  buyer?: Resolver<Maybe<ResolversTypes['Buyer']>, ParentType, ContextType>;
  errors?: Resolver<ReadonlyArray<ResolversTypes['UserError']>, ParentType, ContextType>;
};

export type CreateCampaignPayloadResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['CreateCampaignPayload'] = ResolversParentTypes['CreateCampaignPayload']> = {
  campaign?: Resolver<Maybe<ResolversTypes['Campaign']>, ParentType, ContextType>;
  errors?: Resolver<ReadonlyArray<ResolversTypes['UserError']>, ParentType, ContextType>;
};

export type DashboardResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['Dashboard'] = ResolversParentTypes['Dashboard']> = {
  current?: Resolver<ResolversTypes['Performance'], ParentType, ContextType>;
  period?: Resolver<ResolversTypes['DashboardPeriod'], ParentType, ContextType>;
  previous?: Resolver<ResolversTypes['Performance'], ParentType, ContextType>;
  topCampaigns?: Resolver<ReadonlyArray<ResolversTypes['CampaignShare']>, ParentType, ContextType>;
};

export interface DateTimeScalarConfig extends GraphQLScalarTypeConfig<ResolversTypes['DateTime'], any> {
  name: 'DateTime';
}

export type DeleteCampaignPayloadResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['DeleteCampaignPayload'] = ResolversParentTypes['DeleteCampaignPayload']> = {
  deletedId?: Resolver<Maybe<ResolversTypes['ID']>, ParentType, ContextType>;
  errors?: Resolver<ReadonlyArray<ResolversTypes['UserError']>, ParentType, ContextType>;
};

export type DomainResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['Domain'] = ResolversParentTypes['Domain']> = {
  campaign?: Resolver<Maybe<ResolversTypes['Campaign']>, ParentType, ContextType>;
  createdAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  name?: Resolver<ResolversTypes['DomainName'], ParentType, ContextType>;
  popularityRank?: Resolver<Maybe<ResolversTypes['Int']>, ParentType, ContextType>;
  score?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  sld?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  status?: Resolver<ResolversTypes['DomainStatus'], ParentType, ContextType>;
  tld?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  unicodeName?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  updatedAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  version?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  __isTypeOf?: IsTypeOfResolverFn<ParentType, ContextType>;
};

export type DomainConnectionResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['DomainConnection'] = ResolversParentTypes['DomainConnection']> = {
  edges?: Resolver<ReadonlyArray<ResolversTypes['DomainEdge']>, ParentType, ContextType>;
  nodes?: Resolver<ReadonlyArray<ResolversTypes['Domain']>, ParentType, ContextType>;
  pageInfo?: Resolver<ResolversTypes['PageInfo'], ParentType, ContextType>;
  totalCount?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
};

export type DomainEdgeResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['DomainEdge'] = ResolversParentTypes['DomainEdge']> = {
  cursor?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  node?: Resolver<ResolversTypes['Domain'], ParentType, ContextType>;
};

export type DomainFacetsResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['DomainFacets'] = ResolversParentTypes['DomainFacets']> = {
  statuses?: Resolver<ReadonlyArray<ResolversTypes['DomainStatusCount']>, ParentType, ContextType>;
  tlds?: Resolver<ReadonlyArray<ResolversTypes['TldCount']>, ParentType, ContextType>;
};

export interface DomainNameScalarConfig extends GraphQLScalarTypeConfig<ResolversTypes['DomainName'], any> {
  name: 'DomainName';
}

export type DomainPatternResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['DomainPattern'] = ResolversParentTypes['DomainPattern']> = {
  examples?: Resolver<ReadonlyArray<ResolversTypes['String']>, ParentType, ContextType>;
  pattern?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  reason?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
};

export type DomainSearchConnectionResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['DomainSearchConnection'] = ResolversParentTypes['DomainSearchConnection']> = {
  edges?: Resolver<ReadonlyArray<ResolversTypes['DomainEdge']>, ParentType, ContextType>;
  facets?: Resolver<ResolversTypes['DomainFacets'], ParentType, ContextType>;
  nodes?: Resolver<ReadonlyArray<ResolversTypes['Domain']>, ParentType, ContextType>;
  pageInfo?: Resolver<ResolversTypes['PageInfo'], ParentType, ContextType>;
  totalCount?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
};

export type DomainStatusCountResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['DomainStatusCount'] = ResolversParentTypes['DomainStatusCount']> = {
  count?: Resolver<ResolversTypes['Count'], ParentType, ContextType>;
  status?: Resolver<ResolversTypes['DomainStatus'], ParentType, ContextType>;
};

export type DomainSuggestionResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['DomainSuggestion'] = ResolversParentTypes['DomainSuggestion']> = {
  name?: Resolver<ResolversTypes['DomainName'], ParentType, ContextType>;
  pattern?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  score?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  sld?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  terms?: Resolver<ReadonlyArray<ResolversTypes['String']>, ParentType, ContextType>;
  tld?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  unicodeName?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
};

export type EventCountResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['EventCount'] = ResolversParentTypes['EventCount']> = {
  count?: Resolver<ResolversTypes['Count'], ParentType, ContextType>;
  kind?: Resolver<ResolversTypes['EventKind'], ParentType, ContextType>;
};

export type GenerateDomainsPayloadResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['GenerateDomainsPayload'] = ResolversParentTypes['GenerateDomainsPayload']> = {
  campaign?: Resolver<Maybe<ResolversTypes['Campaign']>, ParentType, ContextType>;
  count?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  domains?: Resolver<ReadonlyArray<ResolversTypes['Domain']>, ParentType, ContextType>;
  errors?: Resolver<ReadonlyArray<ResolversTypes['UserError']>, ParentType, ContextType>;
};

export type LiveDomainResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['LiveDomain'] = ResolversParentTypes['LiveDomain']> = {
  name?: Resolver<ResolversTypes['DomainName'], ParentType, ContextType>;
  popularityRank?: Resolver<Maybe<ResolversTypes['Int']>, ParentType, ContextType>;
  status?: Resolver<ResolversTypes['DomainStatus'], ParentType, ContextType>;
  tld?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  unicodeName?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
};

export interface MinorUnitsScalarConfig extends GraphQLScalarTypeConfig<ResolversTypes['MinorUnits'], any> {
  name: 'MinorUnits';
}

export type MoneyResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['Money'] = ResolversParentTypes['Money']> = {
  amount?: Resolver<ResolversTypes['MinorUnits'], ParentType, ContextType>;
  currency?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
};

export type MutationResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['Mutation'] = ResolversParentTypes['Mutation']> = {
  archiveCampaign?: Resolver<ResolversTypes['ChangeCampaignStatusPayload'], ParentType, ContextType, RequireFields<MutationArchiveCampaignArgs, 'input'>>;
  cancelBid?: Resolver<ResolversTypes['CancelBidPayload'], ParentType, ContextType, RequireFields<MutationCancelBidArgs, 'input'>>;
  createBuyer?: Resolver<ResolversTypes['CreateBuyerPayload'], ParentType, ContextType, RequireFields<MutationCreateBuyerArgs, 'input'>>;
  createCampaign?: Resolver<ResolversTypes['CreateCampaignPayload'], ParentType, ContextType, RequireFields<MutationCreateCampaignArgs, 'input'>>;
  deleteCampaign?: Resolver<ResolversTypes['DeleteCampaignPayload'], ParentType, ContextType, RequireFields<MutationDeleteCampaignArgs, 'input'>>;
  generateDomains?: Resolver<ResolversTypes['GenerateDomainsPayload'], ParentType, ContextType, RequireFields<MutationGenerateDomainsArgs, 'input'>>;
  pauseCampaign?: Resolver<ResolversTypes['ChangeCampaignStatusPayload'], ParentType, ContextType, RequireFields<MutationPauseCampaignArgs, 'input'>>;
  placeBid?: Resolver<ResolversTypes['PlaceBidPayload'], ParentType, ContextType, RequireFields<MutationPlaceBidArgs, 'input'>>;
  refreshAnalytics?: Resolver<ResolversTypes['RefreshAnalyticsPayload'], ParentType, ContextType>;
  resumeCampaign?: Resolver<ResolversTypes['ChangeCampaignStatusPayload'], ParentType, ContextType, RequireFields<MutationResumeCampaignArgs, 'input'>>;
  setDomainStatus?: Resolver<ResolversTypes['SetDomainStatusPayload'], ParentType, ContextType, RequireFields<MutationSetDomainStatusArgs, 'input'>>;
  setDomainsStatus?: Resolver<ResolversTypes['SetDomainsStatusPayload'], ParentType, ContextType, RequireFields<MutationSetDomainsStatusArgs, 'input'>>;
  settleCall?: Resolver<ResolversTypes['SettleCallPayload'], ParentType, ContextType, RequireFields<MutationSettleCallArgs, 'input'>>;
  trackEvents?: Resolver<ResolversTypes['TrackEventsPayload'], ParentType, ContextType, RequireFields<MutationTrackEventsArgs, 'input'>>;
  updateBuyer?: Resolver<ResolversTypes['UpdateBuyerPayload'], ParentType, ContextType, RequireFields<MutationUpdateBuyerArgs, 'input'>>;
  updateCampaign?: Resolver<ResolversTypes['UpdateCampaignPayload'], ParentType, ContextType, RequireFields<MutationUpdateCampaignArgs, 'input'>>;
};

export type NodeResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['Node'] = ResolversParentTypes['Node']> = {
  __resolveType?: TypeResolveFn<'Bid' | 'Buyer' | 'Call' | 'Campaign' | 'Domain' | 'Tenant' | 'User', ParentType, ContextType>;
};

export type PageInfoResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['PageInfo'] = ResolversParentTypes['PageInfo']> = {
  endCursor?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  hasNextPage?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  hasPreviousPage?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  startCursor?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
};

export type PerformanceResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['Performance'] = ResolversParentTypes['Performance']> = {
  averageDurationSeconds?: Resolver<Maybe<ResolversTypes['Float']>, ParentType, ContextType>;
  bids?: Resolver<ResolversTypes['Count'], ParentType, ContextType>;
  calls?: Resolver<ResolversTypes['Count'], ParentType, ContextType>;
  conversion?: Resolver<Maybe<ResolversTypes['Float']>, ParentType, ContextType>;
  costPerCall?: Resolver<Maybe<ResolversTypes['Money']>, ParentType, ContextType>;
  events?: Resolver<ReadonlyArray<ResolversTypes['EventCount']>, ParentType, ContextType>;
  from?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  profit?: Resolver<Maybe<ResolversTypes['Money']>, ParentType, ContextType>;
  revenue?: Resolver<Maybe<ResolversTypes['Money']>, ParentType, ContextType>;
  revenuePerCall?: Resolver<Maybe<ResolversTypes['Money']>, ParentType, ContextType>;
  settledCalls?: Resolver<ResolversTypes['Count'], ParentType, ContextType>;
  spend?: Resolver<ResolversTypes['Money'], ParentType, ContextType>;
  to?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  winRate?: Resolver<Maybe<ResolversTypes['Float']>, ParentType, ContextType>;
  wonBids?: Resolver<ResolversTypes['Count'], ParentType, ContextType>;
};

export type PlaceBidPayloadResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['PlaceBidPayload'] = ResolversParentTypes['PlaceBidPayload']> = {
  bid?: Resolver<Maybe<ResolversTypes['Bid']>, ParentType, ContextType>;
  errors?: Resolver<ReadonlyArray<ResolversTypes['UserError']>, ParentType, ContextType>;
};

export type QueryResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['Query'] = ResolversParentTypes['Query']> = {
  analytics?: Resolver<ResolversTypes['Analytics'], ParentType, ContextType>;
  bid?: Resolver<Maybe<ResolversTypes['Bid']>, ParentType, ContextType, RequireFields<QueryBidArgs, 'id'>>;
  bids?: Resolver<ResolversTypes['BidConnection'], ParentType, ContextType, RequireFields<QueryBidsArgs, 'first'>>;
  buyer?: Resolver<Maybe<ResolversTypes['Buyer']>, ParentType, ContextType, RequireFields<QueryBuyerArgs, 'id'>>;
  buyers?: Resolver<ResolversTypes['BuyerConnection'], ParentType, ContextType, RequireFields<QueryBuyersArgs, 'first'>>;
  call?: Resolver<Maybe<ResolversTypes['Call']>, ParentType, ContextType, RequireFields<QueryCallArgs, 'id'>>;
  calls?: Resolver<ResolversTypes['CallConnection'], ParentType, ContextType, RequireFields<QueryCallsArgs, 'first'>>;
  campaign?: Resolver<Maybe<ResolversTypes['Campaign']>, ParentType, ContextType, RequireFields<QueryCampaignArgs, 'id'>>;
  campaigns?: Resolver<ResolversTypes['CampaignConnection'], ParentType, ContextType, RequireFields<QueryCampaignsArgs, 'first'>>;
  domain?: Resolver<Maybe<ResolversTypes['Domain']>, ParentType, ContextType, RequireFields<QueryDomainArgs, 'id'>>;
  domainByName?: Resolver<Maybe<ResolversTypes['Domain']>, ParentType, ContextType, RequireFields<QueryDomainByNameArgs, 'name'>>;
  domainPatterns?: Resolver<ReadonlyArray<ResolversTypes['DomainPattern']>, ParentType, ContextType, RequireFields<QueryDomainPatternsArgs, 'keywords'>>;
  domains?: Resolver<ResolversTypes['DomainConnection'], ParentType, ContextType, RequireFields<QueryDomainsArgs, 'first'>>;
  liveDomain?: Resolver<Maybe<ResolversTypes['LiveDomain']>, ParentType, ContextType, RequireFields<QueryLiveDomainArgs, 'name'>>;
  node?: Resolver<Maybe<ResolversTypes['Node']>, ParentType, ContextType, RequireFields<QueryNodeArgs, 'id'>>;
  nodes?: Resolver<ReadonlyArray<Maybe<ResolversTypes['Node']>>, ParentType, ContextType, RequireFields<QueryNodesArgs, 'ids'>>;
  searchDomains?: Resolver<ResolversTypes['DomainSearchConnection'], ParentType, ContextType, RequireFields<QuerySearchDomainsArgs, 'first' | 'query'>>;
  suggestDomains?: Resolver<ReadonlyArray<ResolversTypes['DomainSuggestion']>, ParentType, ContextType, RequireFields<QuerySuggestDomainsArgs, 'config'>>;
  tlds?: Resolver<ReadonlyArray<ResolversTypes['Tld']>, ParentType, ContextType, Partial<QueryTldsArgs>>;
  viewer?: Resolver<ResolversTypes['Viewer'], ParentType, ContextType>;
};

export type RefreshAnalyticsPayloadResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['RefreshAnalyticsPayload'] = ResolversParentTypes['RefreshAnalyticsPayload']> = {
  correctedRows?: Resolver<ResolversTypes['Count'], ParentType, ContextType>;
  errors?: Resolver<ReadonlyArray<ResolversTypes['UserError']>, ParentType, ContextType>;
};

export type RoutingCriteriaResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['RoutingCriteria'] = ResolversParentTypes['RoutingCriteria']> = {
  dailyCap?: Resolver<Maybe<ResolversTypes['Money']>, ParentType, ContextType>;
  maxConcurrentCalls?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  minDurationSeconds?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  states?: Resolver<ReadonlyArray<ResolversTypes['String']>, ParentType, ContextType>;
};

export type SetDomainStatusPayloadResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['SetDomainStatusPayload'] = ResolversParentTypes['SetDomainStatusPayload']> = {
  domain?: Resolver<Maybe<ResolversTypes['Domain']>, ParentType, ContextType>;
  errors?: Resolver<ReadonlyArray<ResolversTypes['UserError']>, ParentType, ContextType>;
};

export type SetDomainsStatusPayloadResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['SetDomainsStatusPayload'] = ResolversParentTypes['SetDomainsStatusPayload']> = {
  domains?: Resolver<ReadonlyArray<ResolversTypes['Domain']>, ParentType, ContextType>;
  errors?: Resolver<ReadonlyArray<ResolversTypes['UserError']>, ParentType, ContextType>;
};

export type SettleCallPayloadResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['SettleCallPayload'] = ResolversParentTypes['SettleCallPayload']> = {
  call?: Resolver<Maybe<ResolversTypes['Call']>, ParentType, ContextType>;
  errors?: Resolver<ReadonlyArray<ResolversTypes['UserError']>, ParentType, ContextType>;
  winner?: Resolver<Maybe<ResolversTypes['Bid']>, ParentType, ContextType>;
};

export type TenantResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['Tenant'] = ResolversParentTypes['Tenant']> = {
  createdAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  currency?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  name?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  __isTypeOf?: IsTypeOfResolverFn<ParentType, ContextType>;
};

export type TldResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['Tld'] = ResolversParentTypes['Tld']> = {
  kind?: Resolver<ResolversTypes['TldKind'], ParentType, ContextType>;
  name?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  unicodeName?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
};

export type TldCountResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['TldCount'] = ResolversParentTypes['TldCount']> = {
  count?: Resolver<ResolversTypes['Count'], ParentType, ContextType>;
  tld?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
};

export type TrackEventsPayloadResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['TrackEventsPayload'] = ResolversParentTypes['TrackEventsPayload']> = {
  accepted?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  duplicates?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  errors?: Resolver<ReadonlyArray<ResolversTypes['UserError']>, ParentType, ContextType>;
};

export type UpdateBuyerPayloadResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['UpdateBuyerPayload'] = ResolversParentTypes['UpdateBuyerPayload']> = {
  buyer?: Resolver<Maybe<ResolversTypes['Buyer']>, ParentType, ContextType>;
  errors?: Resolver<ReadonlyArray<ResolversTypes['UserError']>, ParentType, ContextType>;
};

export type UpdateCampaignPayloadResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['UpdateCampaignPayload'] = ResolversParentTypes['UpdateCampaignPayload']> = {
  campaign?: Resolver<Maybe<ResolversTypes['Campaign']>, ParentType, ContextType>;
  errors?: Resolver<ReadonlyArray<ResolversTypes['UserError']>, ParentType, ContextType>;
};

export type UserResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['User'] = ResolversParentTypes['User']> = {
  createdAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  email?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  name?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  role?: Resolver<ResolversTypes['Role'], ParentType, ContextType>;
  __isTypeOf?: IsTypeOfResolverFn<ParentType, ContextType>;
};

export type UserErrorResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['UserError'] = ResolversParentTypes['UserError']> = {
  code?: Resolver<ResolversTypes['UserErrorCode'], ParentType, ContextType>;
  field?: Resolver<ReadonlyArray<ResolversTypes['String']>, ParentType, ContextType>;
  message?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
};

export type ViewerResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['Viewer'] = ResolversParentTypes['Viewer']> = {
  role?: Resolver<ResolversTypes['Role'], ParentType, ContextType>;
  tenant?: Resolver<Maybe<ResolversTypes['Tenant']>, ParentType, ContextType>;
  user?: Resolver<Maybe<ResolversTypes['User']>, ParentType, ContextType>;
};

export type Resolvers<ContextType = RequestContext> = {
  Analytics?: AnalyticsResolvers<ContextType>;
  Bid?: BidResolvers<ContextType>;
  BidConnection?: BidConnectionResolvers<ContextType>;
  BidEdge?: BidEdgeResolvers<ContextType>;
  Buyer?: BuyerResolvers<ContextType>;
  BuyerConnection?: BuyerConnectionResolvers<ContextType>;
  BuyerEdge?: BuyerEdgeResolvers<ContextType>;
  BuyerRevenue?: BuyerRevenueResolvers<ContextType>;
  Call?: CallResolvers<ContextType>;
  CallConnection?: CallConnectionResolvers<ContextType>;
  CallEdge?: CallEdgeResolvers<ContextType>;
  CallHour?: CallHourResolvers<ContextType>;
  Campaign?: CampaignResolvers<ContextType>;
  CampaignConnection?: CampaignConnectionResolvers<ContextType>;
  CampaignEdge?: CampaignEdgeResolvers<ContextType>;
  CampaignShare?: CampaignShareResolvers<ContextType>;
  CampaignStatistics?: CampaignStatisticsResolvers<ContextType>;
  CancelBidPayload?: CancelBidPayloadResolvers<ContextType>;
  ChangeCampaignStatusPayload?: ChangeCampaignStatusPayloadResolvers<ContextType>;
  Count?: GraphQLScalarType;
  CreateBuyerPayload?: CreateBuyerPayloadResolvers<ContextType>;
  CreateCampaignPayload?: CreateCampaignPayloadResolvers<ContextType>;
  Dashboard?: DashboardResolvers<ContextType>;
  DateTime?: GraphQLScalarType;
  DeleteCampaignPayload?: DeleteCampaignPayloadResolvers<ContextType>;
  Domain?: DomainResolvers<ContextType>;
  DomainConnection?: DomainConnectionResolvers<ContextType>;
  DomainEdge?: DomainEdgeResolvers<ContextType>;
  DomainFacets?: DomainFacetsResolvers<ContextType>;
  DomainName?: GraphQLScalarType;
  DomainPattern?: DomainPatternResolvers<ContextType>;
  DomainSearchConnection?: DomainSearchConnectionResolvers<ContextType>;
  DomainStatusCount?: DomainStatusCountResolvers<ContextType>;
  DomainSuggestion?: DomainSuggestionResolvers<ContextType>;
  EventCount?: EventCountResolvers<ContextType>;
  GenerateDomainsPayload?: GenerateDomainsPayloadResolvers<ContextType>;
  LiveDomain?: LiveDomainResolvers<ContextType>;
  MinorUnits?: GraphQLScalarType;
  Money?: MoneyResolvers<ContextType>;
  Mutation?: MutationResolvers<ContextType>;
  Node?: NodeResolvers<ContextType>;
  PageInfo?: PageInfoResolvers<ContextType>;
  Performance?: PerformanceResolvers<ContextType>;
  PlaceBidPayload?: PlaceBidPayloadResolvers<ContextType>;
  Query?: QueryResolvers<ContextType>;
  RefreshAnalyticsPayload?: RefreshAnalyticsPayloadResolvers<ContextType>;
  RoutingCriteria?: RoutingCriteriaResolvers<ContextType>;
  SetDomainStatusPayload?: SetDomainStatusPayloadResolvers<ContextType>;
  SetDomainsStatusPayload?: SetDomainsStatusPayloadResolvers<ContextType>;
  SettleCallPayload?: SettleCallPayloadResolvers<ContextType>;
  Tenant?: TenantResolvers<ContextType>;
  Tld?: TldResolvers<ContextType>;
  TldCount?: TldCountResolvers<ContextType>;
  TrackEventsPayload?: TrackEventsPayloadResolvers<ContextType>;
  UpdateBuyerPayload?: UpdateBuyerPayloadResolvers<ContextType>;
  UpdateCampaignPayload?: UpdateCampaignPayloadResolvers<ContextType>;
  User?: UserResolvers<ContextType>;
  UserError?: UserErrorResolvers<ContextType>;
  Viewer?: ViewerResolvers<ContextType>;
};

export type DirectiveResolvers<ContextType = RequestContext> = {
  auth?: AuthDirectiveResolver<any, any, ContextType>;
  cache?: CacheDirectiveResolver<any, any, ContextType>;
  cacheControl?: CacheControlDirectiveResolver<any, any, ContextType>;
  cost?: CostDirectiveResolver<any, any, ContextType>;
  listSize?: ListSizeDirectiveResolver<any, any, ContextType>;
  strict?: StrictDirectiveResolver<any, any, ContextType>;
};
