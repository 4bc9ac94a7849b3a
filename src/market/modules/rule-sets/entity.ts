import type { ColumnType, Generated, Selectable } from 'kysely'
import { declareEntity } from '../../../engine/cache/model/entity.ts'
import type { EntityType } from '../../../gateway/contract/module.ts'
import { inOrderOf, rowsByIds } from '../../../gateway/contract/row-order.ts'
import type { RuleSetDocument } from '../../rules/compliance/rule-set-document.ts'

export interface ComplianceRuleSetRow {
  id: Generated<number>
  tenantId: string
  number: number // from 1 on in each tenant
  status: Generated<'DRAFT' | 'PUBLISHED'>
  document: ColumnType<RuleSetDocument, string, string> // written as a JSON text
  version: Generated<number>
  createdAt: Generated<string>
  publishedAt: string | null
}

/** Row that says which versions the decisions of a tenant use. */
export interface RoutingStateRow {
  tenantId: string
  buyersRevision: Generated<number> // triggers raise it with each change of a buyer
  ruleSetId: number | null
}

declare module '../../../gateway/contract/tables.ts' {
  interface Tables {
    complianceRuleSets: ComplianceRuleSetRow
    routingStates: RoutingStateRow
  }
}

export type ComplianceRuleSet = Selectable<ComplianceRuleSetRow>

export interface RoutingState {
  /** The tenant. */
  readonly id: string
  readonly buyersRevision: number
  readonly ruleSetId: number | null
}

export const ruleSetType: EntityType<ComplianceRuleSet> = {
  entity: declareEntity({
    type: 'ComplianceRuleSet',
    table: 'compliance_rule_sets',
    tenantColumn: 'tenant_id',
    idColumn: 'id',
    dimensions: [],
    listed: ['created_at'],
  }),
  loadMany: (read, ids) => rowsByIds(read, 'complianceRuleSets', ids),
}

export const routingStateType: EntityType<RoutingState> = {
  entity: declareEntity({
    type: 'RoutingState',
    table: 'routing_states',
    tenantColumn: 'tenant_id',
    idColumn: 'tenant_id',
    dimensions: [],
    listed: [],
  }),
  async loadMany(read, ids) {
    const rows = await read.db
      .selectFrom('routingStates')
      .select(['tenantId as id', 'buyersRevision', 'ruleSetId'])
      .where('tenantId', '=', read.tenant)
      .execute()
    return inOrderOf(ids, rows)
  },
}
