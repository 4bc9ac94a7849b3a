import { bidType } from '../bids/entity.ts'
import { campaignType } from '../campaigns/entity.ts'
import { connectionResolvers } from '../connection.ts'
import { domainType } from '../domains/entity.ts'
import { rowIdOf, toGlobalId } from '../global-id.ts'
import { inputId } from '../input-id.ts'
import { batched, type Module } from '../module.ts'
import { money } from '../money.ts'
import { loadReference } from '../reference.ts'
import type { Resolvers } from '../schema-types.generated.ts'
import { callType } from './entity.ts'
import { countCalls, listCalls, listCallsOfCampaigns } from './queries.ts'
import { settleCall } from './writes.ts'

const resolvers: Resolvers = {
  Query: {
    call(_root, args, context) {
      const id = rowIdOf('Call', args.id)
      return id === null ? null : context.load(callType, id)
    },
    calls: batched(listCalls),
  },
  Campaign: {
    calls: batched(listCallsOfCampaigns),
  },
  Call: {
    id: (call) => toGlobalId('Call', call.id),
    campaign: (call, _args, context, info) => loadReference(campaignType, call.campaignId, context, info),
    domain: (call, _args, context, info) => (call.domainId === null ? null : loadReference(domainType, call.domainId, context, info)),
    cost: (call, _args, context) => money(context, call.costMinor),
    revenue: (call, _args, context) => money(context, call.revenueMinor),
    winner: (call, _args, context, info) => (call.winningBidId === null ? null : loadReference(bidType, call.winningBidId, context, info)),
  },
  CallConnection: connectionResolvers(callType, countCalls, [
    'source.domainId',
    'source.campaignId',
    'source.filter.callerState',
    'source.filter.status',
  ]),
  Mutation: {
    async settleCall(_root, { input }, context) {
      const named = inputId('Call', input.id, ['input', 'id'])
      if ('error' in named) return { call: null, winner: null, errors: [named.error] }
      const { id } = named
      const outcome = await context.write((write) => settleCall(write, id, input.durationSeconds))
      if ('errors' in outcome) return { call: null, winner: null, errors: outcome.errors }
      const winner = outcome.winningBidId === null ? null : await context.load(bidType, outcome.winningBidId)
      return { call: await context.load(callType, id), winner, errors: [] }
    },
  },
}

export const callsModule: Module = { entities: [callType], resolvers }
