/**
 * Maximum numbers of values of a label: the rows of the meter (src/operations/telemetry/usage-meter.ts) and the row `other`. A label that is
 * not named here has a fixed set of values.
 */
const MAX_VALUES: Readonly<Record<string, number>> = { operation: 201, tenant: 51, policy: 251 }
const MAX_FIXED_VALUES = 100
/**
 * Maximum number of series of a process. All rows with all their parts are 10,700 series: 251 policies with 6 layers, 7 causes, 2 outcomes
 * and 3 figures, 201 operations and 51 tenants with 10 layers and 4 sums, 501 tags with 2 outcomes, and 101 histograms of loads with 16 series.
 * The rest is for the figures without such labels.
 */
export const MAX_SERIES = 12_000

export interface Scrape {
  readonly series: number
  /** Sentences about bounds that the scrape exceeds. */
  readonly problems: readonly string[]
}

const LABEL = /([a-z_]+)="((?:[^"\\]|\\.)*)"/g

/** Counts the series of an answer in Prometheus' text format, and compares them and the values of each label with their bounds. */
export function checkSeries(text: string): Scrape {
  const values = new Map<string, Set<string>>()
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  for (const line of lines) {
    const end = line.indexOf('{')
    if (end < 0) continue
    for (const [, label = '', value = ''] of line.slice(end).matchAll(LABEL)) {
      const key = `${line.slice(0, end)} ${label}`
      const known = values.get(key) ?? new Set()
      values.set(key, known.add(value))
    }
  }
  const problems = [...values].flatMap(([key, { size }]) => {
    const most = MAX_VALUES[key.split(' ')[1] ?? ''] ?? MAX_FIXED_VALUES
    return size > most ? [`${key} has ${size} values, more than ${most}`] : []
  })
  if (lines.length > MAX_SERIES) problems.push(`/metrics has ${lines.length} series, more than ${MAX_SERIES}`)
  return { series: lines.length, problems }
}
