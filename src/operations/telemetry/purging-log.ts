import type { PurgingEvent } from '../purging/purging-event.ts'
import type { Logger } from './logger.ts'

/**
 * Logs the purges of CDNs. Successful purges are logged only at the level debug, because there are many. If purges fail repeatedly, only the
 * first failure is logged, and then the recovery.
 */
export function createPurgingLog(logger: Logger): (event: PurgingEvent) => void {
  const failing = new Set<string>()
  return (event) => {
    const { edge } = event
    switch (event.type) {
      case 'active':
        logger.info({ edge }, event.isActive ? 'this process purges the edge' : 'this process does not purge the edge any more')
        break
      case 'restarted':
        logger.info({ edge }, 'everything at the edge is purged: the invalidation log does not tell what changed since the last purge')
        break
      case 'purged':
        if (failing.delete(edge)) logger.info({ edge }, 'edge purged again')
        logger.debug({ edge, keys: event.keys, lagMs: event.lagMs, isRepeated: event.isRepeated }, 'edge purged')
        break
      case 'failed':
        if (!failing.has(edge)) logger.warn({ edge, part: event.part, error: event.error }, 'edge not purged: retrying')
        failing.add(edge)
        break
      case 'breaker':
        logger.warn(
          { edge, state: event.state },
          event.state === 'closed'
            ? 'circuit breaker for the edge closed: the edge is purged again'
            : 'circuit breaker for the edge is not closed: purges keep failing',
        )
        break
    }
  }
}
