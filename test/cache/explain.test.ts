import { describe, expect, it } from 'vitest'
import { MemoryLog } from '#src/engine/cache/index.ts'
import { CuttableLog, MapTier, policy, Source, startInstance, thing, write } from './instance.ts'
import { ManualEnv, settled } from './manual-env.ts'

async function start(log: MemoryLog = new MemoryLog()) {
  const env = new ManualEnv()
  const source = new Source()
  source.values.set(1, 'one')
  const remote = new MapTier()
  const instance = await startInstance(source, log, env, { remote })
  return { env, source, log, remote, instance, explain: () => instance.cache.explain(thing(1), policy) }
}

describe('the explanation of a cache key', () => {
  it('says that no copy exists for an unknown key', async () => {
    const { explain } = await start()
    expect(await explain()).toMatchObject({
      key: 'acme:Thing:[1]',
      memory: undefined,
      shared: undefined,
      loading: undefined,
      hasLease: true,
    })
  })

  it('lists the copies with their tier, age and tags, and says that they can be served', async () => {
    const { env, instance, explain } = await start()
    await instance.read([1])
    await settled()
    await env.advance(500)
    const { memory, shared } = await explain()
    for (const copy of [memory, shared]) {
      expect(copy).toMatchObject({ ageMs: 500, isServed: true, because: 'nothing invalidated it and its TTL has not expired' })
      expect(copy?.tags).toContain('acme:Thing:1')
    }
    expect(memory?.freshMs).toBeLessThanOrEqual(59_500)
    expect(shared?.freshMs).toBe(899_500)
  })

  it('names the reason why a copy is not served: an invalidation, its expiry, another epoch, or an unread invalidation log', async () => {
    const log = new CuttableLog()
    const { env, source, instance, explain } = await start(log)
    await instance.read([1])
    await settled()
    await write(instance, log, source, 1, 'two')
    const voidedBy = { tag: 'acme:Thing:1', seq: 2 }
    const because = 'its tag acme:Thing:1 was invalidated after its stamp, at log position 2'
    expect(await explain()).toMatchObject({
      memory: { isServed: false, because, voidedBy },
      shared: { isServed: false, because, voidedBy },
    })
    await instance.read([1], undefined, { staleIfErrorMs: 600_000 })
    await settled()
    await env.advance(61_000)
    expect((await explain()).memory).toMatchObject({ isServed: false, because: 'its TTL has expired' })
    log.cut = true
    await env.advance(2000)
    expect((await explain()).shared).toMatchObject({ isServed: false, because: expect.stringContaining('a reader first waits for a sync') })
    log.cut = false
    await log.bump()
    await env.advance(200)
    expect((await explain()).shared).toMatchObject({ isServed: false, because: expect.stringContaining('another epoch') })
  })

  it('says that a load of the key is in progress', async () => {
    const { env, source, instance, explain } = await start()
    source.hold()
    const read = instance.read([1])
    await settled()
    await env.advance(40)
    expect((await explain()).loading).toEqual({ stamp: 1, forMs: 40 })
    source.release()
    await read
  })
})
