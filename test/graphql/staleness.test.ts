import { describe, expect, it } from 'vitest'
import { CuttableLog } from '../cache/instance.ts'
import { startTinyGateway, viewer } from './tiny-gateway.ts'
import { TinyStore } from './tiny-module.ts'

const WHOLE = '{ words { nodes { name } } }'
/** Query with an uncacheable field, so that only parts of its response are cached. */
const IN_PARTS = '{ words { nodes { name } } lucky }'

async function startStale() {
  const log = new CuttableLog()
  const store = new TinyStore()
  const gateway = await startTinyGateway({ log, store, maxBatched: 5, cacheOptions: { stalenessBoundMs: 60, tickMs: 10 } })
  const asker = { viewer: viewer('t1') }
  for (const query of [WHOLE, IN_PARTS]) await gateway.ask(query, asker)
  const knownAt = Date.now()
  log.cut = true
  await expect.poll(() => gateway.cache.stats().hasLease).toBe(false)
  return { gateway, asker, knownAt, log }
}

describe('a response that is marked stale', () => {
  it.each([
    ['because the whole cached response is stale', WHOLE],
    ['because some of its cached parts are stale', IN_PARTS],
  ])('says so in its header, and says in its body why and since when it may be out of date, %s', async (_, query) => {
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

  it('sets X-Cache of its whole batch to STALE, although the body of the batch marks only the stale responses', async () => {
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
