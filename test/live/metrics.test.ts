import { expect, it } from 'vitest'
import { createMetrics } from '#src/operations/telemetry/metrics.ts'

const cacheStats = () => ({ lagMs: 0, memoryEntries: 0, memoryBytes: 0, loadsInFlight: 0, peakLoads: 0, unwatched: [] })

it('The metrics count the streams, executions and deliveries of live queries, and the time since COMMIT', async () => {
  const metrics = createMetrics({
    cacheStats,
    redisState: undefined,
    others: undefined,
    live: () => ({ streams: 3, groups: 2, bytes: 700 }),
  })
  metrics.onLiveEvent({ type: 'opened' })
  metrics.onLiveEvent({ type: 'executed', isUnchanged: true })
  metrics.onLiveEvent({ type: 'delivered', lagMs: 80 })
  metrics.onLiveEvent({ type: 'delivered', lagMs: undefined })
  metrics.onLiveEvent({ type: 'ended', reason: 'slow' })
  const { text } = await metrics.read()
  for (const line of [
    'tidegate_live_streams 3',
    'tidegate_live_groups 2',
    'tidegate_live_bytes 700',
    'tidegate_live_streams_opened_total 1',
    'tidegate_live_executions_total{result="unchanged"} 1',
    'tidegate_live_deliveries_total 2',
    'tidegate_live_delivery_seconds_bucket{le="0.1"} 1',
    'tidegate_live_streams_ended_total{reason="slow"} 1',
  ])
    expect(text.split('\n')).toContain(line)
})
