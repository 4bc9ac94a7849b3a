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

/** Returns the lines of a table of what writes cost. `APPLIED` is the median time from the write until all processes had applied it. */
export function writeCostLines({ columns }: Terminal, writes: readonly WriteCost[]): readonly string[] {
  const rows = writes.map(({ cause, writes, voidedEntries, reloads, needlessReloads, loadMs, appliedP50Ms }) => [
    cause,
    count(writes),
    count(voidedEntries),
    count(reloads),
    count(needlessReloads),
    duration(loadMs),
    duration(appliedP50Ms),
  ])
  return table(COLUMNS, rows, columns)
}
