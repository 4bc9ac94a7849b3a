import { beforeAll, describe, expect, it } from 'vitest'
import { hitRatios, type Row } from '../../bench/cache/hit-ratio.ts'
import { dailySeed } from '../daily-seed.ts'
import { needs } from '../servers/availability.ts'

const folder = process.env['DATA_DIR']

/** Required gain in hit ratio over plain LRU for each trace, in percentage points, with a cache of 500 entries. */
const GAINS: Readonly<Record<string, number>> = { loop: 35, scan: 15, web07: 0.1, web12: 0.1, multi3: 0.1, 'orm-busy': 0.1 }
const MAX_LOSS = 1

/**
 * Whether all traces are replayed (`npm run test:thorough -- traces`). `npm test` replays two of the traces; which two changes every day.
 */
const isWhole = process.env['TRACES_ALL'] !== undefined
const names = Object.keys(GAINS)
const chosen = isWhole ? names : [0, 1].map((offset) => names[(2 * dailySeed + offset) % names.length] as string)

describe('the cache tier in the process, limited to 500 entries and replaying recorded access traces,', needs('DATA_DIR', 'xz'), () => {
  let rows: readonly Row[]

  beforeAll(async () => {
    rows = await hitRatios({ folder: folder as string, sizes: [500], ...(isWhole ? {} : { traces: chosen }) })
  }, 240_000)

  it.each(chosen)('has a higher hit ratio than plain LRU for the trace %s', (name) => {
    const row = rows.find(({ trace }) => trace === name)
    expect((row?.tidegate ?? 0) - (row?.lru ?? 0)).toBeGreaterThanOrEqual(GAINS[name] as number)
  })

  it('never has a much lower hit ratio than plain LRU, and never a higher one than the optimal policy', () => {
    expect(rows.length).toBeGreaterThan(isWhole ? 10 : 1)
    for (const { trace, lru, tidegate, belady } of rows) {
      expect(tidegate, trace).toBeGreaterThan(lru - MAX_LOSS)
      expect(tidegate, trace).toBeLessThanOrEqual(belady)
    }
  })
})
