import { statisticOf } from '../summary/compact.ts'
import { humanize } from '../summary/humanize.ts'
import { costRows } from './costs.ts'
import { escaped } from './escape.ts'
import { type Plot, plotOf } from './plot.ts'
import { STYLE } from './style.ts'
import { LAYERS, type Layer, type Second } from './timeline.ts'
import type { Report } from './write-report.ts'

const LAYER_NAMES: Readonly<Record<Layer, string>> = {
  l1: 'L1 (memory)',
  l2: 'L2 (Redis)',
  miss: 'database',
  stale: 'marked stale',
  bypass: 'bypass (writes)',
}

/** Creates an HTML page that loads nothing: no script, no font, no other resource. */
export function reportPage(report: Report): string {
  const { name, finishedAt, hasPassed, costs, seconds, summary } = report
  const title = `Load test ${name}`
  const duration = humanize(summary.state.testRunDurationMs, { type: 'trend', contains: 'time' })
  const cards = costRows(costs).map(([label, value]) => `<div class="card"><b>${escaped(value)}</b><span>${escaped(label)}</span></div>`)
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(title)}</title><style>${STYLE}</style></head>
<body><main>
<h1>${escaped(title)}</h1>
<p><span class="verdict ${hasPassed ? 'good' : 'bad'}">${hasPassed ? 'passed' : 'failed'}</span>
 · ${escaped(duration)} · ended ${new Date(finishedAt).toISOString().replace('T', ' ').slice(0, 19)} UTC</p>
<div class="cards">${cards.join('')}</div>
${faultList(report)}<h2>Thresholds</h2>${thresholdTable(report)}
<h2>Over time</h2><div class="plots">${plotsOf(seconds).map(plotOf).join('\n')}</div>
<h2>Checks</h2>${checkTable(report)}
<h2>Metrics</h2>${metricTable(report)}
</main></body></html>
`
}

function plotsOf(seconds: readonly Second[]): readonly Plot[] {
  const over = (part: (second: Second) => number | undefined) => seconds.map(part)
  return [
    {
      title: 'Latency',
      unit: 'ms, http_req_duration',
      series: [
        { name: 'median', color: 1, values: over(({ p50, requests }) => (requests > 0 ? p50 : undefined)) },
        { name: '95th percentile', color: 2, values: over(({ p95, requests }) => (requests > 0 ? p95 : undefined)) },
        { name: '99th percentile', color: 3, values: over(({ p99, requests }) => (requests > 0 ? p99 : undefined)) },
      ],
    },
    {
      title: 'Latency by layer',
      unit: 'ms, median',
      series: LAYERS.map((layer, index) => ({ name: LAYER_NAMES[layer], color: index + 1, values: over(({ latency }) => latency[layer]) })),
    },
    {
      title: 'Answers by layer',
      unit: 'a second',
      series: LAYERS.filter((layer) => seconds.some(({ answers }) => answers[layer] > 0)).map((layer) => ({
        name: LAYER_NAMES[layer],
        color: LAYERS.indexOf(layer) + 1,
        values: over(({ answers }) => answers[layer]),
      })),
    },
    {
      title: 'Hit rate',
      unit: '% of the answers that used the cache',
      minTop: 100,
      series: [{ name: 'hits', color: 1, values: over(({ hitRate }) => (hitRate === undefined ? undefined : hitRate * 100)) }],
    },
    {
      title: 'Database',
      unit: 'a second',
      series: [
        { name: 'transactions', color: 1, values: over(({ databaseTransactions }) => databaseTransactions) },
        { name: 'loads of the cache', color: 2, values: over(({ databaseLoads }) => databaseLoads) },
      ],
    },
    {
      title: 'What went wrong',
      unit: 'a second',
      series: [
        { name: 'failed requests', color: 4, values: over(({ failed }) => failed) },
        { name: 'dropped iterations', color: 2, values: over(({ dropped }) => dropped) },
        { name: 'wrong answers', color: 3, values: over(({ wrong }) => wrong) },
      ],
    },
  ]
}

function faultList({ faults }: Report): string {
  if (faults.length === 0) return ''
  return `<h2>Faults</h2>${tableOf(
    ['second', 'what'],
    faults.map(({ second, what }) => [second.toFixed(1), escaped(what)]),
  )}`
}

function thresholdTable({ summary }: Report): string {
  const rows = Object.entries(summary.metrics).flatMap(([name, metric]) =>
    Object.entries(metric.thresholds ?? {}).map(([source, { ok }]) => {
      const value = metric.values[statisticOf(source)]
      return [mark(ok), code(name), code(source), value === undefined ? '' : escaped(humanize(value, metric))]
    }),
  )
  return tableOf(['', 'metric', 'threshold', 'value'], rows)
}

function checkTable({ summary }: Report): string {
  const rows = summary.root_group.checks.map(({ name, passes, fails }) => [mark(fails === 0), escaped(name), String(passes), String(fails)])
  return tableOf(['', 'check', 'passes', 'fails'], rows)
}

function metricTable({ summary }: Report): string {
  const rows = Object.entries(summary.metrics).map(([name, metric]) => {
    const isShare = metric.type === 'rate'
    const values = Object.entries(metric.values).map(([statistic, value]) => {
      const kind = isShare && statistic !== 'rate' ? { type: 'counter' as const, contains: 'default' as const } : metric
      return `${escaped(statistic)}=${escaped(humanize(value, kind))}`
    })
    return [code(name), escaped(metric.type), values.join(' &nbsp; ')]
  })
  return tableOf(['metric', 'type', 'values'], rows)
}

function mark(isGood: boolean): string {
  return isGood ? '<span class="good">passed</span>' : '<span class="bad">failed</span>'
}

function code(text: string): string {
  return `<code>${escaped(text)}</code>`
}

/** Creates an HTML table. @param rows Rows of cells; each cell is HTML. */
function tableOf(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const cells = (tag: string, row: readonly string[]) => `<tr>${row.map((cell) => `<${tag}>${cell}</${tag}>`).join('')}</tr>`
  return `<div class="scroll"><table><thead>${cells('th', head)}</thead><tbody>${rows.map((row) => cells('td', row)).join('')}</tbody></table></div>`
}
