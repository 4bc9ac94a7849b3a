import { describe, expect, it, onTestFinished } from 'vitest'
import { readConfig } from '#src/config/config.ts'
import { viewer } from '../graphql/tiny-gateway.ts'
import { TinyStore } from '../graphql/tiny-module.ts'
import { bearer, startTinyServer } from '../threats/tiny-server.ts'
import { documentedBytes, type FloodFigures, floodFindings } from './flood.ts'
import { type FloodedGateway, runFlood } from './flood-run.ts'
import { type FoundShares, STORES, type StoreName, watchStores } from './store-watch.ts'

const MIB = 2 ** 20
const { cache, server } = readConfig({})
const DOCUMENTED = documentedBytes(cache.memoryBytes, server.requestMemoryBytes)
const shares = (share: number): FoundShares => ({ documents: share, requests: share, 'persisted queries': share, tokens: share })

const good: FloodFigures = {
  requests: 1000,
  refused: 0,
  rssBefore: 220 * MIB,
  rssHighest: DOCUMENTED,
  rssAfter: 400 * MIB,
  hitRateBefore: 1,
  hitRateAfter: 0.96,
  kept: shares(0.96),
  keptOfFlood: shares(0.04),
}

describe('the function that checks the memory and the cache hits measured during a flood of requests', () => {
  it('reports nothing if the flood uses no more memory than documented and costs other callers no cache hits', () => {
    expect(floodFindings(good, DOCUMENTED)).toEqual([])
  })

  it.each<[string, Partial<FloodFigures>]>([
    ['uses more memory than documented', { rssHighest: DOCUMENTED + 1 }],
    ['costs other callers cache hits', { hitRateAfter: 0.94 }],
    ['evicts persisted queries of other callers', { kept: { ...shares(1), 'persisted queries': 0.94 } }],
    ['does not fill the store of access tokens, and so proves nothing', { keptOfFlood: { ...shares(0), tokens: 0.06 } }],
    ['is refused, and so proves nothing', { refused: 11 }],
  ])('reports an error if the flood %s', (_, figures) => {
    expect(floodFindings({ ...good, ...figures }, DOCUMENTED)).toHaveLength(1)
  })
})

/**
 * Store sizes that leave room for only a few entries: a document takes 14 KB, a persisted query 3.5 KB, and other
 * entries 2 to 3 KB.
 */
const SMALL = { documents: 200_000, requests: 60_000, persistedQueries: 30_000, tokens: 40_000 }
const SMALL_FLOOD = 40
const DOCUMENTS = 3

/** Floods a gateway with small stores. @returns the findings. */
async function smallFlood(withoutShares?: StoreName): Promise<readonly string[]> {
  const watch = watchStores(withoutShares)
  onTestFinished(watch.end)
  const store = new TinyStore()
  store.put({ id: 1, tenantId: 't1', folder: 'inbox', text: 'hello' })
  const { tokens, ...memory } = SMALL
  await using server = await startTinyServer({ gateway: { store, memory }, authentication: { memoryBytes: tokens } })
  const gateway: FloodedGateway = {
    tokenOf: (userId) => bearer(viewer('t1', 'ADMIN', userId)),
    ask: async (authorization, envelope) => {
      const headers = { authorization, 'content-type': 'application/json' }
      const { status, headers: answered } = await server.send({ headers, body: JSON.stringify(envelope) })
      return { status, isHit: answered['x-cache'] === 'HIT' }
    },
    rss: async () => 0,
    found: async () => watch.found(),
  }
  const fields = {
    own: 'note(id: 1) { text }',
    madeUp: (name: string) => `word(name: ${JSON.stringify(name)}) { letters }`,
    byName: 'query($name: String!) { word(name: $name) { letters } }',
    large: 'words { nodes { name letters } }',
  }
  return floodFindings(
    await runFlood({ gateway, requests: SMALL_FLOOD, seed: '1', documents: DOCUMENTS, fields, onProgress: () => undefined }),
    DOCUMENTED,
  )
}

describe('a flood of invented requests from one caller', () => {
  it('evicts no entry of another caller from any store, however long the other caller is idle', async () => {
    expect(await smallFlood()).toEqual([])
  })

  it.each(
    STORES,
  )('would evict the %s of another caller if that store were not divided fairly among callers, and this test detects that', async (name) => {
    expect(await smallFlood(name)).toEqual([expect.stringContaining(`expected the ${name} of another caller to be kept`)])
  })
})
