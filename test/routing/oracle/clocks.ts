import type { Period } from '#src/market/rules/routing/candidate.ts'
import { type Schedule, weekdays } from '#src/market/rules/routing/schedule.ts'

/** Zones whose clocks change by half an hour. */
const HALF_HOUR_ZONES = ['Australia/Lord_Howe']

const formats = new Map<string, Intl.DateTimeFormat>()

/** Local date and time by the formatter of the runtime, which the program under test does not use in this way. */
function partsOf(zone: string, time: number): Readonly<Record<string, string>> {
  let format = formats.get(zone)
  if (!format) {
    const numeric = { year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit', second: '2-digit' } as const
    format = new Intl.DateTimeFormat('en-CA', { timeZone: zone, hourCycle: 'h23', timeZoneName: 'longOffset', ...numeric })
    formats.set(zone, format)
  }
  return Object.fromEntries(format.formatToParts(time).map(({ type, value }) => [type, value]))
}

/** Returns a text that is the same for two times exactly if they are in the same period of the zone. */
export function periodName(zone: string, period: Period, time: number): string {
  const { year, month, day, hour, timeZoneName } = partsOf(zone, time)
  if (period === 'TOTAL') return ''
  if (period === 'MONTH') return `${year}-${month}`
  if (period === 'DAY') return `${year}-${month}-${day}`
  // An hour that is repeated is two periods. An hour of which a half is repeated is one.
  return `${year}-${month}-${day} ${hour} ${HALF_HOUR_ZONES.includes(zone) ? '' : timeZoneName}`
}

export function isOpen(schedule: Schedule | null, zone: string, time: number): boolean {
  if (!schedule) return true
  const { year, month, day, hour, minute } = partsOf(zone, time)
  const date = `${year}-${month}-${day}`
  if (schedule.holidays.includes(date)) return false
  const weekday = weekdays[(new Date(`${date}T00:00:00Z`).getUTCDay() + 6) % 7]
  return schedule.hours.some((hours) => hours.day === weekday && hours.from <= `${hour}:${minute}` && `${hour}:${minute}` < hours.until)
}
