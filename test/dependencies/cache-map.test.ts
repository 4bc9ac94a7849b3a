import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type CacheMap, createCacheMap } from '#src/gateway/graphql/schema/map/cache-map.ts'
import { mapPage } from '#src/gateway/graphql/schema/map/map-page.ts'
import { mapPicture } from '#src/gateway/graphql/schema/map/map-picture.ts'
import { mapText } from '#src/gateway/graphql/schema/map/map-text.ts'
import { openMarketDatabase } from '#src/market/tables/database.ts'
import { traceMutations } from '../../scripts/cache-map/trace-mutations.ts'
import { createDatabase, type TestDatabase } from '../servers/database.ts'

describe('the generated map of cached values', () => {
  let database: TestDatabase
  let traced: Awaited<ReturnType<typeof traceMutations>>
  let map: CacheMap

  beforeAll(async () => {
    database = await createDatabase()
    const handle = await openMarketDatabase({ url: database.url, poolSize: 4, statementTimeoutMs: 10_000, onError: () => undefined })
    try {
      traced = await traceMutations(handle)
    } finally {
      await handle.close()
    }
    map = createCacheMap(traced.gateway, traced.traces)
  })

  afterAll(() => database?.drop())

  const invalidatedBy = (mutation: string) =>
    map.values.filter((value) => value.invalidatedBy[mutation] === 'depends').map(({ coordinate }) => coordinate)

  it('is stored in docs/ exactly as the generator writes it (if this fails, run npm run generate)', () => {
    const read = (name: string) => readFileSync(new URL(`../../docs/${name}`, import.meta.url), 'utf8')
    expect(read('cache-map.md')).toBe(mapPage(map))
    expect(read('cache-map.svg')).toBe(mapPicture(map))
  })

  it('names each cached type and field on the page, in the text form and in the diagram', () => {
    const coordinates = map.values.map(({ coordinate }) => coordinate)
    expect(coordinates.toSorted()).toEqual([...traced.gateway.rules.keys()].sort())
    for (const coordinate of coordinates) {
      expect(mapPage(map)).toContain(`| \`${coordinate}\` |`)
      expect(mapText(map)).toMatch(new RegExp(`^${coordinate.replace('.', '\\.')}$`, 'm'))
      expect(mapPicture(map)).toContain(`>${coordinate}</text>`)
    }
  })

  it('shows which values a mutation invalidates', () => {
    expect(invalidatedBy('trackEvents')).toEqual(['Performance.events'])
    expect(invalidatedBy('createBuyer')).toEqual(['Buyer', 'BuyerConnection.totalCount', 'Query.buyers', 'RoutingState'])
    expect(invalidatedBy('setDomainStatus')).toContain('Query.domains')
    expect(invalidatedBy('setDomainStatus')).not.toContain('Query.domainByName')
    const bids = map.values.find(({ coordinate }) => coordinate === 'Campaign.bids')
    expect(bids?.invalidatedBy).toMatchObject({ placeBid: 'depends', updateCampaign: 'parent' })
    expect(bids?.invalidatedBy).not.toHaveProperty('createCampaign')
  })

  it('shows the tags, tables and columns of a value', () => {
    expect(map.values.find(({ coordinate }) => coordinate === 'Campaign.statistics')).toMatchObject({
      scope: 'TENANT',
      l1: 60,
      l2: 120,
      staleWhileRevalidate: 30,
      tags: [
        '<tenant>:Campaign:$parent.id',
        '<tenant>:DomainCount[]:campaign_id=$parent.id',
        '<tenant>:CampaignTotal[]:campaign_id=$parent.id',
      ],
      tables: ['domain_counts', 'campaign_totals', 'campaigns'],
      columns: { domain_counts: ['campaign_id', 'status', 'count'], campaigns: ['*'] },
    })
  })

  it('cannot be generated unless each mutation was run by the generator', () => {
    expect(() => createCacheMap(traced.gateway, traced.traces.slice(1))).toThrow('No run of the mutation createCampaign is traced')
  })
})
