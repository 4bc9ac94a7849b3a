import { median, quantile } from './quantile.ts'
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
  const commits = (mode: Mode) => typical(mode, (window) => window.commitsPerSecond)
  const wal = (mode: Mode) => typical(mode, (window) => window.walBytesPerCommit)
  const latency = (mode: Mode, of: 'transactionMs' | 'commitMs') =>
    [0.5, 0.99].map((share) => typical(mode, (window) => quantile(window[of], share)).toFixed(2)).join(' / ')
  const rows = MODES.map((mode) =>
    [
      mode,
      commits(mode).toFixed(0),
      (commits(mode) / commits('without triggers')).toFixed(2),
      `${(wal(mode) / 1000).toFixed(1)} kB`,
      (wal(mode) / wal('without triggers')).toFixed(2),
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
