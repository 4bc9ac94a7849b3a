import type { Inventory } from '../../../engine/cache/inspect/inventory.ts'
import type { History } from '../../history/history.ts'
import type { TimeRange } from '../../history/read-figures.ts'
import type { WriteCost as StoredCost } from '../../history/read-write-costs.ts'
import type { WriteCost, WriteCosts } from '../contract.ts'
import { isoRange } from './read-figures.ts'

const MAX_FIELDS = 10
const MAX_OPERATIONS = 3

/** Sources of the costs. */
export interface CostSources {
  readonly history: History
  readonly inventory: Pick<Inventory, 'voidedByCause'>
  readonly readersOf: (policy: string, max: number) => readonly string[]
}

/** Returns what each kind of write cost in a time range, those whose reloads took most time first. @param cause Only this cause. */
export async function costsIn(
  { history, inventory, readersOf }: CostSources,
  wanted: TimeRange,
  cause?: string,
): Promise<Pick<WriteCosts, 'range' | 'uncounted' | 'writes'>> {
  const { range, costs, uncounted } = await history.writeCosts(wanted, cause)
  const waiting = await inventory.voidedByCause(range)
  return {
    range: isoRange(range),
    uncounted: uncounted && { ...uncounted, before: uncounted.before === null ? null : new Date(uncounted.before).toISOString() },
    writes: costs.map((cost) => shownCost(cost, waiting.get(cost.cause) ?? 0, readersOf)),
  }
}

function shownCost(
  { appliedMs, lastAt, fields, ...cost }: StoredCost,
  waitingEntries: number,
  readersOf: CostSources['readersOf'],
): WriteCost {
  return {
    ...cost,
    voidedEntries: cost.reloads + cost.answers + waitingEntries,
    waitingEntries,
    appliedP50Ms: appliedMs?.p50 ?? null,
    appliedMaxMs: appliedMs?.max ?? null,
    lastAt: lastAt === null ? null : new Date(lastAt).toISOString(),
    fields: fields.slice(0, MAX_FIELDS).map((field) => ({ ...field, operations: [...readersOf(field.field, MAX_OPERATIONS)] })),
  }
}
