import { amountRange, DocumentReader, type Parsed } from '../document.ts'
import type { Cap, Counted, DuplicateWindow, Period } from './candidate.ts'

const periods: readonly Period[] = ['HOUR', 'DAY', 'MONTH', 'TOTAL']
const counted: readonly Counted[] = ['ATTEMPTS', 'CONNECTIONS', 'CONVERSIONS', 'MONEY']

/** Inclusive bounds of a duplicate window in days. */
const DUPLICATE_DAYS = { min: 1, max: 366, unit: 'days' } as const

const distinct = {
  by: ({ period, counts }: Cap) => `${period} ${counts}`,
  path: [],
  problem: ({ period, counts }: Cap) => `There is another cap on ${counts} by ${period}. Keep one of them.`,
}

/** Reads the caps of a buyer from unknown JSON: a list that has each pair of period and count once at most. */
export function parseCaps(given: unknown): Parsed<readonly Cap[]> {
  const reader = new DocumentReader()
  const caps = reader.list(given, [], { max: periods.length * counted.length, distinct }, (item, path): Cap | undefined => {
    const fields = reader.object(item, path, ['period', 'counts', 'maximum'])
    if (!fields) return undefined
    const period = reader.choice(fields.period, [...path, 'period'], periods)
    const counts = reader.choice(fields.counts, [...path, 'counts'], counted)
    const maximum = reader.integer(fields.maximum, [...path, 'maximum'], {
      ...amountRange,
      unit: counts === 'MONEY' ? 'minor units' : 'calls',
    })
    return period === undefined || counts === undefined || maximum === undefined ? undefined : { period, counts, maximum }
  })
  return reader.result(caps)
}

/** Reads a duplicate window from unknown JSON. */
export function parseDuplicateWindow(given: unknown): Parsed<DuplicateWindow> {
  const reader = new DocumentReader()
  const fields = reader.object(given, [], ['scope', 'days', 'by'])
  if (!fields) return reader.result<DuplicateWindow>(undefined)
  const scope = reader.choice(fields.scope, ['scope'], ['BUYER', 'CAMPAIGN'] as const)
  const days = reader.integer(fields.days, ['days'], DUPLICATE_DAYS)
  const by = reader.choice(fields.by, ['by'], ['CONNECTED', 'CONVERTED'] as const)
  return reader.result(scope === undefined || days === undefined || by === undefined ? undefined : { scope, days, by })
}
