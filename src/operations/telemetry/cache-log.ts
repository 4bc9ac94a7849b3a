import type { CacheEvent } from '../../engine/cache/model/events.ts'
import type { Logger } from './logger.ts'

/**
 * Logs those events of the cache that concern an operator. If reading the invalidation log fails repeatedly, only the first failure is
 * logged, and then the recovery.
 */
export function createCacheLog(logger: Logger): (event: CacheEvent) => void {
  let following = true
  const unwatched = new Map<string, string>()
  return (event) => {
    switch (event.type) {
      case 'sync-failed':
        if (following) logger.warn({ error: event.error }, 'invalidation-log sync failed: retrying')
        following = false
        break
      case 'sync':
        if (!following) logger.info('invalidation-log sync recovered')
        following = true
        break
      case 'unwatched':
        if (unwatched.get(event.entity) !== event.reason)
          logger.error(
            { entity: event.entity, reason: event.reason },
            'type is unwatched and not cached: its invalidation triggers do not emit all the tags of its declaration',
          )
        unwatched.set(event.entity, event.reason)
        break
      case 'reset':
        logger.info({ reason: event.reason }, 'full cache reset')
        break
      case 'epoch':
        logger.warn({ epoch: event.epoch }, 'database timeline changed (failover or restore): new epoch, everything cached before is void')
        break
      case 'breaker':
        logger.warn(
          { state: event.state },
          event.state === 'closed'
            ? 'circuit breaker for Redis closed: Redis is used again'
            : 'circuit breaker for Redis is not closed: Redis keeps failing',
        )
        break
      case 'shadow':
        if (event.outcome === 'violation') {
          const { policy, layer, reason, paths, latenessMs } = event
          logger.error(
            { policy, layer, reason, paths, latenessMs },
            'shadow mode found a served value that violates the promise of freshness',
          )
        }
        break
      case 'maintenance-failed':
        logger.warn({ error: event.error }, 'invalidation-log maintenance failed')
        break
    }
  }
}
