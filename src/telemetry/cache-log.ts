import type { Logger } from 'pino'
import type { CacheEvent } from '../cache/events.ts'

/** Logs what an operator should know of the cache. What fails again and again is told once, and again when it works. */
export function createCacheLog(logger: Logger): (event: CacheEvent) => void {
  let following = true
  const unwatched = new Map<string, string>()
  return (event) => {
    switch (event.type) {
      case 'sync-failed':
        if (following) logger.warn({ error: event.error }, 'the invalidation log cannot be read')
        following = false
        break
      case 'sync':
        if (!following) logger.info('the invalidation log is read again')
        following = true
        break
      case 'unwatched':
        if (unwatched.get(event.entity) !== event.reason)
          logger.error({ entity: event.entity, reason: event.reason }, 'a type is not cached')
        unwatched.set(event.entity, event.reason)
        break
      case 'reset':
        logger.info({ reason: event.reason }, 'the cache starts empty')
        break
      case 'epoch':
        logger.warn({ epoch: event.epoch }, "the database's history is another one")
        break
      case 'breaker':
        logger.warn({ state: event.state }, event.state === 'closed' ? 'the shared tier is used again' : 'the shared tier keeps failing')
        break
      case 'probe':
        if (event.outcome === 'stale')
          logger.error({ policy: event.policy, afterMs: event.afterMs }, 'the cache serves what the database no longer holds')
        break
      case 'maintenance-failed':
        logger.warn({ error: event.error }, 'the upkeep of the invalidation log failed')
        break
    }
  }
}
