import { Readable } from 'node:stream'
import { installWatches } from '#src/engine/postgres/watch.ts'
import { issueToken } from '#src/gateway/identity/issue-token.ts'
import { importDncList } from '#src/market/import/dnc/import-dnc-list.ts'
import { readLines } from '#src/market/import/dnc/read-lines.ts'
import { marketEntities } from '#src/market/modules/index.ts'
import { callerHashes } from '#src/market/rules/caller.ts'
import type { Strategy } from '#src/market/rules/routing/plan-document.ts'
import { migrateMarket, openMarketDatabase } from '#src/market/tables/database.ts'
import { databaseUrl, onServer } from '../../load/data/server.ts'
import { GatewayProcess } from '../../load/gateway/gateway-process.ts'
import { startPostgres } from '../../test/servers/postgres.ts'
import { startRedis } from '../../test/servers/redis.ts'
import { type CallMarket, fillMarkets, LIST } from './market.ts'

/** A gateway with its own PostgreSQL and Redis, and the markets of its tenants. */
export interface Place {
  readonly gatewayUrl: string
  /** URL of the gateway's database. */
  readonly databaseUrl: string
  /** URL of another database of the same server. Statements there do not count for the gateway's database. */
  readonly observerUrl: string
  readonly redisUrl: string
  readonly markets: Readonly<Record<'ruled' | 'plain', CallMarket>>
  /** Returns the value of the header Authorization for an editor of the tenant of a market. */
  authorization(market: CallMarket): Promise<string>
  stop(): Promise<void>
}

export interface PlaceParams {
  readonly buyers: number
  readonly strategy: Strategy
  /** Callers on the do-not-call list, each a line of a file. */
  readonly listed: Iterable<string>
}

const DATABASE = 'pings'
const JWT_SECRET = 'jwt secret of the benchmark, long enough'
export const HASH_KEY = 'caller hash key of the benchmark, long enough'
const CACHE_SECRET = 'cache secret of the benchmark, long enough'

/** Starts the servers, whose commits wait for the disk, and fills the database. If a step fails, everything is stopped. */
export async function startPlace({ buyers, strategy, listed }: PlaceParams): Promise<Place> {
  const cleanups: (() => Promise<unknown>)[] = []
  const stop = async () => {
    for (const clean of cleanups.splice(0).reverse()) await clean()
  }
  try {
    const postgres = await startPostgres({
      fsync: 'on',
      shared_preload_libraries: 'pg_stat_statements',
      'pg_stat_statements.track_planning': 'on',
      // A checkpoint in only one of the runs would distort the comparison.
      checkpoint_timeout: '1h',
      max_wal_size: '8GB',
    })
    cleanups.push(() => postgres.stop())
    const url = databaseUrl(postgres.url, DATABASE)
    await onServer(postgres.url, async (client) => {
      await client.query(`create database ${DATABASE}`)
      await client.query('create extension pg_stat_statements')
    })
    const markets = await fillDatabase(url, { buyers, strategy, listed })
    const redis = await startRedis()
    cleanups.push(() => redis.stop())
    const gateway = await GatewayProcess.start({
      NODE_ENV: 'production',
      METRICS: 'on',
      DRAIN_SECONDS: '0',
      LOG_LEVEL: 'info',
      DATABASE_URL: url,
      REDIS_URL: redis.url,
      JWT_SECRET,
      CACHE_SECRET,
      CALLER_HASH_KEY: HASH_KEY,
    })
    cleanups.push(() => gateway.stop())
    return { gatewayUrl: gateway.url, databaseUrl: url, observerUrl: postgres.url, redisUrl: redis.url, markets, authorization, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

async function authorization({ tenant, userId }: CallMarket): Promise<string> {
  const principal = { tenant, userId, role: 'EDITOR' as const }
  const expiresInSeconds = 24 * 3600
  return `Bearer ${await issueToken({ secret: JWT_SECRET, issuer: 'tidegate', audience: 'tidegate', principal, expiresInSeconds })}`
}

async function fillDatabase(url: string, { buyers, strategy, listed }: PlaceParams): Promise<Place['markets']> {
  const onError = (error: Error) => process.emitWarning(error)
  const handle = await openMarketDatabase({ url, poolSize: 2, statementTimeoutMs: 600_000, onError })
  try {
    await migrateMarket(handle)
    await installWatches(handle, marketEntities())
    const markets = await fillMarkets(handle.db, { buyers, strategy, hashKey: HASH_KEY })
    const lines = readLines(Readable.from(chunks(listed)))
    await importDncList(handle.db, { list: LIST, lines, hashes: callerHashes(Buffer.from(HASH_KEY)), isAlone: false })
    return markets
  } finally {
    await handle.close()
  }
}

function* chunks(lines: Iterable<string>): Generator<Buffer> {
  for (const line of lines) yield Buffer.from(`${line}\n`)
}
