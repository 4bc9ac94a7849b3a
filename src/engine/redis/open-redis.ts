import type { RemoteTier, WakeUp } from '../cache/index.ts'
import { parseRedisAddress, type RedisAddress } from './address.ts'
import { connect, type RedisClient } from './connect.ts'
import type { RedisCommand, RedisObserver, RedisServer } from './redis-observer.ts'
import { RedisTier } from './redis-tier.ts'
import { RedisWakeUp } from './redis-wake-up.ts'
import { Writability } from './writability.ts'

export interface OpenRedisOptions {
  /** Connection string of Redis: see {@link parseRedisAddress} for the accepted forms. */
  readonly url: string
  readonly commandTimeoutMs: number
  /** PEM of the CA that signed the server's certificate. */
  readonly ca?: string
  /**
   * Prefix of the publish/subscribe channel for hints: instances with the same prefix send each other hints about new rows of the
   * invalidation log.
   */
  readonly prefix: string
  /** Called when the connection was lost or cannot be made, and not again before the connection is restored. */
  readonly onDown: (error: Error) => void
  /** Called when the connection is restored. */
  readonly onUp: () => void
  /** Called when Redis refuses a write because it is a replica, and not again before Redis has accepted a write. */
  readonly onReadOnly?: () => void
  readonly onWritable?: () => void
  /** Observes the commands of the cache tier, for example to trace them. Default: none. */
  readonly observer?: RedisObserver | undefined
  /** Called after each command of the cache tier that Redis answered or that timed out, with its duration, ms. */
  readonly onCommand?: (ms: number) => void
}

export interface RedisHandle {
  readonly remote: RemoteTier
  readonly wakeUp: WakeUp
  /** Client for commands. Code that keeps counters in Redis, such as the rate limits, uses the same client. */
  readonly client: RedisClient
  /** Whether a connection is up at this moment. */
  isReady(): boolean
  /** Whether writes succeed: false after a replica refused a write, until a later write succeeds. */
  isWritable(): boolean
  close(): Promise<void>
}

/**
 * Opens the shared cache tier in Redis and the connection for hints. Returns immediately: the gateway starts even if Redis cannot be
 * reached.
 * @throws GatewayError CONFIGURATION for a malformed connection string.
 */
export function openRedis(options: OpenRedisOptions): RedisHandle {
  const address = parseRedisAddress(options.url)
  const { commandTimeoutMs, observer } = options
  let isDown = false
  const onError = (error: Error) => {
    if (!isDown) options.onDown(error)
    isDown = true
  }
  const writability = new Writability(options)
  const onReadOnly = () => writability.refused()
  const tls = options.ca === undefined ? {} : { ca: options.ca }
  const client = connect(address, { commandTimeoutMs, onError, onReadOnly, connectionName: 'tidegate', ...tls })
  const subscriber = connect(address, { commandTimeoutMs, onError, onReadOnly, connectionName: 'tidegate-wake-up', ...tls })
  client.on('ready', () => {
    if (isDown) options.onUp()
    isDown = false
  })
  const server = serverOf(address)
  const beginCommand = observer && ((command: RedisCommand) => observer.beginCommand(command, server))
  const remote = new RedisTier(client, {
    timeoutMs: commandTimeoutMs,
    onWritten: () => writability.succeeded(),
    beginCommand,
    onCommand: options.onCommand,
  })
  const wakeUp = new RedisWakeUp(client, subscriber, `${options.prefix}:wake-up`)
  return {
    remote,
    wakeUp,
    client,
    isReady: () => client.status === 'ready',
    isWritable: () => writability.isWritable,
    close: async () => {
      await wakeUp.close()
      await remote.close()
    },
  }
}

/** Returns the address for observers. Several hosts are joined by commas. */
function serverOf({ hosts, database }: RedisAddress): RedisServer {
  const [first] = hosts
  return hosts.length === 1 && first
    ? { address: first.host, port: first.port, database }
    : { address: hosts.map(({ host, port }) => `${host}:${port}`).join(','), port: undefined, database }
}
