import type { WarmingEvent } from '../warming/warming.ts'
import type { Logger } from './logger.ts'

/** Logs the progress of warming. Operations are logged only at the level debug, because there are many. */
export function createWarmingLog(logger: Logger): (event: WarmingEvent) => void {
  return (event) => {
    switch (event.type) {
      case 'copied':
        logger.info({ entries: event.entries, durationMs: Math.round(event.durationMs) }, 'warming: copied the hottest entries from Redis')
        break
      case 'started':
        logger.info({ reason: event.reason, operations: event.operations }, 'warming started')
        break
      case 'replayed':
        if (event.outcome.name === 'refused' || event.outcome.name === 'failed')
          logger.debug({ operationName: event.operation.operationName, ...event.outcome }, 'warming: an operation was not executed')
        break
      case 'finished': {
        const { reason, total, done, durationMs } = event.progress
        logger.info({ reason, operations: total, ...done, durationMs: Math.round(durationMs) }, 'warming finished')
        break
      }
      case 'record-failed':
        logger.warn({ error: event.error }, 'warming: the record of hot keys and operations could not be read or written')
        break
      case 'schedule-failed':
        logger.warn({ error: event.error }, 'warming: a scheduled run could not begin')
        break
    }
  }
}
