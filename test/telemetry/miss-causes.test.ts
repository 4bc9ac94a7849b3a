import { beforeAll, describe, expect, it } from 'vitest'
import type { CachePolicy, Loaded } from '#src/engine/cache/index.ts'
import { rowTag } from '#src/engine/cache/index.ts'
import { hitRatesOf } from '#src/operations/telemetry/usage.ts'
import { UsageMeter } from '#src/operations/telemetry/usage-meter.ts'
import { CuttableLog, MapTier, Source, startInstance, Thing, thing } from '../cache/instance.ts'
import { ManualEnv, settled } from '../cache/manual-env.ts'

const DAY_MS = 86_400_000
const LONG: CachePolicy = { name: 'Long', l1Ms: DAY_MS, l2Ms: DAY_MS, staleWhileRevalidateMs: 0, staleIfErrorMs: 0 }
const BRIEF: CachePolicy = { ...LONG, name: 'Brief', l1Ms: 1000, l2Ms: 1000 }
const REVALIDATED: CachePolicy = { ...BRIEF, name: 'Revalidated', staleWhileRevalidateMs: DAY_MS }
const ONLY_SHARED: CachePolicy = { ...LONG, name: 'OnlyShared', l1Ms: 0 }
const LOCAL: CachePolicy = { ...LONG, name: 'Local', l2Ms: 0 }
const REQUESTS = 10_000

/** A history whose author knows the cause of each miss, because each scenario uses a key of its own. */
async function writeHistory(seed: number) {
  const env = new ManualEnv(seed)
  const log = new CuttableLog()
  const remote = new MapTier()
  const meter = new UsageMeter()
  const { cache } = await startInstance(new Source(), log, env, {
    remote,
    memoryBytes: 256 * 2 ** 20,
    concurrentLoads: 1,
    onEvent: (event) => meter.onCacheEvent(event),
  })
  const planted = { hits: 0, needless: 0, reloads: 0 }
  const causes = { cold: 0, invalidated: 0, expired: 0, evicted: 0, 'not cacheable': 0, bypassed: 0, shed: 0 }
  const values = new Map<number, unknown>()
  let ids = 0
  let requests = 0
  const read = async (
    policy: CachePolicy,
    id: number,
    expected: keyof typeof causes | 'hit',
    options: { refresh?: boolean; deadlineMs?: number; loaded?: Partial<Loaded<unknown>>; fails?: boolean; until?: Promise<void> } = {},
  ) => {
    requests++
    if (expected === 'hit') planted.hits++
    else causes[expected]++
    const { loaded, fails, until, ...given } = options
    const load = async () => {
      await until
      if (fails) throw new Error('The source is down.')
      return [{ value: values.get(id) ?? 'first', ...loaded }]
    }
    const [result] = await cache.getMany([thing(id)], policy, load, { session: cache.openSession(), ...given })
    return result
  }
  const write = async (id: number, value: unknown) => {
    values.set(id, value)
    await log.append([rowTag(Thing, 'acme', id)])
    await cache.acknowledge(cache.openSession())
  }
  const sharedKeyOf = (id: number) => `tidegate:1:${thing(id).key.text}`
  const scenarios: (() => Promise<void>)[] = [
    async () => {
      const id = ++ids
      await read(LONG, id, 'cold')
      for (let again = 0; again < 5; again++) await read(LONG, id, 'hit')
    },
    async () => {
      const id = ++ids
      await read(LONG, id, 'cold')
      await write(id, id % 2 === 0 ? 'first' : 'second')
      await read(LONG, id, 'invalidated')
      planted.reloads++
      if (id % 2 === 0) planted.needless++
      await read(LONG, id, 'hit')
    },
    async () => {
      const id = ++ids
      await read(LONG, id, 'cold')
      await cache.invalidate({ key: thing(id).key })
      await read(LONG, id, 'invalidated')
      planted.reloads++
      planted.needless++
    },
    async () => {
      const id = ++ids
      await read(BRIEF, id, 'cold')
      await env.advance(1001)
      await read(BRIEF, id, 'expired')
    },
    async () => {
      const id = ++ids
      await read(LONG, id, 'cold', { loaded: { until: cache.now() + 500 } })
      await env.advance(501)
      await read(LONG, id, 'expired')
    },
    async () => {
      const id = ++ids
      await read(REVALIDATED, id, 'cold')
      await env.advance(1001)
      await read(REVALIDATED, id, 'hit')
      await settled()
      await read(REVALIDATED, id, 'hit')
    },
    async () => {
      const id = ++ids
      await read(ONLY_SHARED, id, 'cold')
      await settled()
      await read(ONLY_SHARED, id, 'hit')
      remote.entries.delete(sharedKeyOf(id))
      await read(ONLY_SHARED, id, 'evicted')
    },
    async () => {
      const id = ++ids
      await read(ONLY_SHARED, id, 'cold')
      await settled()
      remote.entries.delete(sharedKeyOf(id))
      await write(id, 'second')
      await read(ONLY_SHARED, id, 'invalidated')
    },
    async () => {
      const id = ++ids
      await read(ONLY_SHARED, id, 'cold', { loaded: { tags: ['acme:#late'] } })
      await settled()
      remote.entries.delete(sharedKeyOf(id))
      await cache.invalidate({ tenant: 'acme', freeTag: 'late' })
      await read(ONLY_SHARED, id, 'invalidated', { loaded: { tags: ['acme:#late'] } })
    },
    async () => {
      const id = ++ids
      for (let again = 0; again < 3; again++) await read(LONG, id, 'not cacheable', { loaded: { ttlMs: 0 } })
    },
    async () => {
      const id = ++ids
      await read(LONG, id, 'cold')
      await read(LONG, id, 'bypassed', { refresh: true })
      await read(LONG, id, 'hit')
    },
    async () => {
      const id = ++ids
      const loading = Promise.withResolvers<void>()
      const both = [read(LONG, id, 'cold', { until: loading.promise }), read(LONG, id, 'cold')]
      await settled()
      loading.resolve()
      await Promise.all(both)
    },
    async () => {
      const id = ++ids
      await read(LONG, id, 'cold', { fails: true })
      await read(LONG, id, 'cold')
    },
    async () => {
      const loading = Promise.withResolvers<void>()
      const slow = read(LONG, ++ids, 'cold', { until: loading.promise })
      await settled()
      const late = read(LONG, ++ids, 'shed', { deadlineMs: 50 })
      await env.advance(51)
      await late
      loading.resolve()
      await slow
    },
  ]
  while (requests < REQUESTS - 400) await (scenarios[Math.floor(env.random() * scenarios.length)] as () => Promise<void>)()
  const kept = Array.from({ length: 100 }, () => ++ids)
  // A full reset leaves the copies in the shared tier, so only keys without such a copy show whether the reset is remembered.
  const policyOf = (id: number) => (id % 2 === 0 ? LONG : LOCAL)
  for (const id of kept) await read(policyOf(id), id, 'cold')
  // The log no longer continues from what the instance has applied, so everything is dropped.
  await log.append(['acme:Other:1'])
  await log.append(['acme:Other:2'])
  await log.trim(1)
  await env.advance(200)
  for (const id of kept) await read(policyOf(id), id, 'invalidated')
  log.cut = true
  await env.advance(2000)
  for (const id of kept) await read(policyOf(id), id, 'bypassed')
  log.cut = false
  await env.advance(2000)
  while (requests < REQUESTS) await read(policyOf(kept[0] as number), kept[0] as number, 'hit')
  await settled()
  await cache.close()
  return { figures: meter.figures(), planted, causes, requests }
}

describe('a history of 10,000 requests with planted causes', () => {
  let history: Awaited<ReturnType<typeof writeHistory>>
  beforeAll(async () => {
    history = await writeHistory(7)
  })
  const sum = (pick: (field: (typeof history)['figures']['fields'][number]) => number) =>
    history.figures.fields.reduce((total, field) => total + pick(field), 0)

  it('has each of the seven causes, and each of them is counted exactly.', () => {
    const counted = Object.fromEntries(
      Object.keys(history.causes).map((cause) => [cause, sum(({ misses }) => misses[cause as keyof typeof misses])]),
    )
    expect(counted).toEqual(history.causes)
    for (const [cause, count] of Object.entries(history.causes)) expect(count, cause).toBeGreaterThan(20)
  })

  it('has as many reads as requests: hits and misses add up to them.', () => {
    const hits = sum(({ reads }) => reads.l1 + reads.l2 + reads.stale)
    const missed = sum(({ reads }) => reads.origin + reads.coalesced + reads.failed)
    expect(hits).toBe(history.planted.hits)
    expect(missed).toBe(sum(({ misses }) => Object.values(misses).reduce((total, count) => total + count, 0)))
    expect(hits + missed).toBe(history.requests)
  })

  it('has the hit rate and the reachable hit rate that its author computes.', () => {
    const { causes, planted, requests, figures } = history
    const rates = hitRatesOf(figures.fields)
    expect(rates.hit).toBeCloseTo(planted.hits / requests, 12)
    expect(rates.reachable).toBeCloseTo(1 - (causes.cold + causes.invalidated + causes['not cacheable']) / requests, 12)
  })

  it('has its needless invalidations counted exactly, by field and by kind of tag.', () => {
    expect([sum(({ reloads }) => reloads), sum(({ needlessReloads }) => needlessReloads)]).toEqual([
      history.planted.reloads + 50,
      history.planted.needless + 50,
    ])
    const tags = history.figures.tags.map(({ field, tag }) => [field, tag])
    expect(tags).toEqual(
      expect.arrayContaining([
        ['Long', 'Thing'],
        ['Long', 'key'],
      ]),
    )
  })
})
