import { buyerType } from '../buyers/entity.ts'
import { campaignType } from '../campaigns/entity.ts'
import { batched, type Module, type RequestContext } from '../module.ts'
import { money } from '../money.ts'
import type { Resolvers } from '../schema-types.generated.ts'
import { buyerDayEntity, buyerRevenueDayEntity, campaignHourEntity, eventHourEntity } from './entity.ts'
import { countEvents } from './events.ts'
import { perUnit, share, type Totals } from './figures.ts'
import { callsByHour, dashboard, performance, revenueByBuyer } from './queries.ts'
import { refreshRollups, trackEvents } from './writes.ts'

const resolvers: Resolvers = {
  Query: {
    analytics: () => ({}),
  },
  Analytics: {
    callsByHour: batched(callsByHour),
    revenueByBuyer: batched(revenueByBuyer),
    performance: batched(performance),
    dashboard: batched(dashboard),
  },
  CallHour: { spend, revenue },
  Performance: {
    conversion: ({ settledCalls, calls }) => share(settledCalls, calls),
    winRate: ({ wonBids, bids }) => share(wonBids, bids),
    averageDurationSeconds: ({ durationSeconds, calls }) => share(durationSeconds, calls),
    spend,
    costPerCall: ({ spendMinor, calls }, _args, context) => optionalMoney(context, perUnit(spendMinor, calls)),
    revenue,
    revenuePerCall: ({ revenueMinor, calls }, _args, context) => optionalMoney(context, perUnit(revenueMinor, calls)),
    profit: ({ revenueMinor, spendMinor }, _args, context) => money(context, revenueMinor - spendMinor),
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
    trackEvents: (_root, { input }, context) => trackEvents(context, input.events, context.uncached.now),
    async refreshAnalytics(_root, _args, context) {
      return { correctedRows: await context.write(refreshRollups), errors: [] }
    },
  },
}

export const analyticsModule: Module = {
  entities: [],
  watched: [campaignHourEntity, buyerRevenueDayEntity, buyerDayEntity, eventHourEntity],
  resolvers,
}

function spend({ spendMinor }: Pick<Totals, 'spendMinor'>, _args: unknown, context: RequestContext) {
  return money(context, spendMinor)
}

function revenue({ revenueMinor }: Pick<Totals, 'revenueMinor'>, _args: unknown, context: RequestContext) {
  return money(context, revenueMinor)
}

function optionalMoney(context: RequestContext, amount: number | null) {
  return amount === null ? null : money(context, amount)
}
