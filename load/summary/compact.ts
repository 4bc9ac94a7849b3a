import { alignedLines, type Row } from './columns.ts'
import { humanize } from './humanize.ts'

export interface ThresholdRow {
  readonly row: Row
  readonly thresholds: readonly { readonly source: string; readonly ok: boolean }[]
}

export interface CheckRow {
  readonly name: string
  readonly passes: number
  readonly fails: number
}

/** Values from which the summary is computed. */
export interface SummaryInput {
  /** Metrics that have a value or a threshold, with their statistics. */
  readonly rows: readonly Row[]
  readonly thresholds: readonly ThresholdRow[]
  /** Checks of the script, in the order in which their names first occurred. */
  readonly checks: readonly CheckRow[]
  readonly trendStats: readonly string[]
  readonly durationMs: number
}

const SECTIONS: readonly (readonly [string, (name: string) => boolean])[] = [
  ['HTTP', (name) => name.startsWith('http_req')],
  ['EXECUTION', (name) => /^(vus|iterations|iteration_duration|dropped_iterations)/.test(name)],
  ['NETWORK', (name) => /^data_(sent|received)/.test(name)],
]
/** Metrics that the compact summary leaves out. */
const HIDDEN = /^(checks|group_duration|http_req_(blocked|connecting|receiving|sending|tls_handshaking|waiting))/

/** Formats the results as k6's end-of-test summary in its mode `compact`, without colours. */
export function compactSummary({ rows, thresholds, checks, trendStats, durationMs }: SummaryInput): string {
  const lines: string[] = []
  if (thresholds.length > 0) lines.push('', '  █ THRESHOLDS ', ...thresholdLines(thresholds), '')
  lines.push('', '  █ TOTAL RESULTS ', '')
  if (checks.length > 0) lines.push(...checkLines(checks, durationMs), '')
  const shown = rows.filter(({ name }) => !HIDDEN.test(name)).toSorted(byName)
  const texts = alignedLines(shown, trendStats)
  for (const [title, inSection] of [['CUSTOM', isCustom] as const, ...SECTIONS]) {
    const names = shown.filter(({ name }) => inSection(name)).map(({ name }) => name)
    if (names.length > 0) lines.push(`    ${title}`, ...names.map((name) => texts.get(name) ?? ''), '')
  }
  return `${lines.join('\n')}\n\n`
}

function isCustom(name: string): boolean {
  return SECTIONS.every(([, inSection]) => !inSection(name))
}

function thresholdLines(thresholds: readonly ThresholdRow[]): readonly string[] {
  const sorted = thresholds.toSorted((one, other) => byName(one.row, other.row))
  const names = new Set(sorted.map(({ row }) => row.name))
  return sorted.flatMap(({ row, thresholds: expressions }) => {
    const [parent = ''] = row.name.split('{', 1)
    const isNested = parent !== row.name && names.has(parent)
    const indent = isNested ? '      ' : '    '
    return [
      '',
      `${indent}${isNested ? row.name.slice(parent.length) : row.name}`,
      ...expressions.map(({ source, ok }) => `${indent}${ok ? '✓' : '✗'} '${source}' ${valueText(source, row)}`),
    ]
  })
}

/** Returns the statistic that a threshold compares: `p(95)` for `p(95)<50`. */
export function statisticOf(source: string): string {
  return (source.split(/[=><!]/)[0] ?? '').trim()
}

function valueText(source: string, row: Row): string {
  const statistic = statisticOf(source)
  const text = humanize(row.values[statistic] ?? 0, row)
  return `${statistic}=${row.type === 'counter' && statistic === 'rate' ? `${text}/s` : text}`
}

function checkLines(checks: readonly CheckRow[], durationMs: number): readonly string[] {
  const passes = checks.reduce((sum, check) => sum + check.passes, 0)
  const fails = checks.reduce((sum, check) => sum + check.fails, 0)
  const total = passes + fails
  const rate = (count: number) => (total === 0 ? 0 : count / total)
  const rows: readonly Row[] = [
    {
      name: 'checks_total',
      type: 'counter',
      contains: 'default',
      values: { count: total, rate: durationMs > 0 ? (total * 1000) / durationMs : 0 },
    },
    { name: 'checks_succeeded', type: 'rate', contains: 'default', values: { rate: rate(passes), passes, fails } },
    { name: 'checks_failed', type: 'rate', contains: 'default', values: { rate: rate(fails), passes: fails, fails: passes } },
  ]
  return [...alignedLines(rows, []).values(), '', ...checks.flatMap(checkLine)]
}

function checkLine({ name, passes, fails }: CheckRow): readonly string[] {
  if (fails === 0) return [`    ✓ ${name}`]
  return [`    ✗ ${name}`, `      ↳  ${Math.floor((100 * passes) / (passes + fails))}% — ✓ ${passes} / ✗ ${fails}`]
}

/** Compares metrics by name, so that submetrics come directly after their metric. */
function byName(one: { readonly name: string }, other: { readonly name: string }): number {
  const [left = '', right = ''] = [one, other].map(({ name }) => name.split('{', 1)[0])
  return left === right ? one.name.localeCompare(other.name) : left.localeCompare(right)
}
