import { Random } from '#src/market/seed/random.ts'
import type { FaultDatabase } from '../fault-database.ts'
import { type Batch, type Counts, hourKey } from './ledger.ts'

const KINDS = ['IMPRESSION', 'IMPRESSION', 'IMPRESSION', 'CLICK', 'CLICK', 'CALL_STARTED', 'CALL_QUALIFIED', 'CONVERSION']
const HOUR_MS = 3_600_000
const MAX_LATE_HOURS = 2

/** A tenant of the flood, with its campaigns and the domain names of each campaign. */
export interface FloodTenant {
  readonly name: string
  /** Row id of the only user of the tenant, an administrator. */
  readonly userId: string
  readonly campaigns: readonly { readonly id: number; readonly domains: readonly number[] }[]
}

/** Adds the given number of tenants, each with the given number of campaigns, and four domain names per campaign. */
export async function addTenants(database: FaultDatabase, tenants: number, campaigns: number): Promise<readonly FloodTenant[]> {
  const added: FloodTenant[] = []
  for (let index = 0; index < tenants; index++) added.push(await addTenant(database, `flood${index}`, campaigns))
  return added
}

async function addTenant(database: FaultDatabase, name: string, campaigns: number): Promise<FloodTenant> {
  await database.query("insert into tenants (id, name, currency) values ($1, $1, 'USD')", [name])
  const [user] = await database.query(
    "insert into users (tenant_id, email, name, role) values ($1, 'a@' || $1 || '.test', 'A', 'ADMIN') returning id",
    [name],
  )
  await database.query(
    `insert into campaigns (tenant_id, name, owner_id, budget_minor, keywords, tlds, patterns)
     select $1, 'Campaign ' || n, (select id from users where tenant_id = $1), 1000, '{roof}', '{com}', '{}' from generate_series(1, $2::int) as n`,
    [name, campaigns],
  )
  const rows = await database.query(
    `insert into domains (tenant_id, campaign_id, name, sld, tld, terms, score)
     select $1, id, $1 || id || n || '.com', $1 || id || n, 'com', '{}', 1 from campaigns, generate_series(1, 4) as n where tenant_id = $1
     returning campaign_id, id`,
    [name],
  )
  const domainsOf = Map.groupBy(rows, (row) => Number(row['campaign_id']))
  return {
    name,
    userId: String(user?.['id']),
    campaigns: [...domainsOf].map(([id, domains]) => ({ id, domains: domains.map((row) => Number(row['id'])) })),
  }
}

/**
 * Returns the random batch with the given number: 20 to 180 events, of which a tenth happened up to two hours before
 * `now`. Uses the same random choices for the same seed and number.
 * @param now Unix epoch ms.
 */
export function drawBatch(tenants: readonly FloodTenant[], seed: number, number: number, now: number): Batch {
  const random = new Random(`event flood ${seed} ${number}`)
  const { name, campaigns } = random.pick(tenants)
  const events = Array.from({ length: random.integer(20, 180) }, (_, index) => {
    const campaign = random.pick(campaigns)
    const lateMs = random.chance(0.1) ? random.integer(0, MAX_LATE_HOURS * HOUR_MS) : 0
    return {
      eventId: `${number}-${index}`,
      campaign: campaign.id,
      domain: random.chance(0.2) ? random.pick(campaign.domains) : null,
      kind: random.pick(KINDS),
      occurredAt: new Date(now - lateMs).toISOString(),
    }
  })
  return { number, tenant: name, events }
}

/** Returns a time before every event of a run that starts at `now`, in ISO 8601. */
export function startOfCounts(now: number): string {
  return new Date(now - (MAX_LATE_HOURS + 1) * HOUR_MS).toISOString()
}

/** Returns how many events of each batch are stored, by the number of the batch. */
export async function storedBatches(database: FaultDatabase): Promise<ReadonlyMap<number, number>> {
  const rows = await database.query("select split_part(event_id, '-', 1) as batch, count(*) as count from events group by 1")
  return new Map(rows.map((row) => [Number(row['batch']), Number(row['count'])]))
}

/** Returns the counts of events in the rollup table `event_hours`, by {@link hourKey}. */
export async function rollupCounts(database: FaultDatabase): Promise<Counts> {
  const rows = await database.query(
    `select tenant_id, campaign_id, kind, to_char(hour at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as hour, count from event_hours`,
  )
  return new Map(
    rows.map((row) => [
      hourKey(String(row['tenant_id']), {
        campaign: Number(row['campaign_id']),
        kind: String(row['kind']),
        occurredAt: String(row['hour']),
      }),
      Number(row['count']),
    ]),
  )
}
