import { LoadError } from '../load-error.ts'

const UNITS = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 }
const PART = /(\d+(?:\.\d+)?)(ms|s|m|h)/g

/** Parses a duration such as `1m30s` to ms. @throws LoadError INVALID_OPTIONS that names the option. */
export function milliseconds(text: string, place: string): number {
  const parts = [...text.matchAll(PART)]
  if (parts.length === 0 || parts.map(([part]) => part).join('') !== text)
    throw new LoadError('INVALID_OPTIONS', `${place}: expected a duration such as 30s or 1m30s, got "${text}".`)
  return parts.reduce((sum, [, amount, unit]) => sum + Number(amount) * UNITS[unit as keyof typeof UNITS], 0)
}
