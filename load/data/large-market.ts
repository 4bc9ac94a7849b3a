import { cities, states } from '#src/market/rules/naming/vocabulary/places.ts'
import { hourOfWeek, popularityExponent, tldCounts } from '#src/market/seed/figures.ts'
import { tenantNames } from '#src/market/seed/names.ts'
import { trades } from '#src/market/seed/trades.ts'

/** Numbers of rows. There are about a third as many calls as bids. */
export interface MarketSizes {
  /** Number of tenants, at most 50, each with 8 users and 40 buyers. */
  readonly tenants: number
  readonly campaigns: number
  /** Number of domains. It must be a multiple of `campaigns`. */
  readonly domains: number
  readonly bids: number
  readonly events: number
  /** Number of calls in progress. Each of them has three bids. */
  readonly openCalls: number
}

export const LARGE: MarketSizes = { tenants: 50, campaigns: 2000, domains: 200_000, bids: 1_000_000, events: 500_000, openCalls: 600 }

const USERS = 8
const BUYERS = 40
const BIDS_PER_OPEN_CALL = 3
const MAX_TENANTS = 50

const DAYS = 30
const SLOTS = 20_000
/** Shares of the calls that get 0, 1, 2, 3, 4, 5 and 6 bids. A call gets 2.9 bids on average. */
const BIDS_PER_CALL = [0.08, 0.13, 0.2, 0.22, 0.19, 0.12, 0.06] as const
const CURRENCIES = ['USD', 'EUR', 'GBP', 'CAD']

/**
 * Returns SQL statements that fill the tables of the first migration with a market. The other migrations must not have run yet. The
 * popularity of tenants, campaigns and domains falls with their rank, with the exponent `popularityExponent`. The numbers of calls and
 * events depend on the hour of the week: the table `hourOfWeek` contains the weight of each hour. Random numbers are hashes of row numbers,
 * so that the same `now` gives the same rows.
 * @param now End of the 30 days with calls and events, Unix epoch ms.
 */
export function largeMarket(now: number, sizes: MarketSizes): readonly string[] {
  const end = `to_timestamp(${Math.floor(now / 1000)})`
  return [
    // Foreign keys are not checked, because the statements insert only rows that refer to existing rows. The checks would take longer than
    // all other work. If the database user may not turn the checks off, PostgreSQL still makes these checks.
    `do $$ begin set session_replication_role = replica; exception when insufficient_privilege then null; end $$`,
    ...functions,
    ...lookups(now, sizes),
    ...people(end),
    ...campaigns(end, sizes),
    ...domains(sizes),
    ...calls(end, sizes),
    bids,
    events(end, sizes),
    'drop schema seeding cascade',
    ...['users', 'buyers', 'campaigns', 'domains', 'calls', 'bids'].map(
      (table) => `select setval(pg_get_serial_sequence('${table}', 'id'), (select max(id) from ${table}))`,
    ),
    'reset session_replication_role',
  ]
}

const functions = [
  'create schema seeding',
  // Returns a random number from 0 to 1 for a row. Calls with the same `row_number` and `subject` return the same number. So each
  // random value of a row has its own `subject`.
  `create function seeding.draw(row_number bigint, subject bigint) returns float8 language sql immutable parallel safe
    return (hashint8extended(row_number, subject) & 4503599627370495)::float8 / 4503599627370496`,
  // Draws a rank from 1 to `count` by Zipf's law. `share` is a random number from 0 to 1. The function inverts the integral of
  // rank^-exponent from 0.5 to `count` + 0.5.
  `create function seeding.rank(share float8, count bigint) returns int language sql immutable parallel safe
    return least(count, floor(power(share * (power(count + 0.5, ${1 - popularityExponent}) - power(0.5, ${1 - popularityExponent}))
      + power(0.5, ${1 - popularityExponent}), ${1 / (1 - popularityExponent)}) + 0.5))::int`,
  // Returns a random factor from 0.2 to 1.8. It is 1 on average, and values near 1 are the most frequent.
  `create function seeding.factor(row_number bigint, subject bigint) returns float8 language sql immutable parallel safe
    return 0.2 + 1.6 * (seeding.draw(row_number, subject) + seeding.draw(row_number, subject + 1000)) / 2`,
]

/** Tenants in the order of their rank. The first tenant has the most campaigns and calls. */
export const largeTenants = Array.from({ length: MAX_TENANTS }, (_, index) => {
  const known = tenantNames[index]
  return known ?? { id: `tenant-${index + 1}`, name: `Tenant ${index + 1}`, currency: CURRENCIES[index % CURRENCIES.length], priceLevel: 1 }
})

function lookups(now: number, { tenants }: MarketSizes): readonly string[] {
  return [
    table(
      'tenants',
      'id text, name text, currency text, price float8',
      largeTenants.slice(0, tenants).map(({ id, name, currency, priceLevel }) => [id, name, currency, priceLevel]),
    ),
    table(
      'trades',
      'name text, price int',
      trades.map(({ vertical, medianPriceMinor }) => [vertical.name, medianPriceMinor]),
    ),
    table(
      'keywords',
      'trade text, keyword text',
      trades.flatMap(({ vertical }) => vertical.keywords.map((keyword) => [vertical.name, keyword])),
    ),
    table(
      'cities',
      'name text',
      cities.map((city) => [city]),
    ),
    table('tlds', 'name text', inProportion(Object.entries(tldCounts), 1000)),
    table(
      'states',
      'code text',
      inProportion(
        states.map(({ code, residents }) => [code, residents]),
        1000,
      ),
    ),
    table(
      'bid_counts',
      'bids int',
      inProportion(
        BIDS_PER_CALL.map((share, bids) => [bids, share]),
        1000,
      ),
    ),
    table('hours', 'hour timestamptz', inProportion(hoursBefore(now), SLOTS)),
  ]
}

/** Returns SQL that creates and fills a lookup table. The column `number` numbers the rows from 1. */
function table(name: string, columns: string, rows: readonly (readonly (string | number | undefined)[])[]): string {
  const names = columns.replaceAll(/(\w+) \w+/g, '$1')
  const values = rows.map(
    (row, index) => `(${[index + 1, ...row.map((value) => (typeof value === 'number' ? value : `'${value}'`))].join(', ')})`,
  )
  return `create table seeding.${name} (number int primary key, ${columns});
    insert into seeding.${name} (number, ${names}) values ${values.join(', ')}`
}

/** Repeats each value in proportion to its weight. The result has `count` values or a few more. */
function inProportion<Value>(weights: readonly (readonly [Value, number])[], count: number): readonly [Value][] {
  const total = weights.reduce((sum, [, weight]) => sum + weight, 0)
  return weights.flatMap(([value, weight]) => Array.from({ length: Math.ceil((count * weight) / total) }, (): [Value] => [value]))
}

function hoursBefore(now: number): readonly (readonly [string, number])[] {
  const hour = 3_600_000
  const end = Math.floor(now / hour) * hour
  return Array.from({ length: DAYS * 24 }, (_, index) => {
    const time = new Date(end - (index + 1) * hour)
    return [time.toISOString(), hourOfWeek[(time.getUTCDay() + 6) % 7]?.[time.getUTCHours()] ?? 0]
  })
}

/** Returns an SQL expression for the number of a random row of a lookup table. The number is the same for the same `row` and `subject`. */
function pick(name: string, row: string, subject: number): string {
  return `1 + floor(seeding.draw(${row}, ${subject}) * (select count(*) from seeding.${name}))::int`
}

const people = (end: string) => [
  `insert into tenants (id, name, currency, created_at) select id, name, currency, ${end} - interval '400 days' from seeding.tenants`,
  `insert into users (id, tenant_id, email, name, role, created_at)
    select (t.number - 1) * ${USERS} + n, t.id, 'user' || n || '@' || t.id || '.example', 'User ' || n || ' of ' || t.name,
      case n when 1 then 'ADMIN' when 3 then 'VIEWER' else 'EDITOR' end, ${end} - interval '390 days'
    from seeding.tenants t, generate_series(1, ${USERS}) n`,
  `insert into buyers (id, tenant_id, name, states, max_concurrent_calls, min_duration_seconds, daily_cap_minor, active, created_at, updated_at)
    select b.id, t.id, 'Buyer ' || n || ' of ' || t.name,
      case when seeding.draw(b.id, 1) < 0.3 then array(select distinct code from seeding.states where number % 7 = b.id % 7) else '{}' end,
      3 + b.id % 38, (b.id % 7) * 15, case when seeding.draw(b.id, 2) < 0.2 then 100000000 end, seeding.draw(b.id, 3) < 0.9,
      ${end} - interval '380 days', ${end} - interval '380 days'
    from seeding.tenants t, generate_series(1, ${BUYERS}) n, lateral (select ((t.number - 1) * ${BUYERS} + n)::bigint as id) b`,
]

/**
 * Returns SQL that inserts the campaigns. First, each tenant gets one active campaign. The tenants of all other campaigns are drawn by
 * Zipf's law, so that the first tenants get the most campaigns.
 */
const campaigns = (end: string, sizes: MarketSizes) => [
  `create table seeding.campaigns as
    select n as id, t.id as tenant_id, t.number as tenant, (d.price * t.price)::int as price, d.name as trade,
      (select array_agg(keyword order by number) from (
        select k.keyword, k.number from seeding.keywords k where k.trade = d.name order by seeding.draw(k.number, n) limit 3) as chosen) as keywords,
      case when n <= ${sizes.tenants} or seeding.draw(n, 11) < 0.7 then 'ACTIVE' when seeding.draw(n, 11) < 0.84 then 'PAUSED'
        when seeding.draw(n, 11) < 0.92 then 'DRAFT' else 'ARCHIVED' end as status,
      ${end} - (35 + 265 * seeding.draw(n, 12)) * interval '1 day' as created_at
    from generate_series(1, ${sizes.campaigns}) n
    cross join lateral (select case when n <= ${sizes.tenants} then n else seeding.rank(seeding.draw(n, 13), ${sizes.tenants}) end as number) own
    join seeding.tenants t on t.number = own.number
    join seeding.trades d on d.number = ${pick('trades', 'n', 14)}`,
  `insert into campaigns (id, tenant_id, owner_id, name, status, budget_minor, keywords, tlds, patterns, starts_at, ends_at, created_at, updated_at)
    select id, tenant_id, (tenant - 1) * ${USERS} + case when seeding.draw(id, 15) < 0.5 then 2 else 4 + id % 5 end,
      initcap(trade) || ' ' || id, status, (5 + floor(75 * seeding.draw(id, 16))) * 1000 * price, keywords, array['com', 'net', 'org'],
      array['{keyword}', '{keyword}{city}'], case when status <> 'DRAFT' then created_at + interval '1 day' end,
      case when seeding.draw(id, 17) < 0.3 then ${end} + interval '60 days' end, created_at, created_at + interval '1 day'
    from seeding.campaigns`,
]

/**
 * Returns SQL that inserts the domains. All campaigns have the same number of domains. Only domains with the status LIVE or PAUSED get
 * calls. Within a campaign, the first of these domains get the most calls.
 */
const domains = (sizes: MarketSizes) => [
  `create table seeding.domains as
    select n as id, c.id as campaign_id, c.tenant_id, (n - 1) % ${sizes.domains / sizes.campaigns} as position, k.keyword, city.name as city, tld.name as tld,
      case when c.status = 'DRAFT' then 'GENERATED' when (n - 1) % ${sizes.domains / sizes.campaigns} = 0 or u < 0.38 then 'LIVE'
        when u < 0.53 then 'REGISTERED' when u < 0.86 then 'GENERATED' when u < 0.92 then 'PAUSED' when u < 0.97 then 'EXPIRED' else 'REJECTED' end as status,
      c.created_at + (n % 1440) * interval '1 minute' as created_at
    from generate_series(1, ${sizes.domains}) n
    cross join lateral (select seeding.draw(n, 21) as u) drawn
    join seeding.campaigns c on c.id = 1 + (n - 1) / ${sizes.domains / sizes.campaigns}
    cross join lateral (select c.keywords[1 + n % 3] as keyword) k
    join seeding.cities city on city.number = ${pick('cities', 'n', 22)}
    join seeding.tlds tld on tld.number = ${pick('tlds', 'n', 23)}`,
  `create table seeding.ranked as
    select row_number() over (order by seeding.draw(id, 24)) as rank, id from seeding.campaigns where status in ('ACTIVE', 'PAUSED', 'ARCHIVED')`,
  `create table seeding.called as
    select campaign_id, id as domain_id, row_number() over (partition by campaign_id order by position) as place,
      count(*) over (partition by campaign_id) as places
    from seeding.domains where status in ('LIVE', 'PAUSED')`,
  'create unique index on seeding.called (campaign_id, place)',
  `insert into domains (id, tenant_id, campaign_id, name, sld, tld, terms, status, popularity_rank, score, created_at, updated_at)
    select d.id, d.tenant_id, d.campaign_id, sld || '.' || tld, sld, tld, string_to_array(keyword || ' ' || city, ' '), d.status, rank.rank,
      greatest(0, least(100, round(95 - position * 0.6 + 20 * (seeding.draw(d.id, 25) - 0.5))))::int, created_at, created_at
    from seeding.domains d
    cross join lateral (select replace(keyword || city, ' ', '') || to_hex(d.id) as sld) name
    left join (
      select domain_id, row_number() over (order by power(rank, -${popularityExponent}) * power(place, -${popularityExponent}) desc, domain_id) as rank
      from seeding.called join seeding.ranked on ranked.id = campaign_id
    ) as rank on rank.domain_id = d.id
    order by d.id`,
]

function closedBids({ bids, openCalls }: MarketSizes): number {
  return bids - openCalls * BIDS_PER_OPEN_CALL
}

const calls = (end: string, sizes: MarketSizes) => [
  `create table seeding.calls as
    with drafted as (
      select row_number() over (order by h.hour + seeding.draw(n, 31) * interval '1 hour') as id, n, r.id as campaign_id,
        h.hour + seeding.draw(n, 31) * interval '1 hour' as started_at, b.bids
      from generate_series(1, ${Math.ceil((closedBids(sizes) / 2.8) * 1.02)}) n
      join seeding.hours h on h.number = ${pick('hours', 'n', 32)}
      join seeding.ranked r on r.rank = seeding.rank(seeding.draw(n, 33), (select count(*) from seeding.ranked))
      join seeding.bid_counts b on b.number = ${pick('bid_counts', 'n', 34)}
    ), counted as (select *, sum(bids) over (order by id) - bids as first_bid from drafted)
    select counted.id, n, campaign_id, started_at, first_bid, least(bids, ${closedBids(sizes)} - first_bid)::int as bids,
      case when bids > 0 and seeding.draw(n, 35) < 0.93 then 'SETTLED' else 'MISSED' end as status,
      greatest(2, round(c.price * seeding.factor(n, 36)))::bigint as price, (90 + 1710 * power(seeding.draw(n, 37), 3))::int as seconds
    from counted join seeding.campaigns c on c.id = campaign_id
    where first_bid < ${closedBids(sizes)} or (first_bid = ${closedBids(sizes)} and bids = 0)`,
  // Calls in progress. They are spread evenly over the tenants.
  `insert into seeding.calls (id, n, campaign_id, started_at, first_bid, bids, status, price, seconds)
    select last.id + n, last.id + n, 1 + n % ${sizes.tenants}, ${end} - (10 + n % 230) * interval '1 second', ${closedBids(sizes)} + (n - 1) * ${BIDS_PER_OPEN_CALL},
      ${BIDS_PER_OPEN_CALL}, case when n % 2 = 0 then 'CONNECTED' else 'INCOMING' end, 3000 + n, 0
    from generate_series(1, ${sizes.openCalls}) n, (select max(id) as id from seeding.calls) last`,
  `insert into calls (id, tenant_id, campaign_id, domain_id, caller_state, status, started_at, duration_seconds, cost_minor, revenue_minor, winning_bid_id, settled_at, version)
    select k.id, c.tenant_id, c.id, d.domain_id, s.code, k.status, started_at, case k.status when 'SETTLED' then seconds else 0 end,
      (k.price * 0.45 * seeding.factor(n, 38))::bigint, case k.status when 'SETTLED' then k.price else 0 end,
      case k.status when 'SETTLED' then first_bid + 1 end,
      case k.status when 'SETTLED' then started_at + seconds * interval '1 second' when 'MISSED' then started_at + interval '30 seconds' end,
      case k.status when 'SETTLED' then 3 when 'INCOMING' then 1 else 2 end
    from seeding.calls k
    join seeding.campaigns c on c.id = k.campaign_id
    join seeding.called first on first.campaign_id = c.id and first.place = 1
    join seeding.called d on d.campaign_id = c.id and d.place = seeding.rank(seeding.draw(n, 39), first.places)
    join seeding.states s on s.number = ${pick('states', 'n', 40)}
    order by k.id`,
]

/** SQL that inserts the bids. The first bid of a call is the highest bid. If the call was sold, the first bid has won. */
const bids = `insert into bids (id, tenant_id, call_id, campaign_id, buyer_id, amount_minor, status, placed_at, expires_at, version)
  select first_bid + place, c.tenant_id, k.id, c.id,
    (c.tenant - 1) * ${BUYERS} + seeding.rank(seeding.draw(first_bid + place, 41), ${BUYERS}),
    case place when 1 then k.price else greatest(1, least(k.price - 1, round(k.price * (0.1 + 0.9 * seeding.draw(first_bid + place, 42))))) end,
    case when k.status in ('INCOMING', 'CONNECTED') then 'ACTIVE' when k.status = 'SETTLED' and place = 1 then 'WON'
      when seeding.draw(first_bid + place, 43) < 0.04 then 'CANCELLED' else 'LOST' end,
    placed_at,
    case when k.status in ('INCOMING', 'CONNECTED') then placed_at + (1 + 23 * seeding.draw(first_bid + place, 44)) * interval '1 hour'
      else placed_at + interval '30 minutes' end,
    case when k.status in ('INCOMING', 'CONNECTED') then 1 else 2 end
  from seeding.calls k
  join seeding.campaigns c on c.id = k.campaign_id
  cross join lateral generate_series(1, k.bids) place
  cross join lateral (select started_at + (0.2 + 7.8 * seeding.draw(first_bid + place, 45)) * interval '1 second' as placed_at) placed
  order by first_bid + place`

const events = (
  end: string,
  sizes: MarketSizes,
) => `insert into events (tenant_id, event_id, campaign_id, domain_id, kind, occurred_at, received_at)
  select c.tenant_id, 'large-' || n, c.id, first.domain_id,
    case when u < 0.62 then 'IMPRESSION' when u < 0.84 then 'CLICK' when u < 0.93 then 'CALL_STARTED' when u < 0.98 then 'CALL_QUALIFIED' else 'CONVERSION' end,
    occurred_at, least(${end}, occurred_at + interval '1 second')
  from generate_series(1, ${sizes.events}) n
  cross join lateral (select seeding.draw(n, 51) as u) drawn
  join seeding.hours h on h.number = ${pick('hours', 'n', 52)}
  cross join lateral (select h.hour + seeding.draw(n, 53) * interval '1 hour' as occurred_at) at
  join seeding.ranked r on r.rank = seeding.rank(seeding.draw(n, 54), (select count(*) from seeding.ranked))
  join seeding.campaigns c on c.id = r.id
  join seeding.called first on first.campaign_id = c.id and first.place = 1
  order by n`
