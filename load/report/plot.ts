import { escaped } from './escape.ts'

export interface Series {
  readonly name: string
  /** Number of the line's colour in the style of the report, from 1 to 5. */
  readonly color: number
  /** Values of the line, one for each second; undefined for a second without a value. */
  readonly values: readonly (number | undefined)[]
}

export interface Plot {
  readonly title: string
  /** Unit of the values on the vertical axis. */
  readonly unit: string
  readonly series: readonly Series[]
  /** Value up to which the vertical axis always reaches. If a value of the lines is higher, the axis is longer. */
  readonly minTop?: number
}

const WIDTH = 1000
const HEIGHT = 300
const TICKS = 4
const STEPS = [1, 2, 2.5, 5, 10]

/**
 * Draws lines over time as SVG. The texts are HTML elements beside the SVG picture and not part of it, so that the texts keep their size
 * when the picture is as narrow as a telephone.
 */
export function plotOf({ title, unit, series, minTop = 0 }: Plot): string {
  const drawn = series.filter(({ values }) => values.some((value) => value !== undefined))
  if (drawn.length === 0) return `<figure><h3>${escaped(title)}</h3><p class="none">Not measured.</p></figure>`
  const count = Math.max(...drawn.map(({ values }) => values.length))
  const step = stepOf(Math.max(minTop, ...drawn.flatMap(({ values }) => values.map((value) => value ?? 0))) / TICKS)
  const ticks = Array.from({ length: TICKS + 1 }, (_, index) => index * step)
  const grid = ticks.map((_, index) => `<line x1="0" x2="${WIDTH}" y1="${y(index / TICKS)}" y2="${y(index / TICKS)}"/>`)
  const lines = drawn.map(({ color, values }) => `<path class="c${color}" d="${pathOf(values, count, step * TICKS)}"/>`)
  const labels = ticks.map((tick, index) => `<span style="bottom:${(index / TICKS) * 100}%">${shortened(tick)}</span>`)
  const legend = drawn.map(({ name, color, values }) => `<li class="c${color}">${escaped(name)} <b>${shortened(peakOf(values))}</b></li>`)
  return `<figure>
<h3>${escaped(title)} <small>${escaped(unit)}</small></h3>
<ul class="legend">${legend.join('')}<li class="note">highest value in bold</li></ul>
<div class="plot"><div class="axis">${labels.join('')}</div>
<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" preserveAspectRatio="none" role="img" aria-label="${escaped(`${title}, ${unit}, over ${count} seconds`)}">
<g class="grid">${grid.join('')}</g>${lines.join('')}</svg></div>
<div class="time"><span>0 s</span><span>${Math.round(count / 2)} s</span><span>${count} s</span></div>
</figure>`
}

function pathOf(values: readonly (number | undefined)[], count: number, top: number): string {
  let isDown = false
  const parts = values.map((value, index) => {
    if (value === undefined) {
      isDown = false
      return ''
    }
    const x = count <= 1 ? WIDTH / 2 : (index / (count - 1)) * WIDTH
    const point = `${isDown ? 'L' : 'M'}${x.toFixed(1)} ${y(value / top).toFixed(1)}`
    // A path of a single point has no length and would not be drawn. So a short line is added to the point.
    const dot = isDown ? '' : 'h0.1'
    isDown = true
    return point + dot
  })
  return parts.join('')
}

/** Returns the vertical coordinate in the picture. @param share Height of the point as a share of the picture's height, from 0 to 1. */
function y(share: number): number {
  return HEIGHT - share * HEIGHT
}

function stepOf(atLeast: number): number {
  if (!(atLeast > 0)) return 1
  const power = 10 ** Math.floor(Math.log10(atLeast))
  return (STEPS.find((step) => step * power >= atLeast) ?? 10) * power
}

function peakOf(values: readonly (number | undefined)[]): number {
  return Math.max(...values.map((value) => value ?? 0))
}

function shortened(value: number): string {
  if (value >= 1000) return value.toLocaleString('en-US', { maximumFractionDigits: 0 })
  return String(Number(value.toFixed(value >= 100 ? 0 : value >= 10 ? 1 : 2)))
}
