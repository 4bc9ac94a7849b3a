import { GatewayError } from '../../../errors.ts'
import { rowIdOf, toGlobalId } from '../../../gateway/contract/global-id.ts'
import { batched, type Module } from '../../../gateway/contract/module.ts'
import { quote } from '../../../gateway/contract/quote.ts'
import { loadReference } from '../../../gateway/contract/reference.ts'
import { loadRows } from '../../../gateway/contract/rows-by-id.ts'
import type { CallerHashes } from '../../rules/caller.ts'
import type { BuyerReason } from '../../rules/routing/reason.ts'
import { decodeReasons } from '../../rules/routing/reason-codec.ts'
import { usStates } from '../../rules/us-states.ts'
import { buyerType } from '../buyers/entity.ts'
import { callType } from '../calls/entity.ts'
import { campaignType } from '../campaigns/entity.ts'
import { money, optionalMoney } from '../money.ts'
import { publisherType } from '../publishers/entity.ts'
import type { Resolvers } from '../resolver-types.generated.ts'
import { stateOfFilter } from '../us-state.ts'
import { readPing, readPost } from './call-input.ts'
import { createCandidatesType, hourOf } from './candidates.ts'
import { DocumentLoader } from './documents.ts'
import type { RoutingEngine } from './ping.ts'
import { decisionsOfCalls, listDecisions } from './queries.ts'
import { Router } from './router.ts'
import { listValuableRoutes } from './valuable-routes.ts'

/** Limits of the time for which candidates are asked, before and after now, ms. Each hour has candidates of its own. */
const BEFORE_MS = 3_600_000
const AFTER_MS = 8 * 24 * 3_600_000

/** Maximum number of buyers in one list. */
const MAX_BUYERS = 1000

/** Maximum number of routes in one list. */
const MAX_ROUTES = 50

/** Creates the module of routing. */
export function createRoutingModule(engine: RoutingEngine, hashes: CallerHashes): Module {
  const candidatesType = createCandidatesType(engine.zones)
  const documents = new DocumentLoader(candidatesType)
  const router = new Router(engine, documents)
  const resolvers: Resolvers = {
    Query: {
      async routingCandidates(_root, args, context) {
        const [campaignId, state] = [rowIdOf('Campaign', args.campaignId), knownState(args.state)]
        const hour = hourOf(timeOf(context.uncached.now, args.at))
        return campaignId === null ? null : router.candidates(context, campaignId, state, hour)
      },
      routingDecisions: (_root, args, context) => listDecisions(context.uncached, hashes, args),
      async valuableRoutes(_root, { first, at }, context) {
        if (first < 1 || first > MAX_ROUTES)
          throw new GatewayError('BAD_USER_INPUT', `Expected \`first\` from 1 to ${MAX_ROUTES}, got ${first}.`)
        return listValuableRoutes(context.uncached, first, hourOf(timeOf(context.uncached.now, at)))
      },
    },
    RoutingCandidates: {
      hour: ({ hour }) => new Date(hour * 3_600_000).toISOString(),
      candidates: ({ candidates }, args) => firstOf(candidates, args),
      excluded: ({ excluded }, args) => firstOf(excluded, args),
    },
    ValuableRoute: {
      campaign: ({ campaignId }, _args, context) => context.load(campaignType, campaignId),
      offered: ({ offeredMinor }, _args, context) => money(context, offeredMinor),
      candidates: ({ campaignId, state, hour }, _args, context) => router.candidates(context, campaignId, state, hour),
    },
    RoutingCandidate: {
      buyer: ({ buyerId }, _args, context, info) => loadReference(buyerType, buyerId, context, info),
      price: ({ priceMinor }, _args, context) => money(context, priceMinor),
    },
    ExcludedBuyer: {
      buyer: ({ buyerId }, _args, context) => context.load(buyerType, buyerId),
    },
    Call: {
      decision: batched(decisionsOfCalls),
    },
    RoutingDecision: {
      id: ({ id }) => toGlobalId('RoutingDecision', id),
      campaign: ({ campaignId }, _args, context) => context.load(campaignType, campaignId),
      publisher: ({ publisherId }, _args, context) => (publisherId === null ? null : context.load(publisherType, publisherId)),
      buyer: ({ buyerId }, _args, context) => (buyerId === null ? null : context.load(buyerType, buyerId)),
      reservationId: ({ reservationId }) => (reservationId === null ? null : toGlobalId('Reservation', reservationId)),
      price: ({ priceMinor }, _args, context) => optionalMoney(context, priceMinor),
      payout: ({ payoutMinor }, _args, context) => optionalMoney(context, payoutMinor),
      planVersionId: ({ planVersionId }) => (planVersionId === null ? null : toGlobalId('RoutingPlanVersion', planVersionId)),
      ruleSetId: ({ ruleSetId }) => (ruleSetId === null ? null : toGlobalId('ComplianceRuleSet', ruleSetId)),
      reasons: ({ reasons }, args) => firstOf(reasonsOf(reasons), args),
    },
    RoutingDecisionConnection: {
      edges: ({ page, nodes }) => nodes.map((node) => ({ node, cursor: page.cursors[page.ids.indexOf(node.id)] ?? '' })),
      pageInfo: ({ page: { cursors, hasNextPage, hasPreviousPage } }) => ({
        hasNextPage,
        hasPreviousPage,
        startCursor: cursors.at(0) ?? null,
        endCursor: cursors.at(-1) ?? null,
      }),
    },
    Reservation: {
      id: ({ id }) => toGlobalId('Reservation', id),
      buyer: ({ buyerId }, _args, context, info) => loadReference(buyerType, buyerId, context, info),
      payout: ({ payoutMinor }, _args, context) => money(context, payoutMinor),
      price: ({ priceMinor }, _args, context) => money(context, priceMinor),
    },
    PingCallPayload: {
      ranked: ({ ranked }, args, context) => (ranked === null ? null : loadRows(context, buyerType, firstOf(ranked, args))),
      excluded: ({ decision }, args) => (decision === null ? [] : firstOf(reasonsOf(decision.reasons), args)),
    },
    Mutation: {
      async pingCall(_root, { input }, context) {
        const ping = readPing(hashes, context.requireTenant(), input)
        if ('errors' in ping) return { ...NO_OFFER, errors: ping.errors }
        const outcome = await router.ping(context, ping)
        if ('error' in outcome) return { ...NO_OFFER, errors: [outcome.error] }
        const { decision, reservation, ranked } = outcome
        return { reservation, ranked, decision, refusal: reservation ? null : decision.outcome, errors: [] }
      },
      async postCall(_root, { input }, context) {
        const post = readPost(hashes, context.requireTenant(), input)
        if ('errors' in post) return { ...NO_CALL, errors: post.errors }
        const outcome = await router.post(context, post)
        if ('error' in outcome) return { ...NO_CALL, errors: [outcome.error] }
        if (outcome.kind === 'REFUSED') return { ...NO_CALL, decision: outcome.decision, refusal: outcome.decision.outcome }
        return { ...NO_CALL, call: await context.load(callType, outcome.callId), decision: outcome.decision }
      },
    },
  }
  return { entities: [candidatesType], constantTables: ['routing_decisions'], resolvers }
}

const NO_OFFER = { reservation: null, ranked: null, refusal: null, decision: null, errors: [] }
const NO_CALL = { call: null, refusal: null, decision: null, errors: [] }

/** Returns a state in upper case. @throws GatewayError BAD_USER_INPUT for letters that are no state, from which no call can come. */
function knownState(given: string): string {
  const state = stateOfFilter('state', given)
  if (usStates.has(state)) return state
  throw new GatewayError('BAD_USER_INPUT', `Expected the two letters of a US state such as CA in \`state\`, got ${quote(given, 40)}.`)
}

/** Returns the time for which candidates are asked, Unix epoch ms. @throws GatewayError BAD_USER_INPUT for a time that is too far away. */
function timeOf(now: number, at: string | null | undefined): number {
  const time = at == null ? now : Date.parse(at)
  if (time >= now - BEFORE_MS && time <= now + AFTER_MS) return time
  throw new GatewayError('BAD_USER_INPUT', `Expected a time from an hour ago to eight days from now in \`at\`, got ${quote(at ?? '', 40)}.`)
}

/** Returns the first items of a list. @throws GatewayError BAD_USER_INPUT if `first` is out of bounds. */
function firstOf<Item>(items: readonly Item[], { first }: { readonly first: number }): readonly Item[] {
  if (first >= 0 && first <= MAX_BUYERS) return items.slice(0, first)
  throw new GatewayError('BAD_USER_INPUT', `Expected \`first\` from 0 to ${MAX_BUYERS}, got ${first}.`)
}

function reasonsOf(packed: Uint8Array | string): readonly BuyerReason[] {
  return decodeReasons(typeof packed === 'string' ? Buffer.from(packed, 'base64') : packed)
}
