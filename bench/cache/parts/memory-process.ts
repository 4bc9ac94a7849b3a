/**
 * Measures one contestant in memory, in a process of its own. Arguments: what to measure (`hits`, `lookups` or `heap`), the name of the
 * contestant, and the URL of Redis.
 */
import type { OpenCache, Terms } from '../contestant.ts'
import { contestantNamed } from '../contestants/index.ts'
import { answerTurns } from '../isolated.ts'
import { nanosecondsEach } from '../measure.ts'
import { CountingSource, usualTerms } from '../workload.ts'

const KEYS = 1000
const BATCH = 50
const HEAP_ENTRIES = 100_000
/** First id in the measurement of memory. {@link keysOf} does not keep the keys of such large ids. */
const FIRST_ID = 1_000_000
/** Duration of one measurement, ms. */
const TURN_MS = 150
/** Number of passes over all keys between two readings of the clock. */
const PASSES = 20

const [task, name = '', redisUrl = ''] = process.argv.slice(2)
const source = new CountingSource()
const contestant = contestantNamed(name)
const usual = usualTerms(redisUrl, `${task}-${name.replaceAll(/\W/g, '')}`, source)

if (task === 'heap') {
  answerTurns(heapOfAnEntry, async () => undefined)
} else {
  const tiers = task === 'hits' && contestant.has.secondTier ? 'both' : 'memory'
  const cache = await contestant.open({ ...usual, tiers })
  for (let id = 0; id < KEYS; id++) await cache.get(id)
  source.loads = 0
  answerTurns(task === 'hits' ? () => timeOfHit(cache) : () => timeOfLookup(cache), cache.close)
}

async function timeOfHit(cache: OpenCache): Promise<number> {
  const took = await averageOver(TURN_MS, () => nanosecondsEach(KEYS, (id) => cache.get(id)))
  if (source.loads > 0)
    throw new Error(`${name}: expected only cache hits, but ${source.loads} values were loaded from the source behind the cache.`)
  return took
}

async function timeOfLookup({ countPresent }: OpenCache): Promise<number> {
  if (!countPresent) throw new Error(`${name} has no method for synchronous lookups, so it cannot be measured with \`lookups\`.`)
  const batches = Array.from({ length: KEYS / BATCH }, (_, batch) => Array.from({ length: BATCH }, (_, place) => batch * BATCH + place))
  return averageOver(TURN_MS, async () => {
    let present = 0
    const start = process.hrtime.bigint()
    for (let pass = 0; pass < PASSES; pass++) for (const ids of batches) present += countPresent(ids)
    const took = Number(process.hrtime.bigint() - start)
    if (present !== PASSES * KEYS)
      throw new Error(`${name}: expected ${PASSES * KEYS} lookups that find a value in memory, got ${present}.`)
    return took / present
  })
}

/**
 * Repeats a short measurement for `turnMs` ms and returns the mean of the results. So the measurements of fast and of slow contestants take
 * equally long.
 */
async function averageOver(turnMs: number, measure: () => Promise<number>): Promise<number> {
  const deadline = performance.now() + turnMs
  let sum = 0
  let count = 0
  do {
    sum += await measure()
    count++
  } while (performance.now() < deadline)
  return sum / count
}

/** Returns the heap memory that one entry takes, bytes, including its key and its value. */
async function heapOfAnEntry(): Promise<number> {
  // Each value is a separate copy, as from a database driver: no two values share a string in memory.
  const load = async (id: number) => JSON.parse(JSON.stringify(await source.load(id))) as unknown
  const terms: Terms = { ...usual, load, tiers: 'memory', capacity: HEAP_ENTRIES + 1 }
  const first = await contestant.open(terms)
  await first.get(FIRST_ID)
  const before = await used()
  const cache = await contestant.open(terms)
  for (let id = 0; id < HEAP_ENTRIES; id++) await cache.get(FIRST_ID + id)
  const after = await used()
  source.loads = 0
  for (let id = 0; id < HEAP_ENTRIES; id += 997) await cache.get(FIRST_ID + id)
  if (source.loads > 0)
    throw new Error(`${name}: expected a memory tier that keeps ${HEAP_ENTRIES} entries, but some values had to be loaded again.`)
  await Promise.all([first.close(), cache.close()])
  return (after - before) / HEAP_ENTRIES
}

async function used(): Promise<number> {
  // Deferred work runs first, so that the garbage collection also frees the memory that this work held.
  for (let turn = 0; turn < 3; turn++) {
    await new Promise((resolve) => setImmediate(resolve))
    globalThis.gc?.()
  }
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}
