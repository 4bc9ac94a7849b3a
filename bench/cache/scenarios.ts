import { setTimeout as pause } from 'node:timers/promises'
import { MemoryLog } from '#src/engine/cache/index.ts'
import type { Contestant, OpenCache, Terms } from './contestant.ts'
import { HeldSource } from './held-source.ts'

export type Verdict = 'new value' | 'old value served' | 'has none' | 'no load began'

/**
 * A scenario of the comparison. In every scenario but the control, a load reads the old value, then the value is invalidated, and then the
 * load ends.
 */
export interface Scenario {
  readonly title: string
  /** Moments of the reads in the scenario. The table has a row for each moment. */
  readonly moments: readonly string[]
  run(contestant: Contestant, redisUrl: string, run: string): Promise<readonly Verdict[]>
}

const ID = 0
/** Shortest TTL that all contestants support, ms. One contestant supports only whole seconds. */
const TTL_MS = 1000
/** Time, ms, after which every entry has expired in every cache, even in a cache that reads the clock once a second. */
const EXPIRED_MS = 2200
/**
 * Maximum time that a scenario waits for a background refresh to begin, ms. The scenario waits equally long for a reader to get a value
 * while the load is held.
 */
const PATIENCE_MS = 200
/** Time for background work to store its results, ms. */
const SETTLED_MS = 100

const DURING = 'a read after the invalidation, before the load ends'
const AFTERWARDS = 'a read after the load has ended'
const UNREAD = 'a read after the load has ended, if nobody read before'

export const scenarios: readonly Scenario[] = [
  {
    title: 'Control: an invalidation while nothing is loaded',
    moments: ['a read after the invalidation'],
    run: (contestant, redisUrl, run) =>
      withInstances(contestant, 1, { redisUrl, run }, async (source, cache) => {
        await cache.get(ID)
        source.version = 2
        await cache.invalidate(ID)
        return [verdictOf(await cache.get(ID))]
      }),
  },
  {
    title: 'get: an invalidation while the value is loaded',
    moments: [DURING, AFTERWARDS, UNREAD],
    run: (contestant, redisUrl, run) =>
      bothWays(contestant, { redisUrl, run }, (source, cache, reader) => overtake(source, () => cache.get(ID), cache, reader)),
  },
  {
    title: 'getMany: an invalidation while the values are loaded',
    moments: [DURING, AFTERWARDS, UNREAD],
    run: (contestant, redisUrl, run) =>
      bothWays(contestant, { redisUrl, run }, async (source, cache, reader) => {
        const { getMany } = cache
        if (!getMany) return none(2)
        return overtake(source, async () => (await getMany([ID, ID + 1]))[0], cache, reader)
      }),
  },
  {
    title: 'Stale while revalidate: an invalidation during the reload in the background',
    moments: [DURING, AFTERWARDS, UNREAD],
    run: async (contestant, redisUrl, run) => {
      if (contestant.has.staleWhileRevalidate === undefined) return none(3)
      return bothWays(contestant, { redisUrl, run, ttlMs: TTL_MS, staleMs: 60_000 }, async (source, cache, reader) => {
        await cache.get(ID)
        await pause(EXPIRED_MS)
        return overtake(source, () => cache.get(ID), cache, reader)
      })
    },
  },
  {
    title: 'Refresh before expiry: an invalidation during the reload in the background',
    moments: [DURING, AFTERWARDS, UNREAD],
    run: async (contestant, redisUrl, run) => {
      if (contestant.has.refreshAhead === undefined) return none(3)
      return bothWays(contestant, { redisUrl, run, ttlMs: 60_000, refreshAheadMs: 59_990 }, async (source, cache, reader) => {
        await cache.get(ID)
        await pause(SETTLED_MS)
        return overtake(source, () => cache.get(ID), cache, reader)
      })
    },
  },
  {
    title: 'Two instances: A loads, B invalidates, then A writes the loaded value to Redis',
    moments: ['B reads', 'A reads', 'a third instance starts and reads'],
    run: (contestant, redisUrl, run) =>
      withInstances(contestant, 2, { redisUrl, run, bus: true }, async (source, loading, writing, openOther) => {
        source.hold()
        const slow = loading.get(ID)
        await source.reached
        source.version = 2
        await writing.invalidate(ID)
        await pause(SETTLED_MS)
        source.release()
        await slow
        await pause(SETTLED_MS)
        const third = await openOther()
        return [verdictOf(await writing.get(ID)), verdictOf(await loading.get(ID)), verdictOf(await third.get(ID))]
      }),
  },
]

type Reader = 'reader' | 'no reader'
type Given = Partial<Terms> & { readonly redisUrl: string; readonly run: string }

/**
 * Runs a scenario twice. In the first run, a reader reads between the invalidation and the end of the load. This reader may load the new
 * value, which then replaces the old value in the cache. In the second run, there is no such reader. So the second run shows whether the
 * load in flight puts the old value into the cache.
 */
async function bothWays(
  contestant: Contestant,
  given: Given,
  play: (source: HeldSource, cache: OpenCache, reader: Reader) => Promise<readonly Verdict[]>,
): Promise<readonly Verdict[]> {
  const [read, unread] = await Promise.all([
    withInstances(contestant, 1, { ...given, run: `${given.run}-read` }, (source, cache) => play(source, cache, 'reader')),
    withInstances(contestant, 1, { ...given, run: `${given.run}-unread` }, (source, cache) => play(source, cache, 'no reader')),
  ])
  return [...read, ...unread.slice(-1)]
}

/**
 * Plays a scenario. First a load begins and reads the old value. Then the value changes and is invalidated. After that, a reader may come.
 * Finally the load ends, and one more read follows.
 */
async function overtake(source: HeldSource, read: () => Promise<unknown>, cache: OpenCache, reader: Reader): Promise<readonly Verdict[]> {
  source.hold()
  const early = read()
  if (!(await within(PATIENCE_MS, source.reached))) {
    await early
    return ['no load began', 'no load began']
  }
  source.version = 2
  await cache.invalidate(ID)
  const late = reader === 'reader' ? read() : undefined
  // If the reader does not wait for the held load but loads the value itself, the reader gets the value here.
  if (late) await within(PATIENCE_MS, late)
  source.release()
  await early
  const during = late ? [verdictOf(await late)] : []
  await pause(SETTLED_MS)
  return [...during, verdictOf(await read())]
}

async function withInstances(
  contestant: Contestant,
  count: number,
  { run, ...given }: Given,
  play: (source: HeldSource, first: OpenCache, second: OpenCache, openOther: () => Promise<OpenCache>) => Promise<readonly Verdict[]>,
): Promise<readonly Verdict[]> {
  const source = new HeldSource()
  const all: Terms = {
    tiers: contestant.has.secondTier ? 'both' : 'redis',
    prefix: run,
    ttlMs: 60_000,
    staleMs: 0,
    refreshAheadMs: 0,
    capacity: 1000,
    bus: false,
    log: new MemoryLog(),
    load: source.load,
    loadMany: source.loadMany,
    ...given,
  }
  const opened: OpenCache[] = []
  const openOther = async () => {
    const cache = await contestant.open(all)
    opened.push(cache)
    return cache
  }
  try {
    const first = await openOther()
    const second = count > 1 ? await openOther() : first
    return await play(source, first, second, openOther)
  } finally {
    source.release()
    // The last read may have started a background refresh, which must end before the caches are closed.
    await pause(SETTLED_MS)
    await Promise.all(opened.map((cache) => cache.close()))
  }
}

function verdictOf(value: unknown): Verdict {
  return (value as { readonly version: number }).version === 2 ? 'new value' : 'old value served'
}

function none(count: number): readonly Verdict[] {
  return Array.from({ length: count }, () => 'has none' as const)
}

/** Returns whether the promise settled within `limitMs` ms. If not, the work behind the promise continues. */
async function within(limitMs: number, work: Promise<unknown>): Promise<boolean> {
  const timer = new AbortController()
  const ended = await Promise.race([work.then(() => true), pause(limitMs, false, { signal: timer.signal }).catch(() => false)])
  timer.abort()
  return ended
}
