import { contestants, inMemory } from '../contestants/index.ts'
import { layeredLoader } from '../contestants/layered-loader.ts'
import { lruCache, lruCacheWithTtl } from '../contestants/limits.ts'
import { tidegate } from '../contestants/tidegate.ts'
import { type IsolatedTurn, isolate } from '../isolated.ts'
import { type Row, takeTurns } from '../measure.ts'
import type { Conditions, Part } from '../workload.ts'

const SCRIPT = new URL('memory-process.ts', import.meta.url)
const names = inMemory.map(({ name }) => name)

/** Measures awaited reads of a thousand values from memory, one after the other. */
export const memoryHits: Part = {
  name: 'memory-hits',
  title: 'A hit in memory: awaited, one after the other, 1,000 keys',
  measure: (conditions) => inProcesses('hits', names, conditions, 'ns'),
}

/** Measures synchronous reads of values from memory, for contestants that have such a method. */
export const memoryLookups: Part = {
  name: 'memory-lookups',
  title: 'A hit in memory without a promise: 50 lookups in one go, for one of them',
  measure: (conditions) =>
    inProcesses(
      'lookups',
      [lruCache, lruCacheWithTtl, tidegate, layeredLoader].map(({ name }) => name),
      conditions,
      'ns',
    ),
}

/** Measures the memory that an entry takes, including everything that the cache stores about it. */
export const heap: Part = {
  name: 'heap',
  title: 'Heap of an entry: 100,000 different values in memory',
  measure: (conditions) =>
    inProcesses(
      'heap',
      conditions.quick ? [lruCache.name, ...contestants.map(({ name }) => name)] : names,
      { ...conditions, rounds: 1 },
      'bytes',
    ),
}

async function inProcesses(
  task: string,
  contestantNames: readonly string[],
  { redisUrl, rounds }: Conditions,
  unit: string,
  warmUp = true,
): Promise<readonly Row[]> {
  const turns: IsolatedTurn[] = []
  try {
    for (const name of contestantNames) turns.push(await isolate(name, SCRIPT, [task, name, redisUrl]))
    return await takeTurns(turns, { rounds, unit, limit: lruCache.name, warmUp })
  } finally {
    await Promise.all(turns.map((turn) => turn.close()))
  }
}
