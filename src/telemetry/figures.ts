import { AggregatorRegistry, type MetricObjectWithValues, type MetricValue, type Registry } from 'prom-client'

/** The metrics of one process at one moment, as plain data. */
export type Figures = readonly MetricObjectWithValues<MetricValue<string>>[]

/** The way to the other processes that share the port. */
export interface OtherProcesses {
  /** Says how to read this process's figures, for others that ask. */
  provide(read: () => Promise<Figures>): void
  /** The figures of all others, those that have ended included. @param own This process's. @throws when they do not come. */
  ask(own: Figures): Promise<readonly Figures[]>
}

export function figuresOf(registry: Registry): Promise<Figures> {
  return registry.getMetricsAsJSON()
}

/** The figures of several processes as one text in Prometheus' format: sums, but for what has another aggregator. */
export function textOf(all: readonly Figures[]): Promise<string> {
  return aggregate(all).metrics()
}

/** What remains of the figures of processes that have ended: what they counted, without the state that they were in. */
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
