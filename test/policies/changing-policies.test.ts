import { parse } from 'graphql'
import { describe, expect, it } from 'vitest'
import { DocumentPlanner } from '#src/gateway/graphql/document/document-plan.ts'
import { rawRequestOf } from '#src/gateway/http/raw-request.ts'
import { MapTier } from '../cache/instance.ts'
import { ManualEnv, settled } from '../cache/manual-env.ts'
import { atHand } from '../graphql/at-hand.ts'
import { startTinyGateway, viewer } from '../graphql/tiny-gateway.ts'
import { TinyStore } from '../graphql/tiny-module.ts'

const asker = { viewer: viewer('t1') }
const NOTE = '{ note(id: "1") { text } }'
const WORDS = '{ words { nodes { name } } }'

async function start() {
  const env = new ManualEnv()
  const store = new TinyStore()
  store.put({ id: 1, tenantId: 't1', folder: 'in', text: 'one' })
  store.written = []
  const gateway = await startTinyGateway({ store, env, remote: new MapTier() })
  return { env, store, gateway, policies: gateway.endpoint.gateway.policies }
}

describe('a cache policy that changes while the process runs', () => {
  it('determines the cache headers of the next response, also when the original policy is restored', async () => {
    const { gateway, policies } = await start()
    await using _ = gateway
    const control = async () => (await gateway.ask(WORDS)).headers.get('cache-control')
    expect(await control()).toContain('s-maxage=60, stale-while-revalidate=10')
    policies.set('operator', { 'Query.words': { l1: 5, browser: 4 }, Word: { l1: 5, staleWhileRevalidate: 0, browser: 3 } })
    expect(await control()).toBe('public, max-age=3, s-maxage=5, stale-if-error=300')
    policies.set('operator', {})
    const { headers } = await gateway.ask(WORDS)
    expect(headers.get('cache-control')).toContain('s-maxage=60, stale-while-revalidate=10')
    expect(headers.get('x-cache')).toBe('HIT')
  })

  it('immediately reduces the TTL of rows and responses that are already cached in both tiers', async () => {
    const { env, store, gateway, policies } = await start()
    await using _ = gateway
    await gateway.ask(NOTE, asker)
    await env.advance(11_000)
    expect((await gateway.ask(NOTE, asker)).headers.get('x-cache')).toBe('HIT')
    policies.set('operator', { Note: { l1: 10, l2: 10 } })
    expect((await gateway.ask(NOTE, asker)).headers.get('x-cache')).toBe('MISS')
    expect(store.loadsOf('Note')).toBe(2)
  })

  it('stops caching a type when it is turned off, and caches the type again when it is turned on', async () => {
    const { store, gateway, policies } = await start()
    await using _ = gateway
    policies.set('operator', { Note: { l1: 0, l2: 0 } })
    await gateway.ask(NOTE, asker)
    await gateway.ask(NOTE, asker)
    expect(store.loadsOf('Note')).toBe(2)
    policies.set('operator', {})
    await gateway.ask(NOTE, asker)
    await gateway.ask(NOTE, asker)
    expect(store.loadsOf('Note')).toBe(3)
  })

  it('applies to a repeated request, because the response stored for the bytes of the request is not used after the change', async () => {
    const { gateway, policies } = await start()
    await using _ = gateway
    const body = JSON.stringify({ query: NOTE })
    const raw = rawRequestOf('POST', { accept: '', contentType: 'application/json', preflighted: false }, asker.viewer, body)
    const request = { method: 'POST', headers: { 'content-type': 'application/json' }, search: '', body: Buffer.from(body), raw }
    await gateway.endpoint.execute({ ...request, viewer: asker.viewer, requestId: 'r', debug: false })
    const headers = () => atHand(gateway.endpoint, raw)?.response.head
    expect(headers()?.lifeMs).toBeGreaterThan(30_000)
    policies.set('operator', { Note: { l1: 20, l2: 20 } })
    expect(headers()).toBeUndefined()
    await gateway.endpoint.recall(raw, gateway.endpoint.find(raw), { viewer: asker.viewer, requestId: 'r' })
    await settled()
    expect(headers()?.lifeMs).toBeLessThanOrEqual(20_000)
  })

  it('makes the gateway plan each operation only once until the next change of the policy', async () => {
    const { gateway, policies } = await start()
    await using _ = gateway
    const planner = new DocumentPlanner(gateway.endpoint.gateway)
    const document = parse(NOTE)
    const plan = () => planner.plan(document, undefined)
    const first = plan()
    expect(plan()).toBe(first)
    policies.set('operator', { Note: { l1: 20 } })
    const second = plan()
    expect(second?.policy).toMatchObject({ l1Ms: 20_000 })
    expect(plan()).toBe(second)
    policies.set('operator', {})
    expect(plan()).toEqual({ ...first, version: 3, cost: expect.any(Function), fieldHints: expect.anything() })
  })
})
