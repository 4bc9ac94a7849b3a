import { describe, expect, it } from 'vitest'
import { MapTier } from '../cache/instance.ts'
import { ManualEnv } from '../cache/manual-env.ts'
import { startTinyGateway } from '../graphql/tiny-gateway.ts'

const WORDS = '{ words { nodes { name } } }'
const CALL = '{ word(name: "call") { name } }'

async function start(overrides: Readonly<Record<string, Readonly<Record<string, number>>>>, remote?: MapTier) {
  const env = new ManualEnv()
  const gateway = await startTinyGateway({ env, overrides, ...(remote ? { remote } : {}) })
  return { env, gateway, headersOf: async (query: string) => (await gateway.ask(query)).headers }
}

describe('a whole response', () => {
  it('is stored by a CDN for the smallest `cdn` value among its parts; a part without `cdn` counts with its maxAge', async () => {
    const { gateway, headersOf } = await start({ Word: { cdn: 500 }, 'Query.words': { cdn: 400 } }, new MapTier())
    await using _ = gateway
    const both = await headersOf(WORDS)
    expect(both.get('cdn-cache-control')).toBe('max-age=400, stale-while-revalidate=10')
    expect(both.get('surrogate-control')).toBe('max-age=400, stale-while-revalidate=10')
    expect(both.get('cache-control')).toContain('s-maxage=60,')
    gateway.endpoint.gateway.policies.set('operator', { Word: { cdn: 500, l1: 30 } })
    expect((await headersOf(CALL)).get('cdn-cache-control')).toContain('max-age=500')
    const other = await start({ Word: { cdn: 500 } }, new MapTier())
    await using _other = other.gateway
    expect((await other.headersOf(WORDS)).get('cdn-cache-control')).toContain('max-age=60')
  })

  it('is stored by a CDN only for its remaining TTL if it comes from the response cache', async () => {
    const { env, gateway, headersOf } = await start({ Word: { cdn: 500 } })
    await using _ = gateway
    await headersOf(CALL)
    await env.advance(50_000)
    const { age, cdn } = await headersOf(CALL).then((headers) => ({
      age: Number(headers.get('age')),
      cdn: Number(/max-age=(\d+)/.exec(headers.get('cdn-cache-control') ?? '')?.[1]),
    }))
    // The gateway has no shared tier, so the TTL of the value is one minute.
    expect(cdn - age).toBeLessThanOrEqual(10)
  })

  it('is cached no longer than the `response` attribute of each part allows, but the parts themselves stay cached', async () => {
    const { env, gateway, headersOf } = await start({ Word: { response: 5 } })
    await using _ = gateway
    await headersOf(CALL)
    await env.advance(4000)
    expect((await headersOf(CALL)).has('age')).toBe(true)
    await env.advance(16_000)
    expect((await headersOf(CALL)).has('age')).toBe(false)
    expect(gateway.store.loadsOf('Word')).toBe(1)
  })

  it('is not cached if the `response` attribute of a part is 0', async () => {
    const { gateway, headersOf } = await start({ Word: { response: 0 } })
    await using _ = gateway
    for (let asked = 0; asked < 3; asked++) expect((await headersOf(CALL)).has('age')).toBe(false)
    expect(gateway.store.loadsOf('Word')).toBe(1)
  })

  it('would outlive its values in a CDN if `cdn` exceeded their TTL, so such a policy causes an error at start', async () => {
    await expect(start({ Word: { cdn: 601 } })).rejects.toThrow(
      'CACHE_POLICIES: Word: @cache(cdn: 601) would have a CDN keep the value for longer than the 600 seconds that it lives',
    )
  })
})
