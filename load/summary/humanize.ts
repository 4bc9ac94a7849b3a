import type { Metric } from '../metrics/registry.ts'

const BYTE_UNITS = ['B', 'kB', 'MB', 'GB', 'TB']

/** Formats a value as k6's summary does, according to the type and unit of the metric. */
export function humanize(value: number, { type, contains }: Pick<Metric, 'type' | 'contains'>): string {
  if (type === 'rate') return `${(Math.trunc(value * 10_000) / 100).toFixed(2)}%`
  if (contains === 'data') return humanizeBytes(value)
  if (contains === 'time') return humanizeDuration(value)
  return rounded(value, 6)
}

function humanizeBytes(bytes: number): string {
  if (bytes < 10) return `${bytes} B`
  const power = Math.min(BYTE_UNITS.length - 1, Math.floor(Math.log10(bytes) / 3))
  const value = Math.round((bytes / 1000 ** power) * 10) / 10
  return `${value.toFixed(value < 10 ? 1 : 0)} ${BYTE_UNITS[power]}`
}

/** Formats a duration in a unit from ns to h that suits its size. Further digits are cut off, not rounded. */
function humanizeDuration(ms: number): string {
  if (ms === 0) return '0s'
  if (ms < 0.001) return `${Math.trunc(ms * 1_000_000)}ns`
  if (ms < 1) return `${cut(ms * 1000)}µs`
  if (ms < 1000) return `${cut(ms)}ms`
  const minutes = Math.trunc(ms / 60_000)
  if (minutes < 1) return `${cut(ms / 1000)}s`
  const seconds = Math.trunc((ms % 60_000) / 1000)
  const hours = Math.trunc(minutes / 60)
  return hours < 1 ? `${minutes}m${seconds}s` : `${hours}h${minutes % 60}m${seconds}s`
}

function cut(value: number): string {
  return rounded(Math.trunc(value * 100) / 100, 2)
}

function rounded(value: number, digits: number): string {
  return String(Number(value.toFixed(digits)))
}
