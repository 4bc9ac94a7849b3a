import { setTimeout as pause } from 'node:timers/promises'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { MemoryLog } from '#src/engine/cache/log/memory-log.ts'
import { openRedis, type RedisHandle } from '#src/engine/redis/open-redis.ts'
import { rawRequestOf } from '#src/gateway/http/raw-request.ts'
import type { PopularityCounts } from '#src/gateway/policies/popularity.ts'
import { Replay } from '#src/gateway/warming/replay.ts'
import { ManualEnv } from '../cache/manual-env.ts'
import { atHand } from '../graphql/at-hand.ts'
import { needs } from '../servers/availability.ts'
import { type RedisServer, startRedis } from '../servers/redis.ts'
import { startMarketGateway } from './market-gateway.ts'
import { addMarket, createScratchDatabase, type ScratchDatabase } from './scratch-database.ts'

const MINUTE_MS = 60_000
const SEARCH = 'query Search($q: String!) { searchDomains(query: $q) { pageInfo { hasNextPage } totalCount facets { tlds { count } } } }'

let scratch: ScratchDatabase
let server: RedisServer
let handle: RedisHandle
let redis: Redis

/** A search, as a tenant's viewer asks for it. */
interface Searched {
  readonly tenant: string
  readonly query: string
}

async function start(popularity?: PopularityCounts) {
  const env = new ManualEnv()
  const parts = { env, log: new MemoryLog(), remote: handle.remote, ...(popularity ? { popularity } : {}) }
  const gateway = await startMarketGateway(scratch, parts)
  const request = ({ tenant, query }: Searched) => {
    const viewer = { tenant, role: 'VIEWER', userId: '1' } as const
    const body = JSON.stringify({ query: SEARCH, variables: { q: query } })
    return {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      search: '',
      body: Buffer.from(body),
      raw: rawRequestOf('POST', { accept: '', contentType: 'application/json', preflighted: false }, viewer, body),
      viewer,
      requestId: 'r',
      debug: false,
    }
  }
  return {
    env,
    gateway,
    /** Searches as HTTP does: a repeated request is answered from memory. Returns the number of statements. */
    async search(searched: Searched): Promise<number> {
      gateway.takeStatements()
      const asked = request(searched)
      const answer = atHand(gateway.endpoint, asked.raw)
      if (answer) gateway.endpoint.sent(answer, 200, 1)
      else expect((await gateway.endpoint.execute(asked)).status).toBe(200)
      return gateway.takeStatements()
    },
    /** Remaining TTL in Redis of what the search gave: list, count and facets, ms. */
    async remaining(): Promise<readonly number[]> {
      for (let attempt = 0; attempt < 100; attempt++) {
        const keys = (await redis.keys('*')).filter((key) => /searchDomains@|DomainSearchConnection\.\w+@/.test(key))
        if (keys.length === 3) return Promise.all(keys.map((key) => redis.pttl(key)))
        await pause(10)
      }
      throw new Error('Expected three values of one search in Redis.')
    },
    async close() {
      await gateway.close()
      await redis.flushall()
    },
  }
}

/** Asks one query eight times and, where `rarely`, another once. Returns what lives how long afterwards. */
async function outlive(popularity?: PopularityCounts) {
  const { env, search, close } = await start(popularity)
  try {
    const popular = { tenant: 'acme', query: 'Roof  REPAIR' }
    const rare = [
      { tenant: 'acme', query: 'gutter' },
      { tenant: 'bolt', query: 'roof repair' },
    ]
    for (const searched of [...Array(8).fill(popular), ...rare]) await search(searched)
    // What was stored before it was popular ends as a rare one does; the next store lives long.
    env.suspend(15 * MINUTE_MS + 31_000)
    const reloaded = await search(popular)
    for (const one of rare) await search(one)
    env.suspend(15 * MINUTE_MS + 31_000)
    const afterMinutes = { popular: await search({ ...popular, query: 'roof repair' }), rare: await search(rare[0] as Searched) }
    const otherTenant = await search(rare[1] as Searched)
    env.suspend(105 * MINUTE_MS)
    return { reloaded, afterMinutes, otherTenant, afterHours: await search(popular) }
  } finally {
    await close()
  }
}

describe('A popular search', needs('redis-server'), () => {
  beforeAll(async () => {
    scratch = await createScratchDatabase()
    await addMarket(scratch.db, 'acme')
    await addMarket(scratch.db, 'bolt')
    server = await startRedis()
    handle = openRedis({ url: server.url, commandTimeoutMs: 2000, prefix: 'popular', onDown: () => undefined, onUp: () => undefined })
    redis = new Redis(server.url)
  })

  afterAll(async () => {
    redis?.disconnect()
    await handle?.close()
    await server?.stop()
    await scratch?.drop()
  })

  it('is cached for two hours instead of 15 minutes after its next reload, but only in the tenant in which it is popular', async () => {
    const { reloaded, afterMinutes, otherTenant, afterHours } = await outlive()
    expect(reloaded).toBeGreaterThan(0)
    expect(afterMinutes.popular).toBe(0)
    expect(afterMinutes.rare).toBeGreaterThan(0)
    expect(otherTenant).toBeGreaterThan(0)
    expect(afterHours).toBeGreaterThan(0)
  })

  it('would expire after 15 minutes if the gateway did not count requests, so this test detects such a gateway', async () => {
    const { afterMinutes } = await outlive({ count: () => undefined, isPopular: () => false })
    expect(afterMinutes.popular).toBeGreaterThan(0)
  })

  it('would not outlive a rare search if every search counted as popular, so this test detects such a gateway', async () => {
    const { afterMinutes } = await outlive({ count: () => undefined, isPopular: () => true })
    expect(afterMinutes.rare).toBe(0)
  })

  it('is never the result of warming alone, because warming does not count as a request', async () => {
    const counted: string[] = []
    const { gateway, search, close } = await start({ count: (subject) => void counted.push(subject), isPopular: () => false })
    const replay = new Replay(gateway.endpoint.execution)
    const recorded = { document: SEARCH, variables: { q: 'roof' }, tenant: 'acme', role: 'VIEWER' } as const
    for (const outcome of ['executed', 'cached']) expect(await replay.replay(recorded)).toEqual({ name: outcome })
    expect(counted).toEqual([])
    await search({ tenant: 'acme', query: 'roof' })
    expect(counted).toEqual(['acme:roof'])
    await close()
  })

  it('has a TTL of two hours in Redis, and a rare search has 15 minutes, each extended by the stale-if-error time', async () => {
    for (const [isPopular, seconds] of [
      [true, 7200 + 300],
      [false, 900 + 300],
    ] as const) {
      const { search, remaining, close } = await start({ count: () => undefined, isPopular: () => isPopular })
      await search({ tenant: 'acme', query: 'roof' })
      for (const ms of await remaining()) {
        expect(ms).toBeGreaterThan((seconds - 10) * 1000)
        expect(ms).toBeLessThanOrEqual(seconds * 1000)
      }
      await close()
    }
  })
})
