import { setTimeout as pause } from 'node:timers/promises'
import { MemoryLog } from '../../src/cache/index.ts'
import type { Contestant, OpenCache, Terms } from './contestant.ts'
import { HeldSource } from './held-source.ts'

export type Verdict = 'new value' | 'old value served' | 'has none' | 'no load began'

/** A slow load with an invalidation in its middle. */
export interface Scenario {
  readonly title: string
  /** What is seen, by moment: each is a row of the table. */
  readonly moments: readonly string[]
  run(contestant: Contestant, redisUrl: string, run: string): Promise<readonly Verdict[]>
}

const ID = 0
/** The shortest time to live that all have: one counts in whole seconds. */
const TTL_MS = 1000
/** By then every entry of that time has expired for everybody, even where the clock is read once a second. */
const EXPIRED_MS = 2200
/** How long a refresh in the background may take to begin, and a reader to be answered without the load that is held. */
const PATIENCE_MS = 200
/** Within this what was left to the background has been written. */
const SETTLED_MS = 100

const DURING = 'a reader who came after the invalidation'
const AFTERWARDS = 'served when the load has ended'
const UNREAD = 'served then, if nobody read meanwhile'

export const scenarios: readonly Scenario[] = [
  {
    title: 'Control: an invalidation with no load under way',
    moments: ['served afterwards'],
    run: (contestant, redisUrl, run) =>
      withInstances(contestant, 1, { redisUrl, run }, async (source, cache) => {
        await cache.get(ID)
        source.version = 2
        await cache.invalidate(ID)
        return [verdictOf(await cache.get(ID))]
      }),
  },
  {
    title: 'get: the invalidation comes while the value is loaded',
    moments: [DURING, AFTERWARDS, UNREAD],
    run: (contestant, redisUrl, run) =>
      bothWays(contestant, { redisUrl, run }, (source, cache, reader) => overtake(source, () => cache.get(ID), cache, reader)),
  },
  {
    title: 'getMany: the same',
    moments: [DURING, AFTERWARDS, UNREAD],
    run: (contestant, redisUrl, run) =>
      bothWays(contestant, { redisUrl, run }, async (source, cache, reader) => {
        const { getMany } = cache
        if (!getMany) return none(2)
        return overtake(source, async () => (await getMany([ID, ID + 1]))[0], cache, reader)
      }),
  },
  {
    title: 'Stale while revalidate: the same, the load is a refresh in the background',
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
    title: 'Refresh ahead of the end: the same',
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
    title: 'Two instances: A loads, B invalidates, then A writes what it loaded to Redis',
    moments: ['B reads', 'A reads', 'a third that starts now reads'],
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

/** Once with a reader between the invalidation and the end of the load, and once without: it may hide what the load left behind. */
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

/** A load begins and reads the old value, the value changes and is invalidated, a reader comes or not, the load ends. */
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
  // Who does not join the load that is held is answered now.
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
    // A read that was the last may have begun a refresh.
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

/** Whether the work has ended within the time, ms; it goes on if not. */
async function within(limitMs: number, work: Promise<unknown>): Promise<boolean> {
  const timer = new AbortController()
  const ended = await Promise.race([work.then(() => true), pause(limitMs, false, { signal: timer.signal }).catch(() => false)])
  timer.abort()
  return ended
}
