import { expect, it } from 'vitest'
import { Binary, Cache, type CacheEvent, cacheKey, MemoryLog } from '#src/engine/cache/index.ts'

const policy = { name: 'Things', l1Ms: 60_000, l2Ms: 60_000, staleWhileRevalidateMs: 0, staleIfErrorMs: 0 }

it('A reload after an invalidation counts as needless if it returns the same value as before.', async () => {
  const events: CacheEvent[] = []
  const log = new MemoryLog()
  const cache = new Cache({
    log,
    entities: [],
    secrets: ['a secret for tests only'],
    onEvent: (event) => events.push(event),
  })
  await cache.start()
  const reloads = () => events.splice(0).filter(({ type }) => type === 'reload')
  const read = async (name: string, value: unknown) => {
    const request = { key: cacheKey('t1', 'Things', [name]), tags: ['t1:Thing[]'] }
    await cache.getMany([request], policy, async () => [{ value }], { session: cache.openSession() })
    return reloads()
  }
  expect(await read('list', [1])).toEqual([])
  expect(await read('list', [2])).toEqual([])
  await cache.invalidate(['t1:Thing[]'])
  expect(await read('list', [1])).toMatchObject([
    { policy: 'Things', count: 1, needless: 1, voidedBy: { tag: 't1:Thing[]', seq: 2 }, write: 'system Cache.invalidate' },
  ])
  await cache.invalidate(['t1:Thing[]'])
  expect(await read('list', [3])).toMatchObject([{ policy: 'Things', count: 1, needless: 0, voidedBy: { tag: 't1:Thing[]', seq: 3 } }])
  await read('bytes', new Binary({ madeAt: 1 }, Buffer.from('a')))
  await cache.invalidate(['t1:Thing[]'])
  expect(await read('bytes', new Binary({ madeAt: 2 }, Buffer.from('a')))).toMatchObject([{ needless: 1 }])
  await cache.invalidate(['t1:Thing[]'])
  expect(await read('bytes', new Binary({ madeAt: 3 }, Buffer.from('b')))).toMatchObject([{ needless: 0 }])
  await cache.close()
})
