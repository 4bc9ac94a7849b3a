import type { Invalidation, Invalidations, WriteCosts } from '../../admin/contract.ts'
import type { Command } from '../command.ts'
import { API_OPTIONS, positiveNumber, TENANT_OPTION, timeOf, WINDOW_OPTIONS } from '../command-options.ts'
import { EXIT, UsageFailure } from '../failure.ts'
import { count, duration, moment } from '../figures.ts'
import { paragraph } from '../layout.ts'
import { styled, type Terminal } from '../terminal.ts'
import { writeCostLines } from '../write-cost-lines.ts'

/** Time between two requests of `--follow`, ms. */
const FOLLOW_MS = 1000
const SHOWN_TAGS = 8
const PAGE = 500

/** Lists what writes invalidated, follows the invalidation log, or says what each kind of write cost. */
export const invalidations: Command = {
  name: 'invalidations',
  summary: 'Lists what each mutation, purge or other write invalidated, how fast, and at what cost.',
  positionals: '',
  options: {
    follow: { type: 'boolean', short: 'f', meaning: 'prints new invalidations until Ctrl-C' },
    costs: { type: 'boolean', meaning: 'what each kind of write cost in the time range, instead of single invalidations' },
    cause: { type: 'string', value: 'CAUSE', meaning: 'only this cause, such as "mutation pauseCampaign"' },
    tag: { type: 'string', value: 'TAG', meaning: 'only this tag, such as acme:Campaign:42' },
    limit: { type: 'string', value: 'NUMBER', meaning: 'maximum number of invalidations; default: 20' },
    ...WINDOW_OPTIONS,
    ...TENANT_OPTION,
    ...API_OPTIONS,
  },
  examples: [
    'tidegate invalidations --cause "mutation pauseCampaign"',
    'tidegate invalidations --costs --window 24h',
    'tidegate invalidations --follow --tenant acme',
  ],
  run: async ({ terminal, options, connect, pause }) => {
    const filter = { tenant: options.text('tenant'), tag: options.text('tag'), cause: options.text('cause') }
    const range = { window: options.text('window'), until: timeOf(options, 'until') }
    const limit = positiveNumber(options, 'limit') ?? 20
    if (options.flag('costs')) {
      if (options.flag('follow') || filter.tag !== undefined)
        throw new UsageFailure('--costs has neither --follow nor --tag.', 'tidegate invalidations --help lists the options.')
      const { tenant, cause } = filter
      const { value, json } = await (await connect()).get<WriteCosts>('/write-costs', { tenant, cause, ...range, limit })
      terminal.write(`${options.flag('json') ? json : costScreen(terminal, value).join('\n')}\n`)
      return EXIT.done
    }
    if (range.window !== undefined || range.until !== undefined)
      throw new UsageFailure('--window and --until need --costs.', 'tidegate invalidations --help lists the options.')
    const api = await connect()
    const first = await api.get<Invalidations>('/invalidations', { ...filter, limit })
    const isJson = options.flag('json')
    if (!options.flag('follow')) {
      terminal.write(`${isJson ? first.json : screen(terminal, first.value.invalidations)}\n`)
      return EXIT.done
    }
    print(
      terminal,
      [...first.value.invalidations].sort((one, other) => one.clock - other.clock),
      isJson,
    )
    let { clock } = first.value
    for (;;) {
      await pause(FOLLOW_MS)
      const { value } = await api.get<Invalidations>('/invalidations', { ...filter, after: clock, limit: PAGE })
      print(terminal, value.invalidations, isJson)
      // A full page ends at its last row. Otherwise all rows up to the position of the answer are known.
      const last = value.invalidations.at(-1)
      clock = value.invalidations.length === PAGE && last ? last.clock : Math.max(clock, value.clock)
    }
  },
}

/** Prints invalidations as they come: as text, or as one line of JSON each. */
function print(terminal: Terminal, rows: readonly Invalidation[], isJson: boolean): void {
  for (const row of rows) terminal.write(isJson ? `${JSON.stringify(row)}\n` : `${linesOf(terminal, row).join('\n')}\n`)
}

function screen(terminal: Terminal, rows: readonly Invalidation[]): string {
  if (rows.length === 0) return 'Nothing was invalidated, as far as the log and these filters say.'
  return rows.flatMap((row) => linesOf(terminal, row)).join('\n')
}

function costScreen(terminal: Terminal, { range, writes, total, uncounted }: WriteCosts): readonly string[] {
  const title = styled(terminal, 'bold', `What each write cost from ${moment(range.from)} to ${moment(range.to)} UTC`)
  if (writes.length === 0) return [title, '  Nothing was invalidated in this time.']
  const hidden = total - writes.length
  const rest = hidden === 0 ? [] : [`  ${count(hidden)} more ${hidden === 1 ? 'cause' : 'causes'}: --limit ${total}`]
  const note = uncounted ? paragraph(uncountedText(uncounted), terminal.columns, '  ') : []
  return [title, ...writeCostLines(terminal, writes, uncounted === null), ...rest, ...note]
}

function uncountedText({ before, reloads }: NonNullable<WriteCosts['uncounted']>): string {
  const from = before === null ? 'in this time' : `before ${moment(before)} UTC`
  return `Not counted ${from}: ${count(reloads)} reloads that an older version stored belong to no write.`
}

function linesOf(terminal: Terminal, { clock, at, causes, tables, tags, tagCount, lagMs }: Invalidation): readonly string[] {
  const cause = causes.length === 0 ? 'a write of unknown cause' : causes.join(', ')
  const effect = [
    `log position ${clock}`,
    ...(tables.length > 0 ? [`tables ${tables.join(', ')}`] : []),
    ...(lagMs === null ? [] : [`applied after ${duration(lagMs)}`]),
  ]
  const more = tagCount - Math.min(SHOWN_TAGS, tags.length)
  const shown = `${tags.slice(0, SHOWN_TAGS).join(' ')}${more > 0 ? ` and ${count(more)} more` : ''}`
  return [
    ...paragraph(cause, terminal.columns, `${styled(terminal, 'dim', moment(at))}  `),
    ...paragraph(effect.join(', '), terminal.columns, '  '),
    ...paragraph(shown, terminal.columns, '  tags  '),
  ]
}
