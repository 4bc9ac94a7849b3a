import { DAY_MS, HOUR_MS, hasMinutes, inSteps, MINUTE_MS, type TimeRange } from '../../history/read-figures.ts'
import { RequestProblem } from '../request-problem.ts'

const MAX_POINTS = 300
const NAMED_MS = { minute: MINUTE_MS, hour: HOUR_MS, day: DAY_MS }
const AUTOMATIC_MS = [
  ...[1, 2, 5, 10, 15, 30].map((minutes) => minutes * MINUTE_MS),
  ...[1, 2, 3, 6, 12].map((hours) => hours * HOUR_MS),
  ...[1, 7, 30, 90].map((days) => days * DAY_MS),
]

/**
 * Returns the length of the steps of a time range, ms.
 * @throws RequestProblem BAD_USER_INPUT for a step that gives too many points, and for minutes that are not kept any more.
 */
export function stepMsOf(step: 'auto' | 'minute' | 'hour' | 'day', range: TimeRange, now: number): number {
  const isKept = (stepMs: number) => stepMs % HOUR_MS === 0 || hasMinutes(range, now)
  if (step === 'auto')
    return AUTOMATIC_MS.find((stepMs) => isKept(stepMs) && countOf(range, stepMs) <= MAX_POINTS) ?? (AUTOMATIC_MS.at(-1) as number)
  const stepMs = NAMED_MS[step]
  if (!isKept(stepMs))
    throw new RequestProblem('BAD_USER_INPUT', 'step', 'figures by minute are kept for two days: use `hour`, or a later time range.')
  const count = countOf(range, stepMs)
  // A range that does not begin with a step has one more.
  if (count > MAX_POINTS + 1)
    throw new RequestProblem(
      'BAD_USER_INPUT',
      'step',
      `this gives ${count} points, and at most ${MAX_POINTS} are allowed: use a longer step.`,
    )
  return stepMs
}

function countOf(range: TimeRange, stepMs: number): number {
  const { from, to } = inSteps(range, stepMs)
  return (to - from) / stepMs
}
