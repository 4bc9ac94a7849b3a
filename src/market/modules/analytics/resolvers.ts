import { batched, type Module, type RequestContext } from '../../../gateway/contract/module.ts'
import type { TimeZones } from '../../rules/time-zones.ts'
import { buyerType } from '../buyers/entity.ts'
import { campaignType } from '../campaigns/entity.ts'
import { money, optionalMoney } from '../money.ts'
import type { NoMore } from '../no-more.ts'
import type { Resolvers } from '../resolver-types.generated.ts'
import { share } from '../share.ts'
import { buyerDayEntity, buyerRevenueDayEntity, campaignHourEntity, eventHourEntity } from './entity.ts'
import type { EventRecorder } from './event-recorder.ts'
import { countEvents } from './events.ts'
import { perUnit, type Totals } from './figures.ts'
import { callsByDay, callsByHour, dashboard, performance, revenueByBuyer } from './queries.ts'
import { refreshRollups, trackEvents } from './writes.ts'

const resolversWith = (zones: TimeZones, recordEvents: EventRecorder['record']): Resolvers => ({
  Query: {
    analytics: () => ({}),
  },
  Analytics: {
    callsByHour: batched(callsByHour),
    callsByDay: batched(callsByDay(zones)),
    revenueByBuyer: batched(revenueByBuyer),
    performance: batched(performance),
    dashboard: batched(dashboard(zones)),
  },
  CallHour: { spend, revenue, payout, margin, profit },
  CallDay: { spend, revenue, payout, margin, profit },
  Performance: {
    conversion: ({ settledCalls, calls }) => share(settledCalls, calls),
    winRate: ({ wonBids, bids }) => share(wonBids, bids),
    averageDurationSeconds: ({ durationSeconds, calls }) => share(durationSeconds, calls),
    spend,
    costPerCall: ({ spendMinor, calls }, _args, context) => optionalMoney(context, perUnit(spendMinor, calls)),
    revenue,
    revenuePerCall: ({ revenueMinor, calls }, _args, context) => optionalMoney(context, perUnit(revenueMinor, calls)),
    payout,
    margin,
    profit,
    events: batched(countEvents, ['from', 'to', 'campaignId']),
  },
  BuyerRevenue: {
    buyer: ({ buyerId }, _args, context) => context.load(buyerType, buyerId),
    winRate: ({ wonBids, bids }) => share(wonBids, bids),
    revenue,
  },
  CampaignShare: {
    campaign: ({ campaignId }, _args, context) => context.load(campaignType, campaignId),
    revenue,
  },
  Mutation: {
    trackEvents(_root, { input: { events, ...others } }, context) {
      others satisfies NoMore
      return trackEvents(context, recordEvents, events)
    },
    async refreshAnalytics(_root, _args, context) {
      return { correctedRows: await context.write(refreshRollups), errors: [] }
    },
  },
})

/** Creates the GraphQL module of analytics. @param recordEvents Stores events; resolves once they are durable. */
export function createAnalyticsModule(zones: TimeZones, recordEvents: EventRecorder['record']): Module {
  return {
    entities: [],
    watched: [campaignHourEntity, buyerRevenueDayEntity, buyerDayEntity, eventHourEntity],
    resolvers: resolversWith(zones, recordEvents),
  }
}

function spend({ spendMinor }: Pick<Totals, 'spendMinor'>, _args: unknown, context: RequestContext) {
  return money(context, spendMinor)
}

function revenue({ revenueMinor }: Pick<Totals, 'revenueMinor'>, _args: unknown, context: RequestContext) {
  return money(context, revenueMinor)
}

function payout({ payoutMinor }: Pick<Totals, 'payoutMinor'>, _args: unknown, context: RequestContext) {
  return money(context, payoutMinor)
}

function margin({ revenueMinor, payoutMinor }: Pick<Totals, 'revenueMinor' | 'payoutMinor'>, _args: unknown, context: RequestContext) {
  return money(context, revenueMinor - payoutMinor)
}

function profit(
  { revenueMinor, spendMinor, payoutMinor }: Pick<Totals, 'revenueMinor' | 'spendMinor' | 'payoutMinor'>,
  _args: unknown,
  context: RequestContext,
) {
  return money(context, revenueMinor - spendMinor - payoutMinor)
}
