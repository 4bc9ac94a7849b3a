import { median, type Row, rounded } from '../cache/measure.ts'
import { table } from '../cache/table.ts'
import type { Figures } from './figures.ts'
import type { Counters } from './observer.ts'
import type { TurnFigures } from './turns.ts'

type Pick = (figures: Figures) => number

const perPing =
  (name: keyof Counters): Pick =>
  (figures) =>
    figures.perPing[name]

const ROWS: readonly (readonly [name: string, pick: Pick])[] = [
  ['pings a second', (figures) => figures.pingsPerSecond],
  ['ping, p50, ms', (figures) => figures.p50],
  ['ping, p99, ms', (figures) => figures.p99],
  ['ping, longest, ms', (figures) => figures.maxMs],
  ['post, p50, ms', (figures) => figures.postP50],
  ['post, p99, ms', (figures) => figures.postP99],
  ['errors', (figures) => figures.errors],
  ['CPU of the gateway a ping, ms', perPing('gatewayMs')],
  ['CPU of the database server a ping, ms', perPing('serverMs')],
  ['time of database sessions a ping, with waits, ms', perPing('databaseMs')],
  ['statements a ping', perPing('statements')],
  ['time of statements a ping, ms', perPing('statementMs')],
  ['transactions a ping', perPing('transactions')],
  ['sessions that wait for a lock, mean', (figures) => figures.waiting],
  ['deadlocks', (figures) => figures.deadlocks],
  ['hits of rules, candidates and versions, %', (figures) => 100 * figures.hitRatio],
  ['bytes of tables a ping', perPing('tableBytes')],
  ['bytes of indexes a ping', perPing('indexBytes')],
  ['bytes of write-ahead log a ping', perPing('walBytes')],
  ['rows of transactions in the invalidation log a ping', perPing('pendingRows')],
  ['rows of syncs in the invalidation log a ping', perPing('logRows')],
  ['bytes to Redis a ping', perPing('redisBytes')],
  ['longest delay of the generator, ms', (figures) => figures.maxDelayMs],
]

/** Returns a table of medians, and the outcomes of all runs. */
export function turnsText({ ruled, plain }: TurnFigures): string {
  const columns = [
    ['with rules', ruled],
    ['without rules', plain],
  ] as const
  return [`\n${figuresTable(columns)}`, ...columns.map(([title, runs]) => `outcomes ${title}: ${outcomesText(runs)}`)].join('\n')
}

/** Returns a table with a column for each series of runs: medians, and the lowest and highest values of several runs. */
export function figuresTable(columns: readonly (readonly [title: string, runs: readonly Figures[]])[]): string {
  return table(
    ROWS.flatMap(([name, pick]): Row[] => {
      const cells = columns.map(([title, runs]) => [title, cellOf(runs.map(pick))] as const)
      return cells.every(([, cell]) => cell === '') ? [] : [{ '': name, ...Object.fromEntries(cells) }]
    }),
  )
}

function cellOf(values: readonly number[]): string {
  if (values.every(Number.isNaN)) return ''
  const middle = String(rounded(median(values)))
  return values.length === 1 ? middle : `${middle} (${rounded(Math.min(...values))} to ${rounded(Math.max(...values))})`
}

function outcomesText(runs: readonly Figures[]): string {
  const sums: Record<string, number> = {}
  for (const { outcomes } of runs) for (const [name, count] of Object.entries(outcomes)) sums[name] = (sums[name] ?? 0) + count
  return Object.entries(sums)
    .sort(([, one], [, other]) => other - one)
    .map(([name, count]) => `${name} ${count}`)
    .join(', ')
}
