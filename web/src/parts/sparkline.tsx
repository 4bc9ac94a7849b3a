import { line } from 'd3-shape'

const WIDTH = 72
const HEIGHT = 20
const EDGE = 2

interface SparklineProps {
  /** Values in equal steps; null for a step without a value. */
  readonly values: readonly (number | null)[]
  /** Range of the values. Default: from the least to the greatest. */
  readonly range?: readonly [number, number]
}

/** Small line without axes; a dot for a single value. It is decoration: the figures beside it say the same. */
export function Sparkline({ values, range }: SparklineProps) {
  const known = values.filter((value) => value !== null)
  if (known.length === 0) return <small>no reads in this range</small>
  const [least, greatest] = range ?? [Math.min(...known), Math.max(...known)]
  const scale = greatest === least ? 0 : (HEIGHT - 2 * EDGE) / (greatest - least)
  const path = line<number | null>()
    .defined((value) => value !== null)
    .x((_, index) => EDGE + (index / Math.max(1, values.length - 1)) * (WIDTH - 2 * EDGE))
    .y((value) => (scale === 0 ? HEIGHT / 2 : HEIGHT - EDGE - ((value ?? 0) - least) * scale))
  return (
    <svg className="spark" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} width={WIDTH} height={HEIGHT} aria-hidden="true">
      <path d={path(values) ?? ''} className={known.length === 1 ? 'dot' : undefined} />
    </svg>
  )
}
