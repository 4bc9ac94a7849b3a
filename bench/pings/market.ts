import { createHash } from 'node:crypto'
import { type Kysely, sql } from 'kysely'
import { toGlobalId } from '#src/gateway/contract/global-id.ts'
import { claimHashKey } from '#src/market/modules/compliance/hash-key.ts'
import { callerHashes } from '#src/market/rules/caller.ts'
import type { Strategy } from '#src/market/rules/routing/plan-document.ts'
import { type Weekday, weekdays } from '#src/market/rules/routing/schedule.ts'
import type { Database } from '#src/market/tables/tables.ts'

/** A tenant whose campaigns get pings. */
export interface CallMarket {
  readonly tenant: string
  /** Id of the user who sends the pings. */
  readonly userId: string
  readonly campaigns: readonly string[]
  readonly publishers: readonly string[]
}

export interface MarketParams {
  readonly buyers: number
  readonly strategy: Strategy
  readonly hashKey: string
}

/** Number of callers who are called. The same caller is called again and again, so that duplicates and attempts count. */
export const CALLERS = 100_000
/** Name of the do-not-call list that the rules name. */
export const LIST = 'national'
const CAMPAIGNS = 20
const PUBLISHERS = 5
/** One caller in so many is suppressed, and another one in so many has given no consent. */
const ONE_IN = 200
/** Reservations of each tenant before the benchmark. */
const HISTORY = 50_000
const ZONES = ['America/New_York', 'America/Chicago', 'America/Denver', 'America/Los_Angeles']
/** Tenant with rules and one without. */
const TENANTS = { ruled: 'ruled', plain: 'plain' } as const

/** Returns what a publisher sends in place of the number of a caller: its SHA-256. */
export function callerOf(index: number): string {
  return createHash('sha256').update(`caller ${index}`).digest('hex')
}

/**
 * Returns whether a version of the do-not-call list has a caller. Odd and even versions have different callers, so that an answer shows
 * which version it was given by.
 */
export function isListed(version: number, caller: number): boolean {
  return caller % ONE_IN === 2 + (version % 2)
}

/** Returns the callers of a version of the do-not-call list, `count` in all. */
export function* listedCallers(version: number, count: number): Generator<string> {
  let given = 0
  for (let caller = 0; caller < CALLERS && given < count; caller++) {
    if (!isListed(version, caller)) continue
    given++
    yield callerOf(caller)
  }
  for (; given < count; given++) yield createHash('sha256').update(`${version} ${given}`).digest('hex')
}

/** Adds two tenants with equal buyers at equal prices. One has every kind of rule, and the other none. */
export async function fillMarkets(db: Kysely<Database>, params: MarketParams): Promise<Readonly<Record<keyof typeof TENANTS, CallMarket>>> {
  await claimHashKey(db, params.hashKey, true)
  const ruled = await addTenant(db, TENANTS.ruled, params)
  const plain = await addTenant(db, TENANTS.plain, params)
  await addRules(db, params)
  for (const { tenant } of [ruled, plain]) await addHistory(db, tenant)
  await sql`vacuum analyze`.execute(db)
  return { ruled, plain }
}

async function addTenant(db: Kysely<Database>, tenant: string, { buyers, strategy }: MarketParams): Promise<CallMarket> {
  await sql`insert into tenants (id, name, currency) values (${tenant}, ${tenant}, 'USD')`.execute(db)
  const { rows: users } = await sql<{ id: number }>`
    insert into users (tenant_id, email, name, role) values (${tenant}, ${`a@${tenant}.test`}, 'A', 'ADMIN') returning id`.execute(db)
  const userId = String(users[0]?.id)
  await sql`
    insert into buyers (tenant_id, name, states, max_concurrent_calls, min_duration_seconds, price_minor)
    select ${tenant}, 'Buyer ' || n, '{}', 1000, 0, 1000 + 10 * n from generate_series(1, ${buyers}::int) as n`.execute(db)
  const { rows: publishers } = await sql<{ id: number }>`
    insert into publishers (tenant_id, name, payout_kind, payout_minor)
    select ${tenant}, 'Publisher ' || n, 'FIXED', 300 from generate_series(1, ${PUBLISHERS}::int) as n returning id`.execute(db)
  const { rows: campaigns } = await sql<{ id: number }>`
    with plan as (insert into routing_plans (tenant_id, name) values (${tenant}, 'Plan') returning id),
    version as (
      insert into routing_plan_versions (tenant_id, plan_id, number, status, document, published_at)
      select ${tenant}, id, 1, 'PUBLISHED', ${JSON.stringify({ strategy })}::jsonb, now() from plan returning id, plan_id)
    insert into campaigns (tenant_id, name, owner_id, status, budget_minor, keywords, tlds, patterns, plan_id)
    select ${tenant}, 'Campaign ' || n, ${userId}::int8, 'ACTIVE', 1000000000000, '{roof}', '{com}', '{}', plan_id
    from version, generate_series(1, ${CAMPAIGNS}::int) as n returning id`.execute(db)
  await sql`update routing_plans set published_id = (select id from routing_plan_versions where plan_id = routing_plans.id)
    where tenant_id = ${tenant}`.execute(db)
  return {
    tenant,
    userId,
    campaigns: campaigns.map(({ id }) => toGlobalId('Campaign', id)),
    publishers: publishers.map(({ id }) => toGlobalId('Publisher', id)),
  }
}

async function addRules(db: Kysely<Database>, { hashKey }: MarketParams): Promise<void> {
  const tenant = TENANTS.ruled
  const { rows: buyers } = await sql<{ id: number }>`select id from buyers where tenant_id = ${tenant} order by id`.execute(db)
  const rules = buyers.map(({ id }, index) => ({ id, ...rulesOfBuyer(index) }))
  await sql`
    update buyers set states = given.states, time_zone = given.time_zone, schedule = given.schedule, caps = given.caps,
      duplicates = given.duplicates, conditions = given.conditions
    from jsonb_to_recordset(${JSON.stringify(rules)}::jsonb)
      as given (id int8, states text[], time_zone text, schedule jsonb, caps jsonb, duplicates jsonb, conditions jsonb)
    where buyers.id = given.id`.execute(db)
  const ruleSet = {
    callingHours: { hours: always(weekdays), holidays: [] },
    attempts: [{ maximum: 10, hours: 24 }],
    consentRequired: true,
    dncLists: [LIST],
    refuse: [{ name: 'no fax', condition: { attribute: 'subId', operator: '=', value: 'fax' } }],
    states: ['FL', 'MD', 'OK'].map((state) => ({ state, attempts: [{ maximum: 3, hours: 24 }] })),
  }
  await sql`
    with rules as (
      insert into compliance_rule_sets (tenant_id, number, status, document, published_at)
      values (${tenant}, 1, 'PUBLISHED', ${JSON.stringify(ruleSet)}::jsonb, now()) returning id)
    insert into routing_states (tenant_id, rule_set_id) select ${tenant}, id from rules
    on conflict (tenant_id) do update set rule_set_id = excluded.rule_set_id`.execute(db)
  const hashes = callerHashes(Buffer.from(hashKey))
  const callers = Array.from({ length: CALLERS }, (_, index) => hashes.ofTenant(tenant, callerOf(index)).toString('hex'))
  const chosen = (isChosen: (index: number) => boolean) => callers.filter((_, index) => isChosen(index))
  await sql`insert into suppressions (tenant_id, caller, scope, source) select ${tenant}, decode(caller, 'hex'), 'TENANT', 'opt-out'
    from unnest(${chosen((index) => index % ONE_IN === 0)}::text[]) as caller`.execute(db)
  await sql`insert into consents (tenant_id, caller, source, evidence, given_at) select ${tenant}, decode(caller, 'hex'), 'form', 'certificate',
    now() - interval '1 day' from unnest(${chosen((index) => index % ONE_IN !== 1)}::text[]) as caller`.execute(db)
}

/** Adds the reservations of the last 30 days, by other callers. A tenth was sold, and the others have expired. */
async function addHistory(db: Kysely<Database>, tenant: string): Promise<void> {
  await sql`
    insert into reservations (tenant_id, campaign_id, publisher_id, buyer_id, caller, caller_state, request, state, price_minor, payout_minor,
      decision_id, reserved_at, expires_at, hour_start, day_start, month_start, connected_at)
    select ${tenant}, campaigns.ids[1 + n % cardinality(campaigns.ids)], null, buyers.ids[1 + n % cardinality(buyers.ids)],
      decode(md5(n::text), 'hex'), 'CA', decode(md5(n::text), 'hex'), case when n % 10 = 0 then 'CONVERTED' else 'OPEN' end, 1000, 300, n, at,
      at + interval '60 s', date_trunc('hour', at), date_trunc('day', at), date_trunc('month', at), case when n % 10 = 0 then at end
    from (select array_agg(id) as ids from campaigns where tenant_id = ${tenant}) as campaigns,
      (select array_agg(id) as ids from buyers where tenant_id = ${tenant}) as buyers,
      (select n, now() - interval '1 day' - n * interval '29 days' / ${HISTORY} as at from generate_series(1, ${HISTORY}::int) as n) as times
  `.execute(db)
}

/** Returns the rules of a buyer. Each kind of rule is chosen by another part of the number, so that the kinds are mixed. */
function rulesOfBuyer(index: number) {
  const caps = [{ period: 'DAY', counts: 'CONVERSIONS', maximum: 100_000 }]
  // One buyer in ten has a cap that is soon used up.
  if (index % 2 === 0) caps.push({ period: 'HOUR', counts: 'ATTEMPTS', maximum: index % 20 === 0 ? 50 : 100_000 })
  if (index % 3 === 0) caps.push({ period: 'MONTH', counts: 'MONEY', maximum: 1_000_000_000_000 })
  return {
    states: index % 10 === 9 ? ['CA', 'TX', 'NY', 'OH'] : [],
    time_zone: ZONES[index % ZONES.length],
    // Always open, or open at the weekend only.
    schedule: index % 5 === 3 ? null : { hours: always(index % 5 === 4 ? ['SATURDAY', 'SUNDAY'] : weekdays), holidays: [] },
    caps,
    duplicates: index % 3 === 1 ? { scope: 'BUYER', days: 30, by: 'CONNECTED' } : null,
    conditions:
      index % 4 === 1
        ? {
            all: [
              { attribute: 'zip', operator: 'matches', value: '9*' },
              { attribute: 'state', operator: '!=', value: 'NV' },
            ],
          }
        : null,
  }
}

function always(days: readonly Weekday[]) {
  return days.map((day) => ({ day, from: '00:00', until: '24:00' }))
}
