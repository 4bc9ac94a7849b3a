import { connectionResolvers } from '../../../gateway/contract/connection.ts'
import { toGlobalId } from '../../../gateway/contract/global-id.ts'
import { inputId } from '../../../gateway/contract/input-id.ts'
import { batched, type Module, type RequestContext } from '../../../gateway/contract/module.ts'
import { loadReference } from '../../../gateway/contract/reference.ts'
import { type UserError, userError } from '../../../gateway/contract/user-error.ts'
import { firstItems } from '../first-items.ts'
import type { NoMore } from '../no-more.ts'
import type { Resolvers } from '../resolver-types.generated.ts'
import { routingStateType, ruleSetType } from './entity.ts'
import { countRuleSets, listRuleSets } from './queries.ts'
import { type NamedDraft, publishRuleSet, type RuleSetOutcome, saveDraft } from './writes.ts'

/** There are 59 codes of states, including those of territories and of the armed forces. */
const MAX_STATES = 60

const resolvers: Resolvers = {
  Query: {
    routingState: (_root, _args, context) => context.load(routingStateType, context.requireTenant()),
    async ruleSet(_root, _args, context) {
      const state = await context.load(routingStateType, context.requireTenant())
      return state?.ruleSetId == null ? null : context.load(ruleSetType, state.ruleSetId)
    },
    ruleSets: batched(listRuleSets),
  },
  RoutingState: {
    ruleSet: ({ ruleSetId }, _args, context, info) => (ruleSetId === null ? null : loadReference(ruleSetType, ruleSetId, context, info)),
  },
  ComplianceRuleSet: {
    id: (ruleSet) => toGlobalId('ComplianceRuleSet', ruleSet.id),
    callingHours: ({ document }) => document.callingHours,
    attempts: ({ document }) => document.attempts,
    consentRequired: ({ document }) => document.consentRequired,
    dncLists: ({ document }) => document.dncLists,
    refuse: ({ document }) => document.refuse,
    states: ({ document }, { first }) => firstItems(document.states, MAX_STATES, first),
  },
  ComplianceRuleSetConnection: connectionResolvers(ruleSetType, countRuleSets, []),
  Mutation: {
    async saveRuleSetDraft(_root, { input }, context) {
      const { id: globalId, version, rules, ...others } = input
      others satisfies NoMore
      const draft = globalId == null ? null : namedDraft(globalId, version)
      return payload(context, await context.write((write) => saveDraft(write, draft, rules)))
    },
    async publishRuleSet(_root, { input }, context) {
      const { id: globalId, version, ...others } = input
      others satisfies NoMore
      const named = inputId('ComplianceRuleSet', globalId, ['input', 'id'])
      if ('error' in named) return payload(context, { errors: [named.error] })
      return payload(context, await context.write((write) => publishRuleSet(write, { id: named.id, version })))
    },
  },
}

export const ruleSetsModule: Module = { entities: [ruleSetType, routingStateType], resolvers }

function namedDraft(id: string, version: number | null | undefined): NamedDraft | { readonly error: UserError } {
  const named = inputId('ComplianceRuleSet', id, ['input', 'id'])
  if ('error' in named) return named
  if (version != null) return { id: named.id, version }
  return { error: userError('INVALID', 'Expected the `version` of the draft with its `id`, got none.', ['input', 'version']) }
}

/**
 * Loads what the mutation answers. The write is over and its invalidations are applied, so this puts a rule set that was published into all
 * tiers of the cache before anybody asks for it.
 */
async function payload(context: RequestContext, outcome: RuleSetOutcome) {
  return 'errors' in outcome
    ? { ruleSet: null, errors: outcome.errors }
    : { ruleSet: await context.load(ruleSetType, outcome.ruleSetId), errors: [] }
}
