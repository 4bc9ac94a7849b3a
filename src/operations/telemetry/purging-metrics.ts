import { Counter, Gauge, Histogram, type Registry } from 'prom-client'
import type { EdgeState } from '../purging/edge-purger.ts'
import type { PurgingEvent } from '../purging/purging-event.ts'

const SECONDS = [0.01, 0.025, 0.05, 0.1, 0.15, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60]

/**
 * Creates the metrics of the purges of CDNs. Returns the listener that counts their events.
 * @param states Returns the state of each edge at a scrape.
 */
export function purgingMetrics(registry: Registry, states: () => readonly EdgeState[]): (event: PurgingEvent) => void {
  const registers = [registry]
  const gauge = (name: string, help: string, aggregator: 'sum' | 'max', read: (state: EdgeState) => number) =>
    new Gauge({
      name,
      help,
      labelNames: ['edge'],
      aggregator,
      registers,
      collect() {
        for (const state of states()) this.set({ edge: state.edge }, read(state))
      },
    })
  gauge('tidegate_edge_purge_active', 'Processes that purge the edge. All instances together have one.', 'sum', (state) =>
    Number(state.isActive),
  )
  gauge(
    'tidegate_edge_purge_lag_seconds',
    'Time for which the oldest pending key has waited for its purge at the edge. 0 if none waits, or another process purges.',
    'max',
    (state) => state.lagMs / 1000,
  )
  gauge('tidegate_edge_purge_pending_keys', 'Keys that wait for their purge at the edge.', 'sum', (state) => state.pendingKeys)
  gauge('tidegate_edge_purge_breaker_open', '1 while the circuit breaker keeps purges from the edge.', 'max', (state) =>
    Number(state.isBreakerOpen),
  )
  const seconds = new Histogram({
    name: 'tidegate_edge_purge_duration_seconds',
    help: 'Time from the row of the invalidation log until its keys were purged at the edge for the first time.',
    labelNames: ['edge'],
    buckets: SECONDS,
    registers,
  })
  const keys = new Counter({
    name: 'tidegate_edge_purged_keys_total',
    help: 'Keys purged at the edge. Each key is purged three times.',
    labelNames: ['edge'],
    registers,
  })
  const everything = new Counter({
    name: 'tidegate_edge_purges_of_everything_total',
    help: 'Purges of everything at the edge, because too much changed at once or nobody can tell what changed.',
    labelNames: ['edge'],
    registers,
  })
  const failures = new Counter({
    name: 'tidegate_edge_purge_failures_total',
    help: 'Failed attempts to purge the edge, by the part that failed: the edge, or the database with the invalidation log. They are repeated.',
    labelNames: ['edge', 'part'],
    registers,
  })
  return (event) => {
    const { edge } = event
    if (event.type === 'failed') failures.inc({ edge, part: event.part })
    if (event.type !== 'purged') return
    keys.inc({ edge }, event.keys)
    if (event.isEverything) everything.inc({ edge })
    if (!event.isRepeated) seconds.observe({ edge }, event.lagMs / 1000)
  }
}
