import type { Counter, Registry } from 'prom-client'

/** One value of a metric with its labels. */
export interface LightValue {
  readonly labels: Readonly<Record<string, string | number>>
  readonly value: number
  /** Name of the series, if it is not the name of the metric. */
  readonly metricName?: string
}

export interface LightMetric {
  readonly name: string
  readonly help: string
  readonly type: 'counter' | 'gauge' | 'histogram'
  /** Returns all values at a scrape. */
  readonly values: () => readonly LightValue[] | Promise<readonly LightValue[]>
  /** Rule by which the values of several workers become one value; `omit` leaves them out. Default: their sum. */
  readonly aggregator?: 'sum' | 'omit'
}

/** Registers a metric whose values are computed at each scrape from figures that are kept elsewhere, so that counting them costs nothing. */
export function registerLight(registry: Registry, { name, help, type, values, aggregator = 'sum' }: LightMetric): void {
  const metric = { name, help, type, aggregator, collect: undefined }
  // Undocumented, see docs/internals.md: `prom-client Registry takes any object with get`
  registry.registerMetric({ ...metric, get: async () => ({ ...metric, values: await values() }) } as unknown as Counter)
}
