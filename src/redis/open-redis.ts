import type { RemoteTier, WakeUp } from '../cache/index.ts'
import { parseRedisAddress } from './address.ts'
import { connect, type RedisClient } from './connect.ts'
import { RedisTier } from './redis-tier.ts'
import { RedisWakeUp } from './redis-wake-up.ts'
import { Writability } from './writability.ts'

export interface OpenRedisOptions {
  /** See {@link parseRedisAddress} for the forms. */
  readonly url: string
  readonly commandTimeoutMs: number
  /** PEM of the authority that signed the server's certificate. */
  readonly ca?: string
  /** Instances with the same prefix wake each other up. */
  readonly prefix: string
  /** The connection was lost or cannot be made; told once until it is there again. */
  readonly onDown: (error: Error) => void
  /** The connection is there again. */
  readonly onUp: () => void
  /** Redis refuses writes because it is a replica; told once until it takes them again. */
  readonly onReadOnly?: () => void
  readonly onWritable?: () => void
}

export interface RedisHandle {
  readonly remote: RemoteTier
  readonly wakeUp: WakeUp
  /** The connection that commands go through, for what else is counted in Redis. */
  readonly client: RedisClient
  /** Whether a connection is up at this moment. */
  isReady(): boolean
  /** False from a write that was refused because Redis is a replica to the next one that succeeds. */
  isWritable(): boolean
  close(): Promise<void>
}

/**
 * Opens the shared tier and the wake-up. Returns at once: a Redis that cannot be reached is no reason not to start.
 * @throws GatewayError CONFIGURATION for a malformed connection string.
 */
export function openRedis(options: OpenRedisOptions): RedisHandle {
  const address = parseRedisAddress(options.url)
  const { commandTimeoutMs } = options
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
  const remote = new RedisTier(client, commandTimeoutMs, () => writability.succeeded())
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
