import type { GraphQLResolveInfo } from 'graphql'
import { connectionResolvers } from '../connection.ts'
import { rowIdOf, toGlobalId } from '../global-id.ts'
import { inputId } from '../input-id.ts'
import { aroundBatched, batched, type Module, type RequestContext } from '../module.ts'
import { money } from '../money.ts'
import type { Resolvers } from '../schema-types.generated.ts'
import { type Buyer, buyerType } from './entity.ts'
import { countBuyers, listBuyers, sumRevenueOfBuyers } from './queries.ts'
import { createBuyer, nameTakenBy, updateBuyer } from './writes.ts'

const resolvers: Resolvers = {
  Query: {
    buyer(_root, args, context) {
      const id = rowIdOf('Buyer', args.id)
      return id === null ? null : context.load(buyerType, id)
    },
    buyers: batched(listBuyers),
  },
  Buyer: {
    id: (buyer) => toGlobalId('Buyer', buyer.id),
    routing: (buyer) => buyer,
    revenue: revenueOfBuyer(),
  },
  RoutingCriteria: {
    dailyCap: (buyer, _args, context) => (buyer.dailyCapMinor === null ? null : money(context, buyer.dailyCapMinor)),
  },
  BuyerConnection: connectionResolvers(buyerType, countBuyers, ['source.filter.active']),
  Mutation: {
    async createBuyer(_root, { input }, context) {
      const outcome = await context.write((write) => createBuyer(write, input))
      return 'errors' in outcome
        ? { buyer: null, errors: outcome.errors }
        : { buyer: await context.load(buyerType, outcome.buyerId), errors: [] }
    },
    async updateBuyer(_root, { input }, context) {
      const named = inputId('Buyer', input.id, ['input', 'id'])
      if ('error' in named) return { buyer: null, errors: [named.error] }
      const { id } = named
      const outcome = await context
        .write((write) => updateBuyer(write, id, input))
        .catch((error: unknown) => nameTakenBy(error, input.name))
      return { buyer: await context.load(buyerType, id), errors: 'errors' in outcome ? outcome.errors : [] }
    },
  },
}

export const buyersModule: Module = { entities: [buyerType], resolvers }

/** The sum is what is cached; the currency comes with the tenant. */
function revenueOfBuyer() {
  const sum = batched(sumRevenueOfBuyers)
  const resolve = async (buyer: Buyer, args: unknown, context: RequestContext, info: GraphQLResolveInfo) =>
    money(context, await sum(buyer, args, context, info))
  return aroundBatched(sum, resolve)
}
