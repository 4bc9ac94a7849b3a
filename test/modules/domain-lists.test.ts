import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ConnectionArgs } from '#src/gateway/contract/connection.ts'
import { toGlobalId } from '#src/gateway/contract/global-id.ts'
import { Expiring, type ReadContext } from '#src/gateway/contract/module.ts'
import { campaignType } from '#src/market/modules/campaigns/entity.ts'
import { facetsOfSearches } from '#src/market/modules/domains/facets.ts'
import {
  countDomains,
  type DomainConnection,
  listDomains,
  listDomainsOfCampaigns,
  searchDomains,
} from '#src/market/modules/domains/queries.ts'
import { normalizeQuery } from '#src/market/modules/domains/search-query.ts'
import type { DomainOrder, QueryDomainsArgs } from '#src/market/modules/schema-types.generated.ts'
import fc from '../property.ts'
import { addMarket, createScratchDatabase, type Market, type ScratchDatabase } from './scratch-database.ts'

let scratch: ScratchDatabase
let market: Market
let stranger: Market
let read: ReadContext

const STATUSES = ['GENERATED', 'REGISTERED', 'LIVE', 'PAUSED', 'EXPIRED', 'REJECTED'] as const
const TLDS = ['com', 'net', 'org'] as const
const WORDS = ['roof', 'plumber', 'emergency', 'best', 'austin'] as const

beforeAll(async () => {
  scratch = await createScratchDatabase()
  market = await addMarket(scratch.db, 'acme')
  stranger = await addMarket(scratch.db, 'other')
  read = { db: scratch.db, tenant: 'acme', now: Date.now() }
  // The rows have few different values, so that many rows compare as equal and only their ids decide the order.
  for (const [tenant, campaigns, count] of [
    ['acme', [market.campaignId, market.otherCampaignId], 120],
    ['other', [stranger.campaignId], 20],
  ] as const) {
    await scratch.db
      .insertInto('domains')
      .values(
        Array.from({ length: count }, (_, index) => ({
          tenantId: tenant,
          campaignId: campaigns[index % campaigns.length] ?? 0,
          name: `${tenant === 'acme' ? 'a' : 'o'}${index * 7}-${WORDS[index % 5]}.${TLDS[index % 3]}`,
          sld: `${tenant === 'acme' ? 'a' : 'o'}${index * 7}-${WORDS[index % 5]}`,
          tld: TLDS[index % 3] ?? 'com',
          terms: [WORDS[index % 5] ?? '', WORDS[Math.floor(index / 5) % 5] ?? ''],
          status: STATUSES[(index * 5) % 6] ?? 'LIVE',
          popularityRank: index % 4 === 0 ? null : 1 + (index % 7),
          score: (index * 13) % 6,
          createdAt: new Date(Date.UTC(2026, 0, 1) + (index % 9) * 1000).toISOString(),
        })),
      )
      .execute()
  }
})
afterAll(() => scratch?.drop())

const orderBy: fc.Arbitrary<DomainOrder | null> = fc.option(
  fc.record({
    field: fc.constantFrom('CREATED_AT' as const, 'NAME' as const, 'SCORE' as const, 'POPULARITY_RANK' as const),
    direction: fc.constantFrom('ASC' as const, 'DESC' as const),
  }),
)
const filter = fc.record(
  {
    status: fc.subarray([...STATUSES]),
    tlds: fc.subarray(['com', '.net', 'ORG']),
    minScore: fc.integer({ min: 0, max: 5 }),
    maxRank: fc.integer({ min: 1, max: 7 }),
  },
  { requiredKeys: [] },
)

function connectionOf(result: DomainConnection | Expiring<DomainConnection> | Error | undefined): DomainConnection {
  if (!result || result instanceof Error || result instanceof Expiring) throw new Error('Expected a connection.')
  return result
}

async function walk(load: (args: ConnectionArgs) => Promise<DomainConnection>, first: number): Promise<number[]> {
  const ids: number[] = []
  for (let after: string | undefined, more = true; more; ) {
    const page = await load({ first, after })
    expect(page.hasPreviousPage).toBe(after !== undefined)
    ids.push(...page.ids)
    after = page.cursors.at(-1)
    more = page.hasNextPage
  }
  return ids
}

/** Returns the list that the pages together must contain, computed by a single SQL statement. */
async function expected(
  where: { readonly campaignId?: number } & QueryDomainsArgs['filter'],
  order: DomainOrder | null,
): Promise<number[]> {
  const column = ({ CREATED_AT: 'createdAt', NAME: 'name', SCORE: 'score', POPULARITY_RANK: 'popularityRank' } as const)[
    order?.field ?? 'CREATED_AT'
  ]
  const direction = order?.direction === 'ASC' ? 'asc' : 'desc'
  let query = scratch.db
    .selectFrom('domains')
    .select('id')
    .where('tenantId', '=', 'acme')
    .orderBy(column, direction)
    .orderBy('id', direction)
  const { campaignId, status, tlds, minScore, maxRank } = where ?? {}
  if (campaignId) query = query.where('campaignId', '=', Number(campaignId))
  if (status) query = query.where('status', '=', sql<'LIVE'>`any(${status}::text[])`)
  if (tlds) query = query.where('tld', '=', sql<string>`any(${tlds.map((tld) => tld.replace('.', '').toLowerCase())}::text[])`)
  if (minScore != null) query = query.where('score', '>=', minScore)
  if (maxRank != null) query = query.where('popularityRank', '<=', maxRank)
  return (await query.execute()).map(({ id }) => id)
}

describe('a list of domain names', () => {
  it('returns each row of the tenant exactly once, in order, for any ordering, filter and page size', async () => {
    await fc.assert(
      fc.asyncProperty(orderBy, filter, fc.integer({ min: 7, max: 100 }), async (order, filter, first) => {
        const visited = await walk(
          async (page) => connectionOf((await listDomains([null], { ...page, filter, orderBy: order }, read))[0]),
          first,
        )
        expect(visited).toEqual(await expected(filter, order))
      }),
      { numRuns: 60 },
    )
  })

  it('is loaded for several campaigns together, and each campaign gets only its own rows', async () => {
    const campaigns = (await campaignType.loadMany(read, [String(market.campaignId), String(market.otherCampaignId)])).flatMap((row) =>
      row && !(row instanceof Expiring) ? [row] : [],
    )
    await fc.assert(
      fc.asyncProperty(orderBy, filter, fc.integer({ min: 0, max: 20 }), async (order, filter, first) => {
        const lists = await listDomainsOfCampaigns(campaigns, { first, filter, orderBy: order }, read)
        for (const [index, { id: campaignId }] of campaigns.entries()) {
          const all = await expected({ ...filter, campaignId } as never, order)
          expect(connectionOf(lists[index])).toMatchObject({ ids: all.slice(0, first), hasNextPage: all.length > first })
        }
        const counts = await countDomains(lists.map(connectionOf), {}, read)
        expect(counts).toEqual(
          await Promise.all(campaigns.map(async ({ id }) => (await expected({ ...filter, campaignId: id } as never, null)).length)),
        )
      }),
      { numRuns: 20 },
    )
  })

  it('is empty for an id that is not a campaign of the tenant', async () => {
    for (const campaignId of [toGlobalId('Campaign', stranger.campaignId), toGlobalId('Bid', market.campaignId)]) {
      const connection = connectionOf((await listDomains([null], { first: 5, filter: { campaignId } }, read))[0])
      expect(connection.ids).toEqual([])
      expect(await countDomains([connection], {}, read)).toEqual([0])
    }
  })

  it("continues after a cursor even if the cursor's row was deleted meanwhile", async () => {
    const args = { orderBy: { field: 'NAME', direction: 'ASC' } } as const
    const [row] = await scratch.db
      .insertInto('domains')
      .values({
        tenantId: 'acme',
        campaignId: market.campaignId,
        name: 'a-first.com',
        sld: 'a-first',
        tld: 'com',
        terms: [],
        popularityRank: null,
        score: 1,
      })
      .returning('id')
      .execute()
    const page = connectionOf((await listDomains([null], { ...args, first: 1 }, read))[0])
    expect(page.ids).toEqual([row?.id])
    await scratch.db
      .deleteFrom('domains')
      .where('id', '=', row?.id ?? 0)
      .execute()
    const next = connectionOf((await listDomains([null], { ...args, first: 100, after: page.cursors[0] }, read))[0])
    expect(next.ids).toEqual((await expected({}, { field: 'NAME', direction: 'ASC' })).slice(0, 100))
  })
})

describe('a search for domain names', () => {
  const search = async (query: string, filter: QueryDomainsArgs['filter'] = null) =>
    connectionOf((await searchDomains([null], { query: normalizeQuery(query), first: 100, filter }, read))[0])

  it("finds only domain names of the caller's tenant in which each search word is the beginning of a word", async () => {
    const found = await search('ROOF, aus')
    const rows = await scratch.db.selectFrom('domains').select(['id', 'sld', 'terms', 'tenantId']).execute()
    const right = rows.filter(
      ({ tenantId, terms, sld }) =>
        tenantId === 'acme' && [...terms, ...sld.split('-')].includes('roof') && [...terms, ...sld.split('-')].includes('austin'),
    )
    expect(right.length).toBeGreaterThan(0)
    expect(found.ids.toSorted()).toEqual(right.map(({ id }) => id).toSorted())
  })

  it('groups and counts all of its results, whichever page is requested', async () => {
    const found = await search('roof', { minScore: 1 })
    const [facets] = await facetsOfSearches([found], {}, read)
    const [total] = await countDomains([found], {}, read)
    if (!facets || facets instanceof Error || facets instanceof Expiring) throw new Error('Expected facets.')
    const sum = (counts: readonly { readonly count: number }[]) => counts.reduce((sum, { count }) => sum + count, 0)
    expect(total).toBeGreaterThan(5)
    expect(sum(facets.statuses)).toBe(total)
    expect(sum(facets.tlds)).toBe(total)
  })

  it('treats any text as words, never as search syntax', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'grapheme', maxLength: 60 }), async (text) => {
        const query = await Promise.resolve()
          .then(() => normalizeQuery(text))
          .catch((error: unknown) => {
            expect(error).toMatchObject({ code: 'BAD_USER_INPUT' })
            return null
          })
        if (query !== null) await searchDomains([null], { query, first: 1 }, read)
      }),
      { numRuns: 50 },
    )
    await search(`roof & !x | (y) :* <-> 'z' \\`)
  })
})
