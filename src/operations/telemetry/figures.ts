import { AggregatorRegistry, type MetricObjectWithValues, type MetricValue, type Registry } from 'prom-client'
import { registerHitRates } from './hit-rate-metrics.ts'

/** Metrics of one process at one moment, as plain data. */
export type Figures = readonly MetricObjectWithValues<MetricValue<string>>[]

/** Access to the metrics of the other processes that share the port. */
export interface OtherProcesses {
  /** Sets the function that returns this process's metrics when another process requests them. */
  provide(read: () => Promise<Figures>): void
  /**
   * Returns the metrics of all other processes, including those that have ended. Rejects if the metrics do not arrive in time.
   * @param own Metrics of this process. They are used in later answers to other processes if this process does not answer in time or has
   * ended.
   */
  ask(own: Figures): Promise<readonly Figures[]>
}

export function figuresOf(registry: Registry): Promise<Figures> {
  return registry.getMetricsAsJSON()
}

/**
 * Returns the metrics of several processes as one text in Prometheus' format. Values of the same metric are added up, unless the metric has
 * another aggregator.
 */
export function textOf(all: readonly Figures[]): Promise<string> {
  const registry = aggregate(all)
  registerHitRates(registry)
  return registry.metrics()
}

/** Returns the counters and histograms of ended processes. Their values still belong to the totals. Gauges are left out. */
export async function remainsOf(all: readonly Figures[]): Promise<Figures> {
  const counted = all.map((figures) => figures.filter(({ type, aggregator }) => isCounted(String(type)) && aggregator === 'sum'))
  return aggregate(counted).getMetricsAsJSON()
}

function isCounted(type: string): boolean {
  return type === 'counter' || type === 'histogram'
}

function aggregate(all: readonly Figures[]): Registry {
  return AggregatorRegistry.aggregate(all.map((figures) => [...figures]))
}
