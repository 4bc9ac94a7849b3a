import { setTimeout as pause } from 'node:timers/promises'
import type { InvalidationLog } from '#src/engine/cache/log/invalidation-log.ts'
import { median, type Row, rounded } from '../cache/measure.ts'
import { table } from '../cache/table.ts'
import { startServer } from './server.ts'
import { postmasterOf, processorMs } from './server-processor.ts'
import { WriteMix } from './write-mix.ts'

const INSTANCES = 100
const WINDOW_MS = 4000
const ROUNDS = 3
/** Time between two log syncs of an instance, ms, and whether other clients write to the database meanwhile. */
const PACES = [
  { pace: 'no writes, each instance syncs the log every 75 ms', tickMs: 75, writes: false },
  { pace: 'no writes, each instance relies on hints and syncs the log every 400 ms', tickMs: 400, writes: false },
  { pace: '20 transactions per second, hints cause a log sync every 50 ms', tickMs: 50, writes: true },
  { pace: '20 transactions per second, each instance syncs the log every 75 ms', tickMs: 75, writes: true },
] as const
const WRITE_INTERVAL_MS = 50

interface Window {
  readonly looksPerSecond: number
  /** CPU time of the database server as a share of one core. */
  readonly coreShare: number
}

export type PollingFigures = Readonly<Record<string, readonly Window[]>>

/** Measures the CPU time of a database server while a hundred instances follow its invalidation log. */
export async function measurePolling(): Promise<PollingFigures> {
  const { server, database } = await startServer({ durable: false, flushDelayMs: 0 })
  try {
    const logs = Array.from({ length: INSTANCES }, () => database.openLog())
    const mix = await WriteMix.open(server.url, 1)
    const postmaster = await postmasterOf(mix.administrator)
    const figures: Record<string, Window[]> = {}
    for (let round = -1; round < ROUNDS; round++) {
      for (const { pace, tickMs, writes } of PACES) {
        // The first round opens the connections and fills the caches of the connections, so its result is ignored.
        const window = await follow(logs, tickMs, postmaster, writes ? mix : undefined)
        if (round >= 0) figures[pace] = [...(figures[pace] ?? []), window]
      }
    }
    for (const log of logs) await log.close()
    await mix.close()
    await database.close()
    return figures
  } finally {
    await server.stop()
  }
}

async function follow(logs: readonly InvalidationLog[], tickMs: number, postmaster: number, mix: WriteMix | undefined): Promise<Window> {
  let looks = 0
  const [first] = await (logs[0] as InvalidationLog).sync(null, 1, 10_000)
  const startedAt = performance.now()
  const runs = () => performance.now() - startedAt < WINDOW_MS
  const before = await processorMs(postmaster)
  const follower = async (log: InvalidationLog) => {
    let head = first?.seq ?? 1
    await pause(Math.random() * tickMs)
    while (runs()) {
      head = (await log.sync(head, 1000, 10_000)).at(-1)?.seq ?? head
      looks++
      await pause(tickMs * (0.75 + 0.5 * Math.random()))
    }
  }
  const writer = async () => {
    while (mix && runs()) {
      await mix.write()
      await pause(WRITE_INTERVAL_MS)
    }
  }
  await Promise.all([...logs.map(follower), writer()])
  const ms = performance.now() - startedAt
  return { looksPerSecond: (looks / ms) * 1000, coreShare: ((await processorMs(postmaster)) - before) / ms }
}

export function pollingText(figures: PollingFigures): string {
  const rows = Object.entries(figures).map(([pace, windows]): Row => {
    const looks = median(windows.map(({ looksPerSecond }) => looksPerSecond))
    const share = median(windows.map(({ coreShare }) => coreShare))
    return {
      [`${INSTANCES} instances`]: pace,
      'log syncs per second': Math.round(looks),
      'CPU time as a share of a core': rounded(share),
      'CPU time per log sync, ms': rounded((share * 1000) / looks),
    }
  })
  return `\n${table(rows)}`
}
