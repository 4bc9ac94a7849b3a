const MIB = 2 ** 20
/** Error of a product of binary fractions, which must not count as a part of the next digit. */
const ROUNDING_ERROR = 1e-9
const THOUSANDS = /\B(?=(\d{3})+$)/g

/** Returns a whole number with separators, such as `12,430`. */
export function count(value: number): string {
  return String(Math.round(value)).replace(THOUSANDS, ',')
}

/** Returns a share from 0 to 1 as a percentage, or a dash if nothing was counted. */
export function percent(share: number | null): string {
  return share === null ? '–' : `${(100 * share).toFixed(1)} %`
}

/** Returns a share from 0 to 1 as a percentage with two digits that count, rounded up, such as `0.0031 %`. */
export function smallPercent(share: number): string {
  const digits = Math.max(0, 1 - Math.floor(Math.log10(100 * share)))
  return `${(Math.ceil(100 * share * 10 ** digits - ROUNDING_ERROR) / 10 ** digits).toFixed(digits)} %`
}

/** Returns a duration, such as `0.4 ms`, `75 ms`, `3.1 s` or `2 h 5 min`; a dash if it is unknown. */
export function duration(ms: number | null): string {
  if (ms === null) return '–'
  const positive = Math.max(0, ms)
  if (positive < 10) return `${tenths(positive)} ms`
  if (positive < 1000) return `${Math.round(positive)} ms`
  if (positive < 60_000) return `${tenths(positive / 1000)} s`
  const minutes = Math.round(positive / 60_000)
  if (minutes < 60) return `${minutes} min`
  const hours = Math.floor(minutes / 60)
  return hours < 48 ? `${hours} h ${minutes % 60} min` : `${Math.round(hours / 24)} days`
}

function tenths(value: number): string {
  return value.toFixed(1).replace(/\.0$/, '')
}

/** Returns a size, such as `512 bytes` or `3.2 MiB`. */
export function size(bytes: number): string {
  if (bytes < 1024) return `${bytes} bytes`
  return bytes < MIB ? `${(bytes / 1024).toFixed(1)} KiB` : `${(bytes / MIB).toFixed(1)} MiB`
}

/** Returns a time in UTC, such as `2026-11-27 19:32:10`. */
export function moment(time: string): string {
  return time.slice(0, 19).replace('T', ' ')
}

/** Returns the names whose number is greater than 0 with their numbers, greatest first: `invalidated 700, cold 82`. */
export function shares(numbers: Readonly<Record<string, number>>): string {
  const found = Object.entries(numbers)
    .filter(([, value]) => value > 0)
    .sort(([, one], [, other]) => other - one)
  return found.map(([name, value]) => `${name} ${count(value)}`).join(', ')
}
