import type { CSSProperties } from 'react'
import { points, UNKNOWN } from '../format/format.ts'

interface RateBarProps {
  /** Rate, 0 to 1; null if nothing was read. */
  readonly rate: number | null
  /** Rate that could be reached, 0 to 1; null or undefined if it is not known. */
  readonly reachable?: number | null | undefined
}

/** Field hit rate, or answers from cache, as a bar and a number, in front of what could be reached. */
export function RateBar({ rate, reachable }: RateBarProps) {
  if (rate === null) return <span className="rate">{UNKNOWN}</span>
  const style = { '--rate': `${100 * rate}%`, '--reachable': `${100 * (reachable ?? rate)}%` } as CSSProperties
  return (
    <span className="rate">
      <span className="rate-bar" style={style} aria-hidden="true" />
      <span>
        {points(rate)}
        <small>{reachable === null || reachable === undefined ? ' %' : ` of ${points(reachable)} %`}</small>
      </span>
    </span>
  )
}
