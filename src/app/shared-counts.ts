import type { Config } from '../config/config.ts'
import type { RedisHandle } from '../engine/redis/open-redis.ts'

/**
 * Timeout of the Redis command that counts requests for the shared rate limits, as a multiple of the usual timeout of a Redis command. This
 * timeout is longer, because most requests do not wait for the command.
 */
const RATE_TIMEOUTS = 5

/** Returns the Redis client, the key prefix and the timeout for the shared counts of the rate limits; undefined without Redis. */
export function sharedCountsOf({ redis: settings }: Config, redis: RedisHandle | undefined) {
  if (!redis || !settings) return undefined
  return { client: redis.client, prefix: `${settings.prefix}:rate`, timeoutMs: RATE_TIMEOUTS * settings.commandTimeoutMs }
}
