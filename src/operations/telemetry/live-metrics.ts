import { Counter, Histogram, type Registry } from 'prom-client'
import type { LiveEvent } from '../../gateway/live/live-options.ts'
import { createGauge } from './gauge.ts'

/** Numbers of live queries that are open now. */
export interface LiveCounts {
  readonly streams: number
  /** Groups of streams that share each execution. */
  readonly groups: number
  /** Bytes of the newest results of all groups. */
  readonly bytes: number
}

const SECONDS = [0.01, 0.025, 0.05, 0.1, 0.15, 0.25, 0.5, 1, 2.5, 5, 10]

/** Creates the metrics of live queries. Returns the listener that counts their events. */
export function liveMetrics(registry: Registry, counts: () => LiveCounts): (event: LiveEvent) => void {
  const registers = [registry]
  createGauge(registry, 'tidegate_live_streams', 'Open streams of live queries.', () => counts().streams)
  createGauge(registry, 'tidegate_live_groups', 'Groups of streams of live queries that share each execution.', () => counts().groups)
  createGauge(registry, 'tidegate_live_bytes', 'Bytes of the newest results of all live queries.', () => counts().bytes)
  const opened = new Counter({ name: 'tidegate_live_streams_opened_total', help: 'Streams of live queries that were opened.', registers })
  const ended = new Counter({
    name: 'tidegate_live_streams_ended_total',
    help: 'Streams of live queries that ended, by reason: left (by the client), failed, full (the next result did not fit into LIVE_MAX_BYTES), slow (the client did not take the newest result in time), unauthenticated or shutdown.',
    labelNames: ['reason'],
    registers,
  })
  const executions = new Counter({
    name: 'tidegate_live_executions_total',
    help: 'Executions of live queries, by whether the result had changed.',
    labelNames: ['result'],
    registers,
  })
  const deliveries = new Counter({
    name: 'tidegate_live_deliveries_total',
    help: 'Results of live queries that were given to streams. One result for ten streams counts ten times.',
    registers,
  })
  const seconds = new Histogram({
    name: 'tidegate_live_delivery_seconds',
    help: 'Time from COMMIT of the oldest write that a new result of a live query shows until the result was given to a stream, for each stream.',
    buckets: SECONDS,
    registers,
  })
  return (event) => {
    switch (event.type) {
      case 'opened':
        opened.inc()
        break
      case 'ended':
        ended.inc({ reason: event.reason })
        break
      case 'executed':
        executions.inc({ result: event.isUnchanged ? 'unchanged' : 'changed' })
        break
      case 'delivered':
        deliveries.inc()
        if (event.lagMs !== undefined) seconds.observe(event.lagMs / 1000)
    }
  }
}
