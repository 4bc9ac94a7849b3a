import { setTimeout as pause } from 'node:timers/promises'
import { contestants, inRedis } from '../contestants/index.ts'
import { ioredis } from '../contestants/limits.ts'
import { median, nanosecondsEach, type Row, rounded, type Turn, takeTurns } from '../measure.ts'
import { CountingSource, type Part, usualTerms } from '../workload.ts'

const READERS = 500
const LOAD_MS = 20

/** Measures the time that a cache adds to a load. Nothing is cached, and the source answers immediately. */
export const coldLoads: Part = {
  name: 'cold-loads',
  title: 'A cold load with both tiers, one at a time, the source answers at once (async-cache-dedupe has Redis alone)',
  measure: async ({ redisUrl, rounds, quick }) => {
    const loads = quick ? 300 : 1000
    const source = new CountingSource()
    const opened = []
    for (const contestant of inRedis) {
      opened.push({ name: contestant.name, cache: await contestant.open(usualTerms(redisUrl, `cold-${contestant.name}`, source)) })
    }
    let next = 0
    const turns = opened.map(
      ({ name, cache }): Turn => ({
        name,
        run: async () => {
          const from = next
          next += loads
          source.loads = 0
          const took = await nanosecondsEach(loads, (index) => cache.get(from + index))
          if (source.loads !== loads)
            throw new Error(`${name}: expected ${loads} loads from the source behind the cache, got ${source.loads}.`)
          return took / 1000
        },
      }),
    )
    try {
      return await takeTurns(turns, { rounds, unit: 'us', limit: ioredis.name })
    } finally {
      await Promise.all(opened.map(({ cache }) => cache.close()))
    }
  },
}

/** Measures many concurrent reads of one value that is not cached. */
export const stampede: Part = {
  name: 'stampede',
  title: `${READERS} readers of one cold key, whose load takes ${LOAD_MS} ms`,
  measure: async ({ redisUrl, rounds }) => {
    const counting = new CountingSource()
    const slow = {
      load: async (id: number) => {
        await pause(LOAD_MS)
        return counting.load(id)
      },
      loadMany: counting.loadMany,
    }
    const rows: Row[] = []
    for (const contestant of contestants) {
      const cache = await contestant.open(usualTerms(redisUrl, `stampede-${contestant.name}`, slow))
      const loads: number[] = []
      const times: number[] = []
      try {
        await cache.get(0)
        for (let id = 1; id <= rounds; id++) {
          counting.loads = 0
          const start = performance.now()
          await Promise.all(Array.from({ length: READERS }, () => cache.get(id)))
          times.push(performance.now() - start)
          loads.push(counting.loads)
        }
      } finally {
        await cache.close()
      }
      rows.push({
        contestant: contestant.name,
        loads: median(loads),
        'last answer after ms': rounded(median(times)),
        lowest: rounded(Math.min(...times)),
        highest: rounded(Math.max(...times)),
      })
    }
    return rows
  },
}
