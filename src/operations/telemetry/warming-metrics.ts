import { Counter, Gauge, Histogram, type Registry } from 'prom-client'
import type { WarmingEvent } from '../warming/warming.ts'

const SECONDS = [0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 30, 60, 300]

/** Creates the metrics of warming. Returns the listener that counts its events. */
export function warmingMetrics(registry: Registry): (event: WarmingEvent) => void {
  const registers = [registry]
  const running = new Gauge({
    name: 'tidegate_warming_running',
    help: 'Processes that are executing operations to warm the cache.',
    registers,
  })
  const copied = new Counter({
    name: 'tidegate_warming_copied_entries_total',
    help: 'Entries copied from Redis before the process was ready.',
    registers,
  })
  const operations = new Counter({
    name: 'tidegate_warming_operations_total',
    help: 'Operations handled by warming, by outcome: executed, cached already, refused by this release, or failed.',
    labelNames: ['outcome'],
    registers,
  })
  const seconds = new Histogram({
    name: 'tidegate_warming_duration_seconds',
    help: 'Duration of warm-ups, by reason. `copy` is the copy from Redis before the process was ready.',
    labelNames: ['reason'],
    buckets: SECONDS,
    registers,
  })
  const recordFailures = new Counter({
    name: 'tidegate_warming_record_failures_total',
    help: 'Records of hot keys and operations that could not be read from Redis or written to it.',
    registers,
  })
  return (event) => {
    switch (event.type) {
      case 'started':
        running.set(1)
        break
      case 'replayed':
        operations.inc({ outcome: event.outcome.name })
        break
      case 'finished':
        running.set(0)
        seconds.observe({ reason: event.progress.reason ?? 'none' }, event.progress.durationMs / 1000)
        break
      case 'copied':
        copied.inc(event.entries)
        seconds.observe({ reason: 'copy' }, event.durationMs / 1000)
        break
      case 'record-failed':
        recordFailures.inc()
        break
    }
  }
}
