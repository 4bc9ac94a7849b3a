import { readFile } from 'node:fs/promises'
import { openRedis, type RedisHandle } from '../../engine/redis/open-redis.ts'
import type { RedisObserver } from '../../engine/redis/redis-observer.ts'
import type { Logger } from './logger.ts'

export interface LoggedRedisOptions {
  readonly url: string
  /** File with the PEM of the CA that signed the server's certificate; undefined for the CAs that Node trusts. */
  readonly caFile: string | undefined
  readonly commandTimeoutMs: number
  readonly prefix: string
  readonly logger: Logger
  readonly observer: RedisObserver | undefined
  /** Called after each command of the cache tier that Redis answered or that timed out, with its duration, ms. */
  readonly onCommand: (ms: number) => void
}

/** Opens Redis and logs each change of the state of its connection. @throws the errors of `openRedis`, and of reading the file of the CA. */
export async function openLoggedRedis({ caFile, logger, ...options }: LoggedRedisOptions): Promise<RedisHandle> {
  const ca = caFile === undefined ? undefined : await readFile(caFile, 'utf8')
  return openRedis({
    ...options,
    ...(ca === undefined ? {} : { ca }),
    onDown: (error) => logger.warn({ error }, 'Redis connection lost or refused: retrying'),
    onUp: () => logger.info('Redis connection restored'),
    onReadOnly: () => logger.warn('Redis is a read-only replica: reconnecting until the address leads to a primary'),
    onWritable: () => logger.info('Redis accepts writes again'),
  })
}
