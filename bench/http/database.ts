import { Redis } from 'ioredis'
import pg from 'pg'
import { issueToken } from '../../src/http/issue-token.ts'
import { createModules } from '../../src/modules/index.ts'
import type { Role } from '../../src/modules/module.ts'
import { migrate } from '../../src/postgres/migrations.ts'
import { openDatabase } from '../../src/postgres/open-database.ts'
import { installWatches } from '../../src/postgres/watch.ts'
import { seedDatabase } from '../../src/seed/seed-database.ts'

/** What all servers share: rows, Redis, secrets. */
export interface Place {
  readonly databaseUrl: string
  readonly redisUrl: string
  /** For src/main.ts and for the peers alike. */
  readonly env: Readonly<Record<string, string>>
  /** What a member of the tenant sends, as `Bearer …`. */
  authorization(role: Role): Promise<string>
  close(): Promise<void>
}

const POSTGRES = process.env['DATABASE_URL'] ?? 'postgres://postgres@127.0.0.1:5432/postgres'
const REDIS = process.env['REDIS_URL'] ?? 'redis://127.0.0.1:6379'
const JWT_SECRET = 'jwt secret of the benchmark, long enough'
const CACHE_SECRET = 'cache secret of the benchmark, long enough'
const TENANT = 'acme'

/** A seeded database and an empty Redis database, both of which go with `close`. */
export async function openPlace(): Promise<Place> {
  const redisUrl = await emptyRedis()
  const name = `tidegate_bench_http_${process.pid}`
  const databaseUrl = withPath(POSTGRES, name)
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
    },
    authorization: async (role) => {
      const principal = { tenant: TENANT, userId: '1', role }
      return `Bearer ${await issueToken({ secret: JWT_SECRET, issuer: 'tidegate', audience: 'tidegate', principal, expiresInSeconds: 24 * 3600 })}`
    },
    close,
  }
}

/** Forgets what the servers' caches stored. */
export async function flush(redisUrl: string): Promise<void> {
  const redis = new Redis(redisUrl)
  await redis.flushdb()
  redis.disconnect()
}

async function fill(url: string): Promise<void> {
  const database = await openDatabase({ url, poolSize: 2, statementTimeoutMs: 60_000, onError: (error) => process.emitWarning(error) })
  try {
    await migrate(database)
    await installWatches(
      database,
      createModules().flatMap((module) => [...module.entities.map(({ entity }) => entity), ...(module.watched ?? [])]),
    )
    await seedDatabase(database.db, { now: Date.now() })
  } finally {
    await database.close()
  }
}

/** The last database that holds nothing. */
async function emptyRedis(): Promise<string> {
  for (let number = 15; number > 0; number--) {
    const url = withPath(REDIS, String(number))
    const redis = new Redis(url)
    const size = await redis.dbsize()
    redis.disconnect()
    if (size === 0) return url
  }
  throw new Error('Expected an empty database from 1 to 15 in Redis: empty one that nobody uses (FLUSHDB).')
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
