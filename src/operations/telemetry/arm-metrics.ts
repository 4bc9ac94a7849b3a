import { Counter, type Registry } from 'prom-client'
import type { CacheEvent } from '../../engine/cache/model/events.ts'
import { armOfName } from '../../gateway/policies/experiment.ts'

/**
 * Creates the metric that tells the arms of an experiment apart. Returns a function that counts an event of the cache. This function returns
 * the event with the name of the field in place of the name of the arm, so all other figures of the field contain both arms.
 */
export function armMetrics(registry: Registry): (event: CacheEvent) => CacheEvent {
  const reads = new Counter({
    name: 'tidegate_cache_experiment_reads_total',
    help: 'Values read through the cache while an experiment runs on their policy, by policy, by arm (control or trial) and by the layer that answered. Hits are l1, l2 and stale.',
    labelNames: ['policy', 'arm', 'layer'],
    registers: [registry],
  })
  return (event) => {
    if (!('policy' in event)) return event
    const { field, arm } = armOfName(event.policy)
    if (arm === undefined) return event
    if (event.type === 'read') reads.inc({ policy: field, arm, layer: event.layer }, event.count)
    return { ...event, policy: field }
  }
}
