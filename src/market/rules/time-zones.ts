/** A time in which a zone has one offset. `from` is included and `until` is not, both Unix epoch ms. */
export interface OffsetSpan {
  readonly from: number
  readonly until: number
  /** Milliseconds to add to UTC for the local time. */
  readonly offset: number
}

const HOUR = 3_600_000
const DAY = 24 * HOUR
/** Spans are computed for weeks as a whole. */
const WEEK = 7 * DAY
/** Weeks that are kept of one zone, and zones that are kept. Both are dropped as a whole when they are more. */
const MAX_WEEKS = 64
const MAX_ZONES = 1000

const NAME = /^[A-Za-z][A-Za-z0-9_+\-/]{0,59}$/

/** Returns whether the program knows the clocks of a time zone, such as America/New_York. */
export function isTimeZone(name: string): boolean {
  if (!NAME.test(name)) return false
  try {
    offsetFormat(name)
    return true
  } catch {
    return false
  }
}

/** Returns the one name that the program uses for a time zone, whatever the case of the given name; null if there is no such zone. */
export function timeZoneName(name: string): string | null {
  return isTimeZone(name) ? offsetFormat(name).resolvedOptions().timeZone : null
}

interface Zone {
  readonly format: Intl.DateTimeFormat
  readonly weeks: Map<number, readonly OffsetSpan[]>
}

/** The offsets of time zones, kept in memory. Times are Unix epoch ms. */
export class TimeZones {
  readonly #zones = new Map<string, Zone>()

  /** Returns the offset of a zone, ms. @throws RangeError if there is no such zone. */
  offsetAt(zone: string, time: number): number {
    return spanAt(this.#week(zone, Math.floor(time / WEEK)), time).offset
  }

  /** Returns the hour of the day on the clocks of a zone, from 0 to 23. @throws RangeError if there is no such zone. */
  hourAt(zone: string, time: number): number {
    const hours = Math.floor((time + this.offsetAt(zone, time)) / HOUR)
    return ((hours % 24) + 24) % 24
  }

  /** Returns the spans of one offset each that cover the given time without gaps. @throws RangeError if there is no such zone. */
  spans(zone: string, from: number, until: number): readonly OffsetSpan[] {
    const found: OffsetSpan[] = []
    for (let week = Math.floor(from / WEEK); week * WEEK < until; week++)
      for (const span of this.#week(zone, week)) {
        const [start, end] = [Math.max(span.from, from), Math.min(span.until, until)]
        const last = found.at(-1)
        if (start >= end) continue
        if (last?.offset === span.offset) found[found.length - 1] = { ...last, until: end }
        else found.push({ from: start, until: end, offset: span.offset })
      }
    return found
  }

  #week(name: string, week: number): readonly OffsetSpan[] {
    let zone = this.#zones.get(name)
    if (!zone) {
      zone = { format: offsetFormat(name), weeks: new Map() }
      if (this.#zones.size >= MAX_ZONES) this.#zones.clear()
      this.#zones.set(name, zone)
    }
    let spans = zone.weeks.get(week)
    if (!spans) {
      spans = spansOfWeek(zone.format, week * WEEK)
      if (zone.weeks.size >= MAX_WEEKS) zone.weeks.clear()
      zone.weeks.set(week, spans)
    }
    return spans
  }
}

function spanAt(spans: readonly OffsetSpan[], time: number): OffsetSpan {
  const span = spans.find(({ until }) => time < until)
  if (!span) throw new RangeError(`Expected a time in Unix epoch ms, got ${time}.`)
  return span
}

/** Returns the spans of a week. A zone never changes its clocks twice in one day. */
function spansOfWeek(format: Intl.DateTimeFormat, start: number): readonly OffsetSpan[] {
  const spans: OffsetSpan[] = []
  let [from, offset] = [start, readOffset(format, start)]
  for (let day = start; day < start + WEEK; day += DAY) {
    const next = readOffset(format, day + DAY)
    if (next === offset) continue
    const change = findChange(format, day, day + DAY, offset)
    // The next week begins with a change at its start.
    if (change >= start + WEEK) break
    spans.push({ from, until: change, offset })
    ;[from, offset] = [change, next]
  }
  return [...spans, { from, until: start + WEEK, offset }]
}

/** Returns the first whole second after `from` that does not have the offset. */
function findChange(format: Intl.DateTimeFormat, from: number, until: number, offset: number): number {
  let [before, after] = [from / 1000, until / 1000]
  while (after - before > 1) {
    const middle = Math.floor((before + after) / 2)
    if (readOffset(format, middle * 1000) === offset) before = middle
    else after = middle
  }
  return after * 1000
}

function offsetFormat(timeZone: string): Intl.DateTimeFormat {
  return new Intl.DateTimeFormat('en-US', { timeZone, timeZoneName: 'longOffset' })
}

/** Reads an offset, which the runtime writes as `GMT`, `GMT-04:00` or `GMT-04:56:02`. */
function readOffset(format: Intl.DateTimeFormat, time: number): number {
  const text = format.format(time)
  const [, sign, hours = '0', minutes = '0', seconds = '0'] = /GMT(?:([+-])(\d{2}):(\d{2})(?::(\d{2}))?)?$/.exec(text) ?? []
  const size = (Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds)) * 1000
  return sign === '-' ? -size : size
}
