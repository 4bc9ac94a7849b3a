import { type ScaleTime, scaleLinear, scaleTime } from 'd3-scale'
import { type KeyboardEvent, type PointerEvent, type ReactNode, useId, useState } from 'react'
import { stepTime } from '../format/format.ts'
import { useWidth } from '../parts/use-width.ts'
import type { Band, ChartContent, ChartPoint } from './chart-data.ts'
import { ChartTable } from './chart-table.tsx'
import { Legend } from './legend.tsx'
import { type Mark, placeMarks } from './marks.ts'

export interface Scales {
  readonly x: (at: number) => number
  readonly y: (value: number) => number
  readonly height: number
  readonly width: number
}

interface ChartFrameProps extends ChartContent {
  /** Formats a value of the vertical axis. */
  readonly formatTick: (value: number) => string
  /** Range of the vertical axis. */
  readonly domain: readonly [number, number]
  readonly marks?: readonly Mark[]
  readonly bands?: readonly Band[]
  readonly height: number
  /** Whether the read-out begins with the sum of the values. */
  readonly hasSum?: boolean
  readonly children: (scales: Scales) => ReactNode
}

const LEFT = 44
const RIGHT = 8
const BOTTOM = 22
const PIXELS_PER_TICK = 90
const PAGE_OF_POINTS = 10
/** Maximum length of a range whose ticks are times of the day. The ticks of a longer one are days. */
const MAX_CLOCK_MS = 3 * 86_400_000

/**
 * Axes, marks and read-out of a chart over time. The read-out follows the pointer, and the arrow keys, Page Up, Page Down, Home and End while
 * the chart has the focus. The same values are in a table below.
 */
export function ChartFrame(props: ChartFrameProps) {
  const { title, series, points, stepMs, format, formatTick, domain, marks = [], bands = [], height, hasSum = false, children } = props
  const [ref, width] = useWidth()
  const [chosen, setChosen] = useState<number>()
  const id = useId()
  const [first, last] = [points.at(0), points.at(-1)]
  if (!first || !last) return null
  const top = marks.length > 0 ? 26 : 10
  const [innerWidth, innerHeight] = [Math.max(0, width - LEFT - RIGHT), height - top - BOTTOM]
  const end = last.at + stepMs
  const x = scaleTime([first.at, end], [0, innerWidth])
  const y = scaleLinear([...domain], [innerHeight, 0])
  const index = chosen === undefined ? undefined : Math.min(points.length - 1, chosen)
  const point = index === undefined ? undefined : points[index]
  const rangeMs = last.at - first.at
  const sentence = point ? readOut(point, { series, format, time: stepTime(point.at, stepMs, rangeMs), marks, stepMs, hasSum }) : undefined

  const follow = (event: PointerEvent<HTMLDivElement>) => {
    const at = x.invert(event.clientX - event.currentTarget.getBoundingClientRect().left - LEFT).getTime()
    setChosen(nearest(points, at))
  }
  const move = (event: KeyboardEvent) => {
    const from = index ?? points.length - 1
    const to = {
      ArrowLeft: from - 1,
      ArrowRight: from + 1,
      PageUp: from - PAGE_OF_POINTS,
      PageDown: from + PAGE_OF_POINTS,
      Home: 0,
      End: points.length - 1,
    }[event.key]
    if (event.key === 'Escape') setChosen(undefined)
    if (to === undefined) return
    event.preventDefault()
    setChosen(Math.min(points.length - 1, Math.max(0, to)))
  }

  return (
    <>
      <div
        ref={ref}
        className="chart"
        role="slider"
        tabIndex={0}
        aria-label={`${title}: moment`}
        aria-valuemin={0}
        aria-valuemax={points.length - 1}
        aria-valuenow={index ?? points.length - 1}
        aria-valuetext={sentence ?? 'Use the arrow keys to read the values.'}
        aria-describedby={id}
        onPointerMove={follow}
        onPointerDown={follow}
        onPointerLeave={() => setChosen(undefined)}
        onBlur={() => setChosen(undefined)}
        onKeyDown={move}
      >
        {width === 0 ? (
          <div style={{ height }} />
        ) : (
          <svg width={width} height={height} aria-hidden="true">
            <g transform={`translate(${LEFT} ${top})`}>
              {y.ticks(4).map((tick) => (
                <g key={tick} transform={`translate(0 ${y(tick)})`}>
                  <line className="grid" x2={innerWidth} />
                  <text className="tick" x={-8} dy="0.32em" textAnchor="end">
                    {formatTick(tick)}
                  </text>
                </g>
              ))}
              {bands
                .filter(({ from, to }) => to > first.at && from < end)
                .map(({ from, to }) => {
                  const [left, right] = [Math.max(0, x(from)), Math.min(innerWidth, x(to))]
                  return <rect key={from} className="band" x={left} width={Math.max(2, right - left)} height={innerHeight} />
                })}
              {children({ x, y, height: innerHeight, width: innerWidth })}
              {ticksOf(x, innerWidth, rangeMs).map((tick) => (
                <text key={tick.getTime()} className="tick" x={x(tick)} y={innerHeight + 16} textAnchor={anchorAt(x(tick), innerWidth)}>
                  {stepTime(tick.getTime(), rangeMs > MAX_CLOCK_MS ? rangeMs : stepMs, 0)}
                </text>
              ))}
              {placeMarks(marks, x, innerWidth).map(({ at, text, left, anchor, kind }) => (
                <g key={`${at} ${kind} ${text}`} className={`mark mark-${kind.replaceAll(' ', '-')}`} transform={`translate(${left} 0)`}>
                  <line y1={text === undefined ? 0 : -6} y2={innerHeight} />
                  {text === undefined ? null : (
                    <text y={-11} textAnchor={anchor}>
                      {text}
                    </text>
                  )}
                </g>
              ))}
              {point ? <line className="cursor" x1={x(point.at)} x2={x(point.at)} y1={0} y2={innerHeight} /> : null}
            </g>
          </svg>
        )}
        {point ? (
          <div
            className="readout"
            data-side={x(point.at) > innerWidth / 2 ? 'left' : 'right'}
            style={{ left: LEFT + x(point.at) }}
            aria-hidden="true"
          >
            <strong>{stepTime(point.at, stepMs, rangeMs)}</strong>
            <dl>
              {series.map(({ id: key, title: name, color }, place) =>
                point.values[place] === 0 ? null : (
                  <div key={key}>
                    <dt>
                      <i className={`swatch ${color}`} /> {name}
                    </dt>
                    <dd>{format(point.values[place] ?? null)}</dd>
                  </div>
                ),
              )}
            </dl>
            {marksIn(marks, point.at, stepMs).map((mark) => (
              <p key={`${mark.at} ${mark.sentence}`}>{mark.sentence}</p>
            ))}
          </div>
        ) : null}
      </div>
      <p id={id} className="visually-hidden">
        The table below the chart has the same values.
      </p>
      <Legend series={series} />
      <ChartTable title={title} series={series} points={points} stepMs={stepMs} format={format} rangeMs={rangeMs} marks={marks} />
    </>
  )
}

interface ReadOutOptions extends Pick<ChartFrameProps, 'series' | 'format' | 'stepMs'> {
  readonly time: string
  readonly marks: readonly Mark[]
  readonly hasSum: boolean
}

/** Returns what a screen reader says of a point. */
function readOut(point: ChartPoint, { series, format, time, marks, stepMs, hasSum }: ReadOutOptions): string {
  const values = series.flatMap(({ title }, place) =>
    point.values[place] === 0 ? [] : [`${title} ${format(point.values[place] ?? null)}`],
  )
  const sum = point.values.reduce<number>((all, value) => all + (value ?? 0), 0)
  const events = marksIn(marks, point.at, stepMs).map(({ sentence }) => sentence)
  return [`${time}: ${hasSum ? `${format(sum)} in all. ` : ''}${values.join(', ') || 'nothing'}.`, ...events].join(' ')
}

function marksIn(marks: readonly Mark[], at: number, stepMs: number): readonly Mark[] {
  return marks.filter((mark) => mark.at >= at && mark.at < at + stepMs)
}

/** Returns the index of the point whose step contains a moment, or of the last one before it. */
function nearest(points: readonly ChartPoint[], at: number): number {
  const later = points.findIndex((point) => point.at > at)
  if (later === -1) return points.length - 1
  return Math.max(0, later - 1)
}

/** Returns the moments of the axis. In a long range, these are the beginnings of days. */
function ticksOf(x: ScaleTime<number, number>, width: number, rangeMs: number): readonly Date[] {
  const ticks = x.ticks(Math.max(2, Math.floor(width / PIXELS_PER_TICK)))
  return rangeMs > MAX_CLOCK_MS ? ticks.filter((tick) => tick.getHours() === 0) : ticks
}

function anchorAt(left: number, width: number): 'start' | 'middle' | 'end' {
  return left < 20 ? 'start' : left > width - 20 ? 'end' : 'middle'
}
