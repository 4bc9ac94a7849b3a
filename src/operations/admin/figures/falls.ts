/** Reads and hits of one step of a series. */
export interface RatePoint {
  /** Beginning of the step, Unix epoch ms. */
  readonly at: number
  readonly reads: number
  readonly hits: number
}

/** A fall of the hit rate. */
export interface Fall {
  /** Beginning of the first step after the fall, Unix epoch ms. */
  readonly at: number
  /** Beginning of the first step in which the hit rate was back; undefined if it did not come back. */
  readonly until: number | undefined
  readonly before: number
  readonly after: number
}

/** Minimum fall of the hit rate. */
const MIN_FALL = 0.05
/** Number of steps before and after a moment that are compared. */
export const COMPARED_STEPS = 5
/** Minimum number of reads on each side of a fall. Fewer say too little. */
const MIN_READS = 20

/** Returns the largest falls of the hit rate by more than 5 points, largest first. No two of them overlap. */
export function fallsOf(points: readonly RatePoint[], max: number): readonly Fall[] {
  const found = points.flatMap((point, index) => {
    const before = rateOf(points.slice(Math.max(0, index - COMPARED_STEPS), index))
    const after = rateOf(points.slice(index, index + COMPARED_STEPS))
    if (before === null || after === null || before - after <= MIN_FALL) return []
    const back = points.findIndex((one, later) => later > index && one.reads > 0 && one.hits / one.reads >= before - MIN_FALL)
    return [{ index, back: back < 0 ? points.length : back, fall: { at: point.at, until: points[back]?.at, before, after } }]
  })
  const chosen: (typeof found)[number][] = []
  for (const one of found.toSorted((a, b) => b.fall.before - b.fall.after - (a.fall.before - a.fall.after))) {
    if (chosen.length >= max) break
    const isApart = chosen.every(
      ({ index, back }) => Math.abs(index - one.index) > COMPARED_STEPS && (one.index >= back || one.back <= index),
    )
    if (isApart) chosen.push(one)
  }
  return chosen.map(({ fall }) => fall)
}

function rateOf(points: readonly RatePoint[]): number | null {
  const reads = points.reduce((sum, point) => sum + point.reads, 0)
  return reads < MIN_READS ? null : points.reduce((sum, point) => sum + point.hits, 0) / reads
}
