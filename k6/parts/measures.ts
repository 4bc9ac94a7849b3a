import { Counter, Rate, Trend } from 'k6/metrics'

/** Number of responses with data older than the gateway promises. A single such response fails the run. */
export const staleAnswers = new Counter('stale_answers')
/** Number of responses that the gateway itself flagged as possibly stale. */
export const flaggedAnswers = new Counter('flagged_answers')
/** Number of responses with an HTTP status of 500 or above. */
export const serverErrors = new Counter('server_errors')
/** Share of the requests that got no response, a status other than 200, or GraphQL errors. */
export const errors = new Rate('errors')
const hitRate = new Rate('hit_rate')
const hitRateL1 = new Rate('hit_rate_l1')
/** Share of hits in Redis among the responses that were not hits in the gateway's memory. */
const hitRateL2 = new Rate('hit_rate_l2')
/** Number of mutations that the gateway refused because of a rule of the market, such as a daily cap. */
export const refusedWrites = new Counter('refused_writes')
/** Time from the scheduled start of an iteration to its first response, ms. */
export const latencyFromSchedule = new Trend('latency_from_schedule', true)

/** Cache layers from which a response can come, according to the headers X-Cache and X-Cache-Level. */
export type Layer = 'l1' | 'l2' | 'miss' | 'stale' | 'bypass'

const answers: Readonly<Record<Layer, Counter>> = {
  l1: new Counter('answers_l1'),
  l2: new Counter('answers_l2'),
  miss: new Counter('answers_miss'),
  stale: new Counter('answers_stale'),
  bypass: new Counter('answers_bypass'),
}
const latencies: Readonly<Record<Layer, Trend>> = {
  l1: new Trend('latency_l1', true),
  l2: new Trend('latency_l2', true),
  miss: new Trend('latency_miss', true),
  stale: new Trend('latency_stale', true),
  bypass: new Trend('latency_bypass', true),
}

export function countLayer(layer: Layer, durationMs: number): void {
  answers[layer].add(1)
  latencies[layer].add(durationMs)
  if (layer === 'bypass') return
  hitRate.add(layer === 'l1' || layer === 'l2')
  hitRateL1.add(layer === 'l1')
  if (layer !== 'l1') hitRateL2.add(layer === 'l2')
}
