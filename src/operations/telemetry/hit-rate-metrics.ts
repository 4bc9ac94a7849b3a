import type { MetricObjectWithValues, MetricValue, Registry } from 'prom-client'
import { type LightValue, registerLight } from './light-metric.ts'
import { type CountedReads, hitRatesOf } from './usage.ts'

export const READS = 'tidegate_cache_reads_total'
export const MISSES = 'tidegate_cache_misses_total'

/**
 * Registers the hit rate and the reachable hit rate of each policy, which are computed from the counts of a registry. The ratios of several
 * workers cannot be added up. So they are left out of the figures of a worker, and are registered again for the sums of all workers.
 */
export function registerHitRates(registry: Registry): void {
  const ratio = (name: string, help: string, pick: (rates: ReturnType<typeof hitRatesOf>) => number | undefined) =>
    registerLight(registry, {
      name,
      help,
      type: 'gauge',
      aggregator: 'omit',
      values: async () =>
        (await fieldsOf(registry)).flatMap(([policy, field]): LightValue[] => {
          const value = pick(hitRatesOf([field]))
          return value === undefined ? [] : [{ labels: { policy }, value }]
        }),
    })
  ratio('tidegate_cache_hit_ratio', 'Share of the reads since the start that were served from a cached copy, by policy.', ({ hit }) => hit)
  ratio(
    'tidegate_cache_reachable_hit_ratio',
    'Highest hit ratio that a cache of any size could have: without first reads, invalidations and values that cannot be cached, by policy.',
    ({ reachable }) => reachable,
  )
}

async function fieldsOf(registry: Registry): Promise<readonly (readonly [string, CountedReads])[]> {
  const fields = new Map<string, { reads: Record<string, number>; misses: Record<string, number> }>()
  for (const [name, part] of [
    [READS, 'reads'],
    [MISSES, 'misses'],
  ] as const) {
    for (const { labels, value } of await valuesOf(registry, name)) {
      const policy = String(labels['policy'])
      const field = fields.get(policy) ?? { reads: {}, misses: {} }
      field[part][String(labels['layer'] ?? labels['cause'])] = value
      fields.set(policy, field)
    }
  }
  return [...fields]
}

async function valuesOf(registry: Registry, name: string): Promise<readonly MetricValue<string>[]> {
  const metric = (await registry.getSingleMetric(name)?.get()) as MetricObjectWithValues<MetricValue<string>> | undefined
  return metric?.values ?? []
}
