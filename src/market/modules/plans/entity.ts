import type { ColumnType, Generated, Selectable } from 'kysely'
import { declareEntity } from '../../../engine/cache/model/entity.ts'
import type { EntityType } from '../../../gateway/contract/module.ts'
import { rowsByIds } from '../../../gateway/contract/row-order.ts'
import type { PlanDocument, Target } from '../../rules/routing/plan-document.ts'

export interface RoutingPlanRow {
  id: Generated<number>
  tenantId: string
  name: string // unique per tenant
  publishedId: number | null
  version: Generated<number>
  createdAt: Generated<string>
  updatedAt: Generated<string>
}

export interface RoutingPlanVersionRow {
  id: Generated<number>
  tenantId: string
  planId: number // on delete cascade
  number: number // from 1 on in each plan
  status: Generated<'DRAFT' | 'PUBLISHED'>
  document: ColumnType<PlanDocument, string, string> // written as a JSON text
  version: Generated<number>
  createdAt: Generated<string>
  publishedAt: string | null
}

declare module '../../../gateway/contract/tables.ts' {
  interface Tables {
    routingPlans: RoutingPlanRow
    routingPlanVersions: RoutingPlanVersionRow
  }
}

export type RoutingPlan = Selectable<RoutingPlanRow>
export type RoutingPlanVersion = Selectable<RoutingPlanVersionRow>
export type RoutingTarget = Target

export const routingPlanType: EntityType<RoutingPlan> = {
  entity: declareEntity({
    type: 'RoutingPlan',
    table: 'routing_plans',
    tenantColumn: 'tenant_id',
    idColumn: 'id',
    dimensions: [],
    listed: ['name'],
  }),
  loadMany: (read, ids) => rowsByIds(read, 'routingPlans', ids),
}

export const routingPlanVersionType: EntityType<RoutingPlanVersion> = {
  entity: declareEntity({
    type: 'RoutingPlanVersion',
    table: 'routing_plan_versions',
    tenantColumn: 'tenant_id',
    idColumn: 'id',
    dimensions: ['plan_id'],
    listed: ['plan_id', 'created_at'],
  }),
  loadMany: (read, ids) => rowsByIds(read, 'routingPlanVersions', ids),
}
