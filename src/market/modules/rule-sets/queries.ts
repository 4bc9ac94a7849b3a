import { type Connection, connectionPage, pageRequest } from '../../../gateway/contract/connection.ts'
import { type KeysetOrder, listByKeyset } from '../../../gateway/contract/keyset-list.ts'
import { countLists } from '../../../gateway/contract/list-counts.ts'
import type { FieldLoad } from '../../../gateway/contract/module.ts'
import type { QueryRuleSetsArgs } from '../schema-types.generated.ts'

export type ComplianceRuleSetConnection = Connection<Readonly<Record<string, never>>>

const NEWEST_FIRST: KeysetOrder = { column: 'created_at', type: 'timestamptz', direction: 'desc' }

export const listRuleSets: FieldLoad<unknown, QueryRuleSetsArgs, ComplianceRuleSetConnection> = async (parents, args, read) => {
  const page = pageRequest(args, NEWEST_FIRST, 'ComplianceRuleSet')
  const [list] = await listByKeyset(read, { table: 'complianceRuleSets', of: null, where: [], page })
  const connection = connectionPage(page, list?.rows ?? [], {})
  return parents.map(() => connection)
}

export const countRuleSets = countLists<ComplianceRuleSetConnection['source']>({
  table: 'complianceRuleSets',
  filterOf: (source) => source,
  conditionsOf: () => [],
})
