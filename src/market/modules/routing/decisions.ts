import type { WriteContext } from '../../../gateway/contract/module.ts'
import type { BuyerReason } from '../../rules/routing/reason.ts'
import { encodeReasons } from '../../rules/routing/reason-codec.ts'
import type { StoredDecision } from './entity.ts'
import type { Facts, FactsQuery } from './facts.ts'

/** Parts of a decision that a ping and a post have in common. */
export interface Decided extends Pick<StoredDecision, 'kind' | 'outcome' | 'callerState'> {
  readonly buyerId?: number
  readonly reservationId?: number
  readonly priceMinor?: number
  readonly payoutMinor?: number
  /** Reasons of all buyers that did not get the call. Default: the outcome concerns no buyer. */
  readonly reasons?: readonly BuyerReason[]
}

/** Returns the row of a decision on these facts, without its id. */
export function decisionOf(
  { tenant, now }: Pick<WriteContext, 'tenant' | 'now'>,
  { campaignId, publisherId, caller }: Pick<FactsQuery, 'campaignId' | 'publisherId' | 'caller'>,
  { planVersionId, ruleSetId, buyersRevision, lists }: Pick<Facts, 'planVersionId' | 'ruleSetId' | 'buyersRevision' | 'lists'>,
  { kind, outcome, callerState, buyerId, reservationId, priceMinor, payoutMinor, reasons = [] }: Decided,
): Omit<StoredDecision, 'id'> {
  return {
    tenantId: tenant,
    decidedAt: new Date(now).toISOString(),
    kind,
    outcome,
    campaignId,
    publisherId,
    buyerId: buyerId ?? null,
    reservationId: reservationId ?? null,
    caller,
    callerState,
    priceMinor: priceMinor ?? null,
    payoutMinor: payoutMinor ?? null,
    planVersionId,
    ruleSetId,
    buyersRevision,
    dncVersions: lists.length === 0 ? null : lists.map(({ name, version }) => `${name}:${version}`).join(','),
    reasons: Buffer.from(encodeReasons(reasons)),
  }
}

/** Stores a decision. @returns it with its id. */
export async function insertDecision({ db }: Pick<WriteContext, 'db'>, decision: Omit<StoredDecision, 'id'>): Promise<StoredDecision> {
  const { id } = await db.insertInto('routingDecisions').values(decision).returning('id').executeTakeFirstOrThrow()
  return { ...decision, id }
}
