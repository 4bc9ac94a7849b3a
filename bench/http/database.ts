import { Redis } from 'ioredis'
import pg from 'pg'
import { installWatches } from '#src/engine/postgres/watch.ts'
import { issueToken } from '#src/gateway/identity/issue-token.ts'
import type { Role } from '#src/gateway/identity/principal.ts'
import { marketEntities } from '#src/market/modules/index.ts'
import { seedDatabase } from '#src/market/seed/seed-database.ts'
import { migrateMarket, openMarketDatabase } from '#src/market/tables/database.ts'
import { NEW_ROWS, NEWEST_ROW } from './cases.ts'

/** Database, Redis and secrets that all servers under comparison share. */
export interface Place {
  readonly databaseUrl: string
  readonly redisUrl: string
  /** Environment variables for src/main.ts and for the peers (the servers that are compared with tidegate). */
  readonly env: Readonly<Record<string, string>>
  /**
   * Returns the Authorization header of a member of the tenant with sample data, or of the one with new rows, in the form `Bearer …`.
   * @param number Each number gives another token of the same member.
   */
  authorization(role: Role, tenant?: keyof typeof TENANTS, number?: number): Promise<string>
  /** Adds the tenant with the rows for `newOperation`, unless it was added before. */
  addNewRows(): Promise<void>
  close(): Promise<void>
}

const POSTGRES = process.env['DATABASE_URL'] ?? 'postgres://postgres@127.0.0.1:5432/postgres'
const REDIS = process.env['REDIS_URL'] ?? 'redis://127.0.0.1:6379'
const JWT_SECRET = 'jwt secret of the benchmark, long enough'
const CALLER_HASH_KEY = 'caller hash key of the benchmark, long enough'
const CACHE_SECRET = 'cache secret of the benchmark, long enough'
const TENANTS = { sample: 'acme', new: 'new-rows' } as const
const ROWS_PER_STATEMENT = 60_000

/**
 * Creates a database with sample data and chooses an empty Redis database. `close` drops the database and empties the Redis database again.
 */
export async function openPlace(): Promise<Place> {
  const redisUrl = await emptyRedis()
  const name = `tidegate_bench_http_${process.pid}`
  const databaseUrl = withPath(POSTGRES, name)
  let newRows: Promise<string> | undefined
  await onServer(`create database ${name}`)
  const close = async () => {
    await onServer(`drop database if exists ${name} with (force)`)
    await flush(redisUrl)
  }
  try {
    await fill(databaseUrl)
  } catch (error) {
    await close()
    throw error
  }
  return {
    databaseUrl,
    redisUrl,
    env: {
      NODE_ENV: 'production',
      METRICS: 'on',
      PORT: '0',
      LOG_LEVEL: 'info',
      DATABASE_URL: databaseUrl,
      REDIS_URL: redisUrl,
      JWT_SECRET,
      CACHE_SECRET,
      CALLER_HASH_KEY,
    },
    authorization: async (role, tenant = 'sample', number = 0) => {
      const userId = tenant === 'sample' ? '1' : await newRows
      if (userId === undefined) throw new Error('Expected that the new rows were added before anybody reads them.')
      const principal = { tenant: TENANTS[tenant], userId, role }
      const expiresInSeconds = 24 * 3600 + number
      return `Bearer ${await issueToken({ secret: JWT_SECRET, issuer: 'tidegate', audience: 'tidegate', principal, expiresInSeconds })}`
    },
    addNewRows: async () => {
      newRows ??= addRows(databaseUrl)
      await newRows
    },
    close,
  }
}

/** Deletes everything that the servers' caches stored in Redis. */
export async function flush(redisUrl: string): Promise<void> {
  const redis = new Redis(redisUrl)
  await redis.flushdb()
  redis.disconnect()
}

async function fill(url: string): Promise<void> {
  const database = await openMarketDatabase({
    url,
    poolSize: 2,
    statementTimeoutMs: 60_000,
    onError: (error) => process.emitWarning(error),
  })
  try {
    await migrateMarket(database)
    await installWatches(database, marketEntities())
    await seedDatabase(database.db, { now: Date.now() })
  } finally {
    await database.close()
  }
}

/** @returns the id of the user who may read the rows. */
async function addRows(databaseUrl: string): Promise<string> {
  const client = new pg.Client({ connectionString: databaseUrl })
  await client.connect()
  try {
    const tenant = TENANTS.new
    await client.query('insert into tenants (id, name, currency) values ($1, $1, $2)', [tenant, 'USD'])
    const { rows } = await client.query(
      "insert into users (tenant_id, email, name, role) values ($1, 'a@new.test', 'A', 'ADMIN') returning id",
      [tenant],
    )
    for (let from = 0; from < NEW_ROWS; from += ROWS_PER_STATEMENT)
      await client.query(
        `insert into campaigns (tenant_id, name, owner_id, status, budget_minor, keywords, tlds, patterns, created_at, updated_at)
        select $1, 'Campaign ' || n, $2, 'ACTIVE', 1000000, '{roof,leak,repair}', '{com,net}', '{"{keyword}-{city}"}', time, time
        from generate_series($3::int, $4::int) as n cross join lateral (select to_timestamp($5::int8 - n) as time) as times`,
        [tenant, rows[0].id, from, Math.min(from + ROWS_PER_STATEMENT, NEW_ROWS) - 1, NEWEST_ROW],
      )
    await client.query('vacuum analyze campaigns')
    return String(rows[0].id)
  } finally {
    await client.end()
  }
}

/** Returns the URL of the Redis database with the highest number, from 15 down, that is empty. */
async function emptyRedis(): Promise<string> {
  for (let number = 15; number > 0; number--) {
    const url = withPath(REDIS, String(number))
    const redis = new Redis(url)
    const size = await redis.dbsize()
    redis.disconnect()
    if (size === 0) return url
  }
  throw new Error('Expected an empty Redis database with a number from 1 to 15, found none: empty a database that nobody uses (FLUSHDB).')
}

function withPath(server: string, path: string): string {
  const url = new URL(server)
  url.pathname = `/${path}`
  return url.href
}

async function onServer(statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: POSTGRES })
  await client.connect()
  try {
    await client.query(statement)
  } finally {
    await client.end()
  }
}
