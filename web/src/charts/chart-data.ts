/** One line or area of a chart. */
export interface ChartSeries {
  readonly id: string
  readonly title: string
  /** Meaning of the title, for the legend. Default: the title says it all. */
  readonly meaning?: string
  /** CSS class that gives the colour: see charts.css. */
  readonly color: string
}

export interface ChartPoint {
  /** Beginning of the step, Unix epoch ms. */
  readonly at: number
  /** Values in the order of the series; null for a value that is not known. */
  readonly values: readonly (number | null)[]
}

/** Range of time that a chart marks with a colour. */
export interface Band {
  /** Unix epoch ms. */
  readonly from: number
  readonly to: number
}

/** Contents of a chart, whatever its form. */
export interface ChartContent {
  /** Name of the chart for screen readers. */
  readonly title: string
  readonly series: readonly ChartSeries[]
  readonly points: readonly ChartPoint[]
  readonly stepMs: number
  /** Formats a value with its unit. */
  readonly format: (value: number | null) => string
}

/** Returns the points, and the last one again at the end of its step: a value belongs to its whole step. */
export function withEnd<Point extends ChartPoint>(points: readonly Point[], stepMs: number): readonly Point[] {
  const last = points.at(-1)
  return last ? [...points, { ...last, at: last.at + stepMs }] : points
}
