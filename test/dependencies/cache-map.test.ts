import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { traceMutations } from '../../scripts/cache-map/trace-mutations.ts'
import { type CacheMap, createCacheMap } from '../../src/graphql/map/cache-map.ts'
import { mapPage } from '../../src/graphql/map/map-page.ts'
import { mapPicture } from '../../src/graphql/map/map-picture.ts'
import { mapText } from '../../src/graphql/map/map-text.ts'
import { openDatabase } from '../../src/postgres/open-database.ts'
import { createDatabase, type TestDatabase } from '../servers/database.ts'

describe('the map of what is cached', () => {
  let database: TestDatabase
  let traced: Awaited<ReturnType<typeof traceMutations>>
  let map: CacheMap

  beforeAll(async () => {
    database = await createDatabase()
    const handle = await openDatabase({ url: database.url, poolSize: 4, statementTimeoutMs: 10_000, onError: () => undefined })
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

  it('is in docs/ as it is in the code: npm run cache:map -- --write', () => {
    const read = (name: string) => readFileSync(new URL(`../../docs/${name}`, import.meta.url), 'utf8')
    expect(read('cache-map.md')).toBe(mapPage(map))
    expect(read('cache-map.svg')).toBe(mapPicture(map))
  })

  it('has each cached type and field once, in the page, in the text and in the picture', () => {
    const coordinates = map.values.map(({ coordinate }) => coordinate)
    expect(coordinates.toSorted()).toEqual([...traced.gateway.rules.keys()].sort())
    for (const coordinate of coordinates) {
      expect(mapPage(map)).toContain(`| \`${coordinate}\` |`)
      expect(mapText(map)).toMatch(new RegExp(`^${coordinate.replace('.', '\\.')}$`, 'm'))
      expect(mapPicture(map)).toContain(`>${coordinate}</text>`)
    }
  })

  it('tells which values a mutation invalidates', () => {
    expect(invalidatedBy('trackEvents')).toEqual(['Performance.events'])
    expect(invalidatedBy('createBuyer')).toEqual(['Buyer', 'BuyerConnection.totalCount', 'Query.buyers'])
    expect(invalidatedBy('setDomainStatus')).toContain('Query.domains')
    expect(invalidatedBy('setDomainStatus')).not.toContain('Query.domainByName')
    const bids = map.values.find(({ coordinate }) => coordinate === 'Campaign.bids')
    expect(bids?.invalidatedBy).toMatchObject({ placeBid: 'depends', updateCampaign: 'parent' })
    expect(bids?.invalidatedBy).not.toHaveProperty('createCampaign')
  })

  it('tells tags, tables and columns of a value', () => {
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

  it('cannot be made without a run of each mutation', () => {
    expect(() => createCacheMap(traced.gateway, traced.traces.slice(1))).toThrow('No run of the mutation createCampaign is traced')
  })
})
