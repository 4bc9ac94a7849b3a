import { connectionResolvers } from '../../../gateway/contract/connection.ts'
import { toGlobalId } from '../../../gateway/contract/global-id.ts'
import { inputId } from '../../../gateway/contract/input-id.ts'
import { batched, type Module, type RequestContext } from '../../../gateway/contract/module.ts'
import { loadReference } from '../../../gateway/contract/reference.ts'
import { rowById } from '../../../gateway/contract/rows-by-id.ts'
import { buyerType } from '../buyers/entity.ts'
import { callType } from '../calls/entity.ts'
import { campaignType } from '../campaigns/entity.ts'
import { money } from '../money.ts'
import type { NoMore } from '../no-more.ts'
import type { Resolvers } from '../resolver-types.generated.ts'
import { bidType } from './entity.ts'
import { countBids, listActiveBidsOfBuyers, listBids, listBidsOfCalls, listBidsOfCampaigns } from './queries.ts'
import { type BidOutcome, cancelBid, placeBid } from './writes.ts'

const resolvers: Resolvers = {
  Query: {
    bid: rowById(bidType),
    bids: batched(listBids),
  },
  Call: {
    bids: batched(listBidsOfCalls),
  },
  Campaign: {
    bids: batched(listBidsOfCampaigns),
  },
  Buyer: {
    activeBids: batched(listActiveBidsOfBuyers),
  },
  Bid: {
    id: (bid) => toGlobalId('Bid', bid.id),
    call: (bid, _args, context, info) => loadReference(callType, bid.callId, context, info),
    campaign: (bid, _args, context, info) => loadReference(campaignType, bid.campaignId, context, info),
    buyer: (bid, _args, context, info) => loadReference(buyerType, bid.buyerId, context, info),
    amount: (bid, _args, context) => money(context, bid.amountMinor),
  },
  BidConnection: connectionResolvers(bidType, countBids, ['source.callId', 'source.buyerId', 'source.campaignId', 'source.filter.status']),
  Mutation: {
    async placeBid(_root, { input }, context) {
      const call = inputId('Call', input.callId, ['input', 'callId'])
      const buyer = inputId('Buyer', input.buyerId, ['input', 'buyerId'])
      if ('error' in call || 'error' in buyer)
        return { bid: null, errors: [call, buyer].flatMap((named) => ('error' in named ? [named.error] : [])) }
      const offer = { ...input, callId: call.id, buyerId: buyer.id }
      return payload(context, await context.write((write) => placeBid(write, offer)))
    },
    async cancelBid(_root, { input }, context) {
      const { id, ...others } = input
      others satisfies NoMore
      const bid = inputId('Bid', id, ['input', 'id'])
      if ('error' in bid) return { bid: null, errors: [bid.error] }
      return payload(context, await context.write((write) => cancelBid(write, bid.id)))
    },
  },
}

export const bidsModule: Module = { entities: [bidType], resolvers }

async function payload(context: RequestContext, outcome: BidOutcome) {
  return 'errors' in outcome ? { bid: null, errors: outcome.errors } : { bid: await context.load(bidType, outcome.bidId), errors: [] }
}
