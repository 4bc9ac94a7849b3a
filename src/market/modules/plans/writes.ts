import { sql } from 'kysely'
import { unlessTaken } from '../../../engine/postgres/unique-violation.ts'
import { type InputId, inputId } from '../../../gateway/contract/input-id.ts'
import type { WriteContext } from '../../../gateway/contract/module.ts'
import { quote } from '../../../gateway/contract/quote.ts'
import { changeRows, lockRow } from '../../../gateway/contract/row-lock.ts'
import { anyOf } from '../../../gateway/contract/row-order.ts'
import { plainText } from '../../../gateway/contract/text-input.ts'
import { notFound, type UserError, userError } from '../../../gateway/contract/user-error.ts'
import { amountRange } from '../../rules/document.ts'
import { type PlanDocument, parsePlan } from '../../rules/routing/plan-document.ts'
import { checkedDocument, documentErrors } from '../document-input.ts'
import { amountErrors, currencyOf } from '../money-input.ts'
import { nameErrors } from '../name-input.ts'
import type { NoMore } from '../no-more.ts'
import type { CreateRoutingPlanInput, RoutingPlanInput, RoutingTargetInput } from '../schema-types.generated.ts'

/** The plan and the version of it that a mutation created, changed or published; or why it did nothing. */
export type PlanOutcome = { readonly planId: number; readonly versionId: number } | { readonly errors: readonly UserError[] }

/** A draft that a mutation names. The row ids are those of the input. */
export interface NamedDraft {
  readonly id: number
  /** Version of the draft that the client read before it decided on the change. */
  readonly version: number
  /** Path of the input that holds the id. */
  readonly path: readonly string[]
}

const PLAN_PATH = ['input', 'plan']

/** Creates a plan with one draft. */
export async function createPlan(write: WriteContext, input: CreateRoutingPlanInput): Promise<PlanOutcome> {
  const { name, plan, ...others } = input
  others satisfies NoMore
  const read = await readPlan(write, plan)
  const errors = [...nameErrors(name), ...('errors' in read ? read.errors : [])]
  if (errors.length > 0 || 'errors' in read) return { errors }
  const at = new Date(write.now).toISOString()
  const { id } = await write.db
    .insertInto('routingPlans')
    .values({ tenantId: write.tenant, name: plainText(name), createdAt: at, updatedAt: at })
    .returning('id')
    .executeTakeFirstOrThrow()
  return { planId: id, versionId: await insertDraft(write, id, 1, read.document) }
}

/** Creates a draft of a plan; or replaces the content of a draft, unless it was changed since the client read it. */
export async function savePlanDraft(
  write: WriteContext,
  plan: InputId,
  draft: NamedDraft | { readonly error: UserError } | null,
  content: RoutingPlanInput,
): Promise<PlanOutcome> {
  const read = await readPlan(write, content)
  const draftError = draft && 'error' in draft ? [draft.error] : []
  const errors = [...('error' in plan ? [plan.error] : []), ...draftError, ...('errors' in read ? read.errors : [])]
  if ('error' in plan || (draft && 'error' in draft) || 'errors' in read) return { errors }
  const planId = plan.id
  // While the plan is locked, no other draft gets the next number.
  const locked = await lockRow(write, 'routingPlans', [], { noun: 'routing plan', id: planId, path: ['input', 'planId'] })
  if ('error' in locked) return { errors: [locked.error] }
  if (draft) {
    const found = await lockDraft(write, draft)
    if ('errors' in found) return found
    if (found.planId !== planId) return { errors: [notFound('draft of the plan', draft.path)] }
    await changeRows(write, 'routingPlanVersions', [draft.id], { document: JSON.stringify(read.document) })
    return { planId, versionId: draft.id }
  }
  const { next } = await write.db
    .selectFrom('routingPlanVersions')
    .select(sql<number>`coalesce(max(number), 0) + 1`.as('next'))
    .where('tenantId', '=', write.tenant)
    .where('planId', '=', planId)
    .executeTakeFirstOrThrow()
  return { planId, versionId: await insertDraft(write, planId, next, read.document) }
}

/** Publishes a draft, unless it was changed since the client read it. */
export async function publishPlan(write: WriteContext, draft: NamedDraft): Promise<PlanOutcome> {
  const { db, tenant, now } = write
  const known = await db
    .selectFrom('routingPlanVersions')
    .select('planId')
    .where('tenantId', '=', tenant)
    .where('id', '=', draft.id)
    .executeTakeFirst()
  if (!known) return { errors: [notFound('draft', draft.path)] }
  // The plan is locked before its version, as when a draft is saved.
  const locked = await lockRow(write, 'routingPlans', [], { noun: 'routing plan', id: known.planId, path: draft.path })
  if ('error' in locked) return { errors: [locked.error] }
  const found = await lockDraft(write, draft)
  if ('errors' in found) return found
  const at = new Date(now).toISOString()
  await changeRows(write, 'routingPlanVersions', [draft.id], { status: 'PUBLISHED', publishedAt: at })
  await changeRows(write, 'routingPlans', [found.planId], { publishedId: draft.id, updatedAt: at })
  return { planId: found.planId, versionId: draft.id }
}

/** Runs a write that creates a plan. Returns the error NAME_TAKEN if another plan of the tenant already has the name. */
export function unlessNameTaken(name: string, write: () => Promise<PlanOutcome>): Promise<PlanOutcome> {
  const message = `Another plan is called ${quote(plainText(name), 120)}: choose another name.`
  return unlessTaken('routing_plans_tenant_id_name_key', write, () => ({ errors: [userError('NAME_TAKEN', message, ['input', 'name'])] }))
}

async function insertDraft({ db, tenant, now }: WriteContext, planId: number, number: number, document: PlanDocument): Promise<number> {
  const { id } = await db
    .insertInto('routingPlanVersions')
    .values({ tenantId: tenant, planId, number, document: JSON.stringify(document), createdAt: new Date(now).toISOString() })
    .returning('id')
    .executeTakeFirstOrThrow()
  return id
}

async function lockDraft(
  write: WriteContext,
  { id, version, path }: NamedDraft,
): Promise<{ readonly planId: number } | { readonly errors: readonly UserError[] }> {
  const locked = await lockRow(write, 'routingPlanVersions', ['status', 'planId'], { noun: 'draft', id, path, version })
  if ('error' in locked) return { errors: [locked.error] }
  if (locked.row.status === 'DRAFT') return { planId: locked.row.planId }
  return { errors: [userError('INVALID_STATE', 'The version is PUBLISHED: it never changes. Save a new draft instead.', path)] }
}

/** Reads a plan from its input, and checks that its buyers exist. */
async function readPlan(
  write: WriteContext,
  input: RoutingPlanInput,
): Promise<{ readonly document: PlanDocument } | { readonly errors: readonly UserError[] }> {
  const { strategy, reservationSeconds, minimumPrice, targets, ...others } = input
  others satisfies NoMore
  const currency = await currencyOf(write)
  const parsed = parsePlan({
    strategy,
    reservationSeconds,
    minimumPrice: minimumPrice?.amount,
    targets: targets.map(documentTarget),
  })
  const errors = [
    ...amountErrors(minimumPrice, currency, amountRange, [...PLAN_PATH, 'minimumPrice']),
    ...targets.flatMap((target, index) => targetErrors(target, currency, [...PLAN_PATH, 'targets', String(index)])),
  ]
  // An amount out of its range is an error already.
  const paths = new Set(errors.flatMap(({ field }) => [field.join('.'), field.slice(0, -1).join('.')]))
  errors.push(...documentErrors(parsed, PLAN_PATH).filter(({ field }) => !paths.has(field.join('.'))))
  if (errors.length > 0) return { errors }
  const document = checkedDocument(parsed)
  const missing = await missingBuyers(write, document)
  return missing.length > 0 ? { errors: missing } : { document }
}

function documentTarget({ buyerId, tier, weight, price, minimumPrice, conditions, ...others }: RoutingTargetInput) {
  others satisfies NoMore
  const named = inputId('Buyer', buyerId, [])
  return {
    buyerId: 'id' in named ? named.id : null,
    tier,
    weight,
    price: price?.amount,
    minimumPrice: minimumPrice?.amount,
    conditions,
  }
}

function targetErrors({ buyerId, price, minimumPrice }: RoutingTargetInput, currency: string, path: readonly string[]): UserError[] {
  const named = inputId('Buyer', buyerId, [...path, 'buyerId'])
  return [
    ...('error' in named ? [named.error] : []),
    ...amountErrors(price, currency, amountRange, [...path, 'price']),
    ...amountErrors(minimumPrice, currency, amountRange, [...path, 'minimumPrice']),
  ]
}

async function missingBuyers({ db, tenant }: WriteContext, { targets }: PlanDocument): Promise<UserError[]> {
  const ids = targets.map(({ buyerId }) => buyerId)
  const rows = await db.selectFrom('buyers').select('id').where('tenantId', '=', tenant).where('id', '=', anyOf(ids)).execute()
  const found = new Set(rows.map(({ id }) => id))
  return ids.flatMap((id, index) => (found.has(id) ? [] : [notFound('buyer', [...PLAN_PATH, 'targets', String(index), 'buyerId'])]))
}
