import { sql } from 'kysely'
import type { ReadContext, RequestContext } from '../../../gateway/contract/module.ts'
import { rowsByIds } from '../../../gateway/contract/row-order.ts'
import type { RuleSetDocument } from '../../rules/compliance/rule-set-document.ts'
import { campaignType } from '../campaigns/entity.ts'
import { routingPlanType } from '../plans/entity.ts'
import { routingStateType, ruleSetType } from '../rule-sets/entity.ts'
import { candidatesId, type createCandidatesType, OutdatedCandidates } from './candidates.ts'
import { NO_RULES, rulesOf } from './check-call.ts'
import type { RoutingCandidates } from './entity.ts'
import type { Documents } from './ping.ts'
import type { Versions } from './versions.ts'

/** Returns the current versions of the documents for a campaign from the database; undefined if the tenant has no such campaign. */
export async function currentVersions({ db, tenant }: ReadContext, campaignId: number): Promise<Versions | undefined> {
  const { rows } = await sql<Versions>`
    select coalesce(buyers_revision, 0) as buyers_revision, rule_set_id, published_id as plan_version_id
    from campaigns
    left join routing_plans on routing_plans.id = campaigns.plan_id
    left join routing_states on routing_states.tenant_id = campaigns.tenant_id
    where campaigns.tenant_id = ${tenant} and campaigns.id = ${campaignId}::int8
  `.execute(db)
  return rows[0]
}

/**
 * Returns the versions of the documents for a campaign from the cache; undefined if the tenant has no such campaign. They are those of a
 * moment ago at the latest, and the deciding transaction compares them with the current ones.
 */
export async function cachedVersions(context: RequestContext, campaignId: number): Promise<Versions | undefined> {
  const [campaign, state] = await Promise.all([
    context.load(campaignType, campaignId),
    context.load(routingStateType, context.requireTenant()),
  ])
  if (!campaign) return undefined
  const plan = campaign.planId === null ? null : await context.load(routingPlanType, campaign.planId)
  return { buyersRevision: state?.buyersRevision ?? 0, ruleSetId: state?.ruleSetId ?? null, planVersionId: plan?.publishedId ?? null }
}

/** Loads published documents through the cache. Under their versions, they never change. */
export class DocumentLoader {
  readonly #candidatesType: ReturnType<typeof createCandidatesType>
  /** Rule sets that were read, for as long as the stored ones are in memory. */
  readonly #rules = new WeakMap<object, RuleSetDocument>()

  constructor(candidatesType: ReturnType<typeof createCandidatesType>) {
    this.#candidatesType = candidatesType
  }

  /** Returns the candidates; undefined if the versions are not the current ones. */
  async candidates(context: RequestContext, versions: Versions, state: string, hour: number): Promise<RoutingCandidates | undefined> {
    try {
      return (await context.load(this.#candidatesType, candidatesId({ ...versions, state, hour }))) ?? undefined
    } catch (error) {
      if (error instanceof OutdatedCandidates) return undefined
      throw error
    }
  }

  /** Returns the rules of a version; those of a tenant that has published none restrict little. */
  async rules(context: RequestContext, ruleSetId: number | null): Promise<RuleSetDocument> {
    if (ruleSetId === null) return NO_RULES
    const cached = await context.load(ruleSetType, ruleSetId)
    // The cache may still have the draft, or know of no such rule set: it is asked before it has applied all that is committed.
    const stored =
      cached?.status === 'PUBLISHED' ? cached : (await rowsByIds(context.uncached, 'complianceRuleSets', [String(ruleSetId)]))[0]
    if (stored?.status !== 'PUBLISHED') throw new Error(`Expected the published rule set ${ruleSetId}, but there is none.`)
    let rules = this.#rules.get(stored)
    if (!rules) {
      rules = rulesOf(stored.document)
      this.#rules.set(stored, rules)
    }
    return rules
  }

  /** Returns the documents of a ping; undefined if the versions are not the current ones. */
  async all(context: RequestContext, versions: Versions, state: string, hour: number): Promise<Documents | undefined> {
    const [candidates, rules] = await Promise.all([
      this.candidates(context, versions, state, hour),
      this.rules(context, versions.ruleSetId),
    ])
    return candidates && { ...versions, candidates, rules }
  }
}
