import type { Transaction } from 'kysely'
import type { Database } from '../tables/tables.ts'
import { draftPlan, draftRules } from './draft-routing.ts'
import { at } from './draft-tenants.ts'
import { insertRows, takeIds } from './insert-rows.ts'
import type { MarketBuyer } from './market.ts'
import type { SeedPlan } from './seed-options.ts'

const PLAN_NAME = 'Best price first'
const DAY_MS = 86_400_000

/**
 * Inserts a plan with a published version and a draft for each tenant that does not have it yet.
 * @returns the id of each tenant's plan.
 */
export async function insertPlans(
  db: Transaction<Database>,
  plan: SeedPlan,
  buyers: ReadonlyMap<string, readonly MarketBuyer[]>,
): Promise<ReadonlyMap<string, number>> {
  const known = await db
    .selectFrom('routingPlans')
    .select(['id', 'tenantId'])
    .where('tenantId', 'in', [...buyers.keys()])
    .where('name', '=', PLAN_NAME)
    .execute()
  const plans = new Map(known.map(({ id, tenantId }) => [tenantId, id]))
  const missing = [...buyers].filter(([tenantId]) => !plans.has(tenantId))
  const ids = await takeIds(db, 'routing_plans', missing.length)
  const versionIds = await takeIds(db, 'routing_plan_versions', 2 * missing.length)
  const [createdAt, publishedAt] = [at(plan.now - 40 * DAY_MS), at(plan.now - 39 * DAY_MS)]
  const drafts = missing.map(([tenantId, own], index) => {
    const [id, publishedId, draftId] = [ids[index], versionIds[2 * index], versionIds[2 * index + 1]] as [number, number, number]
    const document = draftPlan(own)
    const ofPlan = { tenantId, planId: id }
    plans.set(tenantId, id)
    return {
      row: { id, tenantId, name: PLAN_NAME, publishedId, version: 2, createdAt, updatedAt: publishedAt },
      versions: [
        { id: publishedId, ...ofPlan, ...published(document, createdAt, publishedAt) },
        { id: draftId, ...ofPlan, ...draft({ ...document, strategy: 'EXPECTED_REVENUE' }, plan) },
      ],
    }
  })
  // The foreign key from a plan to its published version is checked at the end of the transaction.
  await insertRows(
    db,
    'routing_plans',
    drafts.map(({ row }) => row),
  )
  await insertRows(
    db,
    'routing_plan_versions',
    drafts.flatMap(({ versions }) => versions),
  )
  return plans
}

/** Inserts a published rule set and a draft for each tenant that has none, and makes it the one in use. */
export async function insertRuleSets(db: Transaction<Database>, plan: SeedPlan, tenantIds: readonly string[]): Promise<void> {
  const known = await db.selectFrom('complianceRuleSets').select('tenantId').where('tenantId', 'in', tenantIds).execute()
  const missing = tenantIds.filter((id) => !known.some(({ tenantId }) => tenantId === id))
  const ids = await takeIds(db, 'compliance_rule_sets', 2 * missing.length)
  const [createdAt, publishedAt] = [at(plan.now - 40 * DAY_MS), at(plan.now - 39 * DAY_MS)]
  await insertRows(
    db,
    'compliance_rule_sets',
    missing.flatMap((tenantId, index) => [
      { id: ids[2 * index], tenantId, ...published(draftRules(), createdAt, publishedAt) },
      { id: ids[2 * index + 1], tenantId, ...draft({ ...draftRules(), consentRequired: true }, plan) },
    ]),
  )
  for (const [index, tenantId] of missing.entries()) {
    const ruleSetId = ids[2 * index] as number
    await db
      .insertInto('routingStates')
      .values({ tenantId, ruleSetId })
      .onConflict((conflict) => conflict.column('tenantId').doUpdateSet({ ruleSetId }))
      .execute()
  }
}

function published(document: object, createdAt: string, publishedAt: string) {
  return { number: 1, status: 'PUBLISHED', document, version: 2, createdAt, publishedAt }
}

function draft(document: object, plan: SeedPlan) {
  return { number: 2, status: 'DRAFT', document, version: 1, createdAt: at(plan.now - 20 * DAY_MS), publishedAt: null }
}
