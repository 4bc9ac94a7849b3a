import type { AnswerLayer } from '../../gateway/graphql/endpoint/answer-layer.ts'
import { RANGES, rangeOf, UP_TO_MS } from './duration-ranges.ts'
import type { LatencyFigures } from './usage.ts'

const OUTCOMES: Readonly<Record<AnswerLayer, LatencyFigures['outcome'] | undefined>> = {
  'at hand': 'hit',
  l1: 'hit',
  l2: 'hit',
  stale: 'hit',
  parts: 'hit',
  coalesced: 'miss',
  origin: 'miss',
  // Neither their duration nor their number says anything about the cache.
  bypassed: undefined,
  shed: undefined,
  refused: undefined,
}

/** Counts the durations of answers in ranges, so that counting takes a few nanoseconds and the counts of several processes add up. */
export class LatencyMeter {
  readonly #counts = { hit: new Float64Array(RANGES), miss: new Float64Array(RANGES) }

  observe(layer: AnswerLayer, ms: number): void {
    const outcome = OUTCOMES[layer]
    if (outcome === undefined) return
    const range = rangeOf(ms)
    const counts = this.#counts[outcome]
    counts[range] = (counts[range] as number) + 1
  }

  /** Returns the number of cached answers, and of all answers that were counted. */
  shareOfHits(): { readonly hits: number; readonly answers: number } {
    const [hits, misses] = [this.#counts.hit, this.#counts.miss].map((counts) => counts.reduce((sum, count) => sum + count, 0)) as [
      number,
      number,
    ]
    return { hits, answers: hits + misses }
  }

  /** Returns the counts that are not 0. */
  rows(): readonly LatencyFigures[] {
    const rowsOf = (outcome: LatencyFigures['outcome'], first: number) =>
      UP_TO_MS.map((upToMs, range) => ({
        row: first + range,
        outcome,
        upToMs: String(upToMs),
        count: this.#counts[outcome][range] as number,
      }))
    return [...rowsOf('hit', 0), ...rowsOf('miss', RANGES)].filter(({ count }) => count > 0)
  }
}
