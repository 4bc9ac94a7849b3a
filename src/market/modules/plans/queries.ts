import { type Connection, connectionPage, pageRequest } from '../../../gateway/contract/connection.ts'
import { type KeysetOrder, listByKeyset } from '../../../gateway/contract/keyset-list.ts'
import { countLists } from '../../../gateway/contract/list-counts.ts'
import type { FieldLoad } from '../../../gateway/contract/module.ts'
import type { QueryRoutingPlansArgs, RoutingPlanVersionsArgs } from '../schema-types.generated.ts'
import type { RoutingPlan } from './entity.ts'

export type RoutingPlanConnection = Connection<Readonly<Record<string, never>>>

const BY_NAME: KeysetOrder = { column: 'name', type: 'text', direction: 'asc' }
const NEWEST_FIRST: KeysetOrder = { column: 'created_at', type: 'timestamptz', direction: 'desc' }

export const listPlans: FieldLoad<unknown, QueryRoutingPlansArgs, RoutingPlanConnection> = async (parents, args, read) => {
  const page = pageRequest(args, BY_NAME, 'RoutingPlan')
  const [list] = await listByKeyset(read, { table: 'routingPlans', of: null, where: [], page })
  const connection = connectionPage(page, list?.rows ?? [], {})
  return parents.map(() => connection)
}

export const countPlans = countLists<RoutingPlanConnection['source']>({
  table: 'routingPlans',
  filterOf: (source) => source,
  conditionsOf: () => [],
})

/** Loads for each plan the ids of its newest versions, the newest first. */
export const versionsOfPlans: FieldLoad<RoutingPlan, RoutingPlanVersionsArgs, readonly number[]> = async (plans, { first }, read) => {
  const { size } = pageRequest({ first }, NEWEST_FIRST, 'RoutingPlanVersion')
  const lists = await listByKeyset(read, {
    table: 'routingPlanVersions',
    of: { column: 'plan_id', ids: plans.map(({ id }) => id) },
    where: [],
    page: { order: NEWEST_FIRST, after: null, before: null, size, fromEnd: false },
  })
  // The list has one row more than the page if there are more versions.
  return lists.map(({ rows }) => rows.slice(0, size).map(({ id }) => id))
}
