import { connectionResolvers } from '../../../gateway/contract/connection.ts'
import { toGlobalId } from '../../../gateway/contract/global-id.ts'
import { inputId } from '../../../gateway/contract/input-id.ts'
import { batched, type Module, type RequestContext, type WriteContext } from '../../../gateway/contract/module.ts'
import { loadReference } from '../../../gateway/contract/reference.ts'
import { rowById } from '../../../gateway/contract/rows-by-id.ts'
import type { UserError } from '../../../gateway/contract/user-error.ts'
import { bidType } from '../bids/entity.ts'
import { buyerType } from '../buyers/entity.ts'
import { campaignType } from '../campaigns/entity.ts'
import { domainType } from '../domains/entity.ts'
import { money } from '../money.ts'
import type { NoMore } from '../no-more.ts'
import { publisherType } from '../publishers/entity.ts'
import type { Resolvers } from '../resolver-types.generated.ts'
import type { ChangeCallInput } from '../schema-types.generated.ts'
import { callType } from './entity.ts'
import { countCalls, listCalls, listCallsOfCampaigns } from './queries.ts'
import { connectCall, missCall, settleCall } from './writes.ts'

const resolvers: Resolvers = {
  Query: {
    call: rowById(callType),
    calls: batched(listCalls),
  },
  Campaign: {
    calls: batched(listCallsOfCampaigns),
  },
  Call: {
    id: (call) => toGlobalId('Call', call.id),
    campaign: (call, _args, context, info) => loadReference(campaignType, call.campaignId, context, info),
    domain: (call, _args, context, info) => (call.domainId === null ? null : loadReference(domainType, call.domainId, context, info)),
    publisher: (call, _args, context, info) =>
      call.publisherId === null ? null : loadReference(publisherType, call.publisherId, context, info),
    buyer: (call, _args, context, info) => (call.buyerId === null ? null : loadReference(buyerType, call.buyerId, context, info)),
    cost: (call, _args, context) => money(context, call.costMinor),
    revenue: (call, _args, context) => money(context, call.revenueMinor),
    payout: (call, _args, context) => money(context, call.payoutMinor),
    margin: (call, _args, context) => money(context, call.revenueMinor - call.payoutMinor),
    winner: (call, _args, context, info) => (call.winningBidId === null ? null : loadReference(bidType, call.winningBidId, context, info)),
  },
  CallConnection: connectionResolvers(callType, countCalls, [
    'source.domainId',
    'source.publisherId',
    'source.buyerId',
    'source.campaignId',
    'source.filter.callerState',
    'source.filter.status',
  ]),
  Mutation: {
    connectCall: (_root, { input }, context) => changed(context, input, connectCall),
    missCall: (_root, { input }, context) => changed(context, input, missCall),
    async settleCall(_root, { input }, context) {
      const { id: globalId, durationSeconds, ...others } = input
      others satisfies NoMore
      const named = inputId('Call', globalId, ['input', 'id'])
      if ('error' in named) return { call: null, winner: null, errors: [named.error] }
      const { id } = named
      const outcome = await context.write((write) => settleCall(write, id, durationSeconds))
      if ('errors' in outcome) return { call: null, winner: null, errors: outcome.errors }
      const winner = outcome.winningBidId === null ? null : await context.load(bidType, outcome.winningBidId)
      return { call: await context.load(callType, id), winner, errors: [] }
    },
  },
}

async function changed(
  context: RequestContext,
  { id: globalId, ...others }: ChangeCallInput,
  change: (write: WriteContext, id: number) => Promise<{ readonly callId: number } | { readonly errors: readonly UserError[] }>,
) {
  others satisfies NoMore
  const named = inputId('Call', globalId, ['input', 'id'])
  if ('error' in named) return { call: null, errors: [named.error] }
  const outcome = await context.write((write) => change(write, named.id))
  return 'errors' in outcome ? { call: null, errors: outcome.errors } : { call: await context.load(callType, named.id), errors: [] }
}

export const callsModule: Module = { entities: [callType], resolvers }
