const KIB = 1024
const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const DAY_MS = 24 * HOUR_MS
/** Error of a product of binary fractions, which must not count as a part of the next digit. */
const ROUNDING_ERROR = 1e-9
/** Age up to which a time without its day is clear. */
const MAX_UNDATED_MS = 20 * HOUR_MS

/** Shown in place of a value that is not known. */
export const UNKNOWN = '–'

const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 })
const tenths = new Intl.NumberFormat('en', { maximumFractionDigits: 1 })
const compact = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 })

/** Returns a number with separators, such as `12,430`. */
export function count(value: number | null | undefined): string {
  return value === null || value === undefined ? UNKNOWN : whole.format(value)
}

/** Returns a number in at most five characters, such as `1.2M`. */
export function short(value: number | null | undefined): string {
  return value === null || value === undefined ? UNKNOWN : compact.format(value)
}

/** Returns events a second, such as `412` or `0.3`. */
export function perSecond(value: number | null | undefined): string {
  if (value === null || value === undefined) return UNKNOWN
  if (value > 0 && value < 0.1) return '< 0.1'
  return value < 10 ? tenths.format(value) : whole.format(value)
}

/** Returns a share from 0 to 1 as a percentage without its sign, such as `94.6`. No share but 1 itself is rounded up to 100. */
export function points(share: number | null | undefined): string {
  if (share === null || share === undefined) return UNKNOWN
  const rounded = Math.round(share * 1000) / 10
  return (rounded === 100 && share < 1 ? 99.9 : rounded).toFixed(1)
}

/** Returns a share from 0 to 1 as a percentage, such as `94.6 %`. */
export function percent(share: number | null | undefined): string {
  return share === null || share === undefined ? UNKNOWN : `${points(share)} %`
}

/** Returns a share from 0 to 1 as a percentage with two digits that count, rounded up, such as `0.0031 %`. */
export function smallPercent(share: number): string {
  const digits = Math.max(0, 1 - Math.floor(Math.log10(100 * share)))
  return `${(Math.ceil(100 * share * 10 ** digits - ROUNDING_ERROR) / 10 ** digits).toFixed(digits)} %`
}

/** Returns by how many points a share fell, such as `10.1`. It is the difference of the two percentages as they are shown. */
export function pointsBetween(before: number, after: number): string {
  return ((Math.round(1000 * before) - Math.round(1000 * after)) / 10).toFixed(1)
}

/** Returns points from 0 to 100, such as `10.1`; few of them with two decimals, such as `0.53`, or `< 0.01`. */
export function fewPoints(value: number): string {
  if (value > 0 && value < 0.005) return '< 0.01'
  return value.toFixed(value > 0 && value < 0.95 ? 2 : 1)
}

/** Returns a share of a whole in whole percent, such as `46 %`; `< 1 %` for a part that is not 0. */
export function shareOf(part: number, all: number): string {
  if (all === 0) return UNKNOWN
  const share = (100 * part) / all
  return share > 0 && share < 1 ? '< 1 %' : `${Math.round(share)} %`
}

/** Returns a duration as a number and its unit, such as `['3.1', 's']`. */
export function durationParts(ms: number | null | undefined): readonly [value: string, unit: string] {
  if (ms === null || ms === undefined) return [UNKNOWN, '']
  const size = Math.abs(ms)
  if (size < 1000) return [size < 0.05 ? '0' : size < 10 ? tenths.format(ms) : whole.format(ms), 'ms']
  if (size < MINUTE_MS) return [tenths.format(ms / 1000), 's']
  if (size < HOUR_MS) return [whole.format(ms / MINUTE_MS), 'min']
  return size < 2 * DAY_MS ? [tenths.format(ms / HOUR_MS), 'h'] : [whole.format(ms / DAY_MS), 'days']
}

/** Returns a duration, such as `0.4 ms`, `75 ms`, `3.1 s` or `12 min`. */
export function duration(ms: number | null | undefined): string {
  return durationParts(ms).join(' ').trimEnd()
}

/** Returns two durations with the unit of the greater one, such as `['0.3 / 1.9', 'ms']`. */
export function durationPair(one: number | null | undefined, other: number | null | undefined): readonly [values: string, unit: string] {
  if (one === null || one === undefined || other === null || other === undefined) return [UNKNOWN, '']
  const unit = durationParts(Math.max(one, other))[1]
  const factor = { ms: 1, s: 1000, min: MINUTE_MS, h: HOUR_MS }[unit] ?? DAY_MS
  const shown = (ms: number) => (ms / factor < 10 ? tenths : whole).format(ms / factor)
  return [`${shown(one)} / ${shown(other)}`, unit]
}

/** Returns a size, such as `512 B` or `3.2 MiB`. */
export function bytes(size: number | null | undefined): string {
  if (size === null || size === undefined) return UNKNOWN
  if (size < KIB) return `${whole.format(size)} B`
  const units = ['KiB', 'MiB', 'GiB', 'TiB']
  const power = Math.min(units.length, Math.floor(Math.log2(size) / 10))
  return `${tenths.format(size / KIB ** power)} ${units[power - 1]}`
}

/** Returns the time since a moment, such as `3 s ago`. */
export function ago(time: string, now: number): string {
  const passed = now - Date.parse(time)
  return passed < 1000 ? 'now' : `${duration(passed)} ago`
}

/** Returns a moment in the time zone of the reader: the time, and before it the day, unless the moment was less than 20 hours ago. */
export function moment(time: string | number, now: number): string {
  const at = new Date(time)
  const clock = at.toLocaleTimeString('en-GB')
  return Math.abs(now - at.getTime()) < MAX_UNDATED_MS ? clock : `${dayOf(at)} ${clock}`
}

/** Returns the beginning of a step of a chart: the time for steps of less than a day, and the day if the chart is longer than a day. */
export function stepTime(at: number, stepMs: number, rangeMs: number): string {
  const date = new Date(at)
  const clock = date.toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit' })
  if (stepMs >= DAY_MS) return dayOf(date)
  return rangeMs > DAY_MS ? `${dayOf(date)} ${clock}` : clock
}

export interface SentencePart {
  /** Number of the part, which tells equal parts apart. */
  readonly place: number
  readonly text: string
  readonly isMoment: boolean
}

/** Returns the parts of a sentence: texts, and moments in ISO 8601 that should be shown in the reader's time zone. */
export function sentenceParts(sentence: string): readonly SentencePart[] {
  return sentence
    .split(/(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z)/)
    .map((text, place) => ({ place, text, isMoment: place % 2 === 1 }))
    .filter(({ text }) => text !== '')
}

/** Returns a time range such as `24h` as a number and its unit, such as `24 h`. */
export function windowText(window: string): string {
  return window.replace(/\d+/, '$& ')
}

/** Returns the length of a time range such as `24h`, ms; undefined for another text. */
export function windowMs(window: string): number | undefined {
  const [, number, unit] = /^([1-9]\d{0,3})([mhd])$/.exec(window) ?? []
  return unit === undefined ? undefined : Number(number) * { m: MINUTE_MS, h: HOUR_MS, d: DAY_MS }[unit as 'm' | 'h' | 'd']
}

function dayOf(date: Date): string {
  return date.toLocaleDateString('en-GB', { day: 'numeric', month: 'short' })
}
