import { connectionResolvers } from '../connection.ts'
import { rowIdOf, toGlobalId } from '../global-id.ts'
import { inputId } from '../input-id.ts'
import { aroundBatched, batched, type Module, type RequestContext } from '../module.ts'
import { money } from '../money.ts'
import { loadReference } from '../reference.ts'
import type { ChangeCampaignStatusInput, Resolvers } from '../schema-types.generated.ts'
import { userType } from '../tenants/entity.ts'
import { campaignTotalEntity, campaignType, domainCountEntity } from './entity.ts'
import {
  type CampaignStatistics,
  countCampaigns,
  countDomainsOfCampaigns,
  listCampaigns,
  revenueOfCampaigns,
  statisticsOfCampaigns,
} from './queries.ts'
import { changeStatus, createCampaign, deleteCampaign, type Transition, updateCampaign } from './writes.ts'

const revenue = batched(revenueOfCampaigns, ['id'])

const resolvers: Resolvers = {
  Query: {
    campaign(_root, args, context) {
      const id = rowIdOf('Campaign', args.id)
      return id === null ? null : context.load(campaignType, id)
    },
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
    revenue: aroundBatched(
      revenue,
      async (...[statistics, args, context, info]: [CampaignStatistics, unknown, RequestContext, Parameters<typeof revenue>[3]]) =>
        money(context, await revenue(statistics, args, context, info)),
    ),
  },
  CampaignConnection: connectionResolvers(campaignType, countCampaigns, ['source.ownerId', 'source.filter.status']),
  Mutation: {
    async createCampaign(_root, { input }, context) {
      const outcome = await context.write((write) => createCampaign(write, input))
      if ('errors' in outcome) return { campaign: null, errors: outcome.errors }
      return { campaign: await context.load(campaignType, outcome.campaignId), errors: [] }
    },
    async updateCampaign(_root, { input }, context) {
      const named = inputId('Campaign', input.id, ['input', 'id'])
      if ('error' in named) return { campaign: null, errors: [named.error] }
      const { id } = named
      const outcome = await context.write((write) => updateCampaign(write, id, input))
      return { campaign: await context.load(campaignType, id), errors: 'errors' in outcome ? outcome.errors : [] }
    },
    pauseCampaign: (_root, { input }, context) => moved(context, input, 'pause'),
    resumeCampaign: (_root, { input }, context) => moved(context, input, 'resume'),
    archiveCampaign: (_root, { input }, context) => moved(context, input, 'archive'),
    async deleteCampaign(_root, { input }, context) {
      const named = inputId('Campaign', input.id, ['input', 'id'])
      if ('error' in named) return { deletedId: null, errors: [named.error] }
      const { id } = named
      const outcome = await context.write((write) => deleteCampaign(write, id, input.version ?? null))
      return 'errors' in outcome ? { deletedId: null, errors: outcome.errors } : { deletedId: input.id, errors: [] }
    },
  },
}

export const campaignsModule: Module = { entities: [campaignType], watched: [domainCountEntity, campaignTotalEntity], resolvers }

async function moved(context: RequestContext, input: ChangeCampaignStatusInput, transition: Transition) {
  const named = inputId('Campaign', input.id, ['input', 'id'])
  if ('error' in named) return { campaign: null, errors: [named.error] }
  const { id } = named
  const outcome = await context.write((write) => changeStatus(write, id, input.version ?? null, transition))
  return { campaign: await context.load(campaignType, id), errors: 'errors' in outcome ? outcome.errors : [] }
}
