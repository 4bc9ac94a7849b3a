import { beforeAll, describe, expect, it } from 'vitest'
import { hitRatios, type Row } from '../../bench/cache/hit-ratio.ts'
import { needs } from '../servers/availability.ts'

const folder = process.env['DATA_DIR']

/** Points above plain LRU that are asked for at 500 entries. */
const GAINS: Readonly<Record<string, number>> = { loop: 35, scan: 15, web07: 0.1, web12: 0.1, multi3: 0.1, 'orm-busy': 0.1 }
const MOST_LOSS = 1

describe('the copies of a process, on recorded accesses with room for 500', needs('DATA_DIR', 'xz'), () => {
  let rows: readonly Row[]

  beforeAll(async () => {
    rows = await hitRatios({ folder: folder as string, sizes: [500] })
  }, 240_000)

  it.each(Object.entries(GAINS))('are hit more often than those of plain LRU: %s', (name, gain) => {
    const row = rows.find(({ trace }) => trace === name)
    expect((row?.tidegate ?? 0) - (row?.lru ?? 0)).toBeGreaterThanOrEqual(gain)
  })

  it('are on no trace hit much less often than those of plain LRU, nor more often than possible', () => {
    expect(rows.length).toBeGreaterThan(10)
    for (const { trace, lru, tidegate, belady } of rows) {
      expect(tidegate, trace).toBeGreaterThan(lru - MOST_LOSS)
      expect(tidegate, trace).toBeLessThanOrEqual(belady)
    }
  })
})
