import { describe, expect, it } from 'vitest'
import { CuttableLog, policy, Source, startInstance, thing } from './instance.ts'
import { ManualEnv, settled } from './manual-env.ts'

/** A process that may run four loads at a time, so one in the background, with a source whose loads are held. */
async function start() {
  const env = new ManualEnv()
  const source = new Source()
  for (let id = 1; id <= 9; id++) source.values.set(id, `value ${id}`)
  const instance = await startInstance(source, new CuttableLog(), env, { concurrentLoads: 4 })
  source.hold()
  const session = instance.cache.openSession(undefined, { isBackground: true })
  const warm = (id: number, own = session) => instance.cache.getMany([thing(id)], policy, source.loader([id]), { session: own })
  return { source, instance, warm, cache: instance.cache }
}

describe('a load that a background session starts', () => {
  it('waits while background loads use a quarter of the limit of concurrent loads, even if other loads can still start.', async () => {
    const { source, instance, warm } = await start()
    void warm(1)
    void warm(2)
    void instance.read([3])
    await settled()
    expect(source.loads).toEqual([[1], [3]])
    source.release()
    await settled()
    expect(source.loads).toEqual([[1], [3], [2]])
  })

  it('starts immediately when a reader needs the same value, and is shared with that reader.', async () => {
    const { source, instance, warm, cache } = await start()
    void warm(1)
    const warming = warm(2, cache.openSession(undefined, { isBackground: true }))
    await settled()
    expect(source.loads).toEqual([[1]])
    const reading = instance.read([2])
    await settled()
    expect(source.loads).toEqual([[1], [2]])
    source.release()
    expect(await reading).toEqual(['value 2'])
    expect(await warming).toEqual(['value 2'])
    expect(source.loads).toHaveLength(2)
  })

  it('starts immediately when a reader needs another value that is composed of the loaded value.', async () => {
    const { source, cache, warm } = await start()
    void warm(1)
    const composed = { ...policy, name: 'Whole', composed: true }
    const whole = (isBackground: boolean) => {
      const session = cache.openSession(undefined, { isBackground })
      return cache.getMany<unknown>([thing(9)], composed, async () => [{ value: (await warm(2, session))[0] }], { session })
    }
    void whole(true)
    await settled()
    expect(source.loads).toEqual([[1]])
    const reading = whole(false)
    await settled()
    expect(source.loads).toEqual([[1], [2]])
    source.release()
    expect(await reading).toEqual(['value 2'])
  })
})
