import type { Env } from '../../../engine/cache/model/env.ts'
import type { Drop } from '../../history/drop-analysis.ts'
import type { History } from '../../history/history.ts'
import { percent, pointsBetween } from '../../history/rates.ts'
import { HOUR_MS, MINUTE_MS } from '../../history/read-figures.ts'
import type { SeriesDrop } from '../contract.ts'
import { type Fall, fallsOf, type RatePoint } from './falls.ts'

/** A fall of a rate, as a chart shows it, and its reason. */
export interface ExplainedFall {
  readonly fall: Fall
  /** Null for answers, or if there was no time to find the reason. */
  readonly reason: Drop | null
}

export interface FindFallsOptions {
  readonly history: Pick<History, 'explainDrop'>
  readonly env: Pick<Env, 'monotonic'>
  readonly stepMs: number
  /** False for a tenant: the reasons are known for all tenants together only, and would tell a tenant what others do. */
  readonly isExplained: boolean
}

const MAX_FALLS = 3
/** Time after which no further fall is explained, ms. Each explanation takes several statements. */
const EXPLAINING_MS = 5000
/** Time after the end of a step until each process has stored its figures, ms. A process stores them every ten seconds. */
const STORED_AFTER_MS = 15_000
/** Length of the ranges before and after a named moment that are compared, ms. */
const COMPARED_MS = 15 * MINUTE_MS

/** Returns the moment up to which the figures of all processes are complete, Unix epoch ms. */
export function completeUntil(now: number): number {
  return now - STORED_AFTER_MS
}

/**
 * Finds the three largest falls in a series, oldest first, with their reasons. Steps that are still being counted are left out: the figures of
 * the last step would look like a fall.
 */
export async function findFalls(
  rates: readonly RatePoint[],
  now: number,
  { history, env, stepMs, isExplained }: FindFallsOptions,
): Promise<readonly ExplainedFall[]> {
  const falls = fallsOf(
    rates.filter(({ at }) => at + stepMs <= completeUntil(now)),
    MAX_FALLS,
  )
  const startedAt = env.monotonic()
  const explained: ExplainedFall[] = []
  for (const fall of falls.toSorted((a, b) => a.at - b.at)) {
    const hasTime = isExplained && env.monotonic() - startedAt < EXPLAINING_MS
    explained.push({ fall, reason: hasTime ? await explainFall(history, fall, stepMs) : null })
  }
  return explained
}

/** Compares the last step before a fall with the lowest one, from the rows of which the series consists: these are the drawn values. */
function explainFall(history: Pick<History, 'explainDrop'>, { lastBefore, at, lowestAt }: Fall, stepMs: number): Promise<Drop | null> {
  return history.explainDrop({
    before: { from: lastBefore, to: lastBefore + stepMs },
    after: { from: lowestAt, to: lowestAt + stepMs },
    // The misses of a step can have been caused by a write in the step before it.
    writes: { from: at - stepMs, to: lowestAt + stepMs },
    firstStep: { from: at, to: at + stepMs },
    period: stepMs % HOUR_MS === 0 ? 'hour' : 'minute',
  })
}

/** Compares the quarter of an hour before a moment with the one after it. */
export function explainMoment(history: Pick<History, 'explainDrop'>, at: number): Promise<Drop | null> {
  const after = { from: at, to: at + COMPARED_MS }
  return history.explainDrop({ before: { from: at - COMPARED_MS, to: at }, after, writes: after })
}

/** Describes a fall for the management API. @param rate Name of the rate, such as `field hit rate`. */
export function shownFall({ fall, reason }: ExplainedFall, stepMs: number, rate: SeriesDrop['rate']): SeriesDrop {
  const { lastBefore, at, lowestAt, until, before, lowest } = fall
  const values = `from ${percent(before)} in the step of ${iso(lastBefore)} to ${percent(lowest)} in the step of ${iso(lowestAt)}`
  const end = until === undefined ? 'and has not recovered' : `and had recovered by ${iso(until)}`
  const sentence = `The ${rate} fell by ${pointsBetween(before, lowest)} points, ${values} (steps of ${lengthOf(stepMs)}), ${end}.`
  return {
    rate,
    at: iso(at),
    lowestAt: iso(lowestAt),
    until: until === undefined ? null : iso(until),
    before,
    after: lowest,
    sentence: reason ? `${sentence} ${reason.reason}` : sentence,
    ...blamed(reason),
  }
}

/** Describes the comparison of the time before and after a moment for the management API. */
export function shownComparison(reason: Drop, at: number): SeriesDrop {
  const { hitRateBefore, hitRateAfter, after } = reason
  const values = `${percent(hitRateBefore)} in the 15 minutes before ${iso(at)} and ${percent(hitRateAfter)} in the 15 minutes after it`
  const sentence = `The field hit rate was ${values}, ${pointsBetween(hitRateBefore, hitRateAfter)} points less. ${reason.reason}`
  return {
    rate: 'field hit rate',
    at: iso(at),
    lowestAt: iso(at),
    until: iso(after.to),
    before: hitRateBefore,
    after: hitRateAfter,
    sentence,
    ...blamed(reason),
  }
}

function blamed(reason: Drop | null) {
  return { field: reason?.worst?.field ?? null, cause: reason?.worst?.cause ?? null, write: reason?.write?.cause ?? null }
}

function lengthOf(stepMs: number): string {
  const [size, unit] = stepMs % HOUR_MS === 0 ? [stepMs / HOUR_MS, 'hour'] : [stepMs / MINUTE_MS, 'minute']
  return `${size} ${unit}${size === 1 ? '' : 's'}`
}

function iso(at: number): string {
  return new Date(at).toISOString()
}
