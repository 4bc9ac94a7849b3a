import { Cluster, Redis } from 'ioredis'
import type { RedisAddress } from './address.ts'
import { replyCode } from './reply-code.ts'

export interface ConnectOptions {
  /** Time limit of a command, ms. A connection on which nothing arrives for four times this limit is replaced. */
  readonly commandTimeoutMs: number
  /** PEM of the CA that signed the server's certificate; default: the CAs that Node trusts. */
  readonly ca?: string
  /** Name of the connection in CLIENT LIST. */
  readonly connectionName: string
  /** Called with each connection error. The client reconnects by itself. */
  readonly onError: (error: Error) => void
  /**
   * Called when a replica refused a write. Returns whether the client should reconnect. After some failovers the address stays the same,
   * and a new connection leads to the new primary.
   */
  readonly onReadOnly: () => boolean
}

export type RedisClient = Redis | Cluster

const MAX_RETRY_MS = 1000
const MIN_SOCKET_TIMEOUT_MS = 1000

/**
 * Creates a client that never makes a caller wait for a connection: while no connection is up, commands fail immediately. The client
 * reconnects in the background.
 */
export function connect(address: RedisAddress, options: ConnectOptions): RedisClient {
  const client = create(address, options)
  client.on('error', options.onError)
  return client
}

function create(address: RedisAddress, options: ConnectOptions): RedisClient {
  const common = {
    ...(address.username === undefined ? {} : { username: address.username }),
    ...(address.password === undefined ? {} : { password: address.password }),
    ...(address.tls ? { tls: options.ca === undefined ? {} : { ca: options.ca } } : {}),
    connectionName: options.connectionName,
    connectTimeout: 2000,
    // If the server stops responding, pending commands fail and the connection is replaced. A timer for each command would cost more than
    // the command. Commands for which requests wait share a stricter timer (see TimedBatch).
    socketTimeout: Math.max(MIN_SOCKET_TIMEOUT_MS, 4 * options.commandTimeoutMs),
    keepAlive: 10_000,
    maxRetriesPerRequest: 0,
    // Who subscribes does so again at each 'ready'. ioredis would do it, too, and leave an error of it uncaught, which would end the process.
    autoResubscribe: false,
    reconnectOnError: (error: Error) => replyCode(error) === 'READONLY' && options.onReadOnly(),
  }
  if (address.kind === 'cluster') {
    return new Cluster([...address.hosts], {
      redisOptions: common,
      clusterRetryStrategy: retryDelayMs,
      enableOfflineQueue: false,
      enableAutoPipelining: true,
      // Redirections are normal during a failover of a cluster; the timeout of the command bounds their total time.
      maxRedirections: 4,
      retryDelayOnFailover: 50,
      slotsRefreshTimeout: 2000,
    })
  }
  const single = { ...common, retryStrategy: retryDelayMs, enableOfflineQueue: false, db: address.database }
  if (address.kind === 'sentinel') {
    const sentinels = address.hosts.map(({ host, port }) => ({ host, port }))
    const name = address.masterName ?? ''
    return new Redis({ ...single, sentinels, name, sentinelRetryStrategy: retryDelayMs, enableTLSForSentinelMode: address.tls })
  }
  return new Redis({ ...single, ...address.hosts[0] })
}

function retryDelayMs(attempt: number): number {
  return Math.min(50 * 2 ** Math.min(attempt, 10), MAX_RETRY_MS)
}
