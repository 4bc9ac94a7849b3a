/** Event that can explain a change of a chart. */
export interface Mark {
  /** Unix epoch ms. */
  readonly at: number
  readonly kind: string
  /** Sentence that says what happened. */
  readonly sentence: string
  /** Short text above the chart. */
  readonly text: string
}

export interface PlacedMark {
  readonly at: number
  readonly kind: string
  /** Text above the chart; undefined if there is no room for it. */
  readonly text: string | undefined
  readonly left: number
  readonly anchor: 'start' | 'middle' | 'end'
}

/** Kinds whose texts get room before those of other kinds. */
const FIRST_KINDS = ['drop', 'reset', 'deploy']
/** Minimum distance between two lines, CSS pixels. Of lines that are closer to each other, one is drawn. */
const MIN_DISTANCE = 4
const PIXELS_PER_LETTER = 6.5
const EDGE = 40

/** Places marks above a chart, the most important ones first. The read-out of the chart has the marks for which there was no room. */
export function placeMarks(marks: readonly Mark[], x: (at: number) => number, width: number): readonly PlacedMark[] {
  const rank = ({ kind }: Mark) => (FIRST_KINDS.includes(kind) ? FIRST_KINDS.indexOf(kind) : FIRST_KINDS.length)
  const placed: PlacedMark[] = []
  const taken: (readonly [from: number, to: number])[] = []
  for (const { at, kind, text } of marks.toSorted((one, other) => rank(one) - rank(other) || one.at - other.at)) {
    const left = x(at)
    if (left < 0 || left > width || placed.some((other) => Math.abs(other.left - left) < MIN_DISTANCE)) continue
    const anchor = left < EDGE ? 'start' : left > width - EDGE ? 'end' : 'middle'
    const length = text.length * PIXELS_PER_LETTER
    const from = left - { start: 0, middle: length / 2, end: length }[anchor]
    const hasRoom = taken.every(([begin, end]) => from > end || from + length < begin)
    if (hasRoom) taken.push([from, from + length])
    placed.push({ at, kind, text: hasRoom ? text : undefined, left, anchor })
  }
  return placed
}
