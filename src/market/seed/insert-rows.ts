import { type Kysely, sql, type Transaction } from 'kysely'
import type { Database } from '../tables/tables.ts'

/** Columns of the tables that are seeded, in the order of insertion, with their types. */
const columns = {
  tenants: { id: 'text', name: 'text', currency: 'text', createdAt: 'timestamptz' },
  users: { tenantId: 'text', email: 'text', name: 'text', role: 'text', createdAt: 'timestamptz' },
  buyers: {
    tenantId: 'text',
    name: 'text',
    states: 'text[]',
    maxConcurrentCalls: 'int',
    minDurationSeconds: 'int',
    dailyCapMinor: 'bigint',
    priceMinor: 'bigint',
    timeZone: 'text',
    schedule: 'jsonb',
    caps: 'jsonb',
    duplicates: 'jsonb',
    conditions: 'jsonb',
    active: 'boolean',
    createdAt: 'timestamptz',
    updatedAt: 'timestamptz',
  },
  publishers: {
    tenantId: 'text',
    name: 'text',
    payoutKind: 'text',
    payoutMinor: 'bigint',
    sharePermille: 'int',
    active: 'boolean',
    createdAt: 'timestamptz',
    updatedAt: 'timestamptz',
  },
  routing_plans: {
    id: 'bigint',
    tenantId: 'text',
    name: 'text',
    publishedId: 'bigint',
    version: 'int',
    createdAt: 'timestamptz',
    updatedAt: 'timestamptz',
  },
  routing_plan_versions: {
    id: 'bigint',
    tenantId: 'text',
    planId: 'bigint',
    number: 'int',
    status: 'text',
    document: 'jsonb',
    version: 'int',
    createdAt: 'timestamptz',
    publishedAt: 'timestamptz',
  },
  compliance_rule_sets: {
    id: 'bigint',
    tenantId: 'text',
    number: 'int',
    status: 'text',
    document: 'jsonb',
    version: 'int',
    createdAt: 'timestamptz',
    publishedAt: 'timestamptz',
  },
  campaigns: {
    id: 'bigint',
    tenantId: 'text',
    ownerId: 'bigint',
    planId: 'bigint',
    name: 'text',
    status: 'text',
    budgetMinor: 'bigint',
    keywords: 'text[]',
    tlds: 'text[]',
    patterns: 'text[]',
    startsAt: 'timestamptz',
    endsAt: 'timestamptz',
    version: 'int',
    createdAt: 'timestamptz',
    updatedAt: 'timestamptz',
  },
  domains: {
    id: 'bigint',
    tenantId: 'text',
    campaignId: 'bigint',
    name: 'text',
    sld: 'text',
    tld: 'text',
    terms: 'text[]',
    status: 'text',
    popularityRank: 'int',
    score: 'int',
    version: 'int',
    createdAt: 'timestamptz',
    updatedAt: 'timestamptz',
  },
  calls: {
    id: 'bigint',
    tenantId: 'text',
    campaignId: 'bigint',
    domainId: 'bigint',
    publisherId: 'bigint',
    callerState: 'text',
    status: 'text',
    startedAt: 'timestamptz',
    durationSeconds: 'int',
    costMinor: 'bigint',
    revenueMinor: 'bigint',
    payoutMinor: 'bigint',
    winningBidId: 'bigint',
    settledAt: 'timestamptz',
    version: 'int',
  },
  bids: {
    id: 'bigint',
    tenantId: 'text',
    callId: 'bigint',
    campaignId: 'bigint',
    buyerId: 'bigint',
    amountMinor: 'bigint',
    status: 'text',
    placedAt: 'timestamptz',
    expiresAt: 'timestamptz',
    version: 'int',
  },
  events: {
    tenantId: 'text',
    eventId: 'text',
    campaignId: 'bigint',
    domainId: 'bigint',
    kind: 'text',
    occurredAt: 'timestamptz',
    receivedAt: 'timestamptz',
  },
} as const satisfies Readonly<Record<string, Readonly<Record<string, string>>>>

type SeededTable = keyof typeof columns
type Row<Table extends SeededTable> = Readonly<Record<keyof (typeof columns)[Table], unknown>>

/**
 * Inserts rows with one statement, so that each statement trigger runs only once. The rows are sent as one JSON text, which works the same
 * with both database drivers. If a row of tenants, users, buyers or publishers exists already, it stays unchanged.
 */
export async function insertRows<Table extends SeededTable>(
  db: Transaction<Database>,
  table: Table,
  rows: readonly Row<Table>[],
): Promise<void> {
  if (rows.length === 0) return
  const own: Readonly<Record<string, string>> = columns[table]
  const names = Object.keys(own)
  const target = sql.join(names.map((name) => sql.raw(snakeCase(name))))
  const shape = sql.join(names.map((name) => sql.raw(`"${name}" ${own[name]}`)))
  const source = sql.join(names.map((name) => sql.raw(`"${name}"`)))
  const conflict = ['tenants', 'users', 'buyers', 'publishers'].includes(table) ? sql`on conflict do nothing` : sql``
  await sql`insert into ${sql.raw(table)} (${target}) select ${source} from json_to_recordset(${JSON.stringify(rows)}::json) as rows (${shape}) ${conflict}`.execute(
    db,
  )
}

/** Takes `count` ids from the sequence of the table. The ids are ascending, and no concurrent insert gets one of them. */
export async function takeIds(db: Kysely<Database>, table: Exclude<SeededTable, 'tenants' | 'events'>, count: number): Promise<number[]> {
  if (count === 0) return []
  const taken = await sql<{
    id: number
  }>`select nextval(pg_get_serial_sequence(${table}, 'id')) as id from generate_series(1, ${count})`.execute(db)
  return taken.rows.map(({ id }) => Number(id)).sort((a, b) => a - b)
}

function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
}
