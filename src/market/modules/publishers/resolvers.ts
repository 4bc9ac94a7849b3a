import { connectionResolvers } from '../../../gateway/contract/connection.ts'
import { toGlobalId } from '../../../gateway/contract/global-id.ts'
import { inputId } from '../../../gateway/contract/input-id.ts'
import { batched, type Module } from '../../../gateway/contract/module.ts'
import { rowById } from '../../../gateway/contract/rows-by-id.ts'
import { money } from '../money.ts'
import type { Resolvers } from '../resolver-types.generated.ts'
import { publisherDayEntity, publisherType } from './entity.ts'
import { countPublishers, listPublishers, statisticsOfPublishers } from './queries.ts'
import { createPublisher, unlessNameTaken, updatePublisher } from './writes.ts'

const resolvers: Resolvers = {
  Query: {
    publisher: rowById(publisherType),
    publishers: batched(listPublishers),
  },
  Publisher: {
    id: (publisher) => toGlobalId('Publisher', publisher.id),
    terms: (publisher) => publisher,
    statistics: batched(statisticsOfPublishers),
  },
  PayoutTerms: {
    kind: ({ payoutKind }) => payoutKind,
    amount: ({ payoutKind, payoutMinor }, _args, context) => (payoutKind === 'FIXED' ? money(context, payoutMinor) : null),
    sharePermille: ({ payoutKind, sharePermille }) => (payoutKind === 'REVENUE_SHARE' ? sharePermille : null),
  },
  PublisherStatistics: {
    revenue: ({ revenueMinor }, _args, context) => money(context, revenueMinor),
    payout: ({ payoutMinor }, _args, context) => money(context, payoutMinor),
    margin: ({ revenueMinor, payoutMinor }, _args, context) => money(context, revenueMinor - payoutMinor),
  },
  PublisherConnection: connectionResolvers(publisherType, countPublishers, ['source.active']),
  Mutation: {
    async createPublisher(_root, { input }, context) {
      const outcome = await unlessNameTaken(input.name, () => context.write((write) => createPublisher(write, input)))
      return 'errors' in outcome
        ? { publisher: null, errors: outcome.errors }
        : { publisher: await context.load(publisherType, outcome.publisherId), errors: [] }
    },
    async updatePublisher(_root, { input }, context) {
      const { id: globalId, ...patch } = input
      const named = inputId('Publisher', globalId, ['input', 'id'])
      if ('error' in named) return { publisher: null, errors: [named.error] }
      const { id } = named
      const outcome = await unlessNameTaken(patch.name, () => context.write((write) => updatePublisher(write, id, patch)))
      return { publisher: await context.load(publisherType, id), errors: 'errors' in outcome ? outcome.errors : [] }
    },
  },
}

export const publishersModule: Module = { entities: [publisherType], watched: [publisherDayEntity], resolvers }
