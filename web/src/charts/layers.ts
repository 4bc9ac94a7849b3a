import type { Series } from '../../../src/operations/admin/contract.ts'
import type { ChartPoint, ChartSeries } from './chart-data.ts'

type Point = Series['points'][number]

interface Layer extends ChartSeries {
  /** Names of the layers in the answers of the management API that are shown as one. */
  readonly names: readonly string[]
}

/** Layers that answer, from the cheapest to the most expensive: this is also their order in a chart, from below. */
export const LAYERS: readonly Layer[] = [
  { id: 'at hand', title: 'Memory, as bytes', color: 'c-hand', names: ['at hand'] },
  { id: 'l1', title: 'Memory', color: 'c-l1', names: ['l1'] },
  { id: 'l2', title: 'Redis', color: 'c-l2', names: ['l2'] },
  { id: 'parts', title: 'Cached parts', color: 'c-parts', names: ['parts'] },
  { id: 'coalesced', title: 'Coalesced', color: 'c-coalesced', names: ['coalesced'] },
  { id: 'stale', title: 'Stale', color: 'c-stale', names: ['stale'] },
  { id: 'origin', title: 'Database', color: 'c-origin', names: ['origin'] },
  { id: 'bypassed', title: 'Not cached', color: 'c-bypassed', names: ['bypassed'] },
  { id: 'failed', title: 'Shed or refused', color: 'c-failed', names: ['shed', 'refused', 'failed'] },
]

/** Causes of misses, in the order of the management API. */
export const CAUSES: readonly ChartSeries[] = [
  { id: 'invalidated', title: 'Invalidated', color: 'c-invalidated' },
  { id: 'cold', title: 'Cold', color: 'c-cold' },
  { id: 'expired', title: 'Expired', color: 'c-expired' },
  { id: 'evicted', title: 'Evicted', color: 'c-evicted' },
  { id: 'not cacheable', title: 'Not cacheable', color: 'c-uncacheable' },
  { id: 'bypassed', title: 'Bypassed', color: 'c-bypassed' },
  { id: 'shed', title: 'Shed', color: 'c-failed' },
]

/** Returns the answers of each layer, in the order of {@link LAYERS}. */
export function countsByLayer(answers: Readonly<Record<string, number>>): readonly number[] {
  return LAYERS.map(({ names }) => names.reduce((sum, name) => sum + (answers[name] ?? 0), 0))
}

/**
 * Returns the steps that are counted completely, or all steps if fewer than two are: the figures of the last step would look like a fall.
 * The range of a series does not tell them, because it is extended to whole steps.
 */
export function finishedPoints({ points, stepMs, completeUntil }: Pick<Series, 'points' | 'stepMs' | 'completeUntil'>): readonly Point[] {
  const finished = points.filter(({ at }) => Date.parse(at) + stepMs <= Date.parse(completeUntil))
  return finished.length < 2 ? points : finished
}

/** Returns the answers per second of each layer over time. */
export function answerPoints(points: readonly Point[], stepMs: number): readonly ChartPoint[] {
  return points.map(({ at, answers }) => ({
    at: Date.parse(at),
    values: countsByLayer(answers).map((count) => (1000 * count) / stepMs),
  }))
}

/** Returns the field hit rate and the reachable one over time. */
export function ratePoints(points: readonly Point[]) {
  return points.map(({ at, hitRate, reachableHitRate }) => ({ at: Date.parse(at), rate: hitRate, reachable: reachableHitRate }))
}

/** Returns the share of answers from cache over time. What could be reached is not known for answers. */
export function answerRatePoints(points: readonly Point[]) {
  return points.map(({ at, answersFromCache }) => ({ at: Date.parse(at), rate: answersFromCache, reachable: null }))
}
