import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Connection } from '#src/gateway/contract/connection.ts'
import { toGlobalId } from '#src/gateway/contract/global-id.ts'
import { Expiring, type ReadContext } from '#src/gateway/contract/module.ts'
import { countCalls, listCalls, listCallsOfCampaigns } from '#src/market/modules/calls/queries.ts'
import { countCampaigns, listCampaigns } from '#src/market/modules/campaigns/queries.ts'
import { statisticsOfDomains } from '#src/market/modules/domains/statistics.ts'
import { nameCondition } from '#src/market/modules/name-search.ts'
import type {
  CallFilter,
  CallOrderField,
  CampaignFilter,
  CampaignOrderField,
  OrderDirection,
} from '#src/market/modules/schema-types.generated.ts'
import { countUsers, listUsers } from '#src/market/modules/tenants/queries.ts'
import { WORD_SEPARATORS } from '#src/market/tables/name-search.ts'
import fc from '../property.ts'
import { addMarket, createEmbeddedScratchDatabase, createScratchDatabase, type Market, type ScratchDatabase } from './scratch-database.ts'

const CALL_STATUSES = ['INCOMING', 'CONNECTED', 'SETTLED', 'MISSED'] as const
const CAMPAIGN_STATUSES = ['DRAFT', 'ACTIVE', 'PAUSED', 'ARCHIVED'] as const
const NAMES = ['Roof repair', 'Roofing Austin', 'Pool-cleaning (TX)', 'École de golf', 'Solar “Q3” 2026', 'pool']
const DAY = 86_400_000
const START = Date.UTC(2026, 0, 1)
const moment = (days: number) => new Date(START + days * DAY).toISOString()

let scratch: ScratchDatabase
let market: Market
let read: ReadContext
let owner: number

beforeAll(async () => {
  scratch = await createScratchDatabase()
  market = await addMarket(scratch.db, 'acme')
  const stranger = await addMarket(scratch.db, 'other')
  read = { db: scratch.db, tenant: 'acme', now: Date.now() }
  owner = (await scratch.db.selectFrom('users').select('id').where('tenantId', '=', 'acme').executeTakeFirstOrThrow()).id
  await scratch.db
    .insertInto('campaigns')
    .values(
      Array.from({ length: 24 }, (_, index) => ({
        tenantId: 'acme',
        ownerId: owner,
        name: `${NAMES[index % NAMES.length]}${index % 4 === 0 ? '' : ` ${index}`}`,
        status: CAMPAIGN_STATUSES[index % 4] ?? 'DRAFT',
        budgetMinor: 100,
        keywords: [],
        tlds: [],
        patterns: [],
        startsAt: index % 3 === 0 ? null : moment(index % 5),
        endsAt: index % 4 === 0 ? null : moment(10 + (index % 7)),
        createdAt: moment(index % 9),
      })),
    )
    .execute()
  const domain = (name: string) => ({ tenantId: 'acme', campaignId: market.campaignId, name, sld: name, tld: 'com', terms: [], score: 1 })
  const domains = await scratch.db
    .insertInto('domains')
    .values([domain('one.com'), domain('two.com')])
    .returning('id')
    .execute()
  const campaigns = await scratch.db.selectFrom('campaigns').select('id').where('tenantId', '=', 'acme').orderBy('id').execute()
  const call = (tenantId: string, campaignId: number, index: number) => ({
    tenantId,
    campaignId,
    domainId: tenantId === 'acme' && campaignId === market.campaignId ? (domains[index % 3]?.id ?? null) : null,
    callerState: 'CA',
    status: CALL_STATUSES[(index * 7) % 4] ?? 'INCOMING',
    startedAt: moment((index % 11) / 2),
    durationSeconds: (index * 13) % 40,
    costMinor: index,
    revenueMinor: (index * 5) % 30,
  })
  await scratch.db
    .insertInto('calls')
    .values([
      // Half of the campaigns have no call at all.
      ...Array.from({ length: 90 }, (_, index) => call('acme', campaigns[((index * index) % 13) + (index % 2)]?.id ?? 0, index)),
      ...Array.from({ length: 20 }, (_, index) => call('other', stranger.campaignId, index)),
    ])
    .execute()
})
afterAll(() => scratch?.drop())

function pageOf<Source>(value: Connection<Source> | Expiring<Connection<Source>> | Error | undefined): Connection<Source> {
  if (!value || value instanceof Error || value instanceof Expiring) throw new Error('Expected a connection.')
  return value
}

/** Compares rows by a key, null last, and then by their id. */
function ordered<Row extends { readonly id: number }>(
  rows: readonly Row[],
  keyOf: (row: Row) => string | number | null,
  way: OrderDirection,
) {
  const compared = rows.toSorted((one, other) => {
    const [a, b] = [keyOf(one), keyOf(other)]
    if (a === b) return one.id - other.id
    if (a === null || b === null) return a === null ? 1 : -1
    return a < b ? -1 : 1
  })
  return (way === 'ASC' ? compared : compared.toReversed()).map(({ id }) => id)
}

const direction = fc.constantFrom<OrderDirection>('ASC', 'DESC')
const day = fc.integer({ min: 0, max: 20 }).map(moment)

/** Returns whether each word of a text begins a word of a name. Both are split at everything but letters, marks and digits. */
function isFound(name: string, text: string): boolean {
  const words = (whole: string) =>
    whole
      .normalize('NFKC')
      .toLowerCase()
      .match(/[\p{L}\p{M}\p{N}]+/gu) ?? []
  return words(text).every((word) => words(name).some((other) => other.startsWith(word)))
}

describe('campaigns', () => {
  const filter: fc.Arbitrary<CampaignFilter> = fc.record(
    {
      search: fc.constantFrom('roof', 'ROOF AUS', 'pool', 'tx', 'éc', 'q3 sol', '2026', 'nothing'),
      status: fc.subarray([...CAMPAIGN_STATUSES]),
      startsFrom: day,
      startsBefore: day,
      endsFrom: day,
      endsBefore: day,
      createdFrom: day,
      createdBefore: day,
    },
    { requiredKeys: [] },
  )
  const field = fc.constantFrom<CampaignOrderField>('CREATED_AT', 'ENDS_AT', 'CALLS', 'REVENUE')

  it('are filtered and sorted like the same rows in memory, from both ends, and counted alike', async () => {
    const { rows } = await sql<{
      id: number
      name: string
      status: 'DRAFT'
      startsAt: string | null
      endsAt: string | null
      createdAt: string
      calls: number
      revenue: number
    }>`
      select id, name, status, starts_at, ends_at, created_at,
        (select count(*) from calls where campaign_id = campaigns.id) as calls,
        (select coalesce(sum(revenue_minor), 0)::int8 from calls where campaign_id = campaigns.id) as revenue
      from campaigns where tenant_id = 'acme'
    `.execute(scratch.db)
    const within = (value: string | null, from: unknown, before: unknown) =>
      (from == null || (value !== null && value >= String(from))) && (before == null || (value !== null && value < String(before)))
    const keys = { CREATED_AT: 'createdAt', ENDS_AT: 'endsAt', CALLS: 'calls', REVENUE: 'revenue', NAME: 'name', BUDGET: 'id' } as const
    await fc.assert(
      fc.asyncProperty(filter, field, direction, fc.integer({ min: 1, max: 30 }), fc.boolean(), async (asked, by, way, size, fromEnd) => {
        const matching = rows.filter(
          (row) =>
            (asked.search == null || isFound(row.name, asked.search)) &&
            (asked.status == null || asked.status.includes(row.status)) &&
            within(row.startsAt, asked.startsFrom, asked.startsBefore) &&
            within(row.endsAt, asked.endsFrom, asked.endsBefore) &&
            within(row.createdAt, asked.createdFrom, asked.createdBefore),
        )
        const all = ordered(matching, (row) => row[keys[by]], way)
        const orderBy = { field: by, direction: way }
        const page = pageOf(
          (await listCampaigns([null], { ...(fromEnd ? { last: size } : { first: size }), filter: asked, orderBy }, read))[0],
        )
        expect(page.ids).toEqual(fromEnd ? all.slice(-size) : all.slice(0, size))
        expect(await countCampaigns([page], {}, read)).toEqual([all.length])
        const next = fromEnd ? { last: 5, before: page.cursors[0] } : { first: 5, after: page.cursors.at(-1) }
        const second = pageOf((await listCampaigns([null], { ...next, filter: asked, orderBy }, read))[0])
        if (page.ids.length > 0) expect(second.ids).toEqual(fromEnd ? all.slice(0, -size).slice(-5) : all.slice(size, size + 5))
      }),
      { numRuns: 80 },
    )
  })

  it('are in the list that is sorted by calls as soon as they are created, with 0 calls', async () => {
    const campaign = { tenantId: 'acme', ownerId: owner, name: 'Uncalled', budgetMinor: 1, keywords: [], tlds: [], patterns: [] }
    const { id } = await scratch.db.insertInto('campaigns').values(campaign).returning('id').executeTakeFirstOrThrow()
    const orderBy = { field: 'CALLS', direction: 'ASC' } as const
    const page = pageOf((await listCampaigns([null], { first: 100, filter: { search: 'uncalled' }, orderBy }, read))[0])
    expect(page.ids).toEqual([id])
    await scratch.db.deleteFrom('campaigns').where('id', '=', id).execute()
  })
})

describe('calls', () => {
  const filter: fc.Arbitrary<CallFilter> = fc.record(
    {
      status: fc.array(fc.constantFrom(...CALL_STATUSES), { maxLength: 4 }),
      startedFrom: day,
      startedBefore: day,
      campaignId: fc.constant('own'),
    },
    { requiredKeys: [] },
  )
  const field = fc.constantFrom<CallOrderField>('STARTED_AT', 'DURATION', 'REVENUE')

  it('of several statuses are merged into one list in order, from both ends, and counted alike', async () => {
    const rows = await scratch.db.selectFrom('calls').selectAll().where('tenantId', '=', 'acme').execute()
    const keys = { STARTED_AT: 'startedAt', DURATION: 'durationSeconds', REVENUE: 'revenueMinor' } as const
    await fc.assert(
      fc.asyncProperty(filter, field, direction, fc.integer({ min: 1, max: 30 }), fc.boolean(), async (drawn, by, way, size, fromEnd) => {
        const asked = drawn.campaignId == null ? drawn : { ...drawn, campaignId: toGlobalId('Campaign', market.campaignId) }
        const matching = rows.filter(
          (row) =>
            (asked.status == null || asked.status.includes(row.status)) &&
            (asked.startedFrom == null || row.startedAt >= asked.startedFrom) &&
            (asked.startedBefore == null || row.startedAt < asked.startedBefore) &&
            (asked.campaignId == null || row.campaignId === market.campaignId),
        )
        const all = ordered(matching, (row) => row[keys[by]], way)
        const args = { ...(fromEnd ? { last: size } : { first: size }), orderBy: { field: by, direction: way } }
        const page = pageOf((await listCalls([null], { ...args, filter: asked }, read))[0])
        expect(page.ids).toEqual(fromEnd ? all.slice(-size) : all.slice(0, size))
        expect(await countCalls([page], {}, read)).toEqual([all.length])
        const ofCampaign = pageOf((await listCallsOfCampaigns([{ id: market.campaignId }], args, read))[0])
        const own = ordered(
          rows.filter((row) => row.campaignId === market.campaignId),
          (row) => row[keys[by]],
          way,
        )
        expect(ofCampaign.ids).toEqual(fromEnd ? own.slice(-size) : own.slice(0, size))
      }),
      { numRuns: 80 },
    )
  })
})

describe('users', () => {
  it('are found by the beginning of a word of their name or email address, within the tenant', async () => {
    const user = (tenantId: string, name: string, email: string) => ({ tenantId, name, email, role: 'EDITOR' as const })
    const added = await scratch.db
      .insertInto('users')
      .values([
        user('acme', 'Zoë van Dijk', 'zoe.dijk@acme.example'),
        user('acme', 'Mary-Jane Dijkstra', 'mj@acme.example'),
        user('other', 'Zoë van Dijk', 'zoe.dijk@acme.example'),
      ])
      .returning('id')
      .execute()
    const [zoe, mary] = added.map(({ id }) => id)
    const found = async (search: string, role?: 'EDITOR' | 'ADMIN') => {
      const page = pageOf((await listUsers([null], { filter: { search, role } }, read))[0])
      expect(await countUsers([page], {}, read)).toEqual([page.ids.length])
      return page.ids
    }
    expect(await found('DIJK')).toEqual([mary, zoe])
    expect(await found('zoë d')).toEqual([zoe])
    expect(await found('zoe.dijk@ac')).toEqual([zoe])
    expect(await found('jane mj')).toEqual([mary])
    expect(await found('ijk')).toEqual([])
    expect(await found('dijk', 'ADMIN')).toEqual([])
  })

  it.each([
    ['', 'at least one word'],
    ['" . "', 'at least one word'],
    ['a '.repeat(11), 'at most 10 words'],
    ['x'.repeat(201), 'at most 200'],
  ])('cannot be searched by %j', async (search, message) => {
    await expect(listUsers([null], { filter: { search } }, read)).rejects.toMatchObject({
      code: 'BAD_USER_INPUT',
      message: expect.stringContaining(message),
    })
  })
})

describe.each([
  ['PostgreSQL', createScratchDatabase],
  ['the embedded PostgreSQL', createEmbeddedScratchDatabase],
])('the search by name on %s', (_, create) => {
  it('finds a name by each of its words and by their beginnings, whatever characters it has', async () => {
    const database = await create()
    try {
      const text = fc
        .string({
          unit: fc.oneof(
            fc.constantFrom('a', 'B', 'É', '漢', '€', '🔥', ' ', "'", '\\', ':', '*', '-', '“'),
            fc.string({ unit: 'grapheme', minLength: 1, maxLength: 1 }),
          ),
          minLength: 1,
          maxLength: 12,
        })
        .filter((name) => !name.includes('\0') && name.isWellFormed())
      await fc.assert(
        fc.asyncProperty(text, fc.nat(20), async (name, length) => {
          const words = name
            .normalize('NFKC')
            .split('')
            .reduce((whole, one) => whole + (WORD_SEPARATORS.includes(one) ? ' ' : one), '')
            .split(' ')
            .filter((word) => word !== '')
          for (const word of words.slice(0, 10)) {
            const beginning = [...word].slice(0, 1 + (length % [...word].length)).join('')
            if (beginning.trim() === '' || beginning.normalize('NFKC') !== beginning) continue
            const found = sql<{ found: boolean; strange: boolean }>`
              select ${nameCondition('acme', beginning)} as found, ${nameCondition('other', beginning)} as strange
              from (select name_search('acme', ${name}) as search) as named`
            expect((await found.execute(database.db)).rows).toEqual([{ found: true, strange: false }])
          }
        }),
        // A letter of Unicode 14, whose lower case not every version of PostgreSQL knows.
        { numRuns: 60, examples: [['𐕰', 0]] },
      )
    } finally {
      await database.drop()
    }
  })
})

describe('the figures of a domain', () => {
  it('are the sums over its calls, in a range of whole days or in all', async () => {
    const rows = await scratch.db.selectFrom('calls').selectAll().where('tenantId', '=', 'acme').execute()
    const domains = await scratch.db.selectFrom('domains').selectAll().where('tenantId', '=', 'acme').orderBy('id').execute()
    for (const [args, from, to] of [
      [{}, 0, Number.POSITIVE_INFINITY],
      [{ from: moment(1.5), to: moment(3.2) }, START + DAY, START + 4 * DAY],
      [{ to: moment(2) }, 0, START + 2 * DAY],
    ] as const) {
      const figures = await statisticsOfDomains(domains, args, read)
      for (const [index, { id }] of domains.entries()) {
        const own = rows.filter(({ domainId, startedAt }) => domainId === id && Date.parse(startedAt) >= from && Date.parse(startedAt) < to)
        const sum = (figureOf: (row: (typeof own)[number]) => number) => own.reduce((total, row) => total + figureOf(row), 0)
        expect(figures[index]).toEqual({
          calls: own.length,
          settledCalls: own.filter(({ status }) => status === 'SETTLED').length,
          durationSeconds: sum((row) => row.durationSeconds),
          spendMinor: sum((row) => row.costMinor),
          revenueMinor: sum((row) => row.revenueMinor),
        })
      }
    }
    await expect(statisticsOfDomains(domains, { from: moment(2), to: moment(1) }, read)).rejects.toMatchObject({ code: 'BAD_USER_INPUT' })
  })
})
