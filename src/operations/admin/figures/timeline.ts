import type { History } from '../../history/history.ts'
import { ratesOf } from '../../history/rates.ts'
import { inSteps, type TimeRange } from '../../history/read-figures.ts'
import { NO_ANSWERS, NO_MISSES, NO_READS } from '../../telemetry/usage.ts'
import type { SeriesPoint } from '../contract.ts'
import type { RatePoint } from './falls.ts'
import { answerRates } from './read-figures.ts'

/** Subject of a series: everything, one operation, one field or one tenant. */
export interface TimelineSubject {
  readonly operation: string | undefined
  readonly field: string | undefined
  readonly tenant: string | undefined
}

export interface Timeline {
  readonly range: TimeRange
  readonly points: readonly SeriesPoint[]
  /** Field hit rate, or the share of answers from cache of an operation or a tenant, in each step that has reads. */
  readonly rates: readonly RatePoint[]
}

/** Reads a series. Steps in which nothing was counted have a point, too. */
export async function readTimeline(
  history: History,
  wanted: TimeRange,
  stepMs: number,
  { operation, field, tenant }: TimelineSubject,
): Promise<Timeline> {
  const range = inSteps(wanted, stepMs)
  if (field !== undefined) {
    const reads = byTime(await history.series(range, { stepMs, field }))
    return timelineOf(range, stepMs, (at) => {
      const point = reads.get(at) ?? NOTHING_READ
      const rates = ratesOf(point)
      return {
        point: {
          at: iso(at),
          requests: rates.reads,
          answers: counted(point.reads),
          answersFromCache: null,
          ...readPart(point),
          invalidations: null,
        },
        rates,
      }
    })
  }
  const answers = byTime(await history.answers(range, { stepMs, operation, tenant }))
  if (operation !== undefined || tenant !== undefined) {
    const invalidations = tenant === undefined ? undefined : await history.invalidationCounts(range, { stepMs, tenant })
    return timelineOf(range, stepMs, (at) => {
      const point = answers.get(at) ?? NOTHING_ANSWERED
      const rates = answerRates(point.answers)
      const unknown = { hitRate: null, reachableHitRate: null, misses: null, loadMs: null }
      const { requests, savedMs } = point
      const changes = invalidations ? (invalidations.get(at) ?? 0) : null
      return {
        point: {
          at: iso(at),
          requests,
          answers: counted(point.answers),
          answersFromCache: rates.share,
          ...unknown,
          savedMs,
          invalidations: changes,
        },
        rates,
      }
    })
  }
  const reads = byTime(await history.series(range, { stepMs }))
  const invalidations = await history.invalidationCounts(range, { stepMs, tenant })
  return timelineOf(range, stepMs, (at) => {
    const read = reads.get(at) ?? NOTHING_READ
    const { requests, answers: layers } = answers.get(at) ?? NOTHING_ANSWERED
    const answersFromCache = answerRates(layers).share
    const part = { ...readPart(read), invalidations: invalidations.get(at) ?? 0 }
    return { point: { at: iso(at), requests, answers: counted(layers), answersFromCache, ...part }, rates: ratesOf(read) }
  })
}

const NOTHING_READ = { reads: NO_READS, misses: NO_MISSES, loadMs: 0, savedMs: 0 }
const NOTHING_ANSWERED = { requests: 0, answers: NO_ANSWERS, savedMs: 0 }

function timelineOf(
  range: TimeRange,
  stepMs: number,
  pointAt: (at: number) => { readonly point: SeriesPoint; readonly rates: Pick<RatePoint, 'reads' | 'hits'> },
): Timeline {
  const all = Array.from({ length: (range.to - range.from) / stepMs }, (_, index) => {
    const at = range.from + index * stepMs
    const { point, rates } = pointAt(at)
    return { point, rate: { at, reads: rates.reads, hits: rates.hits } }
  })
  return { range, points: all.map(({ point }) => point), rates: all.map(({ rate }) => rate).filter(({ reads }) => reads > 0) }
}

function readPart(point: typeof NOTHING_READ) {
  const { hitRate, reachableHitRate } = ratesOf(point)
  const { misses, loadMs, savedMs } = point
  return { hitRate, reachableHitRate, misses: { ...misses }, loadMs, savedMs }
}

function byTime<Point extends { readonly at: number }>(points: readonly Point[]): ReadonlyMap<number, Point> {
  return new Map(points.map((point) => [point.at, point]))
}

function counted(counts: Readonly<Record<string, number>>): Record<string, number> {
  return Object.fromEntries(Object.entries(counts).filter(([, count]) => count > 0))
}

function iso(at: number): string {
  return new Date(at).toISOString()
}
