import { median, quantile } from '../cache/measure.ts'
import { type Disk, startCaches, startServer } from './server.ts'
import { type Window, WriteMix } from './write-mix.ts'

const MODES = [
  'without triggers',
  'with triggers, nobody follows',
  'with triggers, four instances',
  'and a barrier for each commit',
] as const

export type Mode = (typeof MODES)[number]

/** Number of gateway instances on this machine that follow the invalidation log, by mode. */
const FOLLOWERS: Readonly<Record<Mode, number>> = {
  'without triggers': 0,
  'with triggers, nobody follows': 0,
  'with triggers, four instances': 4,
  'and a barrier for each commit': 4,
}
const WARM_UP_MS = 3000

export interface CommitOptions {
  readonly rounds: number
  readonly windowMs: number
  readonly writers: number
}

export interface CommitFigures {
  readonly disk: Disk
  readonly windows: Readonly<Record<Mode, readonly Window[]>>
}

/**
 * Measures all modes one after the other, in each round. After a checkpoint, PostgreSQL writes whole pages to the write-ahead log for some
 * time. The warm-up takes so long that this time is over before the first round.
 */
export async function measureCommits(disk: Disk, { rounds, windowMs, writers }: CommitOptions): Promise<CommitFigures> {
  const { server, database } = await startServer(disk)
  try {
    const mix = await WriteMix.open(server.url, writers)
    await mix.run(WARM_UP_MS)
    const windows: Record<Mode, Window[]> = {
      'without triggers': [],
      'with triggers, nobody follows': [],
      'with triggers, four instances': [],
      'and a barrier for each commit': [],
    }
    for (let round = 0; round < rounds; round++) {
      for (const mode of MODES) {
        await mix.switchTriggers(mode === 'without triggers' ? 'disable' : 'enable always')
        const caches = await startCaches(database, FOLLOWERS[mode])
        const first = mode === 'and a barrier for each commit' ? caches[0] : undefined
        windows[mode].push(await mix.run(windowMs, async () => first?.acknowledge(first.openSession())))
        for (const cache of caches) await cache.close()
      }
    }
    await mix.close()
    await database.close()
    return { disk, windows }
  } finally {
    await server.stop()
  }
}

export function commitsText({ disk, windows }: CommitFigures): string {
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
    `\n${titleOf(disk)}`,
    '\n| | commits/s | ratio | WAL a commit | ratio | transaction p50 / p99, ms | COMMIT p50 / p99, ms | rounds |',
    '|---|---|---|---|---|---|---|---|',
    ...rows.map((row) => `| ${row} |`),
  ].join('\n')
}

function titleOf({ durable, flushDelayMs }: Disk): string {
  if (!durable) return 'Commits that do not wait for the disk (fsync = off)'
  return flushDelayMs === 0 ? 'Commits that wait for the disk' : `Commits that wait for the disk and ${flushDelayMs} ms more (commit_delay)`
}
