import type { Inventory } from '../../../engine/cache/inspect/inventory.ts'
import type { History } from '../../history/history.ts'
import type { TimeRange } from '../../history/read-figures.ts'
import type { WriteCost as StoredCost } from '../../history/read-write-costs.ts'
import type { WriteCost, WriteCosts } from '../contract.ts'
import { isoRange } from './read-figures.ts'

const MAX_FIELDS = 10

/** Returns what each kind of write cost in a time range, those whose reloads took most time first. @param cause Only this cause. */
export async function costsIn(
  history: History,
  inventory: Pick<Inventory, 'voidedByCause'>,
  wanted: TimeRange,
  cause?: string,
): Promise<Pick<WriteCosts, 'range' | 'uncounted' | 'writes'>> {
  const { range, costs, uncounted } = await history.writeCosts(wanted, cause)
  const waiting = await inventory.voidedByCause(range)
  return {
    range: isoRange(range),
    uncounted: uncounted && { ...uncounted, before: uncounted.before === null ? null : new Date(uncounted.before).toISOString() },
    writes: costs.map((cost) => shownCost(cost, waiting.get(cost.cause) ?? 0)),
  }
}

function shownCost({ appliedMs, lastAt, fields, ...cost }: StoredCost, waitingEntries: number): WriteCost {
  return {
    ...cost,
    voidedEntries: cost.reloads + cost.answers + waitingEntries,
    waitingEntries,
    appliedP50Ms: appliedMs?.p50 ?? null,
    appliedMaxMs: appliedMs?.max ?? null,
    lastAt: lastAt === null ? null : new Date(lastAt).toISOString(),
    fields: fields.slice(0, MAX_FIELDS),
  }
}
