import { Registry } from 'prom-client'
import { describe, expect, it } from 'vitest'
import { readConfig } from '#src/config/config.ts'
import { Purger } from '#src/operations/admin/purge/purger.ts'
import { Purging } from '#src/operations/purging/purging.ts'
import type { Logger } from '#src/operations/telemetry/logger.ts'
import { createPurgingLog } from '#src/operations/telemetry/purging-log.ts'
import { purgingMetrics } from '#src/operations/telemetry/purging-metrics.ts'
import { ManualEnv } from '../cache/manual-env.ts'
import { BOUND_MS, PurgeWorld } from './model.ts'

const SECRET = 'a secret of more than thirty-two characters'

function start() {
  const world = new PurgeWorld(new ManualEnv())
  const { purger } = world.start('a')
  const edges = [{ name: 'edge', purger, cursor: { position: async () => world.cursor } }]
  return { world, env: world.env, purging: new Purging({ edges, env: world.env, stalenessBoundMs: BOUND_MS }) }
}

const invalidated = (seq: number, tags: readonly string[]) =>
  ({ type: 'invalidated', seq, epoch: 'e', at: 0, tags, causes: [], lagMs: 1 }) as const

describe('the purges of all edges', () => {
  it('begin at once when a row of the log with a public tag is applied, and not for a row of a tenant', async () => {
    const { world, env, purging } = start()
    await env.advance(5100)
    const before = world.calls.length
    purging.onCacheEvent(invalidated(world.write('acme:Word:call'), ['acme:Word:call']))
    purging.onCacheEvent(invalidated(world.write('public:Word:call'), ['public:Word:call']))
    await env.advance(0)
    expect(world.calls.length).toBe(before + 1)
  })

  it('confirm a row when it was purged for the last time', async () => {
    const { world, env, purging } = start()
    await env.advance(5000)
    const clock = world.write('public:Word:call')
    const startedAt = env.monotonic()
    let tookMs = 0
    const confirming = purging.confirmed({ epoch: 'e', clock }, ['public:Word:call']).then((edges) => {
      tookMs = env.monotonic() - startedAt
      return edges
    })
    await env.advance(10_000)
    expect(await confirming).toEqual([{ edge: 'edge', state: 'purged' }])
    expect(tookMs).toBeGreaterThanOrEqual(2000)
    expect(tookMs).toBeLessThan(4000)
  })

  it('report an edge as pending that does not confirm in time, and no edge for tags of a tenant', async () => {
    const { world, env, purging } = start()
    await env.advance(5000)
    world.failing = 1000
    const clock = world.write('public:Word:call')
    const confirming = purging.confirmed({ epoch: 'e', clock }, ['public:Word:call'])
    await env.advance(10_000)
    expect(await confirming).toEqual([{ edge: 'edge', state: 'pending' }])
    expect(await purging.confirmed({ epoch: 'e', clock }, ['acme:Word:call'])).toEqual([])
  })
})

describe('the answer to a purge by the management API', () => {
  const purged = async (edges: Awaited<ReturnType<Purging['confirmed']>>) => {
    const instance = { id: 'a', host: 'web-1', epoch: 'e', clock: 7, stalenessBoundMs: BOUND_MS }
    const purger = new Purger({
      cache: {
        invalidate: async () => undefined,
        stats: () => ({ epoch: 'e', clock: 7 }) as never,
        inventory: { matching: async () => ({ count: 0, examples: [] }) } as never,
      },
      registry: { id: 'a', list: async () => [instance as never], report: async () => undefined },
      env: new ManualEnv(),
      stalenessBoundMs: BOUND_MS,
      purging: { confirmed: async () => edges },
    })
    return purger.purge({ tags: ['public:Word:call'], dryRun: false, cause: 'test' })
  }

  it('names the edges, and is complete only if all of them are purged', async () => {
    expect(await purged([{ edge: 'edge', state: 'purged' }])).toMatchObject({
      isComplete: true,
      edges: [{ edge: 'edge', state: 'purged' }],
    })
    expect(await purged([{ edge: 'edge', state: 'pending' }])).toMatchObject({ isComplete: false })
    expect(await purged([])).toMatchObject({ isComplete: true, edges: [] })
  })
})

describe('the metrics and the log of the purges', () => {
  it('count keys, failures and purges of everything, and show the state of each edge', async () => {
    const state = { edge: 'cdn', isActive: true, pendingKeys: 4, lagMs: 2500, isBreakerOpen: true }
    const registry = new Registry()
    const onEvent = purgingMetrics(registry, () => [state])
    const purged = { type: 'purged', edge: 'cdn', keys: 3, isEverything: false, isRepeated: false, lagMs: 40 } as const
    onEvent(purged)
    onEvent({ ...purged, isRepeated: true, isEverything: true })
    onEvent({ type: 'failed', edge: 'cdn', part: 'edge', error: new Error('x'), retryMs: 100 })
    const text = await registry.metrics()
    for (const line of [
      'tidegate_edge_purge_active{edge="cdn"} 1',
      'tidegate_edge_purge_lag_seconds{edge="cdn"} 2.5',
      'tidegate_edge_purge_pending_keys{edge="cdn"} 4',
      'tidegate_edge_purge_breaker_open{edge="cdn"} 1',
      'tidegate_edge_purged_keys_total{edge="cdn"} 6',
      'tidegate_edge_purges_of_everything_total{edge="cdn"} 1',
      'tidegate_edge_purge_failures_total{edge="cdn",part="edge"} 1',
      'tidegate_edge_purge_duration_seconds_count{edge="cdn"} 1',
    ])
      expect(text).toContain(`\n${line}\n`)
  })

  it('tell of the first of several failures in a row, and of the end of them', () => {
    const lines: string[] = []
    const note = (_: unknown, text: string) => void lines.push(text)
    const log = createPurgingLog({ info: note, warn: note, debug: () => undefined } as unknown as Logger)
    const failed = { type: 'failed', edge: 'cdn', part: 'edge', error: new Error('x'), retryMs: 100 } as const
    for (const event of [failed, failed, failed]) log(event)
    log({ type: 'purged', edge: 'cdn', keys: 3, isEverything: false, isRepeated: false, lagMs: 40 })
    expect(lines).toEqual(['edge not purged: retrying', 'edge purged again'])
  })
})

describe('the configuration of the purges', () => {
  const fastly = { PURGE_KIND: 'fastly', PURGE_URL: 'https://api.fastly.com/service/SU1Z0/', PURGE_SECRET: SECRET }
  const problemOf = (env: Readonly<Record<string, string>>) => {
    try {
      readConfig(env)
      return ''
    } catch (error) {
      return (error as Error).message
    }
  }

  it('is absent unless PURGE_KIND is set', () => {
    expect(readConfig({}).purging).toBeUndefined()
  })

  it('has the addresses without a slash at the end, and several of them for Varnish', () => {
    expect(readConfig(fastly).purging).toEqual({
      kind: 'fastly',
      urls: ['https://api.fastly.com/service/SU1Z0'],
      secret: SECRET,
      isSoft: false,
      intervalMs: 0,
    })
    const varnish = {
      PURGE_KIND: 'varnish',
      PURGE_URL: 'http://varnish-1:6081, http://varnish-2:6081',
      PURGE_SOFT: 'on',
      PURGE_INTERVAL_MS: '20',
    }
    expect(readConfig(varnish).purging).toMatchObject({
      urls: ['http://varnish-1:6081', 'http://varnish-2:6081'],
      isSoft: true,
      intervalMs: 20,
    })
  })

  it.each<[string, string, Readonly<Record<string, string>>]>([
    ['an address without a kind', 'PURGE_KIND', { PURGE_URL: 'http://varnish:6081' }],
    ['a kind without an address', 'PURGE_URL', { PURGE_KIND: 'varnish' }],
    ['an unknown kind', 'PURGE_KIND', { ...fastly, PURGE_KIND: 'akamai' }],
    ['two addresses of an API', 'PURGE_URL', { ...fastly, PURGE_URL: `${fastly.PURGE_URL},https://example.com` }],
    ['an address that is listed twice', 'PURGE_URL', { PURGE_KIND: 'varnish', PURGE_URL: 'http://a,http://a' }],
    ['a text that is no address', 'PURGE_URL', { PURGE_KIND: 'varnish', PURGE_URL: 'varnish' }],
    ['a password in the address', 'PURGE_URL', { ...fastly, PURGE_URL: 'https://user:canary@example.com' }],
    ['a query in the address', 'PURGE_URL', { ...fastly, PURGE_URL: 'https://example.com?token=canary' }],
    ['a token that would be sent without TLS', 'PURGE_URL', { ...fastly, PURGE_URL: 'http://canary.example.com' }],
    ['no token', 'PURGE_SECRET', { ...fastly, PURGE_SECRET: '' }],
    ['a short secret', 'PURGE_SECRET', { ...fastly, PURGE_SECRET: 'canary' }],
    ['a secret for Varnish', 'PURGE_SECRET', { PURGE_KIND: 'varnish', PURGE_URL: 'http://varnish:6081', PURGE_SECRET: SECRET }],
    ['a soft purge that the CDN does not have', 'PURGE_SOFT', { ...fastly, PURGE_KIND: 'cloudflare', PURGE_SOFT: 'on' }],
  ])('refuses %s with an error that names %s and no value', (_, name, env) => {
    const problem = problemOf(env)
    expect(problem).toMatch(new RegExp(`^${name}: `))
    expect(problem).not.toContain('canary')
    expect(problem).not.toContain(SECRET)
  })
})
