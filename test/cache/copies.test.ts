import { describe, expect, it } from 'vitest'
import { rowTag } from '#src/engine/cache/index.ts'
import { CuttableLog, MapTier, policy, Source, startInstance, Thing, thing, write } from './instance.ts'
import { ManualEnv } from './manual-env.ts'

const wanted = (...ids: number[]) => ids.map((id) => ({ key: thing(id).key.text, policy }))

/** A process whose values are in the shared tier, and another one that has started and read nothing yet. */
async function start() {
  const env = new ManualEnv()
  const log = new CuttableLog()
  const remote = new MapTier()
  const source = new Source()
  for (const id of [1, 2, 3]) source.values.set(id, `value ${id}`)
  const first = await startInstance(source, log, env, { remote })
  await first.read([1, 2, 3])
  const second = await startInstance(source, log, env, { remote })
  const loads = source.loads.length
  return { env, log, remote, source, first, second, newLoads: () => source.loads.slice(loads) }
}

describe('a process that copies entries from the shared tier', () => {
  it('serves the copied entries from memory, without a load.', async () => {
    const { second, newLoads } = await start()
    expect(await second.cache.copy(wanted(1, 2))).toBe(2)
    expect(await second.read([1, 2])).toEqual(['value 1', 'value 2'])
    expect(second.layers).toEqual(['l1', 'l1'])
    expect(newLoads()).toEqual([])
  })

  it('copies no entry that was invalidated after it was loaded, even if the process has not applied the invalidation yet.', async () => {
    const { second, first, log, source, remote } = await start()
    const before = new Map(remote.entries)
    await write(first, log, source, 1, 'new')
    for (const [key, bytes] of before) remote.entries.set(key, bytes)
    await second.cache.acknowledge(second.cache.openSession())
    expect(await second.cache.copy(wanted(1, 2))).toBe(1)
    expect(await second.read([1])).toEqual(['new'])
  })

  it('invalidates the copied entries like all other entries.', async () => {
    const { second, log, source } = await start()
    await second.cache.copy(wanted(1))
    source.values.set(1, 'new')
    await log.append([rowTag(Thing, 'acme', 1)])
    await second.cache.acknowledge(second.cache.openSession())
    expect(await second.read([1])).toEqual(['new'])
  })

  it('copies nothing while the invalidation log cannot be read.', async () => {
    const { second, log, env } = await start()
    log.cut = true
    await env.advance(1500)
    expect(await second.cache.copy(wanted(1, 2, 3))).toBe(0)
  })

  it('copies nothing while the shared tier fails, and no entry that was tampered with in the shared tier.', async () => {
    const { second, remote } = await start()
    remote.failing = true
    expect(await second.cache.copy(wanted(1))).toBe(0)
    remote.failing = false
    for (const [key, bytes] of remote.entries) if (key.endsWith('[1]')) remote.entries.set(key, bytes.with(20, 255))
    expect(await second.cache.copy(wanted(1, 2))).toBe(1)
  })

  it('counts the TTL of a copied entry from the load of the entry, and uses the TTL that the policy of this process sets.', async () => {
    const { second, env, newLoads } = await start()
    await env.advance(50_000)
    const short = { ...policy, l1Ms: 40_000, l2Ms: 60_000 }
    expect(await second.cache.copy([{ key: thing(1).key.text, policy: short }])).toBe(1)
    await env.advance(11_000)
    await second.read([1], undefined, { l1Ms: 40_000, l2Ms: 60_000 })
    expect(newLoads()).toEqual([[1]])
    expect(await second.cache.copy([{ key: thing(2).key.text, policy: short }])).toBe(0)
    expect(await second.cache.copy([{ key: thing(2).key.text, policy: { ...policy, l1Ms: 0 } }])).toBe(0)
  })
})
