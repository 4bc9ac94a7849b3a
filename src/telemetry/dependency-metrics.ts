import { Counter, type Registry } from 'prom-client'

/** Counts loads that were observed in production: see CACHE_DEPENDENCY_CHECK_RATE. */
export function createDependencyMetrics(registers: readonly [Registry]): (field: string, undeclared: readonly string[]) => void {
  const observed = new Counter({
    name: 'tidegate_cache_observed_loads_total',
    help: 'Loads whose tables were compared with @cache(depends:), in production: see CACHE_DEPENDENCY_CHECK_RATE.',
    registers: [...registers],
  })
  const undeclaredReads = new Counter({
    name: 'tidegate_cache_undeclared_reads_total',
    help: 'Observed loads that read a table which their @cache(depends:) does not name. Must never appear: its changes do not invalidate the field.',
    labelNames: ['field', 'table'],
    registers: [...registers],
  })
  return (field, undeclared) => {
    observed.inc()
    for (const table of undeclared) undeclaredReads.inc({ field, table })
  }
}
