import { describe, expect, it } from 'vitest'
import { Binary, type CacheEvent, type CachePolicy, cacheKey, MemoryLog } from '#src/engine/cache/index.ts'
import { CuttableLog, policy, Source, startInstance, thing, write } from './instance.ts'
import { ManualEnv, settled } from './manual-env.ts'

async function start(log: MemoryLog = new MemoryLog(), options: Parameters<typeof startInstance>[3] = {}) {
  const env = new ManualEnv()
  const source = new Source()
  source.values.set(1, { name: 'one', budget: { total: 5 } })
  const instance = await startInstance(source, log, env, { shadowRate: 1, ...options })
  const shadows = () => instance.events.filter((event): event is Extract<CacheEvent, { type: 'shadow' }> => event.type === 'shadow')
  return { env, source, log, instance, shadows }
}

describe('shadow mode', () => {
  it('compares a value that was served from a copy with a newly loaded one, and reports that they are equal.', async () => {
    const { source, instance, shadows } = await start()
    await instance.read([1])
    await settled()
    expect(shadows()).toEqual([])
    await instance.read([1])
    await settled()
    expect(shadows()).toEqual([{ type: 'shadow', policy: 'Thing', layer: 'l1', outcome: 'equal', paths: [] }])
    expect(source.loads).toEqual([[1], [1]])
  })

  it('reports a violation with the paths of the fields, and no values, if a row was changed where no log sees it.', async () => {
    const { source, instance, shadows } = await start()
    await instance.read([1])
    source.values.set(1, { name: 'one', budget: { total: 6 } })
    await instance.read([1])
    await settled()
    expect(shadows()).toEqual([
      { type: 'shadow', policy: 'Thing', layer: 'l1', outcome: 'violation', reason: 'not invalidated', paths: ['budget.total'] },
    ])
  })

  it('allows a difference from a write that was committed after the read, or before it by at most the bound.', async () => {
    const { env, source, log, instance, shadows } = await start()
    await instance.read([1])
    source.hold()
    await instance.read([1])
    await settled()
    await env.advance(40)
    source.values.set(1, { name: 'two', budget: { total: 5 } })
    await log.append(['acme:Thing:1'], 'mutation write')
    source.release()
    await settled()
    // The load of the comparison had begun before the write.
    expect(shadows().map(({ outcome }) => outcome)).toEqual(['equal'])
    await instance.read([1])
    await settled()
    expect(shadows().at(-1)).toMatchObject({ outcome: 'within bound', paths: ['name'], latenessMs: expect.any(Number) })
  })

  it('compares nothing if it is turned off, for a background session, and for a copy that was flagged as stale.', async () => {
    const off = await start(undefined, { shadowRate: 0 })
    await off.instance.read([1])
    await off.instance.read([1])
    await settled()
    expect(off.source.loads).toEqual([[1]])
    const { instance, source, shadows } = await start()
    await instance.read([1])
    const session = instance.cache.openSession(undefined, { isBackground: true })
    await instance.cache.getMany([thing(1)], policy, source.loader([1]), { session })
    await settled()
    expect(shadows()).toEqual([])
    const log = new CuttableLog()
    const cut = await start(log)
    const tolerant = { staleIfErrorMs: 600_000 }
    await cut.instance.read([1], undefined, tolerant)
    log.cut = true
    await cut.env.advance(2000)
    await cut.instance.read([1], undefined, tolerant)
    await settled()
    expect(cut.instance.layers.at(-1)).toBe('stale')
    expect(cut.shadows()).toEqual([])
  })

  it('does not judge a field that two loads in a row give differently, but still sees the others.', async () => {
    const { env, instance, shadows } = await start()
    let budget = 5
    let loads = 0
    const load = async () => [{ value: { asOf: loads++, budget } }]
    const read = () => instance.cache.getMany([thing(2)], policy, load, { session: instance.cache.openSession() })
    await read()
    await read()
    await settled()
    expect(shadows().map(({ outcome }) => outcome)).toEqual(['undecided'])
    budget = 6
    await read()
    await env.advance(100)
    expect(shadows().at(-1)).toMatchObject({ outcome: 'violation', paths: ['budget'] })
  })

  it('reports a failed load, a source that does not know the value, and a new epoch as undecided.', async () => {
    const { source, log, instance, shadows } = await start()
    await instance.read([1])
    source.failing = true
    await instance.read([1])
    await settled()
    expect(shadows().map(({ outcome }) => outcome)).toEqual(['undecided'])
    source.failing = false
    source.hold()
    await instance.read([1])
    await settled()
    source.release()
    source.values.set(1, { name: 'restored', budget: { total: 5 } })
    await settled()
    source.hold()
    await instance.read([1])
    await log.bump()
    await instance.cache.acknowledge(instance.cache.openSession())
    source.release()
    await settled()
    expect(shadows().map(({ outcome }) => outcome)).toEqual(['undecided', 'equal', 'undecided'])
    const unknown = async () => [{ value: undefined }]
    await write(instance, log, source, 3, 'three')
    await instance.read([3])
    await instance.cache.getMany([thing(3)], policy, unknown, { session: instance.cache.openSession() })
    await settled()
    expect(shadows().at(-1)?.outcome).toBe('undecided')
  })

  it('does not compare a value of a type that changes without an invalidation on purpose.', async () => {
    const { source, instance, shadows } = await start(undefined, { uncomparedTypes: ['Thing'] })
    await instance.read([1])
    source.values.set(1, 'changed')
    await instance.read([1])
    await settled()
    expect(shadows()).toEqual([])
  })

  it('compares no more than eight values at the same time.', async () => {
    const { source, instance, shadows } = await start()
    const ids = Array.from({ length: 20 }, (_, id) => id)
    await instance.read(ids)
    source.hold()
    await instance.read(ids)
    await settled()
    source.release()
    await settled()
    expect(shadows()).toHaveLength(8)
  })

  it('compares the JSON in the bytes of a composed value if the read says how to load it past the cache.', async () => {
    const { instance, shadows } = await start()
    const whole: CachePolicy = { ...policy, name: 'Whole', composed: true }
    const request = { key: cacheKey('acme', 'Whole', []), tags: ['acme'] }
    const bytes = new TextEncoder().encode('{"data":{"campaign":{"name":"one"}}}')
    const read = (isChosen: boolean) =>
      instance.cache.getMany([request], whole, async () => [{ value: new Binary({}, bytes) }], {
        session: instance.cache.openSession(),
        shadow: { isChosen, load: async () => ({ value: { data: { campaign: { name: 'two' } } } }) },
      })
    await read(true)
    await read(false)
    await settled()
    expect(shadows()).toEqual([])
    await read(true)
    await settled()
    expect(shadows()).toMatchObject([{ policy: 'Whole', layer: 'l1', outcome: 'violation', paths: ['data.campaign.name'] }])
  })
})
