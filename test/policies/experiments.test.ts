import { Registry } from 'prom-client'
import { describe, expect, it } from 'vitest'
import { MemoryLog } from '#src/engine/cache/log/memory-log.ts'
import type { CacheEvent } from '#src/engine/cache/model/events.ts'
import { readByArm } from '#src/gateway/graphql/execution/read-by-arm.ts'
import { armOf, armOfName, BUCKETS, BucketCounts, bucketOf, type Experiment, isHit, nameOfArm } from '#src/gateway/policies/experiment.ts'
import type { PolicyValues } from '#src/gateway/policies/policy-attributes.ts'
import { ratesOf } from '#src/operations/history/rates.ts'
import { armMetrics } from '#src/operations/telemetry/arm-metrics.ts'
import { createMetrics } from '#src/operations/telemetry/metrics.ts'
import { MapTier, policy, Source, startInstance, thing } from '../cache/instance.ts'
import { ManualEnv, settled } from '../cache/manual-env.ts'
import { at, startTinyGateway, viewer } from '../graphql/tiny-gateway.ts'
import { TinyStore } from '../graphql/tiny-module.ts'

const keys = Array.from({ length: 4000 }, (_, index) => `acme:Campaign@Vx3kQ0-r2s:["${index}"]`)
const trialShare = (trialBuckets: number, id = 1) =>
  keys.filter((key) => armOf(bucketOf(id, key), { trialBuckets }) === 'trial').length / keys.length

describe('the arm of a key', () => {
  it('is the same on all processes and in all releases.', () => {
    const buckets = ['acme:Campaign@Vx3kQ0-r2s:["42"]', 'acme:Campaign@Vx3kQ0-r2s:["43"]', 'a key with ümlauts'].map((key) =>
      bucketOf(7, key),
    )
    expect(buckets).toEqual([241, 201, 149])
  })

  it('is `trial` for the share of the keys that the experiment asks for.', () => {
    for (const trialBuckets of [1, 13, 64, 128, 255]) expect(trialShare(trialBuckets)).toBeCloseTo(trialBuckets / BUCKETS, 1.5)
    expect([trialShare(0), trialShare(BUCKETS)]).toEqual([0, 1])
  })

  it('is independent of its arm in another experiment.', () => {
    const inTrialOf = (id: number) => new Set(keys.filter((key) => bucketOf(id, key) < 128))
    const shared = (one: number, other: number) => inTrialOf(one).intersection(inTrialOf(other)).size / keys.length
    expect(shared(1, 2)).toBeCloseTo(0.25, 1.5)
    expect(shared(1, 1)).toBeCloseTo(0.5, 1.5)
  })

  it('is part of the name of its policy.', () => {
    for (const arm of ['control', 'trial'] as const) expect(armOfName(nameOfArm('Query.a', arm))).toEqual({ field: 'Query.a', arm })
    for (const field of ['Campaign', 'Response', 'a (b)']) expect(armOfName(field)).toEqual({ field, arm: undefined })
  })
})

const asker = { viewer: viewer('t1') }
const editor = { viewer: viewer('t1', 'EDITOR') }
const LIST = '{ notes { nodes { id text } } }'
/** The same rows in an answer of its own, so that the whole answer of the other query does not answer it. */
const OTHER_LIST = '{ notes { nodes { text id } } }'
const IDS = Array.from({ length: 24 }, (_, index) => String(index + 1))

interface Setting {
  readonly isOnTrial?: boolean
  readonly values?: PolicyValues
  readonly coordinate?: string
  /** Number of processes. */
  readonly gateways?: number
}

async function start({ isOnTrial = true, values = { l1: 30, l2: 30 }, coordinate = 'Note', gateways = 1 }: Setting = {}) {
  const env = new ManualEnv()
  const store = new TinyStore()
  for (const id of IDS) store.put({ id: Number(id), tenantId: 't1', folder: 'in', text: `text ${id}` })
  store.written = []
  const shared = { store, env, log: new MemoryLog(), remote: new MapTier() }
  const events: CacheEvent[] = []
  const open = () => startTinyGateway({ ...shared, cacheOptions: { onEvent: (event) => events.push(event) } })
  const all = await Promise.all(Array.from({ length: gateways }, open))
  const experiment: Experiment = { id: 3, coordinate, values, trialBuckets: 128, isOnTrial, counts: new BucketCounts() }
  const run = (experiments: readonly Experiment[]) => {
    for (const { endpoint } of all) endpoint.gateway.policies.run(experiments)
  }
  run([experiment])
  const [gateway] = all as [(typeof all)[number]]
  const namespace = gateway.endpoint.gateway.rules.get('Note')?.namespace
  const armOfId = (id: string) => armOf(bucketOf(3, `t1:${namespace}:["${id}"]`), experiment)
  const idsOf = (arm: string) => IDS.filter((id) => armOfId(id) === arm)
  /** Returns the ids of the rows that were loaded since the last call. */
  const loaded = () => {
    const ids = store.loads.splice(0).flatMap(({ name, keys: of }) => (name === 'Note' ? of.map(String) : []))
    return ids.sort((a, b) => Number(a) - Number(b))
  }
  const close = async () => {
    for (const one of all) await one[Symbol.asyncDispose]()
  }
  return { env, store, gateway, all, experiment, run, idsOf, armOfId, loaded, events, [Symbol.asyncDispose]: close }
}

const textsOf = (answer: { readonly data: unknown }) =>
  new Map((at(answer.data, 'notes', 'nodes') as { id: string; text: string }[]).map(({ id, text }) => [id, text]))

describe('an experiment on a policy', () => {
  it('gives the keys of one batch the TTL of their arm: those of the trial expire, those of the control do not.', async () => {
    await using one = await start()
    await one.gateway.ask(LIST, asker)
    expect(one.loaded()).toEqual(IDS)
    expect(Math.min(one.idsOf('trial').length, one.idsOf('control').length)).toBeGreaterThan(5)
    await one.env.advance(31_000)
    const { data } = await one.gateway.ask(LIST, asker)
    expect([...textsOf({ data })]).toEqual(IDS.map((id) => [id, `text ${id}`]))
    expect(one.loaded()).toEqual(one.idsOf('trial'))
    one.run([])
    await one.env.advance(20_000)
    await one.gateway.ask(OTHER_LIST, asker)
    expect(one.loaded()).toEqual([])
  })

  it('gives both arms the same TTL in its lead-in.', async () => {
    await using one = await start({ isOnTrial: false })
    await one.gateway.ask(LIST, asker)
    one.loaded()
    await one.env.advance(31_000)
    await one.gateway.ask(LIST, asker)
    expect(one.loaded()).toEqual([])
  })

  it('also works for a field, whose values get the TTL of their arm.', async () => {
    await using one = await start({ coordinate: 'Note.length' })
    const query = '{ notes { nodes { length } } }'
    await one.gateway.ask(query, asker)
    const lengths = () => one.store.loads.splice(0).flatMap(({ name, keys: of }) => (name === 'length' ? of.length : []))
    lengths()
    await one.env.advance(31_000)
    await one.gateway.ask(query, asker)
    const reloaded = lengths().reduce((sum, count) => sum + count, 0)
    expect(reloaded).toBeGreaterThan(0)
    expect(reloaded).toBeLessThan(IDS.length)
  })

  it('keeps a whole answer no longer than either arm allows, in the lead-in as well.', async () => {
    /** Returns whether the whole answer still answers after 26, 31 and 61 seconds, so that no row is read. */
    const livesFor = async (values: PolicyValues, isOnTrial = true, control?: PolicyValues) => {
      await using one = await start({ values, isOnTrial })
      if (control) one.gateway.endpoint.gateway.policies.set('operator', { Note: control })
      await one.gateway.ask(LIST, asker)
      const lives: boolean[] = []
      for (const ms of [26_000, 5000, 30_000]) {
        one.experiment.counts.take()
        await one.env.advance(ms)
        await one.gateway.ask(LIST, asker)
        lives.push(one.experiment.counts.take() === undefined)
      }
      return lives
    }
    expect(await livesFor({ l1: 30, l2: 30 })).toEqual([true, false, false])
    expect(await livesFor({ l1: 30, l2: 30 }, false)).toEqual([true, false, false])
    // A longer life in the trial does not lengthen that of answers: the control allows 40 seconds.
    expect(await livesFor({ l1: 600, l2: 900 }, true, { l1: 40, l2: 40 })).toEqual([true, true, false])
  })

  it('tells caches outside the gateway the shorter life of the two arms.', async () => {
    await using one = await start({ coordinate: 'Word', values: { l1: 5, l2: 5, browser: 3 } })
    const header = async () => (await one.gateway.ask('{ words { nodes { name } } }')).headers.get('cache-control')
    expect(await header()).toContain('s-maxage=5,')
    one.run([{ ...one.experiment, coordinate: 'Word', values: { l1: 500, l2: 600 } }])
    expect(await header()).toContain('s-maxage=60,')
  })

  it('counts the reads and hits of requests by bucket, as the hit rate of a field counts them.', async () => {
    await using one = await start()
    await one.gateway.ask(LIST, asker)
    await one.gateway.ask(OTHER_LIST, asker)
    await one.env.advance(31_000)
    await one.gateway.ask(LIST, asker)
    const { reads = [], hits = [] } = one.experiment.counts.take() ?? {}
    const sum = (numbers: Iterable<number>) => [...numbers].reduce((all, number) => all + number, 0)
    const trials = one.idsOf('trial').length
    expect([sum(reads), sum(hits)]).toEqual([3 * IDS.length, 2 * IDS.length - trials])
    const ofTrial = (numbers: Iterable<number>) => sum([...numbers].slice(0, 128))
    expect([ofTrial(reads), ofTrial(hits)]).toEqual([3 * trials, trials])
    expect(one.experiment.counts.take()).toBeUndefined()
    for (const layer of ['l1', 'l2', 'stale', 'coalesced', 'origin'] as const) {
      const counted = { l1: 0, l2: 0, coalesced: 0, stale: 0, origin: 0, failed: 0, [layer]: 1 }
      const misses = { cold: 0, invalidated: 0, expired: 0, evicted: 0, 'not cacheable': 0, bypassed: 0, shed: 0 }
      expect([layer, isHit(layer)]).toEqual([layer, ratesOf({ reads: counted, misses }).hits === 1])
    }
  })

  it('leaves the figures of its field whole, and adds a metric that tells the arms apart.', async () => {
    await using one = await start()
    const metrics = createMetrics({ cacheStats: () => one.gateway.cache.stats(), redisState: undefined, others: undefined })
    await one.gateway.ask(LIST, asker)
    for (const event of one.events) metrics.onCacheEvent(event)
    const fields = metrics.usage().fields.filter(({ field }) => field.startsWith('Note'))
    expect(fields.map(({ field, reads, loads }) => [field, reads.origin, loads])).toEqual([['Note', IDS.length, IDS.length]])
    const { text } = await metrics.read()
    const arm = (name: string) =>
      Number(new RegExp(`^tidegate_cache_experiment_reads_total{policy="Note",arm="${name}",layer="origin"} (\\d+)$`, 'm').exec(text)?.[1])
    expect([arm('trial'), arm('control')]).toEqual([one.idsOf('trial').length, one.idsOf('control').length])
    expect(text).not.toMatch(/policy="Note \(/)
    // Without the names of the arms, as if no experiment ran, the metric has no series.
    const registry = new Registry()
    const count = armMetrics(registry)
    count({ type: 'read', policy: 'Note', layer: 'l1', count: 1, savedMs: 0 })
    expect(await registry.metrics()).not.toContain('policy="Note"')
  })

  it('does not apply while its overrides do not fit the policy of its coordinate, and applies again when they do.', async () => {
    await using one = await start({ values: { l1: 500 } })
    const { policies } = one.gateway.endpoint.gateway
    const runs = () => policies.rules.get('Note')?.experiment !== undefined
    expect(runs()).toBe(true)
    policies.set('operator', { Note: { l2: 400 } })
    expect(runs()).toBe(false)
    expect(() => policies.checkTrial('Note', { l1: 500 })).toThrow(/experiment: Note: @cache\(l1: 500, l2: 400\) would keep a copy longer/)
    expect(() => policies.checkTrial('Query.none', {})).toThrow(/names nothing that has @cache/)
    expect(() => policies.checkTrial('Note', { ttl: 1 })).toThrow(/unknown key "ttl"/)
    policies.set('operator', {})
    expect(runs()).toBe(true)
  })
})

describe('the counts of an experiment', () => {
  const ids = [1, 2, 3]

  /** Starts a cache whose reads are counted by an experiment. `counted` returns the number of reads since the last call. */
  async function startCounting() {
    const source = new Source()
    const { cache } = await startInstance(source, new MemoryLog())
    const counts = new BucketCounts()
    const armed = { policy, experiment: { id: 1, trialBuckets: 128, counts, policies: { control: policy, trial: policy } } }
    return {
      source,
      read: (how: { readonly isBackground?: boolean; readonly fresh?: boolean }) => {
        const session = cache.openSession(undefined, { isBackground: how.isBackground ?? false })
        const requests = ids.map((id) => thing(id))
        return readByArm(cache, armed, requests, () => source.loader(ids), { session, fresh: how.fresh ?? false })
      },
      counted: () => counts.take()?.reads.reduce((sum, count) => sum + count, 0) ?? 0,
      [Symbol.asyncDispose]: () => cache.close(),
    }
  }

  it('contain no read of a session in the background.', async () => {
    await using one = await startCounting()
    await one.read({ isBackground: true })
    expect(one.counted()).toBe(0)
    await one.read({})
    expect(one.counted()).toBe(ids.length)
  })

  it('contain only the reads of the request if a request joins the loads of a session in the background.', async () => {
    await using one = await startCounting()
    one.source.hold()
    const warming = one.read({ isBackground: true })
    await settled()
    const request = one.read({})
    await settled()
    one.source.release()
    await Promise.all([warming, request])
    expect(one.source.loads.flat().length).toBe(ids.length)
    expect(one.counted()).toBe(ids.length)
  })

  it('contain no read of a refresh in the background, although it uses the session of a request.', async () => {
    await using one = await startCounting()
    await one.read({ fresh: true })
    expect(one.counted()).toBe(0)
  })
})

describe('after a write, an experiment', () => {
  /** Writes all rows on one process, and returns the arms in which another process still serves an older value after the bound. */
  async function armsWithOldValues(losesTags: boolean): Promise<readonly string[]> {
    await using one = await start({ values: { l1: 600, l2: 900, staleWhileRevalidate: 600 }, gateways: 2 })
    const [first, second] = one.all as [(typeof one.all)[number], (typeof one.all)[number]]
    for (const gateway of one.all) await gateway.ask(LIST, asker)
    const written = one.store.put.bind(one.store)
    one.store.put = (note) => {
      written(note)
      if (losesTags) one.store.written = []
    }
    for (const id of IDS) {
      const { errors } = await first.ask(`mutation { setText(id: "${id}", text: "new ${id}") { text } }`, editor)
      expect(errors).toEqual([])
    }
    await one.env.advance(1000)
    const old = [...textsOf(await second.ask(OTHER_LIST, asker))].filter(([id, text]) => text !== `new ${id}`)
    return [...new Set(old.map(([id]) => one.armOfId(id)))].sort()
  }

  it('serves an older value in neither arm, on any process.', async () => {
    expect(await armsWithOldValues(false)).toEqual([])
  })

  it('serves older values in both arms if the tags of the write get lost, which shows that this test would notice.', async () => {
    expect(await armsWithOldValues(true)).toEqual(['control', 'trial'])
  })
})
