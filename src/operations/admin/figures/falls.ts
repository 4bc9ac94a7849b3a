/** Reads and hits of one step of a series. */
export interface RatePoint {
  /** Beginning of the step, Unix epoch ms. */
  readonly at: number
  readonly reads: number
  readonly hits: number
}

/** A fall of a rate, with the moments and values that a chart of the same steps shows. */
export interface Fall {
  /** Beginning of the last step before the fall, Unix epoch ms. */
  readonly lastBefore: number
  /** Beginning of the first step of the fall, Unix epoch ms. */
  readonly at: number
  /** Beginning of the step with the lowest rate, Unix epoch ms. */
  readonly lowestAt: number
  /** Beginning of the first step in which four fifths of the fall were made up; undefined if they were not. */
  readonly until: number | undefined
  /** Rate of the last step before the fall, 0 to 1. */
  readonly before: number
  /** Lowest rate, 0 to 1. */
  readonly lowest: number
}

/** Minimum fall of the rate. */
const MIN_FALL = 0.05
/** Number of steps before and after a moment whose means are compared to find a fall. */
const COMPARED_STEPS = 5
/** Minimum number of reads on each side of a fall. Fewer say too little. */
const MIN_READS = 20
/** Share of a fall by which a rate may be below the earlier one and still count as not fallen. */
const TOLERANCE = 0.2

/**
 * Returns the largest falls of the rate by more than 5 points, largest first. No two of them overlap. Means of several steps find a fall;
 * its beginning, its end and its values are those of single steps, so that they agree with a chart.
 * @param points Steps that have reads, oldest first.
 */
export function fallsOf(points: readonly RatePoint[], max: number): readonly Fall[] {
  const found = points.flatMap((_, index) => fallAround(points, index) ?? [])
  const chosen: Fall[] = []
  for (const fall of found.toSorted((a, b) => b.before - b.lowest - (a.before - a.lowest) || a.at - b.at)) {
    if (chosen.length >= max) break
    const overlaps = (other: Fall) => fall.at < (other.until ?? Infinity) && other.at < (fall.until ?? Infinity)
    if (!chosen.some(overlaps)) chosen.push(fall)
  }
  return chosen
}

/** Returns the fall that happened near a step. */
function fallAround(points: readonly RatePoint[], index: number): Fall | undefined {
  const before = meanOf(points.slice(Math.max(0, index - COMPARED_STEPS), index))
  const after = meanOf(points.slice(index, index + COMPARED_STEPS))
  if (before === null || after === null || before - after <= MIN_FALL) return undefined
  const deep = points.findIndex((point, place) => place >= index && rateOf(point) < (before + after) / 2)
  if (deep < 0) return undefined
  const isFallen = (point: RatePoint | undefined) => point !== undefined && rateOf(point) < before - TOLERANCE * (before - after)
  let first = deep
  while (isFallen(points[first - 1])) first--
  const [previous, begin] = [points[first - 1], points[first]]
  if (!previous || !begin) return undefined
  let lowest = begin
  let end = first + 1
  for (; end < points.length; end++) {
    const point = points[end] as RatePoint
    if (rateOf(point) >= rateOf(previous) - TOLERANCE * (rateOf(previous) - rateOf(lowest))) break
    if (rateOf(point) < rateOf(lowest)) lowest = point
  }
  if (rateOf(previous) - rateOf(lowest) <= MIN_FALL) return undefined
  return {
    lastBefore: previous.at,
    at: begin.at,
    lowestAt: lowest.at,
    until: points[end]?.at,
    before: rateOf(previous),
    lowest: rateOf(lowest),
  }
}

function rateOf({ reads, hits }: RatePoint): number {
  return hits / reads
}

function meanOf(points: readonly RatePoint[]): number | null {
  const reads = points.reduce((sum, point) => sum + point.reads, 0)
  return reads < MIN_READS ? null : points.reduce((sum, point) => sum + point.hits, 0) / reads
}
