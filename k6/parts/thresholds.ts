import type { Threshold } from 'k6/options'

/** Statistics that the summary shows. They must include all statistics that thresholds use. */
export const trendStats = ['avg', 'min', 'med', 'max', 'p(95)', 'p(99)']

/**
 * Thresholds of every run: no response with data older than promised, no response with a status of 500 or above, and less than 0.1 %
 * errors.
 */
export const correctness: Readonly<Record<string, Threshold[]>> = {
  stale_answers: ['count==0'],
  server_errors: ['count==0'],
  errors: ['rate<0.001'],
}

/**
 * Thresholds of a run in which gateways are killed. Requests in flight are then lost, and the proxy answers them with the status 502. So
 * such responses are allowed, but they count as errors. No response may have data older than promised.
 */
export const correctnessUnderFaults: Readonly<Record<string, Threshold[]>> = { stale_answers: ['count==0'], errors: ['rate<0.001'] }

/** Returns a threshold for the latency of one scenario's requests. Requests of `setup` and of other scenarios do not count. */
export function latency(scenario: string, p95Ms: number): Readonly<Record<string, Threshold[]>> {
  return { [`http_req_duration{scenario:${scenario}}`]: [`p(95)<${p95Ms}`] }
}
