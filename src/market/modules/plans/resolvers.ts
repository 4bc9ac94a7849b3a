import type { GraphQLResolveInfo } from 'graphql'
import { connectionResolvers } from '../../../gateway/contract/connection.ts'
import { toGlobalId } from '../../../gateway/contract/global-id.ts'
import { inputId } from '../../../gateway/contract/input-id.ts'
import { aroundBatched, batched, type Module, type RequestContext } from '../../../gateway/contract/module.ts'
import { loadReference } from '../../../gateway/contract/reference.ts'
import { loadRows, rowById } from '../../../gateway/contract/rows-by-id.ts'
import { type UserError, userError } from '../../../gateway/contract/user-error.ts'
import { planLimits } from '../../rules/routing/plan-document.ts'
import { buyerType } from '../buyers/entity.ts'
import { firstItems } from '../first-items.ts'
import { optionalMoney } from '../money.ts'
import type { NoMore } from '../no-more.ts'
import type { Resolvers } from '../resolver-types.generated.ts'
import type { RoutingPlanVersionsArgs } from '../schema-types.generated.ts'
import { type RoutingPlan, routingPlanType, routingPlanVersionType } from './entity.ts'
import { countPlans, listPlans, versionsOfPlans } from './queries.ts'
import { createPlan, type NamedDraft, type PlanOutcome, publishPlan, savePlanDraft, unlessNameTaken } from './writes.ts'

const versionIds = batched(versionsOfPlans)

const resolvers: Resolvers = {
  Query: {
    routingPlan: rowById(routingPlanType),
    routingPlans: batched(listPlans),
  },
  Campaign: {
    plan: (campaign, _args, context, info) =>
      campaign.planId === null ? null : loadReference(routingPlanType, campaign.planId, context, info),
  },
  RoutingPlan: {
    id: (plan) => toGlobalId('RoutingPlan', plan.id),
    published: (plan, _args, context, info) =>
      plan.publishedId === null ? null : loadReference(routingPlanVersionType, plan.publishedId, context, info),
    versions: aroundBatched(
      versionIds,
      async (plan: RoutingPlan, args: RoutingPlanVersionsArgs, context: RequestContext, info: GraphQLResolveInfo) =>
        loadRows(context, routingPlanVersionType, await versionIds(plan, args, context, info)),
    ),
  },
  RoutingPlanVersion: {
    id: (version) => toGlobalId('RoutingPlanVersion', version.id),
    plan: (version, _args, context, info) => loadReference(routingPlanType, version.planId, context, info),
    strategy: ({ document }) => document.strategy,
    reservationSeconds: ({ document }) => document.reservationSeconds,
    minimumPrice: ({ document }, _args, context) => optionalMoney(context, document.minimumPrice),
    targets: ({ document }, { first, skip }) => firstItems(document.targets, planLimits.targets, first, skip),
    targetCount: ({ document }) => document.targets.length,
  },
  RoutingTarget: {
    buyer: ({ buyerId }, _args, context) => context.load(buyerType, buyerId),
    price: ({ price }, _args, context) => optionalMoney(context, price),
    minimumPrice: ({ minimumPrice }, _args, context) => optionalMoney(context, minimumPrice),
  },
  RoutingPlanConnection: connectionResolvers(routingPlanType, countPlans, []),
  Mutation: {
    async createRoutingPlan(_root, { input }, context) {
      return payload(context, await unlessNameTaken(input.name, () => context.write((write) => createPlan(write, input))))
    },
    async saveRoutingPlanDraft(_root, { input }, context) {
      const { planId, draftId, version, plan, ...others } = input
      others satisfies NoMore
      const named = inputId('RoutingPlan', planId, ['input', 'planId'])
      const draft = draftId == null ? null : namedDraft(draftId, version)
      return payload(context, await context.write((write) => savePlanDraft(write, named, draft, plan)))
    },
    async publishRoutingPlan(_root, { input }, context) {
      const { draftId, version, ...others } = input
      others satisfies NoMore
      const draft = namedDraft(draftId, version)
      if ('error' in draft) return payload(context, { errors: [draft.error] })
      return payload(context, await context.write((write) => publishPlan(write, draft)))
    },
  },
}

export const plansModule: Module = { entities: [routingPlanType, routingPlanVersionType], resolvers }

function namedDraft(id: string, version: number | null | undefined): NamedDraft | { readonly error: UserError } {
  const path = ['input', 'draftId']
  const named = inputId('RoutingPlanVersion', id, path)
  if ('error' in named) return named
  if (version != null) return { id: named.id, version, path }
  return { error: userError('INVALID', 'Expected the `version` of the draft with its `draftId`, got none.', ['input', 'version']) }
}

/**
 * Loads what the mutation answers. The write is over and its invalidations are applied, so this puts a version that was published into all
 * tiers of the cache before anybody asks for it.
 */
async function payload(context: RequestContext, outcome: PlanOutcome) {
  if ('errors' in outcome) return { plan: null, version: null, errors: outcome.errors }
  const [plan, version] = await Promise.all([
    context.load(routingPlanType, outcome.planId),
    context.load(routingPlanVersionType, outcome.versionId),
  ])
  return { plan, version, errors: [] }
}
