import { describe, expect, it } from 'vitest'
import { CuttableLog } from '../cache/instance.ts'
import { startTinyGateway, viewer } from './tiny-gateway.ts'
import { TinyStore } from './tiny-module.ts'

const WHOLE = '{ words { nodes { name } } }'
/** Beside what is never kept, the rest is read part by part. */
const IN_PARTS = '{ words { nodes { name } } lucky }'

async function startStale() {
  const log = new CuttableLog()
  const store = new TinyStore()
  const gateway = await startTinyGateway({ log, store, mostBatched: 5, cacheOptions: { stalenessBoundMs: 60, tickMs: 10 } })
  const asker = { viewer: viewer('t1') }
  for (const query of [WHOLE, IN_PARTS]) await gateway.ask(query, asker)
  const knownAt = Date.now()
  log.cut = true
  await expect.poll(() => gateway.cache.stats().hasLease).toBe(false)
  return { gateway, asker, knownAt, log }
}

describe('a flagged answer', () => {
  it.each([
    ['as a whole', WHOLE],
    ['in parts', IN_PARTS],
  ])('%s says in its header, and in its body why and since when it may be out of date', async (_, query) => {
    const { gateway, asker, knownAt, log } = await startStale()
    await using _gateway = gateway
    const { headers, extensions, data, body } = await gateway.ask(query, asker)
    expect(headers.get('x-cache')).toBe('STALE')
    expect(headers.get('cache-control')).toBe('no-store')
    expect(data).toMatchObject({ words: { nodes: [{ name: 'call' }, { name: 'bid' }] } })
    expect(extensions['stale']).toEqual({ reason: 'the invalidation log cannot be reached', since: expect.any(String) })
    const { since } = extensions['stale'] as { since: string }
    expect(Math.abs(Date.parse(since) - knownAt)).toBeLessThan(5000)
    expect(body.endsWith('}}}')).toBe(true)
    log.cut = false
    await expect.poll(() => gateway.cache.stats().hasLease).toBe(true)
    const healed = await gateway.ask(query, asker)
    expect([healed.headers.get('x-cache') === 'STALE', healed.extensions]).toEqual([false, {}])
  })

  it('makes its batch a flagged one, and says so beside those that are not', async () => {
    const { gateway, asker } = await startStale()
    await using _gateway = gateway
    const member = (query: string) => ({ query })
    const body = Buffer.from(JSON.stringify([member('{ lucky }'), member(WHOLE), member('{ __typename }'), member(IN_PARTS)]))
    const headers = { 'content-type': 'application/json' }
    const response = await gateway.endpoint.execute({ method: 'POST', headers, search: '', body, ...asker, requestId: 'r', debug: false })
    const members = JSON.parse(Buffer.from(response.body as Uint8Array).toString()) as { extensions?: { stale?: unknown } }[]
    expect(members.map(({ extensions }) => extensions?.stale !== undefined)).toEqual([false, true, false, true])
    expect(response.headers.get('x-cache')).toBe('STALE')
  })
})
