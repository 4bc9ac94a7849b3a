/* Generated from schema/ by `npm run generate`: do not edit. */
import type * as Schema from './schema-types.generated.ts';
import type { GraphQLResolveInfo, GraphQLScalarType, GraphQLScalarTypeConfig } from 'graphql';
import type { Analytics as AnalyticsSource, CallHour as CallHourSource, CallDay as CallDaySource, Performance as PerformanceSource, BuyerRevenue as BuyerRevenueSource, Dashboard as DashboardSource, CampaignShare as CampaignShareSource } from './analytics/queries.ts';
import type { Bid as BidSource } from './bids/entity.ts';
import type { BidConnection as BidConnectionSource } from './bids/queries.ts';
import type { Buyer as BuyerSource, RoutingCriteria as RoutingCriteriaSource } from './buyers/entity.ts';
import type { BuyerUsage as BuyerUsageSource, CapUsage as CapUsageSource, BuyerConnection as BuyerConnectionSource } from './buyers/queries.ts';
import type { Call as CallSource } from './calls/entity.ts';
import type { CallConnection as CallConnectionSource } from './calls/queries.ts';
import type { Campaign as CampaignSource } from './campaigns/entity.ts';
import type { CampaignStatistics as CampaignStatisticsSource, CampaignConnection as CampaignConnectionSource } from './campaigns/queries.ts';
import type { Suppression as SuppressionSource, Actor as ActorSource, Consent as ConsentSource } from './compliance/entity.ts';
import type { SuppressionConnection as SuppressionConnectionSource, CallerStatus as CallerStatusSource } from './compliance/queries.ts';
import type { Domain as DomainSource, DomainStatistics as DomainStatisticsSource, LiveDomain as LiveDomainSource } from './domains/entity.ts';
import type { DomainConnection as DomainConnectionSource, DomainSearchConnection as DomainSearchConnectionSource } from './domains/queries.ts';
import type { RoutingPlan as RoutingPlanSource, RoutingPlanVersion as RoutingPlanVersionSource, RoutingTarget as RoutingTargetSource } from './plans/entity.ts';
import type { RoutingPlanConnection as RoutingPlanConnectionSource } from './plans/queries.ts';
import type { Publisher as PublisherSource, PayoutTerms as PayoutTermsSource } from './publishers/entity.ts';
import type { PublisherStatistics as PublisherStatisticsSource, PublisherConnection as PublisherConnectionSource } from './publishers/queries.ts';
import type { RoutingCandidates as RoutingCandidatesSource, RoutingCandidate as RoutingCandidateSource, ExcludedBuyer as ExcludedBuyerSource, RoutingDecision as RoutingDecisionSource, ValuableRoute as ValuableRouteSource, Reservation as ReservationSource, PingCallPayload as PingCallPayloadSource } from './routing/entity.ts';
import type { RoutingDecisionConnection as RoutingDecisionConnectionSource } from './routing/queries.ts';
import type { ComplianceRuleSet as ComplianceRuleSetSource, RoutingState as RoutingStateSource } from './rule-sets/entity.ts';
import type { ComplianceRuleSetConnection as ComplianceRuleSetConnectionSource } from './rule-sets/queries.ts';
import type { Tenant as TenantSource, User as UserSource, Viewer as ViewerSource } from './tenants/entity.ts';
import type { UserConnection as UserConnectionSource } from './tenants/queries.ts';
import type { RequestContext } from '../../gateway/contract/module.ts';
export type Omit<T, K extends keyof T> = Pick<T, Exclude<keyof T, K>>;
export type RequireFields<T, K extends keyof T> = Omit<T, K> & { [P in K]-?: NonNullable<T[P]> };


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
) => Schema.Maybe<TTypes> | Promise<Schema.Maybe<TTypes>>;

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
    | ( ComplianceRuleSetSource )
    | ( DomainSource )
    | ( PublisherSource )
    | ( RoutingPlanSource )
    | ( RoutingPlanVersionSource )
    | ( TenantSource )
    | ( UserSource )
  ;
};

/** Mapping between all available schema types and the resolvers types */
export type ResolversTypes = {
  Actor: ResolverTypeWrapper<ActorSource>;
  Analytics: ResolverTypeWrapper<AnalyticsSource>;
  AttemptLimit: ResolverTypeWrapper<Schema.AttemptLimit>;
  AttemptLimitInput: Schema.AttemptLimitInput;
  Bid: ResolverTypeWrapper<BidSource>;
  BidConnection: ResolverTypeWrapper<BidConnectionSource>;
  BidEdge: ResolverTypeWrapper<Omit<Schema.BidEdge, 'node'> & { node: ResolversTypes['Bid'] }>;
  BidFilter: Schema.BidFilter;
  BidOrder: Schema.BidOrder;
  BidOrderField: Schema.BidOrderField;
  BidStatus: Schema.BidStatus;
  BidsOfCallFilter: Schema.BidsOfCallFilter;
  BidsOfCampaignFilter: Schema.BidsOfCampaignFilter;
  Boolean: ResolverTypeWrapper<Schema.Scalars['Boolean']['output']>;
  Buyer: ResolverTypeWrapper<BuyerSource>;
  BuyerConnection: ResolverTypeWrapper<BuyerConnectionSource>;
  BuyerEdge: ResolverTypeWrapper<Omit<Schema.BuyerEdge, 'node'> & { node: ResolversTypes['Buyer'] }>;
  BuyerFilter: Schema.BuyerFilter;
  BuyerOrder: Schema.BuyerOrder;
  BuyerOrderField: Schema.BuyerOrderField;
  BuyerRevenue: ResolverTypeWrapper<BuyerRevenueSource>;
  BuyerUsage: ResolverTypeWrapper<BuyerUsageSource>;
  CacheControlScope: Schema.CacheControlScope;
  CacheScope: Schema.CacheScope;
  Call: ResolverTypeWrapper<CallSource>;
  CallConnection: ResolverTypeWrapper<CallConnectionSource>;
  CallDay: ResolverTypeWrapper<CallDaySource>;
  CallEdge: ResolverTypeWrapper<Omit<Schema.CallEdge, 'node'> & { node: ResolversTypes['Call'] }>;
  CallFilter: Schema.CallFilter;
  CallHour: ResolverTypeWrapper<CallHourSource>;
  CallOrder: Schema.CallOrder;
  CallOrderField: Schema.CallOrderField;
  CallStatus: Schema.CallStatus;
  CallerStatus: ResolverTypeWrapper<CallerStatusSource>;
  Campaign: ResolverTypeWrapper<CampaignSource>;
  CampaignConnection: ResolverTypeWrapper<CampaignConnectionSource>;
  CampaignEdge: ResolverTypeWrapper<Omit<Schema.CampaignEdge, 'node'> & { node: ResolversTypes['Campaign'] }>;
  CampaignFilter: Schema.CampaignFilter;
  CampaignOrder: Schema.CampaignOrder;
  CampaignOrderField: Schema.CampaignOrderField;
  CampaignShare: ResolverTypeWrapper<CampaignShareSource>;
  CampaignStatistics: ResolverTypeWrapper<CampaignStatisticsSource>;
  CampaignStatus: Schema.CampaignStatus;
  CancelBidInput: Schema.CancelBidInput;
  CancelBidPayload: ResolverTypeWrapper<Omit<Schema.CancelBidPayload, 'bid'> & { bid?: Schema.Maybe<ResolversTypes['Bid']> }>;
  Cap: ResolverTypeWrapper<Schema.Cap>;
  CapCount: Schema.CapCount;
  CapInput: Schema.CapInput;
  CapPeriod: Schema.CapPeriod;
  CapUsage: ResolverTypeWrapper<CapUsageSource>;
  ChangeCallInput: Schema.ChangeCallInput;
  ChangeCallPayload: ResolverTypeWrapper<Omit<Schema.ChangeCallPayload, 'call'> & { call?: Schema.Maybe<ResolversTypes['Call']> }>;
  ChangeCampaignStatusInput: Schema.ChangeCampaignStatusInput;
  ChangeCampaignStatusPayload: ResolverTypeWrapper<Omit<Schema.ChangeCampaignStatusPayload, 'campaign'> & { campaign?: Schema.Maybe<ResolversTypes['Campaign']> }>;
  ComplianceRuleSet: ResolverTypeWrapper<ComplianceRuleSetSource>;
  ComplianceRuleSetConnection: ResolverTypeWrapper<ComplianceRuleSetConnectionSource>;
  ComplianceRuleSetEdge: ResolverTypeWrapper<Omit<Schema.ComplianceRuleSetEdge, 'node'> & { node: ResolversTypes['ComplianceRuleSet'] }>;
  Condition: ResolverTypeWrapper<Schema.Scalars['Condition']['output']>;
  Consent: ResolverTypeWrapper<ConsentSource>;
  ConsentPayload: ResolverTypeWrapper<Omit<Schema.ConsentPayload, 'consent'> & { consent?: Schema.Maybe<ResolversTypes['Consent']> }>;
  ConsentStatus: Schema.ConsentStatus;
  Count: ResolverTypeWrapper<Schema.Scalars['Count']['output']>;
  CreateBuyerInput: Schema.CreateBuyerInput;
  CreateBuyerPayload: ResolverTypeWrapper<Omit<Schema.CreateBuyerPayload, 'buyer'> & { buyer?: Schema.Maybe<ResolversTypes['Buyer']> }>;
  CreateCampaignInput: Schema.CreateCampaignInput;
  CreateCampaignPayload: ResolverTypeWrapper<Omit<Schema.CreateCampaignPayload, 'campaign'> & { campaign?: Schema.Maybe<ResolversTypes['Campaign']> }>;
  CreatePublisherInput: Schema.CreatePublisherInput;
  CreateRoutingPlanInput: Schema.CreateRoutingPlanInput;
  Dashboard: ResolverTypeWrapper<DashboardSource>;
  DashboardPeriod: Schema.DashboardPeriod;
  DateTime: ResolverTypeWrapper<Schema.Scalars['DateTime']['output']>;
  DeleteCampaignInput: Schema.DeleteCampaignInput;
  DeleteCampaignPayload: ResolverTypeWrapper<Schema.DeleteCampaignPayload>;
  DncListStatus: ResolverTypeWrapper<Schema.DncListStatus>;
  Domain: ResolverTypeWrapper<DomainSource>;
  DomainConnection: ResolverTypeWrapper<DomainConnectionSource>;
  DomainEdge: ResolverTypeWrapper<Omit<Schema.DomainEdge, 'node'> & { node: ResolversTypes['Domain'] }>;
  DomainFacets: ResolverTypeWrapper<Schema.DomainFacets>;
  DomainFilter: Schema.DomainFilter;
  DomainName: ResolverTypeWrapper<Schema.Scalars['DomainName']['output']>;
  DomainOrder: Schema.DomainOrder;
  DomainOrderField: Schema.DomainOrderField;
  DomainPattern: ResolverTypeWrapper<Schema.DomainPattern>;
  DomainSearchConnection: ResolverTypeWrapper<DomainSearchConnectionSource>;
  DomainStatistics: ResolverTypeWrapper<DomainStatisticsSource>;
  DomainStatus: Schema.DomainStatus;
  DomainStatusCount: ResolverTypeWrapper<Schema.DomainStatusCount>;
  DomainSuggestion: ResolverTypeWrapper<Schema.DomainSuggestion>;
  DomainsOfCampaignFilter: Schema.DomainsOfCampaignFilter;
  DuplicateBy: Schema.DuplicateBy;
  DuplicateScope: Schema.DuplicateScope;
  DuplicateWindow: ResolverTypeWrapper<Schema.DuplicateWindow>;
  DuplicateWindowInput: Schema.DuplicateWindowInput;
  EventCount: ResolverTypeWrapper<Schema.EventCount>;
  EventInput: Schema.EventInput;
  EventKind: Schema.EventKind;
  ExcludedBuyer: ResolverTypeWrapper<ExcludedBuyerSource>;
  Float: ResolverTypeWrapper<Schema.Scalars['Float']['output']>;
  GenerateDomainsInput: Schema.GenerateDomainsInput;
  GenerateDomainsPayload: ResolverTypeWrapper<Omit<Schema.GenerateDomainsPayload, 'campaign' | 'domains'> & { campaign?: Schema.Maybe<ResolversTypes['Campaign']>, domains: ReadonlyArray<ResolversTypes['Domain']> }>;
  ID: ResolverTypeWrapper<Schema.Scalars['ID']['output']>;
  Int: ResolverTypeWrapper<Schema.Scalars['Int']['output']>;
  LiveDomain: ResolverTypeWrapper<LiveDomainSource>;
  MinorUnits: ResolverTypeWrapper<Schema.Scalars['MinorUnits']['output']>;
  Money: ResolverTypeWrapper<Schema.Money>;
  MoneyInput: Schema.MoneyInput;
  Mutation: ResolverTypeWrapper<Record<PropertyKey, never>>;
  Node: ResolverTypeWrapper<ResolversInterfaceTypes<ResolversTypes>['Node']>;
  OpeningHours: ResolverTypeWrapper<Schema.OpeningHours>;
  OpeningHoursInput: Schema.OpeningHoursInput;
  OrderDirection: Schema.OrderDirection;
  PageInfo: ResolverTypeWrapper<Schema.PageInfo>;
  PayoutKind: Schema.PayoutKind;
  PayoutTerms: ResolverTypeWrapper<PayoutTermsSource>;
  PayoutTermsInput: Schema.PayoutTermsInput;
  Performance: ResolverTypeWrapper<PerformanceSource>;
  PingCallInput: Schema.PingCallInput;
  PingCallPayload: ResolverTypeWrapper<PingCallPayloadSource>;
  PlaceBidInput: Schema.PlaceBidInput;
  PlaceBidPayload: ResolverTypeWrapper<Omit<Schema.PlaceBidPayload, 'bid'> & { bid?: Schema.Maybe<ResolversTypes['Bid']> }>;
  PostCallInput: Schema.PostCallInput;
  PostCallPayload: ResolverTypeWrapper<Omit<Schema.PostCallPayload, 'call' | 'decision'> & { call?: Schema.Maybe<ResolversTypes['Call']>, decision?: Schema.Maybe<ResolversTypes['RoutingDecision']> }>;
  PublishRoutingPlanInput: Schema.PublishRoutingPlanInput;
  PublishRuleSetInput: Schema.PublishRuleSetInput;
  Publisher: ResolverTypeWrapper<PublisherSource>;
  PublisherConnection: ResolverTypeWrapper<PublisherConnectionSource>;
  PublisherEdge: ResolverTypeWrapper<Omit<Schema.PublisherEdge, 'node'> & { node: ResolversTypes['Publisher'] }>;
  PublisherFilter: Schema.PublisherFilter;
  PublisherPayload: ResolverTypeWrapper<Omit<Schema.PublisherPayload, 'publisher'> & { publisher?: Schema.Maybe<ResolversTypes['Publisher']> }>;
  PublisherStatistics: ResolverTypeWrapper<PublisherStatisticsSource>;
  Query: ResolverTypeWrapper<Record<PropertyKey, never>>;
  RecordConsentInput: Schema.RecordConsentInput;
  RefreshAnalyticsPayload: ResolverTypeWrapper<Schema.RefreshAnalyticsPayload>;
  RefusingCondition: ResolverTypeWrapper<Schema.RefusingCondition>;
  RefusingConditionInput: Schema.RefusingConditionInput;
  Reservation: ResolverTypeWrapper<ReservationSource>;
  RevocationPayload: ResolverTypeWrapper<Schema.RevocationPayload>;
  RevokeConsentInput: Schema.RevokeConsentInput;
  Role: Schema.Role;
  RoutingAttributeInput: Schema.RoutingAttributeInput;
  RoutingCandidate: ResolverTypeWrapper<RoutingCandidateSource>;
  RoutingCandidates: ResolverTypeWrapper<RoutingCandidatesSource>;
  RoutingCriteria: ResolverTypeWrapper<RoutingCriteriaSource>;
  RoutingDecision: ResolverTypeWrapper<RoutingDecisionSource>;
  RoutingDecisionConnection: ResolverTypeWrapper<RoutingDecisionConnectionSource>;
  RoutingDecisionEdge: ResolverTypeWrapper<Omit<Schema.RoutingDecisionEdge, 'node'> & { node: ResolversTypes['RoutingDecision'] }>;
  RoutingDecisionFilter: Schema.RoutingDecisionFilter;
  RoutingDecisionKind: Schema.RoutingDecisionKind;
  RoutingOutcome: Schema.RoutingOutcome;
  RoutingPlan: ResolverTypeWrapper<RoutingPlanSource>;
  RoutingPlanConnection: ResolverTypeWrapper<RoutingPlanConnectionSource>;
  RoutingPlanEdge: ResolverTypeWrapper<Omit<Schema.RoutingPlanEdge, 'node'> & { node: ResolversTypes['RoutingPlan'] }>;
  RoutingPlanInput: Schema.RoutingPlanInput;
  RoutingPlanPayload: ResolverTypeWrapper<Omit<Schema.RoutingPlanPayload, 'plan' | 'version'> & { plan?: Schema.Maybe<ResolversTypes['RoutingPlan']>, version?: Schema.Maybe<ResolversTypes['RoutingPlanVersion']> }>;
  RoutingPlanVersion: ResolverTypeWrapper<RoutingPlanVersionSource>;
  RoutingReason: Schema.RoutingReason;
  RoutingState: ResolverTypeWrapper<RoutingStateSource>;
  RoutingStrategy: Schema.RoutingStrategy;
  RoutingTarget: ResolverTypeWrapper<RoutingTargetSource>;
  RoutingTargetInput: Schema.RoutingTargetInput;
  RuleSetInput: Schema.RuleSetInput;
  RuleSetPayload: ResolverTypeWrapper<Omit<Schema.RuleSetPayload, 'ruleSet'> & { ruleSet?: Schema.Maybe<ResolversTypes['ComplianceRuleSet']> }>;
  SaveRoutingPlanDraftInput: Schema.SaveRoutingPlanDraftInput;
  SaveRuleSetDraftInput: Schema.SaveRuleSetDraftInput;
  Schedule: ResolverTypeWrapper<Schema.Schedule>;
  ScheduleInput: Schema.ScheduleInput;
  SetDomainStatusInput: Schema.SetDomainStatusInput;
  SetDomainStatusPayload: ResolverTypeWrapper<Omit<Schema.SetDomainStatusPayload, 'domain'> & { domain?: Schema.Maybe<ResolversTypes['Domain']> }>;
  SetDomainsStatusInput: Schema.SetDomainsStatusInput;
  SetDomainsStatusPayload: ResolverTypeWrapper<Omit<Schema.SetDomainsStatusPayload, 'domains'> & { domains: ReadonlyArray<ResolversTypes['Domain']> }>;
  SettleCallInput: Schema.SettleCallInput;
  SettleCallPayload: ResolverTypeWrapper<Omit<Schema.SettleCallPayload, 'call' | 'winner'> & { call?: Schema.Maybe<ResolversTypes['Call']>, winner?: Schema.Maybe<ResolversTypes['Bid']> }>;
  StateRules: ResolverTypeWrapper<Schema.StateRules>;
  StateRulesInput: Schema.StateRulesInput;
  String: ResolverTypeWrapper<Schema.Scalars['String']['output']>;
  SuggestDomainsInput: Schema.SuggestDomainsInput;
  SuppressCallerInput: Schema.SuppressCallerInput;
  Suppression: ResolverTypeWrapper<SuppressionSource>;
  SuppressionConnection: ResolverTypeWrapper<SuppressionConnectionSource>;
  SuppressionEdge: ResolverTypeWrapper<Omit<Schema.SuppressionEdge, 'node'> & { node: ResolversTypes['Suppression'] }>;
  SuppressionPayload: ResolverTypeWrapper<Omit<Schema.SuppressionPayload, 'suppression'> & { suppression?: Schema.Maybe<ResolversTypes['Suppression']> }>;
  SuppressionScope: Schema.SuppressionScope;
  Tenant: ResolverTypeWrapper<TenantSource>;
  TimeZone: ResolverTypeWrapper<Schema.Scalars['TimeZone']['output']>;
  Tld: ResolverTypeWrapper<Schema.Tld>;
  TldCount: ResolverTypeWrapper<Schema.TldCount>;
  TldKind: Schema.TldKind;
  TrackEventsInput: Schema.TrackEventsInput;
  TrackEventsPayload: ResolverTypeWrapper<Schema.TrackEventsPayload>;
  UnsuppressCallerInput: Schema.UnsuppressCallerInput;
  UnsuppressPayload: ResolverTypeWrapper<Schema.UnsuppressPayload>;
  UpdateBuyerInput: Schema.UpdateBuyerInput;
  UpdateBuyerPayload: ResolverTypeWrapper<Omit<Schema.UpdateBuyerPayload, 'buyer'> & { buyer?: Schema.Maybe<ResolversTypes['Buyer']> }>;
  UpdateCampaignInput: Schema.UpdateCampaignInput;
  UpdateCampaignPayload: ResolverTypeWrapper<Omit<Schema.UpdateCampaignPayload, 'campaign'> & { campaign?: Schema.Maybe<ResolversTypes['Campaign']> }>;
  UpdatePublisherInput: Schema.UpdatePublisherInput;
  User: ResolverTypeWrapper<UserSource>;
  UserConnection: ResolverTypeWrapper<UserConnectionSource>;
  UserEdge: ResolverTypeWrapper<Omit<Schema.UserEdge, 'node'> & { node: ResolversTypes['User'] }>;
  UserError: ResolverTypeWrapper<Schema.UserError>;
  UserErrorCode: Schema.UserErrorCode;
  UserFilter: Schema.UserFilter;
  UserOrder: Schema.UserOrder;
  UserOrderField: Schema.UserOrderField;
  ValuableRoute: ResolverTypeWrapper<ValuableRouteSource>;
  VersionStatus: Schema.VersionStatus;
  Viewer: ResolverTypeWrapper<ViewerSource>;
  Weekday: Schema.Weekday;
};

/** Mapping between all available schema types and the resolvers parents */
export type ResolversParentTypes = {
  Actor: ActorSource;
  Analytics: AnalyticsSource;
  AttemptLimit: Schema.AttemptLimit;
  AttemptLimitInput: Schema.AttemptLimitInput;
  Bid: BidSource;
  BidConnection: BidConnectionSource;
  BidEdge: Omit<Schema.BidEdge, 'node'> & { node: ResolversParentTypes['Bid'] };
  BidFilter: Schema.BidFilter;
  BidOrder: Schema.BidOrder;
  BidsOfCallFilter: Schema.BidsOfCallFilter;
  BidsOfCampaignFilter: Schema.BidsOfCampaignFilter;
  Boolean: Schema.Scalars['Boolean']['output'];
  Buyer: BuyerSource;
  BuyerConnection: BuyerConnectionSource;
  BuyerEdge: Omit<Schema.BuyerEdge, 'node'> & { node: ResolversParentTypes['Buyer'] };
  BuyerFilter: Schema.BuyerFilter;
  BuyerOrder: Schema.BuyerOrder;
  BuyerRevenue: BuyerRevenueSource;
  BuyerUsage: BuyerUsageSource;
  Call: CallSource;
  CallConnection: CallConnectionSource;
  CallDay: CallDaySource;
  CallEdge: Omit<Schema.CallEdge, 'node'> & { node: ResolversParentTypes['Call'] };
  CallFilter: Schema.CallFilter;
  CallHour: CallHourSource;
  CallOrder: Schema.CallOrder;
  CallerStatus: CallerStatusSource;
  Campaign: CampaignSource;
  CampaignConnection: CampaignConnectionSource;
  CampaignEdge: Omit<Schema.CampaignEdge, 'node'> & { node: ResolversParentTypes['Campaign'] };
  CampaignFilter: Schema.CampaignFilter;
  CampaignOrder: Schema.CampaignOrder;
  CampaignShare: CampaignShareSource;
  CampaignStatistics: CampaignStatisticsSource;
  CancelBidInput: Schema.CancelBidInput;
  CancelBidPayload: Omit<Schema.CancelBidPayload, 'bid'> & { bid?: Schema.Maybe<ResolversParentTypes['Bid']> };
  Cap: Schema.Cap;
  CapInput: Schema.CapInput;
  CapUsage: CapUsageSource;
  ChangeCallInput: Schema.ChangeCallInput;
  ChangeCallPayload: Omit<Schema.ChangeCallPayload, 'call'> & { call?: Schema.Maybe<ResolversParentTypes['Call']> };
  ChangeCampaignStatusInput: Schema.ChangeCampaignStatusInput;
  ChangeCampaignStatusPayload: Omit<Schema.ChangeCampaignStatusPayload, 'campaign'> & { campaign?: Schema.Maybe<ResolversParentTypes['Campaign']> };
  ComplianceRuleSet: ComplianceRuleSetSource;
  ComplianceRuleSetConnection: ComplianceRuleSetConnectionSource;
  ComplianceRuleSetEdge: Omit<Schema.ComplianceRuleSetEdge, 'node'> & { node: ResolversParentTypes['ComplianceRuleSet'] };
  Condition: Schema.Scalars['Condition']['output'];
  Consent: ConsentSource;
  ConsentPayload: Omit<Schema.ConsentPayload, 'consent'> & { consent?: Schema.Maybe<ResolversParentTypes['Consent']> };
  Count: Schema.Scalars['Count']['output'];
  CreateBuyerInput: Schema.CreateBuyerInput;
  CreateBuyerPayload: Omit<Schema.CreateBuyerPayload, 'buyer'> & { buyer?: Schema.Maybe<ResolversParentTypes['Buyer']> };
  CreateCampaignInput: Schema.CreateCampaignInput;
  CreateCampaignPayload: Omit<Schema.CreateCampaignPayload, 'campaign'> & { campaign?: Schema.Maybe<ResolversParentTypes['Campaign']> };
  CreatePublisherInput: Schema.CreatePublisherInput;
  CreateRoutingPlanInput: Schema.CreateRoutingPlanInput;
  Dashboard: DashboardSource;
  DateTime: Schema.Scalars['DateTime']['output'];
  DeleteCampaignInput: Schema.DeleteCampaignInput;
  DeleteCampaignPayload: Schema.DeleteCampaignPayload;
  DncListStatus: Schema.DncListStatus;
  Domain: DomainSource;
  DomainConnection: DomainConnectionSource;
  DomainEdge: Omit<Schema.DomainEdge, 'node'> & { node: ResolversParentTypes['Domain'] };
  DomainFacets: Schema.DomainFacets;
  DomainFilter: Schema.DomainFilter;
  DomainName: Schema.Scalars['DomainName']['output'];
  DomainOrder: Schema.DomainOrder;
  DomainPattern: Schema.DomainPattern;
  DomainSearchConnection: DomainSearchConnectionSource;
  DomainStatistics: DomainStatisticsSource;
  DomainStatusCount: Schema.DomainStatusCount;
  DomainSuggestion: Schema.DomainSuggestion;
  DomainsOfCampaignFilter: Schema.DomainsOfCampaignFilter;
  DuplicateWindow: Schema.DuplicateWindow;
  DuplicateWindowInput: Schema.DuplicateWindowInput;
  EventCount: Schema.EventCount;
  EventInput: Schema.EventInput;
  ExcludedBuyer: ExcludedBuyerSource;
  Float: Schema.Scalars['Float']['output'];
  GenerateDomainsInput: Schema.GenerateDomainsInput;
  GenerateDomainsPayload: Omit<Schema.GenerateDomainsPayload, 'campaign' | 'domains'> & { campaign?: Schema.Maybe<ResolversParentTypes['Campaign']>, domains: ReadonlyArray<ResolversParentTypes['Domain']> };
  ID: Schema.Scalars['ID']['output'];
  Int: Schema.Scalars['Int']['output'];
  LiveDomain: LiveDomainSource;
  MinorUnits: Schema.Scalars['MinorUnits']['output'];
  Money: Schema.Money;
  MoneyInput: Schema.MoneyInput;
  Mutation: Record<PropertyKey, never>;
  Node: ResolversInterfaceTypes<ResolversParentTypes>['Node'];
  OpeningHours: Schema.OpeningHours;
  OpeningHoursInput: Schema.OpeningHoursInput;
  PageInfo: Schema.PageInfo;
  PayoutTerms: PayoutTermsSource;
  PayoutTermsInput: Schema.PayoutTermsInput;
  Performance: PerformanceSource;
  PingCallInput: Schema.PingCallInput;
  PingCallPayload: PingCallPayloadSource;
  PlaceBidInput: Schema.PlaceBidInput;
  PlaceBidPayload: Omit<Schema.PlaceBidPayload, 'bid'> & { bid?: Schema.Maybe<ResolversParentTypes['Bid']> };
  PostCallInput: Schema.PostCallInput;
  PostCallPayload: Omit<Schema.PostCallPayload, 'call' | 'decision'> & { call?: Schema.Maybe<ResolversParentTypes['Call']>, decision?: Schema.Maybe<ResolversParentTypes['RoutingDecision']> };
  PublishRoutingPlanInput: Schema.PublishRoutingPlanInput;
  PublishRuleSetInput: Schema.PublishRuleSetInput;
  Publisher: PublisherSource;
  PublisherConnection: PublisherConnectionSource;
  PublisherEdge: Omit<Schema.PublisherEdge, 'node'> & { node: ResolversParentTypes['Publisher'] };
  PublisherFilter: Schema.PublisherFilter;
  PublisherPayload: Omit<Schema.PublisherPayload, 'publisher'> & { publisher?: Schema.Maybe<ResolversParentTypes['Publisher']> };
  PublisherStatistics: PublisherStatisticsSource;
  Query: Record<PropertyKey, never>;
  RecordConsentInput: Schema.RecordConsentInput;
  RefreshAnalyticsPayload: Schema.RefreshAnalyticsPayload;
  RefusingCondition: Schema.RefusingCondition;
  RefusingConditionInput: Schema.RefusingConditionInput;
  Reservation: ReservationSource;
  RevocationPayload: Schema.RevocationPayload;
  RevokeConsentInput: Schema.RevokeConsentInput;
  RoutingAttributeInput: Schema.RoutingAttributeInput;
  RoutingCandidate: RoutingCandidateSource;
  RoutingCandidates: RoutingCandidatesSource;
  RoutingCriteria: RoutingCriteriaSource;
  RoutingDecision: RoutingDecisionSource;
  RoutingDecisionConnection: RoutingDecisionConnectionSource;
  RoutingDecisionEdge: Omit<Schema.RoutingDecisionEdge, 'node'> & { node: ResolversParentTypes['RoutingDecision'] };
  RoutingDecisionFilter: Schema.RoutingDecisionFilter;
  RoutingPlan: RoutingPlanSource;
  RoutingPlanConnection: RoutingPlanConnectionSource;
  RoutingPlanEdge: Omit<Schema.RoutingPlanEdge, 'node'> & { node: ResolversParentTypes['RoutingPlan'] };
  RoutingPlanInput: Schema.RoutingPlanInput;
  RoutingPlanPayload: Omit<Schema.RoutingPlanPayload, 'plan' | 'version'> & { plan?: Schema.Maybe<ResolversParentTypes['RoutingPlan']>, version?: Schema.Maybe<ResolversParentTypes['RoutingPlanVersion']> };
  RoutingPlanVersion: RoutingPlanVersionSource;
  RoutingState: RoutingStateSource;
  RoutingTarget: RoutingTargetSource;
  RoutingTargetInput: Schema.RoutingTargetInput;
  RuleSetInput: Schema.RuleSetInput;
  RuleSetPayload: Omit<Schema.RuleSetPayload, 'ruleSet'> & { ruleSet?: Schema.Maybe<ResolversParentTypes['ComplianceRuleSet']> };
  SaveRoutingPlanDraftInput: Schema.SaveRoutingPlanDraftInput;
  SaveRuleSetDraftInput: Schema.SaveRuleSetDraftInput;
  Schedule: Schema.Schedule;
  ScheduleInput: Schema.ScheduleInput;
  SetDomainStatusInput: Schema.SetDomainStatusInput;
  SetDomainStatusPayload: Omit<Schema.SetDomainStatusPayload, 'domain'> & { domain?: Schema.Maybe<ResolversParentTypes['Domain']> };
  SetDomainsStatusInput: Schema.SetDomainsStatusInput;
  SetDomainsStatusPayload: Omit<Schema.SetDomainsStatusPayload, 'domains'> & { domains: ReadonlyArray<ResolversParentTypes['Domain']> };
  SettleCallInput: Schema.SettleCallInput;
  SettleCallPayload: Omit<Schema.SettleCallPayload, 'call' | 'winner'> & { call?: Schema.Maybe<ResolversParentTypes['Call']>, winner?: Schema.Maybe<ResolversParentTypes['Bid']> };
  StateRules: Schema.StateRules;
  StateRulesInput: Schema.StateRulesInput;
  String: Schema.Scalars['String']['output'];
  SuggestDomainsInput: Schema.SuggestDomainsInput;
  SuppressCallerInput: Schema.SuppressCallerInput;
  Suppression: SuppressionSource;
  SuppressionConnection: SuppressionConnectionSource;
  SuppressionEdge: Omit<Schema.SuppressionEdge, 'node'> & { node: ResolversParentTypes['Suppression'] };
  SuppressionPayload: Omit<Schema.SuppressionPayload, 'suppression'> & { suppression?: Schema.Maybe<ResolversParentTypes['Suppression']> };
  Tenant: TenantSource;
  TimeZone: Schema.Scalars['TimeZone']['output'];
  Tld: Schema.Tld;
  TldCount: Schema.TldCount;
  TrackEventsInput: Schema.TrackEventsInput;
  TrackEventsPayload: Schema.TrackEventsPayload;
  UnsuppressCallerInput: Schema.UnsuppressCallerInput;
  UnsuppressPayload: Schema.UnsuppressPayload;
  UpdateBuyerInput: Schema.UpdateBuyerInput;
  UpdateBuyerPayload: Omit<Schema.UpdateBuyerPayload, 'buyer'> & { buyer?: Schema.Maybe<ResolversParentTypes['Buyer']> };
  UpdateCampaignInput: Schema.UpdateCampaignInput;
  UpdateCampaignPayload: Omit<Schema.UpdateCampaignPayload, 'campaign'> & { campaign?: Schema.Maybe<ResolversParentTypes['Campaign']> };
  UpdatePublisherInput: Schema.UpdatePublisherInput;
  User: UserSource;
  UserConnection: UserConnectionSource;
  UserEdge: Omit<Schema.UserEdge, 'node'> & { node: ResolversParentTypes['User'] };
  UserError: Schema.UserError;
  UserFilter: Schema.UserFilter;
  UserOrder: Schema.UserOrder;
  ValuableRoute: ValuableRouteSource;
  Viewer: ViewerSource;
};

export type AuthDirectiveArgs = {
  requires: Schema.Role;
};

export type AuthDirectiveResolver<Result, Parent, ContextType = RequestContext, Args = AuthDirectiveArgs> = DirectiveResolverFn<Result, Parent, ContextType, Args>;

export type CacheDirectiveArgs = {
  browser: Schema.Scalars['Int']['input'];
  cdn?: Schema.Maybe<Schema.Scalars['Int']['input']>;
  depends?: Schema.Maybe<ReadonlyArray<Schema.Scalars['String']['input']>>;
  earlyRefresh?: Schema.Maybe<Schema.Scalars['Float']['input']>;
  hardTimeout?: Schema.Maybe<Schema.Scalars['Int']['input']>;
  l1: Schema.Scalars['Int']['input'];
  l2: Schema.Scalars['Int']['input'];
  negative?: Schema.Maybe<Schema.Scalars['Int']['input']>;
  popular?: Schema.Maybe<Schema.Scalars['Int']['input']>;
  popularBy?: Schema.Maybe<Schema.Scalars['String']['input']>;
  response?: Schema.Maybe<Schema.Scalars['Int']['input']>;
  scope: Schema.CacheScope;
  softTimeout?: Schema.Maybe<Schema.Scalars['Int']['input']>;
  staleIfError: Schema.Scalars['Int']['input'];
  staleWhileRevalidate: Schema.Scalars['Int']['input'];
  tags: ReadonlyArray<Schema.Scalars['String']['input']>;
};

export type CacheDirectiveResolver<Result, Parent, ContextType = RequestContext, Args = CacheDirectiveArgs> = DirectiveResolverFn<Result, Parent, ContextType, Args>;

export type CacheControlDirectiveArgs = {
  inheritMaxAge?: Schema.Maybe<Schema.Scalars['Boolean']['input']>;
  maxAge?: Schema.Maybe<Schema.Scalars['Int']['input']>;
  scope?: Schema.Maybe<Schema.CacheControlScope>;
};

export type CacheControlDirectiveResolver<Result, Parent, ContextType = RequestContext, Args = CacheControlDirectiveArgs> = DirectiveResolverFn<Result, Parent, ContextType, Args>;

export type CostDirectiveArgs = {
  weight: Schema.Scalars['Int']['input'];
};

export type CostDirectiveResolver<Result, Parent, ContextType = RequestContext, Args = CostDirectiveArgs> = DirectiveResolverFn<Result, Parent, ContextType, Args>;

export type ListSizeDirectiveArgs = {
  assumedSize: Schema.Scalars['Int']['input'];
  daysBetween: ReadonlyArray<Schema.Scalars['String']['input']>;
  hoursBetween: ReadonlyArray<Schema.Scalars['String']['input']>;
  sizedFields: ReadonlyArray<Schema.Scalars['String']['input']>;
  slicingArgumentDefaultValue?: Schema.Maybe<Schema.Scalars['Int']['input']>;
  slicingArguments: ReadonlyArray<Schema.Scalars['String']['input']>;
};

export type ListSizeDirectiveResolver<Result, Parent, ContextType = RequestContext, Args = ListSizeDirectiveArgs> = DirectiveResolverFn<Result, Parent, ContextType, Args>;

export type LiveDirectiveArgs = { };

export type LiveDirectiveResolver<Result, Parent, ContextType = RequestContext, Args = LiveDirectiveArgs> = DirectiveResolverFn<Result, Parent, ContextType, Args>;

export type StrictDirectiveArgs = { };

export type StrictDirectiveResolver<Result, Parent, ContextType = RequestContext, Args = StrictDirectiveArgs> = DirectiveResolverFn<Result, Parent, ContextType, Args>;

export type ActorResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['Actor'] = ResolversParentTypes['Actor']> = {
  subject?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  user?: Resolver<Schema.Maybe<ResolversTypes['User']>, ParentType, ContextType>;
};

export type AnalyticsResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['Analytics'] = ResolversParentTypes['Analytics']> = {
  callsByDay?: Resolver<Schema.Maybe<ReadonlyArray<ResolversTypes['CallDay']>>, ParentType, ContextType, RequireFields<Schema.AnalyticsCallsByDayArgs, 'from' | 'timeZone'>>;
  callsByHour?: Resolver<Schema.Maybe<ReadonlyArray<ResolversTypes['CallHour']>>, ParentType, ContextType, RequireFields<Schema.AnalyticsCallsByHourArgs, 'from'>>;
  dashboard?: Resolver<Schema.Maybe<ResolversTypes['Dashboard']>, ParentType, ContextType, RequireFields<Schema.AnalyticsDashboardArgs, 'period' | 'timeZone'>>;
  performance?: Resolver<Schema.Maybe<ResolversTypes['Performance']>, ParentType, ContextType, RequireFields<Schema.AnalyticsPerformanceArgs, 'from'>>;
  revenueByBuyer?: Resolver<Schema.Maybe<ReadonlyArray<ResolversTypes['BuyerRevenue']>>, ParentType, ContextType, RequireFields<Schema.AnalyticsRevenueByBuyerArgs, 'first' | 'from'>>;
};

export type AttemptLimitResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['AttemptLimit'] = ResolversParentTypes['AttemptLimit']> = {
  hours?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  maximum?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
};

export type BidResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['Bid'] = ResolversParentTypes['Bid']> = {
  amount?: Resolver<Schema.Maybe<ResolversTypes['Money']>, ParentType, ContextType>;
  buyer?: Resolver<Schema.Maybe<ResolversTypes['Buyer']>, ParentType, ContextType>;
  call?: Resolver<Schema.Maybe<ResolversTypes['Call']>, ParentType, ContextType>;
  campaign?: Resolver<Schema.Maybe<ResolversTypes['Campaign']>, ParentType, ContextType>;
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
  activeBids?: Resolver<ResolversTypes['BidConnection'], ParentType, ContextType, Partial<Schema.BuyerActiveBidsArgs>>;
  createdAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  name?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  revenue?: Resolver<Schema.Maybe<ResolversTypes['Money']>, ParentType, ContextType>;
  routing?: Resolver<ResolversTypes['RoutingCriteria'], ParentType, ContextType>;
  updatedAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  usage?: Resolver<ResolversTypes['BuyerUsage'], ParentType, ContextType>;
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
  buyer?: Resolver<Schema.Maybe<ResolversTypes['Buyer']>, ParentType, ContextType>;
  revenue?: Resolver<ResolversTypes['Money'], ParentType, ContextType>;
  winRate?: Resolver<Schema.Maybe<ResolversTypes['Float']>, ParentType, ContextType>;
  wonBids?: Resolver<ResolversTypes['Count'], ParentType, ContextType>;
};

export type BuyerUsageResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['BuyerUsage'] = ResolversParentTypes['BuyerUsage']> = {
  asOf?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  caps?: Resolver<ReadonlyArray<ResolversTypes['CapUsage']>, ParentType, ContextType>;
  concurrentCalls?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  dailyCapUsed?: Resolver<Schema.Maybe<ResolversTypes['Money']>, ParentType, ContextType>;
  moneyCaps?: Resolver<Schema.Maybe<ReadonlyArray<ResolversTypes['CapUsage']>>, ParentType, ContextType>;
  remainingConcurrentCalls?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
};

export type CallResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['Call'] = ResolversParentTypes['Call']> = {
  bids?: Resolver<ResolversTypes['BidConnection'], ParentType, ContextType, Partial<Schema.CallBidsArgs>>;
  buyer?: Resolver<Schema.Maybe<ResolversTypes['Buyer']>, ParentType, ContextType>;
  callerState?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  campaign?: Resolver<Schema.Maybe<ResolversTypes['Campaign']>, ParentType, ContextType>;
  cost?: Resolver<ResolversTypes['Money'], ParentType, ContextType>;
  decision?: Resolver<Schema.Maybe<ResolversTypes['RoutingDecision']>, ParentType, ContextType>;
  domain?: Resolver<Schema.Maybe<ResolversTypes['Domain']>, ParentType, ContextType>;
  durationSeconds?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  margin?: Resolver<Schema.Maybe<ResolversTypes['Money']>, ParentType, ContextType>;
  payout?: Resolver<Schema.Maybe<ResolversTypes['Money']>, ParentType, ContextType>;
  publisher?: Resolver<Schema.Maybe<ResolversTypes['Publisher']>, ParentType, ContextType>;
  revenue?: Resolver<Schema.Maybe<ResolversTypes['Money']>, ParentType, ContextType>;
  settledAt?: Resolver<Schema.Maybe<ResolversTypes['DateTime']>, ParentType, ContextType>;
  startedAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  status?: Resolver<ResolversTypes['CallStatus'], ParentType, ContextType>;
  version?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  winner?: Resolver<Schema.Maybe<ResolversTypes['Bid']>, ParentType, ContextType>;
  __isTypeOf?: IsTypeOfResolverFn<ParentType, ContextType>;
};

export type CallConnectionResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['CallConnection'] = ResolversParentTypes['CallConnection']> = {
  edges?: Resolver<ReadonlyArray<ResolversTypes['CallEdge']>, ParentType, ContextType>;
  nodes?: Resolver<ReadonlyArray<ResolversTypes['Call']>, ParentType, ContextType>;
  pageInfo?: Resolver<ResolversTypes['PageInfo'], ParentType, ContextType>;
  totalCount?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
};

export type CallDayResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['CallDay'] = ResolversParentTypes['CallDay']> = {
  bids?: Resolver<ResolversTypes['Count'], ParentType, ContextType>;
  calls?: Resolver<ResolversTypes['Count'], ParentType, ContextType>;
  date?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  durationSeconds?: Resolver<ResolversTypes['Count'], ParentType, ContextType>;
  from?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  margin?: Resolver<Schema.Maybe<ResolversTypes['Money']>, ParentType, ContextType>;
  payout?: Resolver<Schema.Maybe<ResolversTypes['Money']>, ParentType, ContextType>;
  profit?: Resolver<Schema.Maybe<ResolversTypes['Money']>, ParentType, ContextType>;
  revenue?: Resolver<Schema.Maybe<ResolversTypes['Money']>, ParentType, ContextType>;
  settledCalls?: Resolver<ResolversTypes['Count'], ParentType, ContextType>;
  spend?: Resolver<ResolversTypes['Money'], ParentType, ContextType>;
  to?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  wonBids?: Resolver<ResolversTypes['Count'], ParentType, ContextType>;
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
  margin?: Resolver<Schema.Maybe<ResolversTypes['Money']>, ParentType, ContextType>;
  payout?: Resolver<Schema.Maybe<ResolversTypes['Money']>, ParentType, ContextType>;
  profit?: Resolver<Schema.Maybe<ResolversTypes['Money']>, ParentType, ContextType>;
  revenue?: Resolver<Schema.Maybe<ResolversTypes['Money']>, ParentType, ContextType>;
  settledCalls?: Resolver<ResolversTypes['Count'], ParentType, ContextType>;
  spend?: Resolver<ResolversTypes['Money'], ParentType, ContextType>;
  wonBids?: Resolver<ResolversTypes['Count'], ParentType, ContextType>;
};

export type CallerStatusResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['CallerStatus'] = ResolversParentTypes['CallerStatus']> = {
  caller?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  consent?: Resolver<ResolversTypes['ConsentStatus'], ParentType, ContextType>;
  consents?: Resolver<ReadonlyArray<ResolversTypes['Consent']>, ParentType, ContextType>;
  dncLists?: Resolver<ReadonlyArray<ResolversTypes['DncListStatus']>, ParentType, ContextType>;
  isSuppressed?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  revocationSource?: Resolver<Schema.Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  revokedAt?: Resolver<Schema.Maybe<ResolversTypes['DateTime']>, ParentType, ContextType>;
  revokedBy?: Resolver<Schema.Maybe<ResolversTypes['Actor']>, ParentType, ContextType>;
  suppressions?: Resolver<ReadonlyArray<ResolversTypes['Suppression']>, ParentType, ContextType>;
};

export type CampaignResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['Campaign'] = ResolversParentTypes['Campaign']> = {
  bids?: Resolver<ResolversTypes['BidConnection'], ParentType, ContextType, Partial<Schema.CampaignBidsArgs>>;
  budget?: Resolver<ResolversTypes['Money'], ParentType, ContextType>;
  calls?: Resolver<ResolversTypes['CallConnection'], ParentType, ContextType, Partial<Schema.CampaignCallsArgs>>;
  createdAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  domainCount?: Resolver<ResolversTypes['Count'], ParentType, ContextType, Partial<Schema.CampaignDomainCountArgs>>;
  domains?: Resolver<ResolversTypes['DomainConnection'], ParentType, ContextType, Partial<Schema.CampaignDomainsArgs>>;
  endsAt?: Resolver<Schema.Maybe<ResolversTypes['DateTime']>, ParentType, ContextType>;
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  keywords?: Resolver<ReadonlyArray<ResolversTypes['String']>, ParentType, ContextType>;
  name?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  owner?: Resolver<Schema.Maybe<ResolversTypes['User']>, ParentType, ContextType>;
  patterns?: Resolver<ReadonlyArray<ResolversTypes['String']>, ParentType, ContextType>;
  plan?: Resolver<Schema.Maybe<ResolversTypes['RoutingPlan']>, ParentType, ContextType>;
  startsAt?: Resolver<Schema.Maybe<ResolversTypes['DateTime']>, ParentType, ContextType>;
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
  campaign?: Resolver<Schema.Maybe<ResolversTypes['Campaign']>, ParentType, ContextType>;
  revenue?: Resolver<Schema.Maybe<ResolversTypes['Money']>, ParentType, ContextType>;
  settledCalls?: Resolver<ResolversTypes['Count'], ParentType, ContextType>;
};

export type CampaignStatisticsResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['CampaignStatistics'] = ResolversParentTypes['CampaignStatistics']> = {
  bids?: Resolver<ResolversTypes['Count'], ParentType, ContextType>;
  calls?: Resolver<ResolversTypes['Count'], ParentType, ContextType>;
  domainsByStatus?: Resolver<ReadonlyArray<ResolversTypes['DomainStatusCount']>, ParentType, ContextType>;
  margin?: Resolver<Schema.Maybe<ResolversTypes['Money']>, ParentType, ContextType>;
  payout?: Resolver<Schema.Maybe<ResolversTypes['Money']>, ParentType, ContextType>;
  revenue?: Resolver<Schema.Maybe<ResolversTypes['Money']>, ParentType, ContextType>;
  settledCalls?: Resolver<ResolversTypes['Count'], ParentType, ContextType>;
  spend?: Resolver<ResolversTypes['Money'], ParentType, ContextType>;
  winRate?: Resolver<Schema.Maybe<ResolversTypes['Float']>, ParentType, ContextType>;
};

export type CancelBidPayloadResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['CancelBidPayload'] = ResolversParentTypes['CancelBidPayload']> = {
  bid?: Resolver<Schema.Maybe<ResolversTypes['Bid']>, ParentType, ContextType>;
  errors?: Resolver<ReadonlyArray<ResolversTypes['UserError']>, ParentType, ContextType>;
};

export type CapResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['Cap'] = ResolversParentTypes['Cap']> = {
  counts?: Resolver<ResolversTypes['CapCount'], ParentType, ContextType>;
  maximum?: Resolver<ResolversTypes['Count'], ParentType, ContextType>;
  period?: Resolver<ResolversTypes['CapPeriod'], ParentType, ContextType>;
};

export type CapUsageResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['CapUsage'] = ResolversParentTypes['CapUsage']> = {
  cap?: Resolver<ResolversTypes['Cap'], ParentType, ContextType>;
  remaining?: Resolver<ResolversTypes['Count'], ParentType, ContextType>;
  used?: Resolver<ResolversTypes['Count'], ParentType, ContextType>;
};

export type ChangeCallPayloadResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['ChangeCallPayload'] = ResolversParentTypes['ChangeCallPayload']> = {
  call?: Resolver<Schema.Maybe<ResolversTypes['Call']>, ParentType, ContextType>;
  errors?: Resolver<ReadonlyArray<ResolversTypes['UserError']>, ParentType, ContextType>;
};

export type ChangeCampaignStatusPayloadResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['ChangeCampaignStatusPayload'] = ResolversParentTypes['ChangeCampaignStatusPayload']> = {
  campaign?: Resolver<Schema.Maybe<ResolversTypes['Campaign']>, ParentType, ContextType>;
  errors?: Resolver<ReadonlyArray<ResolversTypes['UserError']>, ParentType, ContextType>;
};

export type ComplianceRuleSetResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['ComplianceRuleSet'] = ResolversParentTypes['ComplianceRuleSet']> = {
  attempts?: Resolver<ReadonlyArray<ResolversTypes['AttemptLimit']>, ParentType, ContextType>;
  callingHours?: Resolver<Schema.Maybe<ResolversTypes['Schedule']>, ParentType, ContextType>;
  consentRequired?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  createdAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  dncLists?: Resolver<ReadonlyArray<ResolversTypes['String']>, ParentType, ContextType>;
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  number?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  publishedAt?: Resolver<Schema.Maybe<ResolversTypes['DateTime']>, ParentType, ContextType>;
  refuse?: Resolver<ReadonlyArray<ResolversTypes['RefusingCondition']>, ParentType, ContextType>;
  states?: Resolver<ReadonlyArray<ResolversTypes['StateRules']>, ParentType, ContextType, RequireFields<Schema.ComplianceRuleSetStatesArgs, 'first'>>;
  status?: Resolver<ResolversTypes['VersionStatus'], ParentType, ContextType>;
  version?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  __isTypeOf?: IsTypeOfResolverFn<ParentType, ContextType>;
};

export type ComplianceRuleSetConnectionResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['ComplianceRuleSetConnection'] = ResolversParentTypes['ComplianceRuleSetConnection']> = {
  edges?: Resolver<ReadonlyArray<ResolversTypes['ComplianceRuleSetEdge']>, ParentType, ContextType>;
  nodes?: Resolver<ReadonlyArray<ResolversTypes['ComplianceRuleSet']>, ParentType, ContextType>;
  pageInfo?: Resolver<ResolversTypes['PageInfo'], ParentType, ContextType>;
  totalCount?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
};

export type ComplianceRuleSetEdgeResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['ComplianceRuleSetEdge'] = ResolversParentTypes['ComplianceRuleSetEdge']> = {
  cursor?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  node?: Resolver<ResolversTypes['ComplianceRuleSet'], ParentType, ContextType>;
};

export interface ConditionScalarConfig extends GraphQLScalarTypeConfig<ResolversTypes['Condition'], any> {
  name: 'Condition';
}

export type ConsentResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['Consent'] = ResolversParentTypes['Consent']> = {
  caller?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  campaign?: Resolver<Schema.Maybe<ResolversTypes['Campaign']>, ParentType, ContextType>;
  evidence?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  expiresAt?: Resolver<Schema.Maybe<ResolversTypes['DateTime']>, ParentType, ContextType>;
  givenAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  revokedAt?: Resolver<Schema.Maybe<ResolversTypes['DateTime']>, ParentType, ContextType>;
  revokedBy?: Resolver<Schema.Maybe<ResolversTypes['Actor']>, ParentType, ContextType>;
  source?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
};

export type ConsentPayloadResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['ConsentPayload'] = ResolversParentTypes['ConsentPayload']> = {
  consent?: Resolver<Schema.Maybe<ResolversTypes['Consent']>, ParentType, ContextType>;
  errors?: Resolver<ReadonlyArray<ResolversTypes['UserError']>, ParentType, ContextType>;
};

export interface CountScalarConfig extends GraphQLScalarTypeConfig<ResolversTypes['Count'], any> {
  name: 'Count';
}

export type CreateBuyerPayloadResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['CreateBuyerPayload'] = ResolversParentTypes['CreateBuyerPayload']> = {
  buyer?: Resolver<Schema.Maybe<ResolversTypes['Buyer']>, ParentType, ContextType>;
  errors?: Resolver<ReadonlyArray<ResolversTypes['UserError']>, ParentType, ContextType>;
};

export type CreateCampaignPayloadResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['CreateCampaignPayload'] = ResolversParentTypes['CreateCampaignPayload']> = {
  campaign?: Resolver<Schema.Maybe<ResolversTypes['Campaign']>, ParentType, ContextType>;
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
  deletedId?: Resolver<Schema.Maybe<ResolversTypes['ID']>, ParentType, ContextType>;
  errors?: Resolver<ReadonlyArray<ResolversTypes['UserError']>, ParentType, ContextType>;
};

export type DncListStatusResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['DncListStatus'] = ResolversParentTypes['DncListStatus']> = {
  entries?: Resolver<ResolversTypes['Count'], ParentType, ContextType>;
  importedAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  isListed?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  name?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  version?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
};

export type DomainResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['Domain'] = ResolversParentTypes['Domain']> = {
  campaign?: Resolver<Schema.Maybe<ResolversTypes['Campaign']>, ParentType, ContextType>;
  createdAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  name?: Resolver<ResolversTypes['DomainName'], ParentType, ContextType>;
  popularityRank?: Resolver<Schema.Maybe<ResolversTypes['Int']>, ParentType, ContextType>;
  score?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  sld?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  statistics?: Resolver<ResolversTypes['DomainStatistics'], ParentType, ContextType, Partial<Schema.DomainStatisticsArgs>>;
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

export type DomainStatisticsResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['DomainStatistics'] = ResolversParentTypes['DomainStatistics']> = {
  averageDurationSeconds?: Resolver<Schema.Maybe<ResolversTypes['Float']>, ParentType, ContextType>;
  calls?: Resolver<ResolversTypes['Count'], ParentType, ContextType>;
  conversion?: Resolver<Schema.Maybe<ResolversTypes['Float']>, ParentType, ContextType>;
  revenue?: Resolver<Schema.Maybe<ResolversTypes['Money']>, ParentType, ContextType>;
  settledCalls?: Resolver<ResolversTypes['Count'], ParentType, ContextType>;
  spend?: Resolver<ResolversTypes['Money'], ParentType, ContextType>;
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

export type DuplicateWindowResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['DuplicateWindow'] = ResolversParentTypes['DuplicateWindow']> = {
  by?: Resolver<ResolversTypes['DuplicateBy'], ParentType, ContextType>;
  days?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  scope?: Resolver<ResolversTypes['DuplicateScope'], ParentType, ContextType>;
};

export type EventCountResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['EventCount'] = ResolversParentTypes['EventCount']> = {
  count?: Resolver<ResolversTypes['Count'], ParentType, ContextType>;
  kind?: Resolver<ResolversTypes['EventKind'], ParentType, ContextType>;
};

export type ExcludedBuyerResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['ExcludedBuyer'] = ResolversParentTypes['ExcludedBuyer']> = {
  buyer?: Resolver<Schema.Maybe<ResolversTypes['Buyer']>, ParentType, ContextType>;
  reason?: Resolver<ResolversTypes['RoutingReason'], ParentType, ContextType>;
};

export type GenerateDomainsPayloadResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['GenerateDomainsPayload'] = ResolversParentTypes['GenerateDomainsPayload']> = {
  campaign?: Resolver<Schema.Maybe<ResolversTypes['Campaign']>, ParentType, ContextType>;
  count?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  domains?: Resolver<ReadonlyArray<ResolversTypes['Domain']>, ParentType, ContextType>;
  errors?: Resolver<ReadonlyArray<ResolversTypes['UserError']>, ParentType, ContextType>;
};

export type LiveDomainResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['LiveDomain'] = ResolversParentTypes['LiveDomain']> = {
  name?: Resolver<ResolversTypes['DomainName'], ParentType, ContextType>;
  popularityRank?: Resolver<Schema.Maybe<ResolversTypes['Int']>, ParentType, ContextType>;
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
  archiveCampaign?: Resolver<ResolversTypes['ChangeCampaignStatusPayload'], ParentType, ContextType, RequireFields<Schema.MutationArchiveCampaignArgs, 'input'>>;
  cancelBid?: Resolver<ResolversTypes['CancelBidPayload'], ParentType, ContextType, RequireFields<Schema.MutationCancelBidArgs, 'input'>>;
  connectCall?: Resolver<ResolversTypes['ChangeCallPayload'], ParentType, ContextType, RequireFields<Schema.MutationConnectCallArgs, 'input'>>;
  createBuyer?: Resolver<ResolversTypes['CreateBuyerPayload'], ParentType, ContextType, RequireFields<Schema.MutationCreateBuyerArgs, 'input'>>;
  createCampaign?: Resolver<ResolversTypes['CreateCampaignPayload'], ParentType, ContextType, RequireFields<Schema.MutationCreateCampaignArgs, 'input'>>;
  createPublisher?: Resolver<ResolversTypes['PublisherPayload'], ParentType, ContextType, RequireFields<Schema.MutationCreatePublisherArgs, 'input'>>;
  createRoutingPlan?: Resolver<ResolversTypes['RoutingPlanPayload'], ParentType, ContextType, RequireFields<Schema.MutationCreateRoutingPlanArgs, 'input'>>;
  deleteCampaign?: Resolver<ResolversTypes['DeleteCampaignPayload'], ParentType, ContextType, RequireFields<Schema.MutationDeleteCampaignArgs, 'input'>>;
  generateDomains?: Resolver<ResolversTypes['GenerateDomainsPayload'], ParentType, ContextType, RequireFields<Schema.MutationGenerateDomainsArgs, 'input'>>;
  missCall?: Resolver<ResolversTypes['ChangeCallPayload'], ParentType, ContextType, RequireFields<Schema.MutationMissCallArgs, 'input'>>;
  pauseCampaign?: Resolver<ResolversTypes['ChangeCampaignStatusPayload'], ParentType, ContextType, RequireFields<Schema.MutationPauseCampaignArgs, 'input'>>;
  pingCall?: Resolver<ResolversTypes['PingCallPayload'], ParentType, ContextType, RequireFields<Schema.MutationPingCallArgs, 'input'>>;
  placeBid?: Resolver<ResolversTypes['PlaceBidPayload'], ParentType, ContextType, RequireFields<Schema.MutationPlaceBidArgs, 'input'>>;
  postCall?: Resolver<ResolversTypes['PostCallPayload'], ParentType, ContextType, RequireFields<Schema.MutationPostCallArgs, 'input'>>;
  publishRoutingPlan?: Resolver<ResolversTypes['RoutingPlanPayload'], ParentType, ContextType, RequireFields<Schema.MutationPublishRoutingPlanArgs, 'input'>>;
  publishRuleSet?: Resolver<ResolversTypes['RuleSetPayload'], ParentType, ContextType, RequireFields<Schema.MutationPublishRuleSetArgs, 'input'>>;
  recordConsent?: Resolver<ResolversTypes['ConsentPayload'], ParentType, ContextType, RequireFields<Schema.MutationRecordConsentArgs, 'input'>>;
  refreshAnalytics?: Resolver<ResolversTypes['RefreshAnalyticsPayload'], ParentType, ContextType>;
  resumeCampaign?: Resolver<ResolversTypes['ChangeCampaignStatusPayload'], ParentType, ContextType, RequireFields<Schema.MutationResumeCampaignArgs, 'input'>>;
  revokeConsent?: Resolver<ResolversTypes['RevocationPayload'], ParentType, ContextType, RequireFields<Schema.MutationRevokeConsentArgs, 'input'>>;
  saveRoutingPlanDraft?: Resolver<ResolversTypes['RoutingPlanPayload'], ParentType, ContextType, RequireFields<Schema.MutationSaveRoutingPlanDraftArgs, 'input'>>;
  saveRuleSetDraft?: Resolver<ResolversTypes['RuleSetPayload'], ParentType, ContextType, RequireFields<Schema.MutationSaveRuleSetDraftArgs, 'input'>>;
  setDomainStatus?: Resolver<ResolversTypes['SetDomainStatusPayload'], ParentType, ContextType, RequireFields<Schema.MutationSetDomainStatusArgs, 'input'>>;
  setDomainsStatus?: Resolver<ResolversTypes['SetDomainsStatusPayload'], ParentType, ContextType, RequireFields<Schema.MutationSetDomainsStatusArgs, 'input'>>;
  settleCall?: Resolver<ResolversTypes['SettleCallPayload'], ParentType, ContextType, RequireFields<Schema.MutationSettleCallArgs, 'input'>>;
  suppressCaller?: Resolver<ResolversTypes['SuppressionPayload'], ParentType, ContextType, RequireFields<Schema.MutationSuppressCallerArgs, 'input'>>;
  trackEvents?: Resolver<ResolversTypes['TrackEventsPayload'], ParentType, ContextType, RequireFields<Schema.MutationTrackEventsArgs, 'input'>>;
  unsuppressCaller?: Resolver<ResolversTypes['UnsuppressPayload'], ParentType, ContextType, RequireFields<Schema.MutationUnsuppressCallerArgs, 'input'>>;
  updateBuyer?: Resolver<ResolversTypes['UpdateBuyerPayload'], ParentType, ContextType, RequireFields<Schema.MutationUpdateBuyerArgs, 'input'>>;
  updateCampaign?: Resolver<ResolversTypes['UpdateCampaignPayload'], ParentType, ContextType, RequireFields<Schema.MutationUpdateCampaignArgs, 'input'>>;
  updatePublisher?: Resolver<ResolversTypes['PublisherPayload'], ParentType, ContextType, RequireFields<Schema.MutationUpdatePublisherArgs, 'input'>>;
};

export type NodeResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['Node'] = ResolversParentTypes['Node']> = {
  __resolveType?: TypeResolveFn<'Bid' | 'Buyer' | 'Call' | 'Campaign' | 'ComplianceRuleSet' | 'Domain' | 'Publisher' | 'RoutingPlan' | 'RoutingPlanVersion' | 'Tenant' | 'User', ParentType, ContextType>;
};

export type OpeningHoursResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['OpeningHours'] = ResolversParentTypes['OpeningHours']> = {
  day?: Resolver<ResolversTypes['Weekday'], ParentType, ContextType>;
  from?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  until?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
};

export type PageInfoResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['PageInfo'] = ResolversParentTypes['PageInfo']> = {
  endCursor?: Resolver<Schema.Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  hasNextPage?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  hasPreviousPage?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  startCursor?: Resolver<Schema.Maybe<ResolversTypes['String']>, ParentType, ContextType>;
};

export type PayoutTermsResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['PayoutTerms'] = ResolversParentTypes['PayoutTerms']> = {
  amount?: Resolver<Schema.Maybe<ResolversTypes['Money']>, ParentType, ContextType>;
  kind?: Resolver<ResolversTypes['PayoutKind'], ParentType, ContextType>;
  sharePermille?: Resolver<Schema.Maybe<ResolversTypes['Int']>, ParentType, ContextType>;
};

export type PerformanceResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['Performance'] = ResolversParentTypes['Performance']> = {
  averageDurationSeconds?: Resolver<Schema.Maybe<ResolversTypes['Float']>, ParentType, ContextType>;
  bids?: Resolver<ResolversTypes['Count'], ParentType, ContextType>;
  calls?: Resolver<ResolversTypes['Count'], ParentType, ContextType>;
  conversion?: Resolver<Schema.Maybe<ResolversTypes['Float']>, ParentType, ContextType>;
  costPerCall?: Resolver<Schema.Maybe<ResolversTypes['Money']>, ParentType, ContextType>;
  events?: Resolver<ReadonlyArray<ResolversTypes['EventCount']>, ParentType, ContextType>;
  from?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  margin?: Resolver<Schema.Maybe<ResolversTypes['Money']>, ParentType, ContextType>;
  payout?: Resolver<Schema.Maybe<ResolversTypes['Money']>, ParentType, ContextType>;
  profit?: Resolver<Schema.Maybe<ResolversTypes['Money']>, ParentType, ContextType>;
  revenue?: Resolver<Schema.Maybe<ResolversTypes['Money']>, ParentType, ContextType>;
  revenuePerCall?: Resolver<Schema.Maybe<ResolversTypes['Money']>, ParentType, ContextType>;
  settledCalls?: Resolver<ResolversTypes['Count'], ParentType, ContextType>;
  spend?: Resolver<ResolversTypes['Money'], ParentType, ContextType>;
  to?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  winRate?: Resolver<Schema.Maybe<ResolversTypes['Float']>, ParentType, ContextType>;
  wonBids?: Resolver<ResolversTypes['Count'], ParentType, ContextType>;
};

export type PingCallPayloadResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['PingCallPayload'] = ResolversParentTypes['PingCallPayload']> = {
  decision?: Resolver<Schema.Maybe<ResolversTypes['RoutingDecision']>, ParentType, ContextType>;
  errors?: Resolver<ReadonlyArray<ResolversTypes['UserError']>, ParentType, ContextType>;
  excluded?: Resolver<ReadonlyArray<ResolversTypes['ExcludedBuyer']>, ParentType, ContextType, RequireFields<Schema.PingCallPayloadExcludedArgs, 'first'>>;
  ranked?: Resolver<Schema.Maybe<ReadonlyArray<ResolversTypes['Buyer']>>, ParentType, ContextType, RequireFields<Schema.PingCallPayloadRankedArgs, 'first'>>;
  refusal?: Resolver<Schema.Maybe<ResolversTypes['RoutingOutcome']>, ParentType, ContextType>;
  reservation?: Resolver<Schema.Maybe<ResolversTypes['Reservation']>, ParentType, ContextType>;
};

export type PlaceBidPayloadResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['PlaceBidPayload'] = ResolversParentTypes['PlaceBidPayload']> = {
  bid?: Resolver<Schema.Maybe<ResolversTypes['Bid']>, ParentType, ContextType>;
  errors?: Resolver<ReadonlyArray<ResolversTypes['UserError']>, ParentType, ContextType>;
};

export type PostCallPayloadResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['PostCallPayload'] = ResolversParentTypes['PostCallPayload']> = {
  call?: Resolver<Schema.Maybe<ResolversTypes['Call']>, ParentType, ContextType>;
  decision?: Resolver<Schema.Maybe<ResolversTypes['RoutingDecision']>, ParentType, ContextType>;
  errors?: Resolver<ReadonlyArray<ResolversTypes['UserError']>, ParentType, ContextType>;
  refusal?: Resolver<Schema.Maybe<ResolversTypes['RoutingOutcome']>, ParentType, ContextType>;
};

export type PublisherResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['Publisher'] = ResolversParentTypes['Publisher']> = {
  active?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  createdAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  name?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  statistics?: Resolver<ResolversTypes['PublisherStatistics'], ParentType, ContextType, RequireFields<Schema.PublisherStatisticsArgs, 'from'>>;
  terms?: Resolver<Schema.Maybe<ResolversTypes['PayoutTerms']>, ParentType, ContextType>;
  updatedAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  version?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  __isTypeOf?: IsTypeOfResolverFn<ParentType, ContextType>;
};

export type PublisherConnectionResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['PublisherConnection'] = ResolversParentTypes['PublisherConnection']> = {
  edges?: Resolver<ReadonlyArray<ResolversTypes['PublisherEdge']>, ParentType, ContextType>;
  nodes?: Resolver<ReadonlyArray<ResolversTypes['Publisher']>, ParentType, ContextType>;
  pageInfo?: Resolver<ResolversTypes['PageInfo'], ParentType, ContextType>;
  totalCount?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
};

export type PublisherEdgeResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['PublisherEdge'] = ResolversParentTypes['PublisherEdge']> = {
  cursor?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  node?: Resolver<ResolversTypes['Publisher'], ParentType, ContextType>;
};

export type PublisherPayloadResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['PublisherPayload'] = ResolversParentTypes['PublisherPayload']> = {
  errors?: Resolver<ReadonlyArray<ResolversTypes['UserError']>, ParentType, ContextType>;
  publisher?: Resolver<Schema.Maybe<ResolversTypes['Publisher']>, ParentType, ContextType>;
};

export type PublisherStatisticsResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['PublisherStatistics'] = ResolversParentTypes['PublisherStatistics']> = {
  calls?: Resolver<ResolversTypes['Count'], ParentType, ContextType>;
  from?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  margin?: Resolver<Schema.Maybe<ResolversTypes['Money']>, ParentType, ContextType>;
  payout?: Resolver<Schema.Maybe<ResolversTypes['Money']>, ParentType, ContextType>;
  revenue?: Resolver<Schema.Maybe<ResolversTypes['Money']>, ParentType, ContextType>;
  settledCalls?: Resolver<ResolversTypes['Count'], ParentType, ContextType>;
  to?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
};

export type QueryResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['Query'] = ResolversParentTypes['Query']> = {
  analytics?: Resolver<Schema.Maybe<ResolversTypes['Analytics']>, ParentType, ContextType>;
  bid?: Resolver<Schema.Maybe<ResolversTypes['Bid']>, ParentType, ContextType, RequireFields<Schema.QueryBidArgs, 'id'>>;
  bids?: Resolver<Schema.Maybe<ResolversTypes['BidConnection']>, ParentType, ContextType, Partial<Schema.QueryBidsArgs>>;
  buyer?: Resolver<Schema.Maybe<ResolversTypes['Buyer']>, ParentType, ContextType, RequireFields<Schema.QueryBuyerArgs, 'id'>>;
  buyers?: Resolver<Schema.Maybe<ResolversTypes['BuyerConnection']>, ParentType, ContextType, Partial<Schema.QueryBuyersArgs>>;
  call?: Resolver<Schema.Maybe<ResolversTypes['Call']>, ParentType, ContextType, RequireFields<Schema.QueryCallArgs, 'id'>>;
  callerStatus?: Resolver<Schema.Maybe<ResolversTypes['CallerStatus']>, ParentType, ContextType, RequireFields<Schema.QueryCallerStatusArgs, 'caller'>>;
  calls?: Resolver<Schema.Maybe<ResolversTypes['CallConnection']>, ParentType, ContextType, Partial<Schema.QueryCallsArgs>>;
  campaign?: Resolver<Schema.Maybe<ResolversTypes['Campaign']>, ParentType, ContextType, RequireFields<Schema.QueryCampaignArgs, 'id'>>;
  campaigns?: Resolver<Schema.Maybe<ResolversTypes['CampaignConnection']>, ParentType, ContextType, Partial<Schema.QueryCampaignsArgs>>;
  domain?: Resolver<Schema.Maybe<ResolversTypes['Domain']>, ParentType, ContextType, RequireFields<Schema.QueryDomainArgs, 'id'>>;
  domainByName?: Resolver<Schema.Maybe<ResolversTypes['Domain']>, ParentType, ContextType, RequireFields<Schema.QueryDomainByNameArgs, 'name'>>;
  domainPatterns?: Resolver<Schema.Maybe<ReadonlyArray<ResolversTypes['DomainPattern']>>, ParentType, ContextType, RequireFields<Schema.QueryDomainPatternsArgs, 'keywords'>>;
  domains?: Resolver<Schema.Maybe<ResolversTypes['DomainConnection']>, ParentType, ContextType, Partial<Schema.QueryDomainsArgs>>;
  liveDomain?: Resolver<Schema.Maybe<ResolversTypes['LiveDomain']>, ParentType, ContextType, RequireFields<Schema.QueryLiveDomainArgs, 'name'>>;
  node?: Resolver<Schema.Maybe<ResolversTypes['Node']>, ParentType, ContextType, RequireFields<Schema.QueryNodeArgs, 'id'>>;
  nodes?: Resolver<Schema.Maybe<ReadonlyArray<Schema.Maybe<ResolversTypes['Node']>>>, ParentType, ContextType, RequireFields<Schema.QueryNodesArgs, 'ids'>>;
  publisher?: Resolver<Schema.Maybe<ResolversTypes['Publisher']>, ParentType, ContextType, RequireFields<Schema.QueryPublisherArgs, 'id'>>;
  publishers?: Resolver<Schema.Maybe<ResolversTypes['PublisherConnection']>, ParentType, ContextType, Partial<Schema.QueryPublishersArgs>>;
  routingCandidates?: Resolver<Schema.Maybe<ResolversTypes['RoutingCandidates']>, ParentType, ContextType, RequireFields<Schema.QueryRoutingCandidatesArgs, 'campaignId' | 'state'>>;
  routingDecisions?: Resolver<Schema.Maybe<ResolversTypes['RoutingDecisionConnection']>, ParentType, ContextType, Partial<Schema.QueryRoutingDecisionsArgs>>;
  routingPlan?: Resolver<Schema.Maybe<ResolversTypes['RoutingPlan']>, ParentType, ContextType, RequireFields<Schema.QueryRoutingPlanArgs, 'id'>>;
  routingPlans?: Resolver<Schema.Maybe<ResolversTypes['RoutingPlanConnection']>, ParentType, ContextType, Partial<Schema.QueryRoutingPlansArgs>>;
  routingState?: Resolver<Schema.Maybe<ResolversTypes['RoutingState']>, ParentType, ContextType>;
  ruleSet?: Resolver<Schema.Maybe<ResolversTypes['ComplianceRuleSet']>, ParentType, ContextType>;
  ruleSets?: Resolver<Schema.Maybe<ResolversTypes['ComplianceRuleSetConnection']>, ParentType, ContextType, Partial<Schema.QueryRuleSetsArgs>>;
  searchDomains?: Resolver<Schema.Maybe<ResolversTypes['DomainSearchConnection']>, ParentType, ContextType, RequireFields<Schema.QuerySearchDomainsArgs, 'query'>>;
  suggestDomains?: Resolver<Schema.Maybe<ReadonlyArray<ResolversTypes['DomainSuggestion']>>, ParentType, ContextType, RequireFields<Schema.QuerySuggestDomainsArgs, 'config'>>;
  suppressions?: Resolver<Schema.Maybe<ResolversTypes['SuppressionConnection']>, ParentType, ContextType, Partial<Schema.QuerySuppressionsArgs>>;
  tlds?: Resolver<Schema.Maybe<ReadonlyArray<ResolversTypes['Tld']>>, ParentType, ContextType, Partial<Schema.QueryTldsArgs>>;
  users?: Resolver<Schema.Maybe<ResolversTypes['UserConnection']>, ParentType, ContextType, Partial<Schema.QueryUsersArgs>>;
  valuableRoutes?: Resolver<Schema.Maybe<ReadonlyArray<ResolversTypes['ValuableRoute']>>, ParentType, ContextType, RequireFields<Schema.QueryValuableRoutesArgs, 'first'>>;
  viewer?: Resolver<Schema.Maybe<ResolversTypes['Viewer']>, ParentType, ContextType>;
};

export type RefreshAnalyticsPayloadResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['RefreshAnalyticsPayload'] = ResolversParentTypes['RefreshAnalyticsPayload']> = {
  correctedRows?: Resolver<ResolversTypes['Count'], ParentType, ContextType>;
  errors?: Resolver<ReadonlyArray<ResolversTypes['UserError']>, ParentType, ContextType>;
};

export type RefusingConditionResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['RefusingCondition'] = ResolversParentTypes['RefusingCondition']> = {
  condition?: Resolver<ResolversTypes['Condition'], ParentType, ContextType>;
  name?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
};

export type ReservationResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['Reservation'] = ResolversParentTypes['Reservation']> = {
  buyer?: Resolver<Schema.Maybe<ResolversTypes['Buyer']>, ParentType, ContextType>;
  expiresAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  payout?: Resolver<ResolversTypes['Money'], ParentType, ContextType>;
  price?: Resolver<Schema.Maybe<ResolversTypes['Money']>, ParentType, ContextType>;
};

export type RevocationPayloadResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['RevocationPayload'] = ResolversParentTypes['RevocationPayload']> = {
  errors?: Resolver<ReadonlyArray<ResolversTypes['UserError']>, ParentType, ContextType>;
  revoked?: Resolver<ResolversTypes['Count'], ParentType, ContextType>;
  revokedAt?: Resolver<Schema.Maybe<ResolversTypes['DateTime']>, ParentType, ContextType>;
};

export type RoutingCandidateResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['RoutingCandidate'] = ResolversParentTypes['RoutingCandidate']> = {
  buyer?: Resolver<Schema.Maybe<ResolversTypes['Buyer']>, ParentType, ContextType>;
  price?: Resolver<Schema.Maybe<ResolversTypes['Money']>, ParentType, ContextType>;
  tier?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  weight?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
};

export type RoutingCandidatesResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['RoutingCandidates'] = ResolversParentTypes['RoutingCandidates']> = {
  buyersRevision?: Resolver<ResolversTypes['Count'], ParentType, ContextType>;
  candidates?: Resolver<ReadonlyArray<ResolversTypes['RoutingCandidate']>, ParentType, ContextType, RequireFields<Schema.RoutingCandidatesCandidatesArgs, 'first'>>;
  excluded?: Resolver<ReadonlyArray<ResolversTypes['ExcludedBuyer']>, ParentType, ContextType, RequireFields<Schema.RoutingCandidatesExcludedArgs, 'first'>>;
  hour?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  state?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
};

export type RoutingCriteriaResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['RoutingCriteria'] = ResolversParentTypes['RoutingCriteria']> = {
  caps?: Resolver<ReadonlyArray<ResolversTypes['Cap']>, ParentType, ContextType>;
  conditions?: Resolver<Schema.Maybe<ResolversTypes['Condition']>, ParentType, ContextType>;
  dailyCap?: Resolver<Schema.Maybe<ResolversTypes['Money']>, ParentType, ContextType>;
  duplicates?: Resolver<Schema.Maybe<ResolversTypes['DuplicateWindow']>, ParentType, ContextType>;
  maxConcurrentCalls?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  minDurationSeconds?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  price?: Resolver<Schema.Maybe<ResolversTypes['Money']>, ParentType, ContextType>;
  schedule?: Resolver<Schema.Maybe<ResolversTypes['Schedule']>, ParentType, ContextType>;
  states?: Resolver<ReadonlyArray<ResolversTypes['String']>, ParentType, ContextType>;
  timeZone?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
};

export type RoutingDecisionResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['RoutingDecision'] = ResolversParentTypes['RoutingDecision']> = {
  buyer?: Resolver<Schema.Maybe<ResolversTypes['Buyer']>, ParentType, ContextType>;
  buyersRevision?: Resolver<ResolversTypes['Count'], ParentType, ContextType>;
  callerState?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  campaign?: Resolver<Schema.Maybe<ResolversTypes['Campaign']>, ParentType, ContextType>;
  decidedAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  dncVersions?: Resolver<Schema.Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  kind?: Resolver<ResolversTypes['RoutingDecisionKind'], ParentType, ContextType>;
  outcome?: Resolver<ResolversTypes['RoutingOutcome'], ParentType, ContextType>;
  payout?: Resolver<Schema.Maybe<ResolversTypes['Money']>, ParentType, ContextType>;
  planVersionId?: Resolver<Schema.Maybe<ResolversTypes['ID']>, ParentType, ContextType>;
  price?: Resolver<Schema.Maybe<ResolversTypes['Money']>, ParentType, ContextType>;
  publisher?: Resolver<Schema.Maybe<ResolversTypes['Publisher']>, ParentType, ContextType>;
  reasons?: Resolver<ReadonlyArray<ResolversTypes['ExcludedBuyer']>, ParentType, ContextType, RequireFields<Schema.RoutingDecisionReasonsArgs, 'first'>>;
  reservationId?: Resolver<Schema.Maybe<ResolversTypes['ID']>, ParentType, ContextType>;
  ruleSetId?: Resolver<Schema.Maybe<ResolversTypes['ID']>, ParentType, ContextType>;
};

export type RoutingDecisionConnectionResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['RoutingDecisionConnection'] = ResolversParentTypes['RoutingDecisionConnection']> = {
  edges?: Resolver<ReadonlyArray<ResolversTypes['RoutingDecisionEdge']>, ParentType, ContextType>;
  nodes?: Resolver<ReadonlyArray<ResolversTypes['RoutingDecision']>, ParentType, ContextType>;
  pageInfo?: Resolver<ResolversTypes['PageInfo'], ParentType, ContextType>;
};

export type RoutingDecisionEdgeResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['RoutingDecisionEdge'] = ResolversParentTypes['RoutingDecisionEdge']> = {
  cursor?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  node?: Resolver<ResolversTypes['RoutingDecision'], ParentType, ContextType>;
};

export type RoutingPlanResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['RoutingPlan'] = ResolversParentTypes['RoutingPlan']> = {
  createdAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  name?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  published?: Resolver<Schema.Maybe<ResolversTypes['RoutingPlanVersion']>, ParentType, ContextType>;
  updatedAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  version?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  versions?: Resolver<ReadonlyArray<ResolversTypes['RoutingPlanVersion']>, ParentType, ContextType, RequireFields<Schema.RoutingPlanVersionsArgs, 'first'>>;
  __isTypeOf?: IsTypeOfResolverFn<ParentType, ContextType>;
};

export type RoutingPlanConnectionResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['RoutingPlanConnection'] = ResolversParentTypes['RoutingPlanConnection']> = {
  edges?: Resolver<ReadonlyArray<ResolversTypes['RoutingPlanEdge']>, ParentType, ContextType>;
  nodes?: Resolver<ReadonlyArray<ResolversTypes['RoutingPlan']>, ParentType, ContextType>;
  pageInfo?: Resolver<ResolversTypes['PageInfo'], ParentType, ContextType>;
  totalCount?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
};

export type RoutingPlanEdgeResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['RoutingPlanEdge'] = ResolversParentTypes['RoutingPlanEdge']> = {
  cursor?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  node?: Resolver<ResolversTypes['RoutingPlan'], ParentType, ContextType>;
};

export type RoutingPlanPayloadResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['RoutingPlanPayload'] = ResolversParentTypes['RoutingPlanPayload']> = {
  errors?: Resolver<ReadonlyArray<ResolversTypes['UserError']>, ParentType, ContextType>;
  plan?: Resolver<Schema.Maybe<ResolversTypes['RoutingPlan']>, ParentType, ContextType>;
  version?: Resolver<Schema.Maybe<ResolversTypes['RoutingPlanVersion']>, ParentType, ContextType>;
};

export type RoutingPlanVersionResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['RoutingPlanVersion'] = ResolversParentTypes['RoutingPlanVersion']> = {
  createdAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  minimumPrice?: Resolver<Schema.Maybe<ResolversTypes['Money']>, ParentType, ContextType>;
  number?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  plan?: Resolver<Schema.Maybe<ResolversTypes['RoutingPlan']>, ParentType, ContextType>;
  publishedAt?: Resolver<Schema.Maybe<ResolversTypes['DateTime']>, ParentType, ContextType>;
  reservationSeconds?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  status?: Resolver<ResolversTypes['VersionStatus'], ParentType, ContextType>;
  strategy?: Resolver<ResolversTypes['RoutingStrategy'], ParentType, ContextType>;
  targetCount?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  targets?: Resolver<ReadonlyArray<ResolversTypes['RoutingTarget']>, ParentType, ContextType, RequireFields<Schema.RoutingPlanVersionTargetsArgs, 'first' | 'skip'>>;
  version?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  __isTypeOf?: IsTypeOfResolverFn<ParentType, ContextType>;
};

export type RoutingStateResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['RoutingState'] = ResolversParentTypes['RoutingState']> = {
  buyersRevision?: Resolver<ResolversTypes['Count'], ParentType, ContextType>;
  ruleSet?: Resolver<Schema.Maybe<ResolversTypes['ComplianceRuleSet']>, ParentType, ContextType>;
};

export type RoutingTargetResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['RoutingTarget'] = ResolversParentTypes['RoutingTarget']> = {
  buyer?: Resolver<Schema.Maybe<ResolversTypes['Buyer']>, ParentType, ContextType>;
  conditions?: Resolver<Schema.Maybe<ResolversTypes['Condition']>, ParentType, ContextType>;
  minimumPrice?: Resolver<Schema.Maybe<ResolversTypes['Money']>, ParentType, ContextType>;
  price?: Resolver<Schema.Maybe<ResolversTypes['Money']>, ParentType, ContextType>;
  tier?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  weight?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
};

export type RuleSetPayloadResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['RuleSetPayload'] = ResolversParentTypes['RuleSetPayload']> = {
  errors?: Resolver<ReadonlyArray<ResolversTypes['UserError']>, ParentType, ContextType>;
  ruleSet?: Resolver<Schema.Maybe<ResolversTypes['ComplianceRuleSet']>, ParentType, ContextType>;
};

export type ScheduleResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['Schedule'] = ResolversParentTypes['Schedule']> = {
  holidays?: Resolver<ReadonlyArray<ResolversTypes['String']>, ParentType, ContextType>;
  hours?: Resolver<ReadonlyArray<ResolversTypes['OpeningHours']>, ParentType, ContextType>;
};

export type SetDomainStatusPayloadResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['SetDomainStatusPayload'] = ResolversParentTypes['SetDomainStatusPayload']> = {
  domain?: Resolver<Schema.Maybe<ResolversTypes['Domain']>, ParentType, ContextType>;
  errors?: Resolver<ReadonlyArray<ResolversTypes['UserError']>, ParentType, ContextType>;
};

export type SetDomainsStatusPayloadResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['SetDomainsStatusPayload'] = ResolversParentTypes['SetDomainsStatusPayload']> = {
  domains?: Resolver<ReadonlyArray<ResolversTypes['Domain']>, ParentType, ContextType>;
  errors?: Resolver<ReadonlyArray<ResolversTypes['UserError']>, ParentType, ContextType>;
};

export type SettleCallPayloadResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['SettleCallPayload'] = ResolversParentTypes['SettleCallPayload']> = {
  call?: Resolver<Schema.Maybe<ResolversTypes['Call']>, ParentType, ContextType>;
  errors?: Resolver<ReadonlyArray<ResolversTypes['UserError']>, ParentType, ContextType>;
  winner?: Resolver<Schema.Maybe<ResolversTypes['Bid']>, ParentType, ContextType>;
};

export type StateRulesResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['StateRules'] = ResolversParentTypes['StateRules']> = {
  attempts?: Resolver<ReadonlyArray<ResolversTypes['AttemptLimit']>, ParentType, ContextType>;
  callingHours?: Resolver<Schema.Maybe<ResolversTypes['Schedule']>, ParentType, ContextType>;
  consentRequired?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  dncLists?: Resolver<ReadonlyArray<ResolversTypes['String']>, ParentType, ContextType>;
  refuse?: Resolver<ReadonlyArray<ResolversTypes['RefusingCondition']>, ParentType, ContextType>;
  state?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
};

export type SuppressionResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['Suppression'] = ResolversParentTypes['Suppression']> = {
  buyer?: Resolver<Schema.Maybe<ResolversTypes['Buyer']>, ParentType, ContextType>;
  caller?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  campaign?: Resolver<Schema.Maybe<ResolversTypes['Campaign']>, ParentType, ContextType>;
  createdAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  madeBy?: Resolver<Schema.Maybe<ResolversTypes['Actor']>, ParentType, ContextType>;
  scope?: Resolver<ResolversTypes['SuppressionScope'], ParentType, ContextType>;
  source?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
};

export type SuppressionConnectionResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['SuppressionConnection'] = ResolversParentTypes['SuppressionConnection']> = {
  edges?: Resolver<ReadonlyArray<ResolversTypes['SuppressionEdge']>, ParentType, ContextType>;
  nodes?: Resolver<ReadonlyArray<ResolversTypes['Suppression']>, ParentType, ContextType>;
  pageInfo?: Resolver<ResolversTypes['PageInfo'], ParentType, ContextType>;
};

export type SuppressionEdgeResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['SuppressionEdge'] = ResolversParentTypes['SuppressionEdge']> = {
  cursor?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  node?: Resolver<ResolversTypes['Suppression'], ParentType, ContextType>;
};

export type SuppressionPayloadResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['SuppressionPayload'] = ResolversParentTypes['SuppressionPayload']> = {
  errors?: Resolver<ReadonlyArray<ResolversTypes['UserError']>, ParentType, ContextType>;
  suppression?: Resolver<Schema.Maybe<ResolversTypes['Suppression']>, ParentType, ContextType>;
};

export type TenantResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['Tenant'] = ResolversParentTypes['Tenant']> = {
  createdAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  currency?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  name?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  __isTypeOf?: IsTypeOfResolverFn<ParentType, ContextType>;
};

export interface TimeZoneScalarConfig extends GraphQLScalarTypeConfig<ResolversTypes['TimeZone'], any> {
  name: 'TimeZone';
}

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

export type UnsuppressPayloadResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['UnsuppressPayload'] = ResolversParentTypes['UnsuppressPayload']> = {
  deletedId?: Resolver<Schema.Maybe<ResolversTypes['ID']>, ParentType, ContextType>;
  errors?: Resolver<ReadonlyArray<ResolversTypes['UserError']>, ParentType, ContextType>;
};

export type UpdateBuyerPayloadResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['UpdateBuyerPayload'] = ResolversParentTypes['UpdateBuyerPayload']> = {
  buyer?: Resolver<Schema.Maybe<ResolversTypes['Buyer']>, ParentType, ContextType>;
  errors?: Resolver<ReadonlyArray<ResolversTypes['UserError']>, ParentType, ContextType>;
};

export type UpdateCampaignPayloadResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['UpdateCampaignPayload'] = ResolversParentTypes['UpdateCampaignPayload']> = {
  campaign?: Resolver<Schema.Maybe<ResolversTypes['Campaign']>, ParentType, ContextType>;
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

export type UserConnectionResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['UserConnection'] = ResolversParentTypes['UserConnection']> = {
  edges?: Resolver<ReadonlyArray<ResolversTypes['UserEdge']>, ParentType, ContextType>;
  nodes?: Resolver<ReadonlyArray<ResolversTypes['User']>, ParentType, ContextType>;
  pageInfo?: Resolver<ResolversTypes['PageInfo'], ParentType, ContextType>;
  totalCount?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
};

export type UserEdgeResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['UserEdge'] = ResolversParentTypes['UserEdge']> = {
  cursor?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  node?: Resolver<ResolversTypes['User'], ParentType, ContextType>;
};

export type UserErrorResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['UserError'] = ResolversParentTypes['UserError']> = {
  code?: Resolver<ResolversTypes['UserErrorCode'], ParentType, ContextType>;
  field?: Resolver<ReadonlyArray<ResolversTypes['String']>, ParentType, ContextType>;
  message?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
};

export type ValuableRouteResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['ValuableRoute'] = ResolversParentTypes['ValuableRoute']> = {
  campaign?: Resolver<Schema.Maybe<ResolversTypes['Campaign']>, ParentType, ContextType>;
  candidates?: Resolver<Schema.Maybe<ResolversTypes['RoutingCandidates']>, ParentType, ContextType>;
  offered?: Resolver<Schema.Maybe<ResolversTypes['Money']>, ParentType, ContextType>;
  offers?: Resolver<ResolversTypes['Count'], ParentType, ContextType>;
  state?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
};

export type ViewerResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['Viewer'] = ResolversParentTypes['Viewer']> = {
  role?: Resolver<ResolversTypes['Role'], ParentType, ContextType>;
  tenant?: Resolver<Schema.Maybe<ResolversTypes['Tenant']>, ParentType, ContextType>;
  user?: Resolver<Schema.Maybe<ResolversTypes['User']>, ParentType, ContextType>;
};

export type Resolvers<ContextType = RequestContext> = {
  Actor?: ActorResolvers<ContextType>;
  Analytics?: AnalyticsResolvers<ContextType>;
  AttemptLimit?: AttemptLimitResolvers<ContextType>;
  Bid?: BidResolvers<ContextType>;
  BidConnection?: BidConnectionResolvers<ContextType>;
  BidEdge?: BidEdgeResolvers<ContextType>;
  Buyer?: BuyerResolvers<ContextType>;
  BuyerConnection?: BuyerConnectionResolvers<ContextType>;
  BuyerEdge?: BuyerEdgeResolvers<ContextType>;
  BuyerRevenue?: BuyerRevenueResolvers<ContextType>;
  BuyerUsage?: BuyerUsageResolvers<ContextType>;
  Call?: CallResolvers<ContextType>;
  CallConnection?: CallConnectionResolvers<ContextType>;
  CallDay?: CallDayResolvers<ContextType>;
  CallEdge?: CallEdgeResolvers<ContextType>;
  CallHour?: CallHourResolvers<ContextType>;
  CallerStatus?: CallerStatusResolvers<ContextType>;
  Campaign?: CampaignResolvers<ContextType>;
  CampaignConnection?: CampaignConnectionResolvers<ContextType>;
  CampaignEdge?: CampaignEdgeResolvers<ContextType>;
  CampaignShare?: CampaignShareResolvers<ContextType>;
  CampaignStatistics?: CampaignStatisticsResolvers<ContextType>;
  CancelBidPayload?: CancelBidPayloadResolvers<ContextType>;
  Cap?: CapResolvers<ContextType>;
  CapUsage?: CapUsageResolvers<ContextType>;
  ChangeCallPayload?: ChangeCallPayloadResolvers<ContextType>;
  ChangeCampaignStatusPayload?: ChangeCampaignStatusPayloadResolvers<ContextType>;
  ComplianceRuleSet?: ComplianceRuleSetResolvers<ContextType>;
  ComplianceRuleSetConnection?: ComplianceRuleSetConnectionResolvers<ContextType>;
  ComplianceRuleSetEdge?: ComplianceRuleSetEdgeResolvers<ContextType>;
  Condition?: GraphQLScalarType;
  Consent?: ConsentResolvers<ContextType>;
  ConsentPayload?: ConsentPayloadResolvers<ContextType>;
  Count?: GraphQLScalarType;
  CreateBuyerPayload?: CreateBuyerPayloadResolvers<ContextType>;
  CreateCampaignPayload?: CreateCampaignPayloadResolvers<ContextType>;
  Dashboard?: DashboardResolvers<ContextType>;
  DateTime?: GraphQLScalarType;
  DeleteCampaignPayload?: DeleteCampaignPayloadResolvers<ContextType>;
  DncListStatus?: DncListStatusResolvers<ContextType>;
  Domain?: DomainResolvers<ContextType>;
  DomainConnection?: DomainConnectionResolvers<ContextType>;
  DomainEdge?: DomainEdgeResolvers<ContextType>;
  DomainFacets?: DomainFacetsResolvers<ContextType>;
  DomainName?: GraphQLScalarType;
  DomainPattern?: DomainPatternResolvers<ContextType>;
  DomainSearchConnection?: DomainSearchConnectionResolvers<ContextType>;
  DomainStatistics?: DomainStatisticsResolvers<ContextType>;
  DomainStatusCount?: DomainStatusCountResolvers<ContextType>;
  DomainSuggestion?: DomainSuggestionResolvers<ContextType>;
  DuplicateWindow?: DuplicateWindowResolvers<ContextType>;
  EventCount?: EventCountResolvers<ContextType>;
  ExcludedBuyer?: ExcludedBuyerResolvers<ContextType>;
  GenerateDomainsPayload?: GenerateDomainsPayloadResolvers<ContextType>;
  LiveDomain?: LiveDomainResolvers<ContextType>;
  MinorUnits?: GraphQLScalarType;
  Money?: MoneyResolvers<ContextType>;
  Mutation?: MutationResolvers<ContextType>;
  Node?: NodeResolvers<ContextType>;
  OpeningHours?: OpeningHoursResolvers<ContextType>;
  PageInfo?: PageInfoResolvers<ContextType>;
  PayoutTerms?: PayoutTermsResolvers<ContextType>;
  Performance?: PerformanceResolvers<ContextType>;
  PingCallPayload?: PingCallPayloadResolvers<ContextType>;
  PlaceBidPayload?: PlaceBidPayloadResolvers<ContextType>;
  PostCallPayload?: PostCallPayloadResolvers<ContextType>;
  Publisher?: PublisherResolvers<ContextType>;
  PublisherConnection?: PublisherConnectionResolvers<ContextType>;
  PublisherEdge?: PublisherEdgeResolvers<ContextType>;
  PublisherPayload?: PublisherPayloadResolvers<ContextType>;
  PublisherStatistics?: PublisherStatisticsResolvers<ContextType>;
  Query?: QueryResolvers<ContextType>;
  RefreshAnalyticsPayload?: RefreshAnalyticsPayloadResolvers<ContextType>;
  RefusingCondition?: RefusingConditionResolvers<ContextType>;
  Reservation?: ReservationResolvers<ContextType>;
  RevocationPayload?: RevocationPayloadResolvers<ContextType>;
  RoutingCandidate?: RoutingCandidateResolvers<ContextType>;
  RoutingCandidates?: RoutingCandidatesResolvers<ContextType>;
  RoutingCriteria?: RoutingCriteriaResolvers<ContextType>;
  RoutingDecision?: RoutingDecisionResolvers<ContextType>;
  RoutingDecisionConnection?: RoutingDecisionConnectionResolvers<ContextType>;
  RoutingDecisionEdge?: RoutingDecisionEdgeResolvers<ContextType>;
  RoutingPlan?: RoutingPlanResolvers<ContextType>;
  RoutingPlanConnection?: RoutingPlanConnectionResolvers<ContextType>;
  RoutingPlanEdge?: RoutingPlanEdgeResolvers<ContextType>;
  RoutingPlanPayload?: RoutingPlanPayloadResolvers<ContextType>;
  RoutingPlanVersion?: RoutingPlanVersionResolvers<ContextType>;
  RoutingState?: RoutingStateResolvers<ContextType>;
  RoutingTarget?: RoutingTargetResolvers<ContextType>;
  RuleSetPayload?: RuleSetPayloadResolvers<ContextType>;
  Schedule?: ScheduleResolvers<ContextType>;
  SetDomainStatusPayload?: SetDomainStatusPayloadResolvers<ContextType>;
  SetDomainsStatusPayload?: SetDomainsStatusPayloadResolvers<ContextType>;
  SettleCallPayload?: SettleCallPayloadResolvers<ContextType>;
  StateRules?: StateRulesResolvers<ContextType>;
  Suppression?: SuppressionResolvers<ContextType>;
  SuppressionConnection?: SuppressionConnectionResolvers<ContextType>;
  SuppressionEdge?: SuppressionEdgeResolvers<ContextType>;
  SuppressionPayload?: SuppressionPayloadResolvers<ContextType>;
  Tenant?: TenantResolvers<ContextType>;
  TimeZone?: GraphQLScalarType;
  Tld?: TldResolvers<ContextType>;
  TldCount?: TldCountResolvers<ContextType>;
  TrackEventsPayload?: TrackEventsPayloadResolvers<ContextType>;
  UnsuppressPayload?: UnsuppressPayloadResolvers<ContextType>;
  UpdateBuyerPayload?: UpdateBuyerPayloadResolvers<ContextType>;
  UpdateCampaignPayload?: UpdateCampaignPayloadResolvers<ContextType>;
  User?: UserResolvers<ContextType>;
  UserConnection?: UserConnectionResolvers<ContextType>;
  UserEdge?: UserEdgeResolvers<ContextType>;
  UserError?: UserErrorResolvers<ContextType>;
  ValuableRoute?: ValuableRouteResolvers<ContextType>;
  Viewer?: ViewerResolvers<ContextType>;
};

export type DirectiveResolvers<ContextType = RequestContext> = {
  auth?: AuthDirectiveResolver<any, any, ContextType>;
  cache?: CacheDirectiveResolver<any, any, ContextType>;
  cacheControl?: CacheControlDirectiveResolver<any, any, ContextType>;
  cost?: CostDirectiveResolver<any, any, ContextType>;
  listSize?: ListSizeDirectiveResolver<any, any, ContextType>;
  live?: LiveDirectiveResolver<any, any, ContextType>;
  strict?: StrictDirectiveResolver<any, any, ContextType>;
};
