/** A node of a plan, as EXPLAIN ANALYZE and auto_explain print it in JSON. */
export interface PlanNode {
  readonly 'Node Type': string
  readonly 'Relation Name'?: string
  readonly 'Actual Rows'?: number
  readonly 'Actual Loops'?: number
  readonly 'Rows Removed by Filter'?: number
  readonly 'Rows Removed by Index Recheck'?: number
  readonly Plans?: readonly PlanNode[]
}

/** A statement with the plan by which the database ran it. */
export interface PlannedStatement {
  readonly text: string
  readonly plan: PlanNode
}

export interface Limits {
  /** Rows of each table that grows; scans of any other table are not judged. */
  readonly sizes: ReadonlyMap<string, number>
  /** Tables below this number of rows may be scanned: an index would not be cheaper. 0 where the planner avoids such scans. */
  readonly minScannedRows: number
  /** Rows that one statement may read from a table, or sort. */
  readonly maxRows: number
}

/** @returns a sentence for each part of the plan that becomes slower as a table grows. */
export function faultsOf(plan: PlanNode, { sizes, minScannedRows, maxRows }: Limits): readonly string[] {
  const table = plan['Relation Name']
  const size = table === undefined ? undefined : sizes.get(table)
  const rows = rowsOf(plan)
  const own: string[] = []
  if (plan['Node Type'] === 'Seq Scan' && size !== undefined && size >= minScannedRows) own.push(`scans all of ${table} (${size} rows)`)
  else if (size !== undefined && rows > maxRows) own.push(`reads ${rows} rows of ${table} by ${plan['Node Type']}`)
  if (/Sort$/.test(plan['Node Type']) && rows > maxRows) own.push(`sorts ${rows} rows`)
  return [...own, ...(plan.Plans ?? []).flatMap((child) => faultsOf(child, { sizes, minScannedRows, maxRows }))]
}

/** Returns the rows that a node looked at, in all its loops. */
function rowsOf(node: PlanNode): number {
  const seen = (node['Actual Rows'] ?? 0) + (node['Rows Removed by Filter'] ?? 0) + (node['Rows Removed by Index Recheck'] ?? 0)
  return seen * (node['Actual Loops'] ?? 0)
}

/** Returns how each table is read, such as `bids by Index Scan`. */
export function accessesOf(plan: PlanNode): readonly string[] {
  const own =
    plan['Relation Name'] === undefined || plan['Node Type'] === 'ModifyTable' ? [] : [`${plan['Relation Name']} by ${plan['Node Type']}`]
  return [...new Set([...own, ...(plan.Plans ?? []).flatMap(accessesOf)])]
}

/** Parses what auto_explain says in a notice. @returns undefined for any other notice. */
export function parseNotice(message: string): PlannedStatement | undefined {
  const start = message.indexOf('plan:\n{')
  if (!message.startsWith('duration:') || start < 0) return undefined
  const { 'Query Text': text, Plan: plan } = JSON.parse(message.slice(start + 'plan:\n'.length)) as {
    readonly 'Query Text': string
    readonly Plan: PlanNode
  }
  return { text: text.replaceAll(/\s+/g, ' ').trim(), plan }
}
