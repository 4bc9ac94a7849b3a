import { connectionResolvers } from '../../../gateway/contract/connection.ts'
import { toGlobalId } from '../../../gateway/contract/global-id.ts'
import { inputId } from '../../../gateway/contract/input-id.ts'
import { batched, type Module, type RequestContext } from '../../../gateway/contract/module.ts'
import { loadReference } from '../../../gateway/contract/reference.ts'
import { rowById } from '../../../gateway/contract/rows-by-id.ts'
import { batchedMoney, money } from '../money.ts'
import type { NoMore } from '../no-more.ts'
import type { Resolvers } from '../resolver-types.generated.ts'
import type { ChangeCampaignStatusInput } from '../schema-types.generated.ts'
import { userType } from '../tenants/entity.ts'
import {
  campaignDatesEntity,
  campaignNameEntity,
  campaignRankingEntity,
  campaignTotalEntity,
  campaignType,
  domainCountEntity,
} from './entity.ts'
import {
  countCampaigns,
  countDomainsOfCampaigns,
  listCampaigns,
  marginOfCampaigns,
  revenueOfCampaigns,
  statisticsOfCampaigns,
} from './queries.ts'
import { changeStatus, createCampaign, deleteCampaign, type Transition, updateCampaign } from './writes.ts'

const resolvers: Resolvers = {
  Query: {
    campaign: rowById(campaignType),
    campaigns: batched(listCampaigns),
  },
  Campaign: {
    id: (campaign) => toGlobalId('Campaign', campaign.id),
    budget: (campaign, _args, context) => money(context, campaign.budgetMinor),
    owner: (campaign, _args, context, info) => loadReference(userType, campaign.ownerId, context, info),
    domainCount: batched(countDomainsOfCampaigns),
    statistics: batched(statisticsOfCampaigns),
  },
  CampaignStatistics: {
    winRate: ({ bids, wonBids }) => (bids === 0 ? null : wonBids / bids),
    spend: (statistics, _args, context) => money(context, statistics.spendMinor),
    revenue: batchedMoney(revenueOfCampaigns, ['id']),
    payout: (statistics, _args, context) => money(context, statistics.payoutMinor),
    margin: batchedMoney(marginOfCampaigns, ['id']),
  },
  CampaignConnection: connectionResolvers(campaignType, countCampaigns, [
    'source.ownerId',
    'source.filter.status',
    'source.filter.search',
    'source.filter.startsFrom',
    'source.filter.startsBefore',
    'source.filter.endsFrom',
    'source.filter.endsBefore',
  ]),
  Mutation: {
    async createCampaign(_root, { input }, context) {
      const outcome = await context.write((write) => createCampaign(write, input))
      if ('errors' in outcome) return { campaign: null, errors: outcome.errors }
      return { campaign: await context.load(campaignType, outcome.campaignId), errors: [] }
    },
    async updateCampaign(_root, { input }, context) {
      const { id: globalId, ...patch } = input
      const named = inputId('Campaign', globalId, ['input', 'id'])
      if ('error' in named) return { campaign: null, errors: [named.error] }
      const { id } = named
      const outcome = await context.write((write) => updateCampaign(write, id, patch))
      return { campaign: await context.load(campaignType, id), errors: 'errors' in outcome ? outcome.errors : [] }
    },
    pauseCampaign: (_root, { input }, context) => moved(context, input, 'pause'),
    resumeCampaign: (_root, { input }, context) => moved(context, input, 'resume'),
    archiveCampaign: (_root, { input }, context) => moved(context, input, 'archive'),
    async deleteCampaign(_root, { input }, context) {
      const { id: globalId, version = null, ...others } = input
      others satisfies NoMore
      const named = inputId('Campaign', globalId, ['input', 'id'])
      if ('error' in named) return { deletedId: null, errors: [named.error] }
      const outcome = await context.write((write) => deleteCampaign(write, named.id, version))
      return 'errors' in outcome ? { deletedId: null, errors: outcome.errors } : { deletedId: globalId, errors: [] }
    },
  },
}

export const campaignsModule: Module = {
  entities: [campaignType],
  watched: [campaignNameEntity, campaignDatesEntity, domainCountEntity, campaignTotalEntity, campaignRankingEntity],
  resolvers,
}

async function moved(context: RequestContext, input: ChangeCampaignStatusInput, transition: Transition) {
  const { id: globalId, version = null, ...others } = input
  others satisfies NoMore
  const named = inputId('Campaign', globalId, ['input', 'id'])
  if ('error' in named) return { campaign: null, errors: [named.error] }
  const { id } = named
  const outcome = await context.write((write) => changeStatus(write, id, version, transition))
  return { campaign: await context.load(campaignType, id), errors: 'errors' in outcome ? outcome.errors : [] }
}
