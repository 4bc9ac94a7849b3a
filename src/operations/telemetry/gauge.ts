import { Gauge, type Registry } from 'prom-client'

/**
 * Creates a gauge whose value is read at each scrape.
 * @param aggregator Function that makes one value of the values of several workers.
 */
export function createGauge(
  registry: Registry,
  name: string,
  help: string,
  read: () => number,
  aggregator: 'sum' | 'max' | 'min' | 'average' = 'sum',
): void {
  new Gauge({
    name,
    help,
    aggregator,
    registers: [registry],
    collect() {
      this.set(read())
    },
  })
}
