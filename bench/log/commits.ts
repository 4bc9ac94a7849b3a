import { median, quantile } from '../cache/measure.ts'
import { startCaches, startServer } from './server.ts'
import { type Window, WriteMix } from './write-mix.ts'

export type Mode = 'without triggers' | 'with triggers, four instances' | 'and a barrier for each commit'

const MODES: readonly Mode[] = ['without triggers', 'with triggers, four instances', 'and a barrier for each commit']
const WARM_UP_MS = 3000

export interface CommitOptions {
  readonly rounds: number
  readonly windowMs: number
  readonly writers: number
}

export interface CommitFigures {
  readonly durable: boolean
  readonly windows: Readonly<Record<Mode, readonly Window[]>>
}

/** The modes take turns in each round. The first pages after a checkpoint are written whole, which the warm-up leaves behind. */
export async function measureCommits(durable: boolean, { rounds, windowMs, writers }: CommitOptions): Promise<CommitFigures> {
  const { server, database } = await startServer({ durable })
  try {
    const mix = await WriteMix.open(server.url, writers)
    await mix.run(WARM_UP_MS)
    const windows: Record<Mode, Window[]> = {
      'without triggers': [],
      'with triggers, four instances': [],
      'and a barrier for each commit': [],
    }
    for (let round = 0; round < rounds; round++) {
      for (const mode of MODES) {
        await mix.switchTriggers(mode === 'without triggers' ? 'disable' : 'enable always')
        const caches = mode === 'without triggers' ? [] : await startCaches(database, 4)
        const first = mode === 'and a barrier for each commit' ? caches[0] : undefined
        windows[mode].push(await mix.run(windowMs, async () => first?.acknowledge(first.openSession())))
        for (const cache of caches) await cache.close()
      }
    }
    await mix.close()
    await database.close()
    return { durable, windows }
  } finally {
    await server.stop()
  }
}

export function commitsText({ durable, windows }: CommitFigures): string {
  const typical = (mode: Mode, figure: (window: Window) => number) => median(windows[mode].map(figure))
  const ratio = (mode: Mode, figure: 'commitsPerSecond' | 'walBytesPerCommit') =>
    median(windows[mode].map((window, round) => window[figure] / (windows['without triggers'][round]?.[figure] ?? Number.NaN))).toFixed(2)
  const latency = (mode: Mode, of: 'transactionMs' | 'commitMs') =>
    [0.5, 0.99].map((share) => typical(mode, (window) => quantile(window[of], share)).toFixed(2)).join(' / ')
  const rows = MODES.map((mode) =>
    [
      mode,
      typical(mode, (window) => window.commitsPerSecond).toFixed(0),
      ratio(mode, 'commitsPerSecond'),
      `${(typical(mode, (window) => window.walBytesPerCommit) / 1000).toFixed(1)} kB`,
      ratio(mode, 'walBytesPerCommit'),
      latency(mode, 'transactionMs'),
      latency(mode, 'commitMs'),
      windows[mode].map((window) => Math.round(window.commitsPerSecond)).join(', '),
    ].join(' | '),
  )
  return [
    durable ? '\nCommits that wait for the disk' : '\nCommits that do not wait for the disk (fsync = off)',
    '\n| | commits/s | ratio | WAL a commit | ratio | transaction p50 / p99, ms | COMMIT p50 / p99, ms | rounds |',
    '|---|---|---|---|---|---|---|---|',
    ...rows.map((row) => `| ${row} |`),
  ].join('\n')
}
