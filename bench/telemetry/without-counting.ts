import type { Patch } from '../../test/system/release.ts'

const REPORTS = 'src/gateway/graphql/endpoint/answer-reports.ts'
const FAST_PATH = 'src/gateway/http/fast-path.ts'

/**
 * Patches for a gateway that counts nothing: no answer is reported, no clock is read for the duration of an answer at hand, and neither the
 * events of the cache nor the statuses of responses are counted.
 */
export const WITHOUT_COUNTING: readonly Patch[] = [
  patch(
    REPORTS,
    'atHand({ known, response, costMs }: AnswerAtHand, status: number, durationMs: number): void {',
    (text) => `${text}\n    return`,
  ),
  patch(REPORTS, 'verdict: Verdict, bytes: number, savedMs: number): void {', (text) => `${text}\n    return`),
  patch(FAST_PATH, 'const startedAt = this.#options.monotonic()', () => 'const startedAt = 0'),
  patch(FAST_PATH, 'this.#options.monotonic() - exchange.startedAt', () => '0'),
  patch('src/app.ts', '    metrics.onCacheEvent(event)\n', () => ''),
  patch('src/app.ts', 'onResponse: (status) => metrics.onResponse(status)', () => 'onResponse: () => undefined'),
]

function patch(file: string, from: string, toOf: (from: string) => string): Patch {
  return { file, from, to: toOf(from) }
}
