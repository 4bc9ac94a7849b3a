import { Cluster, Redis } from 'ioredis'
import type { RedisAddress } from './address.ts'

export interface ConnectOptions {
  /** How long a command may take, ms: a connection on which nothing arrives for four times as long is replaced. */
  readonly commandTimeoutMs: number
  /** PEM of the authority that signed the server's certificate; default: those that Node trusts. */
  readonly ca?: string
  /** Shown by CLIENT LIST. */
  readonly connectionName: string
  /** Told each connection error; the connection is tried again by itself. */
  readonly onError: (error: Error) => void
  /**
   * Told of a write that a replica refused. Returns whether the connection is to be made anew: after a failover behind one address
   * it leads to the new primary.
   */
  readonly onReadOnly: () => boolean
}

export type RedisClient = Redis | Cluster

const LONGEST_RETRY_MS = 1000
const SHORTEST_SOCKET_TIMEOUT_MS = 1000

/**
 * A client that never makes a caller wait for a connection: while there is none, commands fail at once. It connects in the
 * background, again and again.
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
    // What waits on a connection that swallows everything fails, and the connection is replaced. A timer for each command would
    // cost more than the command; the reads, which somebody waits for, have a stricter one in common (see ReadBatch).
    socketTimeout: Math.max(SHORTEST_SOCKET_TIMEOUT_MS, 4 * options.commandTimeoutMs),
    keepAlive: 10_000,
    maxRetriesPerRequest: 0,
    reconnectOnError: (error: Error) => error.message.startsWith('READONLY') && options.onReadOnly(),
  }
  if (address.kind === 'cluster') {
    return new Cluster([...address.hosts], {
      redisOptions: common,
      clusterRetryStrategy: retryDelayMs,
      enableOfflineQueue: false,
      enableAutoPipelining: true,
      // A redirection is the normal course of a failover: the timeout of the command bounds it.
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
  return Math.min(50 * 2 ** Math.min(attempt, 10), LONGEST_RETRY_MS)
}
