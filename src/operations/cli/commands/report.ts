import type { Report } from '../../admin/contract.ts'
import type { Command } from '../command.ts'
import { API_OPTIONS, timeOf, WINDOW_OPTIONS } from '../command-options.ts'
import { EXIT } from '../failure.ts'
import { count, moment, percent } from '../figures.ts'
import { facts, paragraph } from '../layout.ts'
import { styled, type Terminal } from '../terminal.ts'
import { writeCostLines } from '../write-cost-lines.ts'

/** Says why the field hit rate is what it is, why it fell, and what to change. */
export const report: Command = {
  name: 'report',
  summary: 'Says why the field hit rate is not higher, why it fell, and what to change.',
  positionals: '',
  options: {
    at: { type: 'string', value: 'TIME', meaning: 'moment of a drop, such as 2026-11-27T03:10:00Z; default: the greatest drop' },
    ...WINDOW_OPTIONS,
    ...API_OPTIONS,
  },
  examples: ['tidegate report', 'tidegate report --at 2026-11-27T03:10:00Z --window 24h'],
  run: async ({ terminal, options, connect }) => {
    const parameters = {
      at: timeOf(options, 'at'),
      window: options.text('window'),
      until: timeOf(options, 'until'),
    }
    const { value, json } = await (await connect()).get<Report>('/performance-report', parameters)
    terminal.write(`${options.flag('json') ? json : screen(terminal, value).join('\n')}\n`)
    return EXIT.done
  },
}

function screen(
  terminal: Terminal,
  { range, tenant, hitRate, reachableHitRate, summary, drop, writes, recommendations }: Report,
): readonly string[] {
  const width = terminal.columns
  const whose = tenant === null ? 'all tenants' : `tenant ${tenant}`
  const heading = (text: string) => ['', styled(terminal, 'bold', text)]
  return [
    styled(terminal, 'bold', `Field hit rate from ${moment(range.from)} to ${moment(range.to)} UTC, ${whose}`),
    ...facts(
      [
        ['now', percent(hitRate)],
        ['reachable', percent(reachableHitRate)],
      ],
      width,
    ),
    ...paragraph(summary, width, '  '),
    ...heading('Drop'),
    ...(drop === null
      ? ['  The field hit rate did not fall in this time.']
      : [
          ...paragraph(drop.sentence, width, '  '),
          ...facts(
            [
              ['at', `${moment(drop.at)} UTC: from ${percent(drop.before)} to ${percent(drop.after)}`],
              ...(drop.field === null ? [] : [['field', drop.field] as const]),
              ...(drop.cause === null ? [] : [['cause', drop.cause] as const]),
              ...(drop.write === null ? [] : [['write', drop.write] as const]),
            ],
            width,
          ),
        ]),
    ...heading('What writes cost'),
    ...(writes.length === 0 ? ['  Nothing was invalidated in this time.'] : writeCostLines(terminal, writes)),
    ...heading('What to change'),
    ...(recommendations.length === 0
      ? ['  Nothing: no field, operation or setting keeps the field hit rate down.']
      : recommendations.flatMap((recommendation, index) => adviceOf(terminal, recommendation, index + 1))),
  ]
}

function adviceOf(terminal: Terminal, advice: Report['recommendations'][number], number: number): readonly string[] {
  const { subject, finding, change, snippets, gain, cost, evidence } = advice
  const figures = Object.entries(evidence).map(([name, value]) => `${name} ${typeof value === 'number' ? count(value) : value}`)
  return [
    `  ${number}. ${styled(terminal, 'bold', subject)}`,
    ...facts(
      [
        ['finding', finding],
        ['evidence', figures.join(', ') || 'none'],
        ['change', change],
        ...snippets.map(({ where, text }) => ['copy', `${text} (${where})`] as const),
        ['gain', gain.text],
        ['cost', cost.text],
      ],
      terminal.columns,
      '     ',
    ),
  ]
}
