import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { issueToken } from '#src/gateway/identity/issue-token.ts'
import { startNginx } from '../../test/servers/nginx.ts'
import { findProgram } from '../../test/servers/programs.ts'
import { startRedis } from '../../test/servers/redis.ts'
import { LoadError } from '../load-error.ts'
import { FaultSchedule } from './faults.ts'
import { GatewayProcess } from './gateway-process.ts'
import { createOwnDatabase, SAMPLE_TENANTS, type SampleData } from './own-database.ts'

export interface OwnGatewayOptions {
  readonly data: SampleData | 'large'
  /** Number of tenants that send requests. These are the first tenants by rank. Each of them gets an access token. */
  readonly tenants: number
  readonly cache: 'on' | 'off'
  /** Number of processes that share the port of a gateway. */
  readonly workers: number
  /** Whether faults happen during the run. If true, two gateways run behind nginx, and Redis and one of the gateways are restarted. */
  readonly hasFaults: boolean
}

/**
 * A gateway that a run starts for itself, with its own database and, if redis-server is installed, its own Redis. A run with faults starts
 * two gateways.
 */
export interface OwnGateway {
  /** Address to which the load test sends requests. In a run with faults, this is the address of nginx. */
  readonly url: string
  /** Addresses of the gateways. The metrics of each gateway are read from its own address. */
  readonly gatewayUrls: readonly string[]
  /** Access tokens of editors, one for each tenant that sends requests, in the order of the tenants' rank. */
  readonly tokens: readonly string[]
  /** URL of the database; undefined if the database is embedded in the gateway. */
  readonly databaseUrl: string | undefined
  readonly redisUrl: string | undefined
  readonly faults: FaultSchedule | undefined
  stop(): Promise<void>
}

const JWT_SECRET = 'jwt secret of the load tests, long enough'
const CALLER_HASH_KEY = 'caller hash key of the load tests, long enough'
const CACHE_SECRET = 'cache secret of the load tests, long enough'

type Cleanup = () => Promise<unknown>

/** Creates a database, and starts Redis and the gateway. If a step fails, everything that the earlier steps started is removed. */
export async function startOwnGateway(options: OwnGatewayOptions): Promise<OwnGateway> {
  const cleanups: Cleanup[] = []
  const stop = async () => {
    for (const clean of cleanups.splice(0).reverse()) await clean()
  }
  try {
    const database = await createOwnDatabase(options.data)
    if (database) cleanups.push(() => database.drop())
    const redis = findProgram('redis-server') === undefined ? undefined : await startRedis()
    if (redis) cleanups.push(() => redis.stop())
    const env = await environment(options, database?.url, redis?.url, cleanups)
    const start = async () => {
      const gateway = await GatewayProcess.start(env)
      cleanups.push(() => gateway.stop())
      return gateway
    }
    const first = await start()
    const tokens = await Promise.all((database?.tenants ?? SAMPLE_TENANTS).slice(0, options.tenants).map(editorToken))
    const common = { tokens, databaseUrl: database?.url, redisUrl: redis?.url, stop }
    if (!options.hasFaults) return { ...common, url: first.url, gatewayUrls: [first.url], faults: undefined }
    if (!redis || !database)
      throw new LoadError('GATEWAY', '--faults: expected redis-server and a PostgreSQL server: install or start them.')
    const second = await start()
    const nginx = await startNginx([new URL(first.url), new URL(second.url)])
    cleanups.push(() => nginx.stop())
    return { ...common, url: nginx.url, gatewayUrls: [first.url, second.url], faults: new FaultSchedule({ redis, gateway: second }) }
  } catch (error) {
    await stop()
    throw error
  }
}

function editorToken(tenant: string): Promise<string> {
  const principal = { tenant, userId: 'load', role: 'EDITOR' as const }
  return issueToken({ secret: JWT_SECRET, issuer: 'tidegate', audience: 'tidegate', principal, expiresInSeconds: 24 * 3600 })
}

async function environment(
  { cache, workers }: OwnGatewayOptions,
  databaseUrl: string | undefined,
  redisUrl: string | undefined,
  cleanups: Cleanup[],
): Promise<Readonly<Record<string, string>>> {
  const secrets = { JWT_SECRET, CACHE_SECRET, CALLER_HASH_KEY }
  const shared = {
    ...secrets,
    LOG_LEVEL: 'info',
    METRICS: 'on',
    CACHE: cache,
    WORKERS: String(workers),
    ...(redisUrl ? { REDIS_URL: redisUrl } : {}),
  }
  if (databaseUrl !== undefined) return { ...shared, NODE_ENV: 'production', DRAIN_SECONDS: '0', DATABASE_URL: databaseUrl }
  const folder = await mkdtemp(join(tmpdir(), 'tidegate-load-'))
  cleanups.push(() => rm(folder, { recursive: true, force: true }))
  return { ...shared, EMBEDDED_DIR: folder }
}
