/** One contestant in memory, in a process of its own: `hits`, `lookups` or `heap`, its name, and Redis's address. */
import type { OpenCache, Terms } from '../contestant.ts'
import { contestantNamed } from '../contestants/index.ts'
import { answerTurns } from '../isolated.ts'
import { nanosecondsEach } from '../measure.ts'
import { CountingSource, usualTerms } from '../workload.ts'

const KEYS = 1000
const BATCH = 50
const HEAP_ENTRIES = 100_000
/** Keys from here on are not kept by the benchmark. */
const FIRST_ID = 1_000_000
/** How long a turn takes, ms. */
const TURN_MS = 150
/** Passes over all keys between two looks at the clock. */
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
  if (source.loads > 0) throw new Error(`${source.loads} of the reads of ${name} were no hits.`)
  return took
}

async function timeOfLookup({ countPresent }: OpenCache): Promise<number> {
  if (!countPresent) throw new Error(`${name} has no lookup without a promise.`)
  const batches = Array.from({ length: KEYS / BATCH }, (_, batch) => Array.from({ length: BATCH }, (_, place) => batch * BATCH + place))
  return averageOver(TURN_MS, async () => {
    let present = 0
    const start = process.hrtime.bigint()
    for (let pass = 0; pass < PASSES; pass++) for (const ids of batches) present += countPresent(ids)
    const took = Number(process.hrtime.bigint() - start)
    if (present !== PASSES * KEYS) throw new Error(`${name} found ${present} of ${PASSES * KEYS}.`)
    return took / present
  })
}

/** The mean of as many measurements as fit into the time, ms: a turn of the fast is as long as one of the slow. */
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

/** Bytes; the contestant's keys, whatever it keeps of them, and values included. */
async function heapOfAnEntry(): Promise<number> {
  // As a driver hands them out: no two values share a text.
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
  if (source.loads > 0) throw new Error(`${name} does not hold ${HEAP_ENTRIES} entries.`)
  await Promise.all([first.close(), cache.close()])
  return (after - before) / HEAP_ENTRIES
}

async function used(): Promise<number> {
  // What was to be done later is done, and lets go of what it holds.
  for (let turn = 0; turn < 3; turn++) {
    await new Promise((resolve) => setImmediate(resolve))
    globalThis.gc?.()
  }
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}
