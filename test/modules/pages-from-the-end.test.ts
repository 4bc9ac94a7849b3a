import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type ConnectionArgs, connectionPage, pageRequest } from '#src/gateway/contract/connection.ts'
import { encodeCursor } from '#src/gateway/contract/cursor.ts'
import { type KeysetOrder, type KeysetPage, listByKeyset } from '#src/gateway/contract/keyset-list.ts'
import type { ReadContext } from '#src/gateway/contract/module.ts'
import fc from '../property.ts'
import { addMarket, createScratchDatabase, type Market, type ScratchDatabase } from './scratch-database.ts'

interface Row {
  readonly id: number
  readonly key: string | number | null
}

interface Page {
  readonly ids: readonly number[]
  readonly hasNextPage: boolean
  readonly hasPreviousPage: boolean
}

const COLUMNS = [
  { column: 'name', type: 'text' },
  { column: 'score', type: 'int8' },
  { column: 'created_at', type: 'timestamptz' },
  { column: 'popularity_rank', type: 'int8', nullable: true },
] as const

let scratch: ScratchDatabase
let market: Market
let read: ReadContext

beforeAll(async () => {
  scratch = await createScratchDatabase()
  market = await addMarket(scratch.db, 'acme')
  read = { db: scratch.db, tenant: 'acme', now: Date.now() }
  // The rows have few different values, so that many rows compare as equal and only their ids decide the order.
  const rows = Array.from({ length: 40 }, (_, index) => ({
    tenantId: 'acme',
    campaignId: index % 3 === 0 ? market.otherCampaignId : market.campaignId,
    name: `n${(index * 7) % 40}.com`,
    sld: `n${(index * 7) % 40}`,
    tld: 'com',
    terms: [],
    popularityRank: index % 4 === 0 ? null : 1 + (index % 5),
    score: (index * 13) % 6,
    createdAt: new Date(Date.UTC(2026, 0, 1) + (index % 9) * 1000).toISOString(),
  }))
  await scratch.db.insertInto('domains').values(rows).execute()
})
afterAll(() => scratch?.drop())

/** Returns all rows of a campaign in order, as one statement without a limit reads them. */
async function wholeList(order: KeysetOrder, campaignId: number): Promise<readonly Row[]> {
  return scratch.db
    .selectFrom('domains')
    .select((row) => ['id', row.ref(order.column as 'name').as('key')])
    .where('campaignId', '=', campaignId)
    .orderBy('key', order.direction)
    .orderBy('id', order.direction)
    .execute()
}

/** The algorithm of the specification of Relay's cursor connections, for a list in memory. */
function relayPage(list: readonly Row[], { first, last, after, before }: Places): Page {
  const between = list.slice(after === null ? 0 : after + 1, before === null ? list.length : before)
  const ids = between.map(({ id }) => id)
  if (last !== null) {
    const shown = last === 0 ? [] : ids.slice(-last)
    return { ids: shown, hasPreviousPage: ids.length > last, hasNextPage: before !== null }
  }
  const size = first ?? 20
  return { ids: ids.slice(0, size), hasNextPage: ids.length > size, hasPreviousPage: after !== null }
}

interface Places {
  readonly first: number | null
  readonly last: number | null
  /** Index of a row in the list. */
  readonly after: number | null
  readonly before: number | null
}

const size = fc.integer({ min: 0, max: 12 })
const places: fc.Arbitrary<Places> = fc
  .record({ size: fc.option(size), fromEnd: fc.boolean(), after: fc.option(fc.nat(12)), before: fc.option(fc.nat(12)) })
  .map(({ size, fromEnd, after, before }) => ({ first: fromEnd ? null : size, last: fromEnd ? size : null, after, before }))
const orders: fc.Arbitrary<KeysetOrder> = fc
  .tuple(fc.constantFrom(...COLUMNS), fc.constantFrom('asc' as const, 'desc' as const))
  .map(([column, direction]) => ({ ...column, direction }))

type ReadPage = (page: KeysetPage, campaigns: readonly number[]) => Promise<readonly (readonly Row[])[]>

const fromDatabase: ReadPage = async (page, ids) => {
  const lists = await listByKeyset(read, { table: 'domains', of: { column: 'campaign_id', ids }, where: [], page })
  return lists.map(({ rows }) => rows)
}

/** Checks pages of two campaigns at once against lists in memory. */
async function checkPages(readPage: ReadPage, endOnFailure = true): Promise<void> {
  const campaigns = [market.otherCampaignId, market.campaignId]
  await fc.assert(
    fc.asyncProperty(orders, places, async (order, asked) => {
      const lists = await Promise.all(campaigns.map((campaign) => wholeList(order, campaign)))
      const cursor = (place: number | null) => {
        const row = place === null ? undefined : lists[0]?.[place]
        return row ? encodeCursor({ list: 'Domain', order }, row) : null
      }
      const args: ConnectionArgs = { ...asked, after: cursor(asked.after), before: cursor(asked.before) }
      const request = pageRequest(args, order, 'Domain')
      const pages = (await readPage(request, campaigns)).map((rows) => connectionPage(request, rows, {}))
      expect(pages[0]).toMatchObject(relayPage(lists[0] ?? [], asked))
      // A position in one list is also a position in another list, although no row of the other list has it.
      const [own, other] = lists as [readonly Row[], readonly Row[]]
      if (asked.after === null && asked.before === null) expect(pages[1]).toMatchObject(relayPage(other, asked))
      expect(pages[0]?.cursors).toEqual(
        pages[0]?.ids.map((id) => encodeCursor({ list: 'Domain', order }, own.find((row) => row.id === id) ?? expect.unreachable())),
      )
    }),
    { numRuns: 150, endOnFailure },
  )
}

describe('a page of a list with `first`, `last`, `after` and `before`', () => {
  it('is the page that the specification of Relay computes from the whole list, in any order', () => checkPages(fromDatabase, false))

  it('would not pass this check if `last` read from the start of the list', async () => {
    const fromStart: ReadPage = (page, ids) => fromDatabase({ ...page, fromEnd: false }, ids)
    await expect(checkPages(fromStart)).rejects.toThrow()
  })

  it('would not pass this check if it ignored `before`', async () => {
    await expect(checkPages((page, ids) => fromDatabase({ ...page, before: null }, ids))).rejects.toThrow()
  })

  it('walks a whole list backwards, and sees each row once', async () => {
    const order: KeysetOrder = { column: 'popularity_rank', type: 'int8', nullable: true, direction: 'asc' }
    const list = await wholeList(order, market.campaignId)
    const seen: number[] = []
    for (let before: string | undefined, more = true; more; ) {
      const request = pageRequest({ last: 4, before }, order, 'Domain')
      const [rows = []] = await fromDatabase(request, [market.campaignId])
      const page = connectionPage(request, rows, {})
      seen.unshift(...page.ids)
      before = page.cursors[0]
      more = page.hasPreviousPage
    }
    expect(seen).toEqual(list.map(({ id }) => id))
  })
})
