import { setTimeout as pause } from 'node:timers/promises'
import { median, quantile } from '../cache/measure.ts'
import { startServer } from './server.ts'
import { WriteMix } from './write-mix.ts'

/**
 * Series of measured syncs of the invalidation log. The first number of a pair is the number of transactions before each sync. The second
 * number is the number of syncs.
 */
const LOOKS = [
  [0, 2000],
  [1, 200],
  [10, 50],
  [100, 10],
] as const

export type LookFigures = Readonly<Record<string, readonly number[]>>

/** Measures the duration of a sync of the invalidation log, ms: when nothing was written, and after one, ten and a hundred transactions. */
export async function measureLooks(): Promise<LookFigures> {
  const { server, database } = await startServer({ durable: false, flushDelayMs: 0 })
  try {
    const mix = await WriteMix.open(server.url, 1)
    const log = database.openLog()
    let head = (await log.sync(null, 1, 10_000))[0]?.seq ?? 1
    const look = async () => {
      const startedAt = performance.now()
      const rows = await log.sync(head, 1000, 10_000)
      head = rows.at(-1)?.seq ?? head
      return performance.now() - startedAt
    }
    const figures: Record<string, number[]> = {}
    for (const [transactions, looks] of LOOKS) {
      await look()
      const measured: number[] = []
      for (let i = 0; i < looks; i++) {
        for (let written = 0; written < transactions; written++) await mix.write()
        measured.push(await look())
      }
      figures[transactions === 0 ? 'without writes' : `after ${transactions} transactions`] = measured
      await pause(10)
    }
    await log.close()
    await mix.close()
    await database.close()
    return figures
  } finally {
    await server.stop()
  }
}

export function looksText(figures: LookFigures): string {
  const rows = Object.entries(figures).map(
    ([what, times]) => `| ${what} | ${median(times).toFixed(2)} | ${quantile(times, 0.99).toFixed(2)} |`,
  )
  return ['\n| duration of a sync of the invalidation log, ms | median | p99 |', '|---|---|---|', ...rows].join('\n')
}
