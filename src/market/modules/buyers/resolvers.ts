import { connectionResolvers } from '../../../gateway/contract/connection.ts'
import { toGlobalId } from '../../../gateway/contract/global-id.ts'
import { inputId } from '../../../gateway/contract/input-id.ts'
import { batched, type Module } from '../../../gateway/contract/module.ts'
import { rowById } from '../../../gateway/contract/rows-by-id.ts'
import type { TimeZones } from '../../rules/time-zones.ts'
import { batchedMoney, money, optionalMoney } from '../money.ts'
import type { Resolvers } from '../resolver-types.generated.ts'
import { buyerType, buyerUsageRowEntity, heldReservationEntity } from './entity.ts'
import { countBuyers, listBuyers, sumRevenueOfBuyers } from './queries.ts'
import { dailyCapUsedOfBuyers, usageOfBuyers } from './usage.ts'
import { createBuyer, unlessNameTaken, updateBuyer } from './writes.ts'

const resolversWith = (zones: TimeZones): Resolvers => ({
  Query: {
    buyer: rowById(buyerType),
    buyers: batched(listBuyers),
  },
  Buyer: {
    id: (buyer) => toGlobalId('Buyer', buyer.id),
    routing: (buyer) => buyer,
    usage: batched(usageOfBuyers(zones)),
    revenue: batchedMoney(sumRevenueOfBuyers),
  },
  RoutingCriteria: {
    dailyCap: (buyer, _args, context) => optionalMoney(context, buyer.dailyCapMinor),
    price: (buyer, _args, context) => money(context, buyer.priceMinor),
  },
  BuyerUsage: {
    dailyCapUsed: batchedMoney(dailyCapUsedOfBuyers, ['id']),
  },
  BuyerConnection: connectionResolvers(buyerType, countBuyers, ['source.filter.active']),
  Mutation: {
    async createBuyer(_root, { input }, context) {
      const outcome = await unlessNameTaken(input.name, () => context.write((write) => createBuyer(write, input)))
      return 'errors' in outcome
        ? { buyer: null, errors: outcome.errors }
        : { buyer: await context.load(buyerType, outcome.buyerId), errors: [] }
    },
    async updateBuyer(_root, { input }, context) {
      const { id: globalId, ...patch } = input
      const named = inputId('Buyer', globalId, ['input', 'id'])
      if ('error' in named) return { buyer: null, errors: [named.error] }
      const { id } = named
      const outcome = await unlessNameTaken(patch.name, () => context.write((write) => updateBuyer(write, zones, id, patch)))
      return { buyer: await context.load(buyerType, id), errors: 'errors' in outcome ? outcome.errors : [] }
    },
  },
})

/** Creates the GraphQL module of buyers. */
export function createBuyersModule(zones: TimeZones): Module {
  return { entities: [buyerType], watched: [buyerUsageRowEntity, heldReservationEntity], resolvers: resolversWith(zones) }
}
