import type { Registry } from 'prom-client'
import { MISSES, READS, registerHitRates } from './hit-rate-metrics.ts'
import { type LightMetric, type LightValue, registerLight } from './light-metric.ts'
import type { FieldFigures, OperationFigures, TagFigures, TenantFigures, UsageFigures } from './usage.ts'
import type { UsageMeter } from './usage-meter.ts'

export interface UsageMetricsOptions {
  readonly registry: Registry
  readonly meter: Pick<UsageMeter, keyof UsageFigures>
  /** Whether figures by tenant are included. */
  readonly withTenants: boolean
}

/** Registers the metrics of the usage figures. The number of their series is bounded, because the number of rows is. */
export function usageMetrics({ registry, meter, withTenants }: UsageMetricsOptions): void {
  const counter = (name: string, help: string, values: LightMetric['values']) =>
    registerLight(registry, { name, help, type: 'counter', values })
  const ofFields = (pick: (field: FieldFigures) => readonly LightValue[]) => () => meter.fields().flatMap(pick)
  counter(
    READS,
    'Values read through the cache, by policy and by the layer that answered. Hits are l1, l2 and stale.',
    ofFields(({ field, reads }) => split({ policy: field }, 'layer', reads)),
  )
  counter(
    MISSES,
    'Reads that were not served from a cached copy, by policy and cause.',
    ofFields(({ field, misses }) => split({ policy: field }, 'cause', misses)),
  )
  registerHitRates(registry)
  counter(
    'tidegate_cache_loaded_total',
    'Values loaded from the database, by policy and outcome.',
    ofFields(({ field, loads, failedLoads }) => split({ policy: field }, 'outcome', { loaded: loads, failed: failedLoads })),
  )
  counter(
    'tidegate_cache_saved_seconds_total',
    'Load time that cached copies saved, by policy.',
    ofFields(({ field, savedMs }) => [{ labels: { policy: field }, value: savedMs / 1000 }]),
  )
  counter(
    'tidegate_cache_reloads_total',
    'Reloads after an invalidation, by policy, by kind of the invalidated tag, and by whether the value had changed (needed) or not (needless).',
    () => meter.tags().flatMap(outcomesOf),
  )
  operationMetrics(counter, 'tidegate_requests', 'operation', 'operation', () => meter.operations().map(labelled('operation')))
  if (withTenants) operationMetrics(counter, 'tidegate_tenant_requests', 'tenant', 'tenant', () => meter.tenants().map(labelled('tenant')))
}

type Counted = Pick<OperationFigures & TenantFigures, 'answers' | 'errors' | 'durationMs' | 'savedMs' | 'bytes'>

function operationMetrics(
  counter: (name: string, help: string, values: LightMetric['values']) => void,
  prefix: string,
  label: string,
  subject: string,
  rows: () => readonly { readonly labels: Readonly<Record<string, string>>; readonly figures: Counted }[],
): void {
  const sum = (name: string, help: string, pick: (figures: Counted) => number) =>
    counter(`${prefix}_${name}_total`, `${help}, by ${subject}.`, () =>
      rows().map(({ labels, figures }) => ({ labels, value: pick(figures) })),
    )
  counter(`${prefix}_total`, `Operations answered, by ${label} and by the part of the gateway that the answer came from.`, () =>
    rows().flatMap(({ labels, figures }) => split(labels, 'layer', figures.answers)),
  )
  sum('errors', 'Errors in GraphQL responses', ({ errors }) => errors)
  sum('duration_seconds', 'Time in which operations were answered', ({ durationMs }) => durationMs / 1000)
  sum('saved_seconds', 'Execution time that cached responses saved', ({ savedMs }) => savedMs / 1000)
  sum('bytes', 'Size of response bodies before compression', ({ bytes }) => bytes)
}

function labelled<Name extends string>(name: Name) {
  return <Row extends Counted & Readonly<Record<Name, string>>>(row: Row) => ({ labels: { [name]: row[name] }, figures: row })
}

/** Returns one value for each count that is not 0. A series that once appeared stays, because counts never decrease. */
function split(labels: Readonly<Record<string, string>>, name: string, counts: Readonly<Record<string, number>>): readonly LightValue[] {
  const values: LightValue[] = []
  for (const [part, value] of Object.entries(counts)) if (value > 0) values.push({ labels: { ...labels, [name]: part }, value })
  return values
}

function outcomesOf({ field, tag, reloads, needlessReloads }: TagFigures): readonly LightValue[] {
  const labels = { policy: field, tag }
  return split(labels, 'outcome', { needed: reloads - needlessReloads, needless: needlessReloads })
}
