import type { WriteCost } from '../admin/contract.ts'
import { count, duration } from './figures.ts'
import { table } from './layout.ts'
import type { Terminal } from './terminal.ts'

const COLUMNS = [
  { title: 'CAUSE', isFlexible: true },
  { title: 'WRITES', align: 'right' },
  { title: 'VOIDED', align: 'right' },
  { title: 'RELOADS', align: 'right' },
  { title: 'NEEDLESS', align: 'right' },
  { title: 'DB TIME', align: 'right' },
  { title: 'APPLIED', align: 'right' },
] as const

/**
 * Returns the lines of a table of what writes cost. `APPLIED` is the median time from the write until all processes had applied it.
 * @param areAllCounted Whether the reloads of the whole time range are counted by write. If not, a write without any has an unknown cost.
 */
export function writeCostLines({ columns }: Terminal, writes: readonly WriteCost[], areAllCounted = true): readonly string[] {
  const rows = writes.map(({ cause, writes, voidedEntries, reloads, answers, needlessReloads, loadMs, appliedP50Ms }) => {
    const isKnown = areAllCounted || reloads + answers > 0
    const known = isKnown ? [count(voidedEntries), count(reloads), count(needlessReloads), duration(loadMs)] : Array<string>(4).fill('–')
    return [cause, count(writes), ...known, duration(appliedP50Ms)]
  })
  return table(COLUMNS, rows, columns)
}
