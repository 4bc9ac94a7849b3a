/*
 * Variables of operations that are warmed on a schedule. They are written as clients send them, except that a value can be the start of a
 * period. In March 2026, `{ startOf: MONTH }` becomes `2026-03-01T00:00:00.000Z`. Then `{ startOf: MONTH, shift: -1 }` becomes
 * `2026-02-01T00:00:00.000Z`, the start of the previous month.
 */

const HOUR_MS = 60 * 60 * 1000
const DAY_MS = 24 * HOUR_MS
const PERIODS = ['HOUR', 'DAY', 'WEEK', 'MONTH'] as const
type Period = (typeof PERIODS)[number]

/** Maximum number of periods by which `shift` moves a start, forwards or backwards. */
const MAX_SHIFT = 1000

export type WarmVariables = Readonly<Record<string, unknown>>

/** Returns the variables. Each `{ startOf }` in them is replaced by its time in ISO 8601. Periods are in UTC, and weeks begin on Monday. */
export function variablesAt(variables: WarmVariables, now: number): WarmVariables {
  return Object.fromEntries(Object.entries(variables).map(([name, value]) => [name, valueAt(value, now)]))
}

/** Returns what is wrong with the first wrong `{ startOf }` in the variables; undefined if none is wrong. */
export function problemOfStarts(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  if (!isStart(value)) {
    for (const part of Object.values(value)) {
      const problem = problemOfStarts(part)
      if (problem !== undefined) return problem
    }
    return undefined
  }
  const { startOf, shift = 0, ...others } = value
  if (!PERIODS.some((period) => period === startOf))
    return `expected startOf to be ${PERIODS.join(', ')}, got ${JSON.stringify(startOf)}. Write one of them.`
  if (!Number.isInteger(shift) || Math.abs(Number(shift)) > MAX_SHIFT)
    return `expected shift to be a whole number from -${MAX_SHIFT} to ${MAX_SHIFT}, got ${JSON.stringify(shift)}. Write one.`
  const [unknown] = Object.keys(others)
  return unknown === undefined ? undefined : `expected startOf and shift alone, got ${unknown} beside them. Remove it.`
}

function valueAt(value: unknown, now: number): unknown {
  if (Array.isArray(value)) return value.map((item) => valueAt(item, now))
  if (typeof value !== 'object' || value === null) return value
  if (isStart(value)) return new Date(startOf(value.startOf as Period, Number(value.shift ?? 0), now)).toISOString()
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, valueAt(part, now)]))
}

function isStart(value: object): value is { readonly startOf: unknown; readonly shift?: unknown } {
  return Object.hasOwn(value, 'startOf')
}

function startOf(period: Period, shift: number, now: number): number {
  if (period === 'HOUR') return (Math.floor(now / HOUR_MS) + shift) * HOUR_MS
  const today = Math.floor(now / DAY_MS)
  if (period === 'DAY') return (today + shift) * DAY_MS
  const date = new Date(now)
  if (period === 'WEEK') return (today - ((date.getUTCDay() + 6) % 7) + 7 * shift) * DAY_MS
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + shift, 1)
}
