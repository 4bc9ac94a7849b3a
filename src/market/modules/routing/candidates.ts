import { sql } from 'kysely'
import { declareEntity } from '../../../engine/cache/model/entity.ts'
import type { EntityType, ReadContext } from '../../../gateway/contract/module.ts'
import type { Candidate, Cap, DuplicateWindow, Excluded } from '../../rules/routing/candidate.ts'
import type { Condition } from '../../rules/routing/condition.ts'
import { stepsOf } from '../../rules/routing/evaluate-condition.ts'
import { defaultPlan, type PlanDocument, parsePlan, type Target } from '../../rules/routing/plan-document.ts'
import type { Reason } from '../../rules/routing/reason.ts'
import { openWithin, type Schedule } from '../../rules/routing/schedule.ts'
import type { TimeZones } from '../../rules/time-zones.ts'
import type { CandidatesKey, RoutingCandidates } from './entity.ts'

const HOUR_MS = 3_600_000
/** Steps in which the conditions of all candidates may be evaluated for a ping. They take some milliseconds. */
export const MAX_CONDITION_STEPS = 1_000_000
const ID = /^(\d{1,15}):(\d{1,15}):([A-Z]{2}):(\d{1,9})$/

export function candidatesId({ buyersRevision, planVersionId, state, hour }: CandidatesKey): string {
  return `${buyersRevision}:${planVersionId ?? 0}:${state}:${hour}`
}

export function hourOf(now: number): number {
  return Math.floor(now / HOUR_MS)
}

/** The buyers or the plan are not those that were asked for. This error is never cached: ask for the current ones. */
export class OutdatedCandidates extends Error {}

interface Loaded {
  /** 0 for a tenant that never had a buyer. */
  readonly buyersRevision: number
  readonly document: unknown
  readonly buyers: readonly BuyerTerms[]
}

interface BuyerTerms {
  readonly id: number
  readonly active: boolean
  readonly states: readonly string[]
  readonly maxConcurrentCalls: number
  readonly priceMinor: number
  readonly timeZone: string
  readonly schedule: Schedule | null
  readonly caps: readonly Cap[]
  readonly duplicates: DuplicateWindow | null
  readonly conditions: Condition | null
  readonly connections: number
  readonly conversions: number
}

/**
 * The type of the candidates. Its table is the one of the plans' versions, because these are deleted only with their plan. The revision in
 * the id proves the state of the buyers.
 */
export function createCandidatesType(zones: TimeZones): EntityType<RoutingCandidates> {
  return {
    entity: declareEntity({
      type: 'RoutingCandidates',
      table: 'routing_plan_versions',
      tenantColumn: 'tenant_id',
      idColumn: 'id',
      dimensions: [],
      listed: [],
    }),
    provenTables: ['buyers', 'routing_states', 'buyer_usage'],
    loadMany: (read, ids) => Promise.all(ids.map((id) => load(zones, read, id))),
  }
}

async function load(zones: TimeZones, read: ReadContext, id: string): Promise<RoutingCandidates | null> {
  const [, revision, plan, state, hour] = ID.exec(id) ?? []
  if (revision === undefined || plan === undefined || state === undefined || hour === undefined) return null
  const key = { buyersRevision: Number(revision), planVersionId: Number(plan) || null, state, hour: Number(hour) }
  const { buyersRevision, document, buyers } = await readBuyers(read, key.planVersionId)
  if (buyersRevision !== key.buyersRevision)
    throw new OutdatedCandidates(`Expected revision ${key.buyersRevision} of the buyers, but ${buyersRevision} is current.`)
  if (key.planVersionId !== null && document === null) throw new OutdatedCandidates(`There is no published version ${key.planVersionId}.`)
  return { id, ...key, ...candidatesOf(zones, planOf(document), buyers, key) }
}

/** Reads the buyers, the plan and the revision in one statement, so that the revision is the one of these buyers. */
async function readBuyers({ db, tenant }: ReadContext, planVersionId: number | null): Promise<Loaded> {
  const { rows } = await sql<Loaded>`
    select
      coalesce((select buyers_revision from routing_states where tenant_id = ${tenant}), 0) as buyers_revision,
      (select document from routing_plan_versions
        where tenant_id = ${tenant} and id = ${planVersionId}::int8 and status = 'PUBLISHED') as document,
      (select coalesce(json_agg(json_build_object('id', buyers.id, 'active', active, 'states', states,
          'maxConcurrentCalls', max_concurrent_calls, 'priceMinor', price_minor, 'timeZone', time_zone, 'schedule', schedule, 'caps', caps,
          'duplicates', duplicates, 'conditions', conditions, 'connections', coalesce(connections, 0),
          'conversions', coalesce(conversions, 0)) order by buyers.id), '[]')
        from buyers left join buyer_usage on buyer_usage.tenant_id = buyers.tenant_id and buyer_usage.buyer_id = buyers.id
          and period = 'TOTAL' and period_start = 'epoch'
        where buyers.tenant_id = ${tenant}) as buyers
  `.execute(db)
  const row = rows[0]
  if (!row) throw new Error('Expected one row with the buyers, got none.')
  return row
}

function planOf(document: unknown): PlanDocument {
  if (document === null) return defaultPlan
  const parsed = parsePlan(document)
  if ('problems' in parsed) throw new Error(`A published plan cannot be read: ${JSON.stringify(parsed.problems)}`)
  return parsed.value
}

/** Splits the buyers into candidates and those that cannot get a call from this state in this hour. */
function candidatesOf(
  zones: TimeZones,
  plan: PlanDocument,
  buyers: readonly BuyerTerms[],
  { state, hour }: Pick<CandidatesKey, 'state' | 'hour'>,
): Omit<RoutingCandidates, 'id' | keyof CandidatesKey> {
  const targets = new Map(plan.targets.map((target) => [target.buyerId, target]))
  const [candidates, excluded]: [Candidate[], Excluded[]] = [[], []]
  let steps = 0
  for (const buyer of buyers) {
    const target = plan.targets.length === 0 ? EVERY_BUYER : targets.get(buyer.id)
    const priceMinor = target?.price ?? buyer.priceMinor
    const from = hour * HOUR_MS
    const open = buyer.schedule
      ? openWithin(zones, buyer.schedule, buyer.timeZone, from, from + HOUR_MS)
      : [[from, from + HOUR_MS] as const]
    // A buyer without a price takes part in auctions only.
    const minimumPrice = Math.max(plan.minimumPrice ?? 0, target?.minimumPrice ?? 0, 1)
    const reasons: readonly (readonly [boolean, Reason])[] = [
      [!buyer.active, 'PAUSED'],
      [target === undefined, 'NOT_IN_PLAN'],
      [buyer.states.length > 0 && !buyer.states.includes(state), 'STATE'],
      [open.length === 0, 'CLOSED'],
      [priceMinor < minimumPrice, 'MINIMUM_BID'],
    ]
    const reason = reasons.find(([holds]) => holds)?.[1]
    if (reason !== undefined || target === undefined) {
      excluded.push({ buyerId: buyer.id, reason: reason ?? 'NOT_IN_PLAN' })
      continue
    }
    const { caps, maxConcurrentCalls, duplicates, timeZone } = buyer
    const conditions = [buyer.conditions, target.conditions].filter((condition) => condition !== null)
    const stepsWith = conditions.reduce((sum, condition) => sum + stepsOf(condition), steps)
    if (stepsWith > MAX_CONDITION_STEPS) {
      excluded.push({ buyerId: buyer.id, reason: 'CONDITION_LIMIT' })
      continue
    }
    steps = stepsWith
    candidates.push({
      buyerId: buyer.id,
      tier: target.tier,
      weight: target.weight,
      priceMinor,
      timeZone,
      open,
      caps,
      maxConcurrentCalls,
      duplicates,
      conditions: conditions.length > 1 ? { all: conditions } : (conditions[0] ?? null),
      // One sold and one unsold call are added, so that a new buyer is neither always first nor always last.
      conversion: (buyer.conversions + 1) / (buyer.connections + 2),
    })
  }
  const { strategy, reservationSeconds } = plan
  const maxPriceMinor = Math.max(0, ...buyers.map(({ priceMinor }) => priceMinor), ...plan.targets.map(({ price }) => price ?? 0))
  return { strategy, reservationSeconds, maxPriceMinor, candidates, excluded }
}

const EVERY_BUYER: Omit<Target, 'buyerId'> = { tier: 1, weight: 1, price: null, minimumPrice: null, conditions: null }
