import { LoadError } from '../load-error.ts'
import { createSink, type MetricType, type Sink } from './sinks.ts'

export type Contains = 'default' | 'time' | 'data'
export type Tags = Readonly<Record<string, string>>

/** A metric, or a submetric: the part of a metric whose samples have certain tags (`http_req_duration{scenario:load}`). */
export interface Metric {
  readonly name: string
  readonly type: MetricType
  readonly contains: Contains
  readonly sink: Sink
  /** False until a value is added. The summary leaves out a metric without values. */
  isObserved: boolean
}

interface Parent extends Metric {
  readonly parts: { readonly tags: Tags; readonly metric: Metric }[]
}

export interface Sample {
  readonly metric: string
  readonly value: number
  readonly tags: Tags
}

const NAME = /^[a-zA-Z_][a-zA-Z0-9_]{0,127}$/
const BUILT_IN: Readonly<Record<string, readonly [MetricType, Contains]>> = {
  checks: ['rate', 'default'],
  data_received: ['counter', 'data'],
  data_sent: ['counter', 'data'],
  dropped_iterations: ['counter', 'default'],
  http_req_blocked: ['trend', 'time'],
  http_req_connecting: ['trend', 'time'],
  http_req_duration: ['trend', 'time'],
  http_req_failed: ['rate', 'default'],
  http_req_receiving: ['trend', 'time'],
  http_req_sending: ['trend', 'time'],
  http_req_tls_handshaking: ['trend', 'time'],
  http_req_waiting: ['trend', 'time'],
  http_reqs: ['counter', 'default'],
  iteration_duration: ['trend', 'time'],
  iterations: ['counter', 'default'],
  vus: ['gauge', 'default'],
  vus_max: ['gauge', 'default'],
}

/** All metrics of a load test. */
export class MetricRegistry {
  readonly #metrics = new Map<string, Parent>()
  readonly #listeners: ((sample: Sample) => void)[] = []

  constructor() {
    for (const [name, [type, contains]] of Object.entries(BUILT_IN)) this.declare(name, type, contains)
    this.part('http_req_duration{expected_response:true}')
  }

  /**
   * Returns the metric with that name, and creates it if absent. Each virtual user evaluates the script, so the same metrics are declared
   * several times.
   */
  declare(name: string, type: MetricType, contains: Contains): Metric {
    const known = this.#metrics.get(name)
    if (known) {
      if (known.type === type && known.contains === contains) return known
      throw new LoadError(
        'SCRIPT_FAILED',
        `The metric ${name} was declared as a ${known.type} with values of the kind ${known.contains}: the script cannot also declare it as a ${type} of the kind ${contains}.`,
      )
    }
    if (!NAME.test(name))
      throw new LoadError('SCRIPT_FAILED', `Expected the name of a metric, of letters, digits and underscores, got "${name}".`)
    const metric: Parent = { name, type, contains, sink: createSink(type), isObserved: false, parts: [] }
    this.#metrics.set(name, metric)
    return metric
  }

  /** Returns the metric or submetric that a threshold names. @throws LoadError INVALID_OPTIONS if there is no such metric. */
  part(name: string): Metric {
    const [, parentName = '', tagList] = /^([^{]+)(?:\{(.*)\})?$/.exec(name) ?? []
    const parent = this.#metrics.get(parentName)
    if (!parent)
      throw new LoadError(
        'INVALID_OPTIONS',
        `options.thresholds: expected the name of a metric that the script declares or k6 has, got "${name}".`,
      )
    if (tagList === undefined) return parent
    const known = parent.parts.find(({ metric }) => metric.name === name)
    if (known) return known.metric
    const metric: Metric = { name, type: parent.type, contains: parent.contains, sink: createSink(parent.type), isObserved: false }
    parent.parts.push({ tags: tagsOf(tagList, name), metric })
    return metric
  }

  add(name: string, value: number, tags: Tags): void {
    const metric = this.#metrics.get(name)
    if (!metric) throw new LoadError('SCRIPT_FAILED', `Expected a metric that the script declared, got "${name}".`)
    metric.sink.add(value)
    metric.isObserved = true
    for (const part of metric.parts) {
      if (!Object.entries(part.tags).every(([tag, wanted]) => tags[tag] === wanted)) continue
      part.metric.sink.add(value)
      part.metric.isObserved = true
    }
    for (const listen of this.#listeners) listen({ metric: name, value, tags })
  }

  onSample(listen: (sample: Sample) => void): void {
    this.#listeners.push(listen)
  }

  /** Returns all metrics, each followed by its submetrics. */
  all(): readonly Metric[] {
    return [...this.#metrics.values()].flatMap((metric) => [metric, ...metric.parts.map((part) => part.metric)])
  }
}

function tagsOf(list: string, name: string): Tags {
  const pairs = list.split(',').map((pair) => pair.split(':').map((half) => half.trim().replace(/^(['"])(.*)\1$/, '$2')))
  const isGood = pairs.every(([tag, value, ...rest]) => tag && value !== undefined && rest.length === 0)
  if (!isGood)
    throw new LoadError('INVALID_OPTIONS', `options.thresholds: expected a metric with tags such as {scenario:load}, got "${name}".`)
  return Object.fromEntries(pairs)
}
