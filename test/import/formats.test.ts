import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createImportDatabase, cuts, files, type ImportDatabase } from './import-database.ts'

let database: ImportDatabase

beforeAll(async () => {
  database = await createImportDatabase()
})

afterAll(async () => {
  await database?.drop()
})

const cut = (file: string) => join(cuts, file)

describe('An import of an excerpt of a data set', () => {
  it('stores the domain names of a ranked list with their line numbers as ranks.', async () => {
    const result = await database.takeWhole(cut('opendns-domains/opendns-top-domains.txt'), 'ranked')
    expect(result).toMatchObject({ rows: 200, added: { domains: 200 }, updated: 0, present: 0 })
    expect(
      await database.rows(
        `select name, sld, tld, terms, status, popularity_rank as rank from domains where tenant_id = 'ranked' and popularity_rank in (1, 4, 200) order by rank`,
      ),
    ).toMatchObject([
      { name: 'google.com', sld: 'google', tld: 'com', terms: ['google'], status: 'REGISTERED', rank: 1 },
      { name: 'google-analytics.com', terms: ['google', 'analytics'], rank: 4 },
      { rank: 200 },
    ])
  })

  it('stores a name once and without a rank if a list without ranks repeats the name.', async () => {
    const result = await database.takeWhole(cut('opendns-domains/opendns-random-domains.txt'), 'unranked')
    const [{ names, repeated }] = (await database.rows(
      `select count(*)::int as names, count(popularity_rank)::int as repeated from domains where tenant_id = 'unranked'`,
    )) as [{ names: number; repeated: number }]
    expect(names).toBeLessThan(200)
    expect(repeated).toBe(0)
    expect(result).toMatchObject({ rows: 200, added: { domains: names }, present: 200 - names })
  })

  it('skips a site whose name is truncated in the source, and reports its line.', async () => {
    const result = await database.takeWhole(cut('top-sites/top-sites.json'), 'sites')
    expect(result).toMatchObject({ rows: 32, added: { domains: 31 } })
    expect([...result.leftOut]).toEqual([['the source cut off the end of the domain name', { count: 1, firstLine: 188 }]])
    expect(await database.rows(`select popularity_rank as rank from domains where tenant_id = 'sites' and name = 'apple.com'`)).toEqual([
      { rank: 4 },
    ])
  })

  it('keeps a stored domain name and its rank if the tenant already has that name from another list.', async () => {
    await database.takeWhole(cut('opendns-domains/opendns-top-domains.txt'), 'both')
    const result = await database.takeWhole(cut('top-sites/top-sites.json'), 'both')
    expect(result.present).toBeGreaterThan(5)
    expect(await database.rows(`select popularity_rank as rank from domains where tenant_id = 'both' and name = 'apple.com'`)).toEqual([
      { rank: 16 },
    ])
  })

  it("stores all top-level domains of a JSON file, and those top-level domains of a registry file that are still in IANA's list.", async () => {
    await database.rows('delete from tlds')
    expect(await database.takeWhole(cut('tlds/tlds.json'), 'tlds')).toMatchObject({ rows: 198, added: { 'top-level domains': 198 } })
    const result = await database.takeWhole(cut('tlds/tld-registries.csv'), 'tlds')
    expect(result.rows).toBe(200)
    expect([...result.leftOut.values()]).toEqual([{ count: expect.any(Number), firstLine: 3 }])
    expect(await database.rows(`select unicode_name as name, kind from tlds where name = 'ad'`)).toEqual([
      { name: 'ad', kind: 'COUNTRY_CODE' },
    ])
  })

  it('stores bidders as buyers, and a bidder that is disabled in the source as an inactive buyer.', async () => {
    expect(await database.takeWhole(cut('prebid-openrtb/buyers.csv'), 'bidders')).toMatchObject({ rows: 199, added: { buyers: 199 } })
    expect(
      await database.rows(`select name, active from buyers where tenant_id = 'bidders' and name in ('33across', 'adagio') order by name`),
    ).toEqual([
      { name: '33across', active: true },
      { name: 'adagio', active: false },
    ])
  })

  it('stores the bids of a bidder for the same impression as bids on the same phone call, and the highest bid wins.', async () => {
    await database.takeWhole(cut('prebid-openrtb/buyers.csv'), 'bids')
    const result = await database.takeWhole(cut('prebid-openrtb/bids.csv'), 'bids')
    const leftOut = [...result.leftOut].map(([reason, { count }]) => [reason, count])
    expect(leftOut).toEqual([["the bid is not in USD, the tenant's currency", expect.any(Number)]])
    expect((result.added.bids ?? 0) + (leftOut[0]?.[1] as number)).toBe(result.rows)
    expect(
      await database.rows(`select calls.id from calls join bids on bids.id = winning_bid_id
        where calls.tenant_id = 'bids' and (calls.status <> 'SETTLED' or bids.status <> 'WON' or revenue_minor <> amount_minor
          or exists (select from bids as other where other.call_id = calls.id and other.amount_minor > bids.amount_minor))`),
    ).toEqual([])
    expect(
      await database.rows(`select min(amount_minor)::int as least, max(amount_minor)::int as greatest from bids where tenant_id = 'bids'`),
    ).toEqual([{ least: 1, greatest: 30_200 }])
  })

  it('stores each point of a price series as a phone call: two phone calls for a repeated timestamp, and none for a gap.', async () => {
    const result = await database.takeWhole(cut('nab-hourly/realAdExchange/exchange-2_cpc_results.csv'), 'prices')
    expect(result).toMatchObject({ rows: 199, added: { calls: 199, bids: 199, events: 199 } })
    expect(result.notes).toEqual(['Rows with the timestamp of the row before, each of which is a call of its own: 1.'])
    expect(
      await database.rows(
        `select revenue_minor::int as price, status from calls where tenant_id = 'prices' and started_at = '2011-08-24 12:00:01Z' order by id`,
      ),
    ).toEqual([
      { price: 13_125, status: 'SETTLED' },
      { price: 11_945, status: 'SETTLED' },
    ])
  })

  it('stores each cost per thousand impressions as a missed phone call with that cost.', async () => {
    const result = await database.takeWhole(cut('nab-hourly/realAdExchange/exchange-3_cpm_results.csv'), 'costs')
    expect(result).toMatchObject({ rows: 199, added: { calls: 199, bids: 0 } })
    expect(result.notes).toEqual(['Hours without a row, which stay without a call: 26.'])
    expect(
      await database.rows(
        `select cost_minor::int as cost, revenue_minor::int as revenue, status from calls where tenant_id = 'costs' order by started_at limit 1`,
      ),
    ).toEqual([{ cost: 40_542, revenue: 0, status: 'MISSED' }])
  })

  it('stores a phone call each time the volume of a buyer has grown by a hundred units, in the hour in which this happens.', async () => {
    await database.takeWhole(cut('nab-hourly/hourly_by_buyer.csv'), 'volumes')
    expect(
      await database.rows(`select date_trunc('hour', started_at, 'UTC') as hour, count(*)::int as calls from calls
        join campaigns on campaigns.id = campaign_id where name = 'Volume of AAPL' and calls.tenant_id = 'volumes' group by 1 order by 1 limit 2`),
    ).toEqual([
      { hour: '2015-02-26T21:00:00.000Z', calls: 4 },
      { hour: '2015-02-26T22:00:00.000Z', calls: expect.any(Number) },
    ])
    const volumes = (await database.rows(`select name, count(*)::int as calls, min(amount_minor)::int as amount
      from bids join buyers on buyers.id = buyer_id where bids.tenant_id = 'volumes' group by name order by name`)) as { calls: number }[]
    expect(volumes.length).toBeGreaterThan(5)
  })

  it('spreads a thousand impressions of a region over the hours of a week according to the shares in the file.', async () => {
    const result = await database.takeWhole(cut('bat-traffic/traffic_share.csv'), 'shares')
    expect(result.added.events).toBeGreaterThanOrEqual(999)
    const hours = (await database.rows(`select extract(isodow from hour at time zone 'UTC')::int as day,
      extract(hour from hour at time zone 'UTC')::int as hour, count::int from event_hours where tenant_id = 'shares'`)) as {
      day: number
      hour: number
      count: number
    }[]
    // According to the shares, Monday at 10:00 has 10.391 impressions and Monday at 3:00 has 0.314.
    expect(hours.find(({ day, hour }) => day === 1 && hour === 10)?.count).toBeOneOf([10, 11])
    expect(hours.find(({ day, hour }) => day === 1 && hour === 3)?.count ?? 0).toBeLessThanOrEqual(1)
  })

  it('leaves the rollup tables equal to the sums of the rows.', async () => {
    for (const file of files) await database.takeWhole(cut(file), 'rollups')
    expect(await database.rows('select refresh_rollups(null)::int as corrected')).toEqual([{ corrected: 0 }])
  })
})

describe('A second import into the same tenant', () => {
  it.each(files)('of %s adds no row and changes no row.', async (file) => {
    await database.takeWhole(cut('prebid-openrtb/buyers.csv'), 'twice')
    await database.takeWhole(cut(file), 'twice')
    const before = await database.counts()
    const versions = `select sum(version)::int as versions from domains`
    const [domains] = await database.rows(versions)
    const second = await database.takeWhole(cut(file), 'twice')
    expect(Object.values(second.added).every((count) => count === 0)).toBe(true)
    expect(second.updated).toBe(0)
    expect(await database.counts()).toEqual(before)
    expect(await database.rows(versions)).toEqual([domains])
  })

  it('of a newer list updates the ranks that have changed.', async () => {
    const first = await database.write('my-top-domains.txt', 'one.com\ntwo.com\nthree.com\n')
    await database.takeWhole(first, 'newer')
    const second = await database.write('my-top-domains.txt', 'two.com\none.com\nthree.com\nfour.com\ntwo.com\n')
    expect(await database.takeWhole(second, 'newer')).toMatchObject({ added: { domains: 1 }, updated: 2, present: 2 })
    expect(await database.rows(`select name, version from domains where tenant_id = 'newer' order by popularity_rank`)).toEqual([
      { name: 'two.com', version: 2 },
      { name: 'one.com', version: 2 },
      { name: 'three.com', version: 1 },
      { name: 'four.com', version: 1 },
    ])
  })

  it('of a list that repeats a name after thousands of lines keeps the rank of the first line with that name.', async () => {
    const lines = Array.from({ length: 2_500 }, (_, index) => `name-${index}.com`)
    const path = await database.write('long-top-domains.txt', [...lines, 'name-0.com'].join('\n'))
    expect(await database.takeWhole(path, 'repeating')).toMatchObject({ added: { domains: 2_500 }, updated: 0, present: 1 })
    expect(await database.takeWhole(path, 'repeating')).toMatchObject({ added: { domains: 0 }, updated: 0, present: 2_501 })
    const ranks = `select popularity_rank as rank from domains where tenant_id = 'repeating' and name = 'name-0.com'`
    expect(await database.rows(ranks)).toEqual([{ rank: 1 }])
  })

  it('that runs at the same time as the first import stores each row once.', async () => {
    const file = cut('nab-hourly/hourly_by_buyer.csv')
    const results = await Promise.all([database.takeWhole(file, 'racing'), database.takeWhole(file, 'racing')])
    const [{ calls }] = (await database.rows(`select count(*)::int as calls from calls where tenant_id = 'racing'`)) as [{ calls: number }]
    expect(results.map(({ added }) => added.calls).toSorted((a = 0, b = 0) => a - b)).toEqual([0, calls])
  })

  it('of the same file into another tenant stores the rows in that tenant as well.', async () => {
    const file = cut('opendns-domains/opendns-top-domains.txt')
    await database.takeWhole(file, 'here')
    expect(await database.takeWhole(file, 'there')).toMatchObject({ added: { domains: 200 } })
  })
})
