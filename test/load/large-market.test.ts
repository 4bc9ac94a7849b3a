import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { fillMarket } from '../../load/data/fill-market.ts'
import { databaseUrl, onServer } from '../../load/data/server.ts'

const SIZES = { tenants: 5, campaigns: 40, domains: 800, bids: 6000, events: 500, openCalls: 10 }

let name: string
let query: (statement: string) => Promise<readonly Record<string, unknown>[]>

beforeAll(async () => {
  const server = inject('postgresUrl')
  name = `${inject('template').replace(/_[a-z]+$/, '')}_large`
  await onServer(server, (client) => client.query(`create database ${name}`))
  const url = databaseUrl(server, name)
  await fillMarket(url, SIZES)
  query = (statement) => onServer(url, async (client) => (await client.query(statement)).rows)
})

afterAll(() => onServer(inject('postgresUrl'), (client) => client.query(`drop database if exists ${name} with (force)`)))

async function numberOf(statement: string): Promise<number> {
  return Number(Object.values((await query(statement))[0] ?? {})[0])
}

describe('a large market', () => {
  it('has the requested numbers of rows', async () => {
    for (const table of ['tenants', 'campaigns', 'domains', 'bids', 'events'] as const)
      expect(await numberOf(`select count(*) from ${table}`), table).toBe(SIZES[table])
    expect(await numberOf("select count(*) from calls where status in ('INCOMING', 'CONNECTED')")).toBe(SIZES.openCalls)
  })

  it('violates no foreign key, although the foreign keys were not checked while the rows were written', async () => {
    const keys = await query(`select conrelid::regclass::text as of, confrelid::regclass::text as to,
      (select string_agg(format('a.%I is not null', attname), ' and ') from pg_attribute where attrelid = conrelid and attnum = any(conkey)) as given,
      (select string_agg(format('a.%I = b.%I', x.attname, y.attname), ' and ')
        from unnest(conkey, confkey) as pair(one, other)
        join pg_attribute x on x.attrelid = conrelid and x.attnum = one join pg_attribute y on y.attrelid = confrelid and y.attnum = other) as same
      from pg_constraint where contype = 'f' and connamespace = 'public'::regnamespace`)
    expect(keys.length).toBeGreaterThan(10)
    for (const { of, to, given, same } of keys)
      expect(
        await numberOf(`select count(*) from ${of} a where ${given} and not exists (select from ${to} b where ${same})`),
        `${of} to ${to}`,
      ).toBe(0)
  })

  it('has correct rollups, intact invalidation triggers, and no pending tags except the tag that invalidates everything', async () => {
    expect(await numberOf('select refresh_rollups(null)')).toBe(0)
    expect(await query('select * from cache.broken_watches()')).toEqual([])
    expect(await query("select tags from cache.pending where tags <> '{*}'")).toEqual([])
  })

  it('has a winning bid for each sold call: the highest bid, with an amount equal to the revenue of the call', async () => {
    expect(
      await numberOf(`select count(*) from calls c left join bids w on w.id = c.winning_bid_id where c.status = 'SETTLED' and
        (w.status is distinct from 'WON' or c.revenue_minor <> w.amount_minor or exists (select from bids b where b.call_id = c.id and b.amount_minor > w.amount_minor))`),
    ).toBe(0)
    expect(await numberOf("select count(*) from calls where status = 'SETTLED'")).toBeGreaterThan(SIZES.bids / 5)
  })

  it('is skewed: one tenant has the most campaigns, and a tenth of the domains gets more than half of the calls', async () => {
    expect(await query('select tenant_id from campaigns group by 1 order by count(*) desc limit 1')).toEqual([{ tenant_id: 'acme' }])
    const share = await numberOf(`select sum(calls) / (select count(*) from calls) from (
      select count(*) as calls from calls group by domain_id order by 1 desc limit ${SIZES.domains / 10}) as busy`)
    expect(share).toBeGreaterThan(0.5)
    expect(
      await query("select max(started_at) - min(started_at) > interval '28 days' and max(started_at) <= now() as spread from calls"),
    ).toEqual([{ spread: true }])
  })
})
