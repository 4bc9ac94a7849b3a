import type { ChangeExperimentsResult, Experiment, Experiments } from '../../admin/contract.ts'
import type { Command, CommandContext } from '../command.ts'
import { API_OPTIONS, positiveNumber, present } from '../command-options.ts'
import { EXIT, UsageFailure } from '../failure.ts'
import { count, moment, percent } from '../figures.ts'
import { facts, paragraph } from '../layout.ts'
import { styled, type Terminal } from '../terminal.ts'

const ACTIONS = ['start', 'stop']
const HELP = 'tidegate experiments --help shows examples.'

/** Lists experiments with cache policies, starts one, or stops one. */
export const experiments: Command = {
  name: 'experiments',
  summary: 'Compares two cache policies on parts of the keys: lists experiments, starts one, or stops one.',
  positionals: '[start FIELD | stop FIELD]',
  options: {
    set: { type: 'string', value: 'NAME=VALUE', multiple: true, meaning: 'value of the policy that the trial has, such as l1=30' },
    share: { type: 'string', value: 'SHARE', meaning: 'share of the keys in the trial, such as 0.25; default: 0.5' },
    'lead-in': { type: 'string', value: 'HOURS', meaning: 'hours in which both arms keep the same policy; default: 24' },
    reason: { type: 'string', value: 'TEXT', meaning: 'why, for the audit log and the invalidation log' },
    limit: {
      type: 'string',
      value: 'NUMBER',
      meaning: 'maximum number of listed experiments; those that run are always listed; default: 10',
    },
    ...API_OPTIONS,
  },
  examples: [
    'tidegate experiments',
    'tidegate experiments start Campaign --set l1=30 --set l2=300 --reason "halve the memory"',
    'tidegate experiments stop Campaign',
  ],
  run: async (context) => {
    const { terminal, options, connect } = context
    const [action, coordinate, ...rest] = options.positionals
    if (action !== undefined && !(ACTIONS.includes(action) && coordinate !== undefined && rest.length === 0))
      throw new UsageFailure(`Expected nothing, start FIELD or stop FIELD, got "${options.positionals.join(' ')}".`, HELP)
    checkOptions(context, action)
    const print = (json: string, lines: readonly string[]) => terminal.write(`${options.flag('json') ? json : lines.join('\n')}\n`)
    if (action === undefined) {
      const limit = positiveNumber(options, 'limit')
      const { value, json } = await (await connect()).get<Experiments>('/experiments', { limit })
      print(json, screen(terminal, value))
      return EXIT.done
    }
    const reason = options.text('reason')
    const body = action === 'start' ? { ...settingsOf(context), coordinate, reason } : { coordinate, reason }
    const path = action === 'start' ? '/experiments' : '/experiments/stop'
    const { value, json } = await (await connect()).post<ChangeExperimentsResult>(path, present(body))
    print(json, [...changed(terminal, action, value), ...screen(terminal, value)])
    return pendingOf(value).length === 0 ? EXIT.done : EXIT.failed
  },
}

/** Refuses options that the action does not have. An option without effect would look as if it had one. */
function checkOptions({ options }: CommandContext, action: string | undefined): void {
  const given = (name: string) => options.text(name) !== undefined || options.texts(name).length > 0
  const others =
    action === undefined ? ['set', 'share', 'lead-in', 'reason'] : action === 'stop' ? ['set', 'share', 'lead-in', 'limit'] : ['limit']
  const wrong = others.find(given)
  if (wrong === undefined) return
  const what = action === undefined ? 'The list of experiments' : `experiments ${action}`
  throw new UsageFailure(`${what} has no option --${wrong}.`, HELP)
}

function settingsOf({ options }: CommandContext): object {
  const values = Object.fromEntries(options.texts('set').map(settingOf))
  if (Object.keys(values).length === 0)
    throw new UsageFailure('Expected what the trial changes, got nothing.', 'Add for example --set l1=30 --set l2=300.')
  return { values, share: numberOf(options.text('share'), 'share'), leadInHours: numberOf(options.text('lead-in'), 'lead-in') }
}

function settingOf(text: string): readonly [name: string, value: number] {
  const [name, value] = /^([A-Za-z][A-Za-z0-9]*)=([0-9.]+)$/.exec(text)?.slice(1) ?? []
  if (name === undefined || Number.isNaN(Number(value)))
    throw new UsageFailure(`--set: expected NAME=VALUE such as l1=30, got "${text}".`, 'Correct --set.')
  return [name, Number(value)]
}

function numberOf(text: string | undefined, name: string): number | undefined {
  if (text === undefined) return undefined
  const value = Number(text)
  if (text.trim() === '' || Number.isNaN(value))
    throw new UsageFailure(`--${name}: expected a number, got "${text}".`, `Correct --${name}.`)
  return value
}

function pendingOf({ instances }: ChangeExperimentsResult): readonly string[] {
  return instances.filter(({ state }) => state === 'pending').map(({ instance, host }) => `${instance} (${host})`)
}

function changed(terminal: Terminal, action: string, value: ChangeExperimentsResult): readonly string[] {
  const pending = pendingOf(value)
  const done = action === 'start' ? 'Started' : 'Stopped'
  const number = value.instances.length
  const text =
    pending.length === 0
      ? `${styled(terminal, 'green', done)} on ${count(number)} ${number === 1 ? 'process' : 'processes'}.`
      : `${styled(terminal, 'yellow', `${done}, but pending`)} on ${pending.join(', ')}: these follow within seconds if they are alive.`
  return [...paragraph(text, terminal.columns), '']
}

function screen(terminal: Terminal, { experiments: listed }: Experiments): readonly string[] {
  if (listed.length === 0) return ['No experiment was started.']
  return listed.flatMap((one, index) => [...(index === 0 ? [] : ['']), ...linesOf(terminal, one)])
}

function linesOf(terminal: Terminal, one: Experiment): readonly string[] {
  const { coordinate, id, phase, share, trial, control, valuesToKeep, comparison, reads, looks, nextLookAt } = one
  const title = `${coordinate} (experiment ${id}, ${phase === 'ended' ? 'ended' : `running: ${phase}`})`
  const values = Object.entries(trial).map(([name, value]) => `${name} ${control[name] ?? 'unset'} → ${value}`)
  const next = nextLookAt === null ? '' : `; the next look is at ${moment(nextLookAt)}`
  return [
    styled(terminal, 'bold', title),
    ...facts(
      [
        ['trial', `${values.join(', ')} for ${percent(share)} of the keys`],
        ['started', happened(one.startedAt, one.startedBy, one.reason)],
        ...(one.endedAt === null ? [] : [['ended', happened(one.endedAt, one.endedBy, one.endReason)] as const]),
        ['reads', `${count(reads.leadIn)} in the lead-in of ${one.leadInHours} h, ${count(reads.trial)} since`],
        ...(comparison === null
          ? [['result', `none yet${next || ': no hour of the trial has ended'}`] as const]
          : [
              ['hit rate', `control ${percent(comparison.control.hitRate)}, trial ${percent(comparison.trial.hitRate)}`] as const,
              ['difference', differenceOf(comparison)] as const,
              ['result', `${verdictOf(comparison, looks)}${next}`] as const,
            ]),
        ...(phase === 'ended' ? [['to keep', `set ${settings(valuesToKeep)} by POST /policies`] as const] : []),
      ],
      terminal.columns,
    ),
  ]
}

function settings(values: Experiment['valuesToKeep']): string {
  return Object.entries(values)
    .map(([name, value]) => `${name} ${value}`)
    .join(', ')
}

function happened(at: string, by: string | null, reason: string | null): string {
  return `${moment(at)} by ${by ?? 'an unknown caller'}${reason === null ? '' : `: ${reason}`}`
}

type Comparison = NonNullable<Experiment['comparison']>

function differenceOf({ points, low, high }: Comparison): string {
  if (points === null) return 'unknown'
  const interval =
    low === null || high === null ? '; no confidence interval is known' : `, with confidence between ${signed(low)} and ${signed(high)}`
  return `${signed(points)} points${interval}`
}

function verdictOf({ verdict, readsNeeded }: Comparison, looks: number): string {
  const after = `after ${count(looks)} ${looks === 1 ? 'look' : 'looks'}`
  if (verdict !== 'undecided') return `the ${verdict} has the higher hit rate ${after}`
  return `undecided ${after}${readsNeeded === null ? '' : `; about ${count(readsNeeded)} more reads are needed`}`
}

function signed(value: number): string {
  return `${value > 0 ? '+' : ''}${value.toFixed(2)}`
}
