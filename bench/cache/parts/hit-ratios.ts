import { hitRatios } from '../hit-ratio.ts'
import { rounded } from '../measure.ts'
import type { Part } from '../workload.ts'

/** Small traces of different kinds: the whole set is for hit-ratio.ts on its own. */
const TRACES = ['web07', 'web12', 'corda', 'loop', 'multi3', 'cs']

/** How often the tier in the process has what is asked for. */
export const hitRatioPart: Part = {
  name: 'hit-ratios',
  title: 'Hit ratios on recorded accesses, percent (all traces: node bench/cache/hit-ratio.ts)',
  measure: async ({ quick }) => {
    const rows = await hitRatios({ traces: quick ? TRACES.slice(0, 1) : TRACES, sizes: [500, 1000] })
    return rows.map(({ trace, size, lru, tidegate, belady }) => ({
      trace,
      size,
      lru: rounded(lru),
      tidegate: rounded(tidegate),
      'best possible': rounded(belady),
    }))
  },
}
