import { existsSync } from 'node:fs'
import { hitRatios } from '../hit-ratio.ts'
import { rounded } from '../measure.ts'
import type { Part } from '../workload.ts'

const FOLDER = process.env['DATA_DIR'] ?? '../shared/data'

/** Measures the hit ratio of tidegate's memory tier on recorded accesses. */
export const hitRatioPart: Part = {
  name: 'hit-ratios',
  title: 'Hit ratios on recorded accesses, percent (more sizes: node bench/cache/hit-ratio.ts)',
  measure: async ({ quick }) => {
    if (!existsSync(FOLDER)) return [{ trace: 'left out: set DATA_DIR to the folder with the recorded accesses' }]
    const rows = await hitRatios({ folder: FOLDER, sizes: [500, 1000], ...(quick ? { traces: ['web07'] } : {}) })
    return rows.map(({ trace, size, lru, tidegate, belady }) => ({
      trace,
      size,
      lru: rounded(lru),
      tidegate: rounded(tidegate),
      'best possible': rounded(belady),
    }))
  },
}
