import pg from 'pg'
import { installWatches } from '#src/engine/postgres/watch.ts'
import { toGlobalId } from '#src/gateway/contract/global-id.ts'
import { marketEntities } from '#src/market/modules/index.ts'
import { seedDatabase } from '#src/market/seed/seed-database.ts'
import { migrateMarket, openMarketDatabase } from '#src/market/tables/database.ts'
import { tokenFor } from '../../e2e/gateway.ts'
import { startPostgres } from '../../servers/postgres.ts'
import { startRedis } from '../../servers/redis.ts'
import type { Read } from './read-load.ts'

/** Tenants of the measurement; the first is the busy one. */
const TENANTS = ['acme', 'northstar', 'brightline'] as const
const CAMPAIGN = 'query Campaign($id: ID!) { campaign(id: $id) { id name version domainCount } }'
/** Campaigns that one request reads, by aliases. */
const CAMPAIGNS_PER_READ = 30

export interface TenantMarket {
  readonly name: string
  /** Global ids of its campaigns. */
  readonly campaigns: readonly string[]
  /** Token of an editor. */
  readonly token: string
}

/** Own servers with rows, so that statements can be counted. */
export interface Market {
  readonly env: Readonly<Record<string, string>>
  readonly tenants: readonly [TenantMarket, TenantMarket, TenantMarket]
  /** Invalidates tags, as the command of an operator does. */
  invalidate(tag: string): Promise<void>
  /** Returns the number of statements so far, without those of the invalidation log. */
  statements(): Promise<number>
  stop(): Promise<void>
}

/** @param campaigns Number of campaigns of the busy tenant; each other tenant has at most 5,000. */
export async function startMarket(campaigns: number): Promise<Market> {
  const server = await startPostgres({ shared_preload_libraries: 'pg_stat_statements' })
  const redis = await startRedis()
  const database = await openMarketDatabase({ url: server.url, poolSize: 2, statementTimeoutMs: 120_000, onError: () => undefined })
  await migrateMarket(database)
  await installWatches(database, marketEntities())
  await seedDatabase(database.db, { now: Date.now(), tenants: TENANTS.length, campaigns: 30, scale: 0.05 })
  await database.close()
  const client = new pg.Client({ connectionString: server.url })
  client.on('error', () => undefined)
  await client.connect()
  await client.query('create extension pg_stat_statements')
  const tenantOf = async (name: string, index: number): Promise<TenantMarket> => {
    await client.query(
      `insert into campaigns (tenant_id, owner_id, name, status, budget_minor, keywords, tlds, patterns)
       select tenant_id, owner_id, 'Campaign ' || number, 'ACTIVE', 100000, '{}', '{}', '{}'
       from (select tenant_id, owner_id from campaigns where tenant_id = $1 limit 1) as owner, generate_series(1, $2::int) as number`,
      [name, index === 0 ? campaigns : Math.min(campaigns, 5000)],
    )
    const { rows } = await client.query('select id from campaigns where tenant_id = $1 order by id', [name])
    const token = await tokenFor({ tenant: name, userId: 'load', role: 'EDITOR' })
    return { name, token, campaigns: rows.map(({ id }) => toGlobalId('Campaign', String(id))) }
  }
  const [busy, second, third] = TENANTS
  const tenants = [await tenantOf(busy, 0), await tenantOf(second, 1), await tenantOf(third, 2)] as const
  await client.query('analyze')
  return {
    tenants,
    env: {
      DATABASE_URL: server.url,
      REDIS_URL: redis.url,
      NODE_ENV: 'production',
      DRAIN_SECONDS: '0',
      METRICS: 'on',
      CACHE_CONCURRENT_LOADS: '8',
      CACHE_MEMORY_BYTES: String(512 * 2 ** 20),
    },
    invalidate: async (tag) => void (await client.query('insert into cache.pending (tags) values ($1)', [[tag]])),
    statements: async () => {
      const { rows } = await client.query(
        "select coalesce(sum(calls), 0)::int as calls from pg_stat_statements where query !~ 'cache\\.|pg_stat_statements|pg_is_in_recovery|pg_locks' and query !~* '^(begin|commit|rollback|set|insert|analyze|create)'",
      )
      return rows[0]?.calls
    },
    stop: async () => {
      await client.end()
      await redis.stop()
      await server.stop()
    },
  }
}

/** Returns a request for one campaign. */
export function readCampaign({ token }: TenantMarket, id: string): Read {
  return { token, body: JSON.stringify({ query: CAMPAIGN, variables: { id } }) }
}

/** Returns requests that together read all campaigns of the tenant. */
export function readAllCampaigns({ token, campaigns }: TenantMarket): readonly Read[] {
  const fields = Array.from({ length: CAMPAIGNS_PER_READ }, (_, index) => `c${index}: campaign(id: $i${index}) { id name version }`)
  const query = `query Campaigns(${fields.map((_, index) => `$i${index}: ID!`).join(', ')}) { ${fields.join(' ')} }`
  const reads: Read[] = []
  for (let from = 0; from < campaigns.length; from += CAMPAIGNS_PER_READ) {
    const ids = Array.from({ length: CAMPAIGNS_PER_READ }, (_, index) => campaigns[(from + index) % campaigns.length])
    reads.push({ token, body: JSON.stringify({ query, variables: Object.fromEntries(ids.map((id, index) => [`i${index}`, id])) }) })
  }
  return reads
}

/**
 * Returns a function that draws indexes by Zipf's law with exponent 1: the first is drawn most often.
 * @param random Uniform in [0, 1).
 */
export function zipf(count: number, random: () => number): () => number {
  const sums: number[] = []
  let sum = 0
  for (let rank = 1; rank <= count; rank++) {
    sum += 1 / rank
    sums.push(sum)
  }
  return () => {
    const drawn = random() * sum
    let low = 0
    let high = count - 1
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((sums[middle] as number) < drawn) low = middle + 1
      else high = middle
    }
    return low
  }
}
