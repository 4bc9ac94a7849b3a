import type { PurgeResult } from '../../admin/contract.ts'
import type { ApiAnswer } from '../api-client.ts'
import type { Command, CommandContext } from '../command.ts'
import { API_OPTIONS, present } from '../command-options.ts'
import { EXIT, UsageFailure } from '../failure.ts'
import { count, duration } from '../figures.ts'
import { facts, paragraph } from '../layout.ts'
import { styled, type Terminal } from '../terminal.ts'

const SHOWN_TAGS = 12
const SHOWN_KEYS = 5

interface Purge {
  readonly path: '/invalidate' | '/clear-all'
  readonly body: object
}

/** Invalidates values on all processes, after it has shown what would be invalidated. */
export const purge: Command = {
  name: 'purge',
  summary: 'Invalidates values on all processes. Shows first what would be invalidated, and asks.',
  positionals: '[TAG …]',
  completesTags: true,
  options: {
    pattern: { type: 'string', value: 'TYPES', meaning: 'types to invalidate, such as "Camp*"' },
    table: { type: 'string', value: 'TABLE', meaning: 'table whose rows the values were read from' },
    key: { type: 'string', value: 'KEY', meaning: 'one cache key' },
    all: { type: 'string', value: 'TENANT', meaning: 'everything of this tenant, or "all" for every tenant; its name must be typed' },
    tenant: {
      type: 'string',
      value: 'TENANT',
      meaning: 'tenant of --pattern and --table; default: the own one for an ADMIN, all for an OPERATOR',
    },
    reason: { type: 'string', value: 'TEXT', meaning: 'why, for the audit log and the invalidation log' },
    'dry-run': { type: 'boolean', meaning: 'only shows what would be invalidated' },
    yes: { type: 'boolean', short: 'y', meaning: 'does not ask' },
    ...API_OPTIONS,
  },
  examples: [
    'tidegate purge acme:Campaign:42',
    'tidegate purge --table campaigns --tenant acme --dry-run',
    'tidegate purge --all acme --reason "import was wrong"',
  ],
  run: async (context) => {
    const { terminal, options, connect } = context
    const { path, body } = purgeOf(context)
    const isJson = options.flag('json')
    const api = await connect()
    const send = (dryRun: boolean) => api.post<PurgeResult>(path, { ...body, dryRun })
    if (options.flag('dry-run')) return shown(terminal, await send(true), isJson)
    if (!options.flag('yes')) {
      if (!terminal.isInteractive)
        throw new UsageFailure(
          'Nobody can be asked here, and nothing was invalidated.',
          'Add --yes, or --dry-run to see what would be invalidated.',
        )
      const planned = await send(true)
      terminal.write(`${lines(terminal, planned.value).join('\n')}\n`)
      if (!(await isConfirmed(terminal, options.text('all')))) {
        terminal.write('Nothing was invalidated.\n')
        return EXIT.failed
      }
    }
    return shown(terminal, await send(false), isJson)
  },
}

function purgeOf({ options }: CommandContext): Purge {
  const [all, pattern, table, key, tenant] = ['all', 'pattern', 'table', 'key', 'tenant'].map((name) => options.text(name))
  const tags = options.positionals
  const reason = options.text('reason')
  const named = [tags.length > 0 ? tags : undefined, pattern, table, key, all].filter((filter) => filter !== undefined)
  if (named.length === 0)
    throw new UsageFailure('Expected what to invalidate, got nothing.', 'Name tags, --pattern, --table, --key, or --all TENANT.')
  if (all !== undefined) {
    if (named.length > 1) throw new UsageFailure('--all takes no other filter.', 'Leave out the tags, --pattern, --table and --key.')
    return { path: '/clear-all', body: present({ confirm: all, reason }) }
  }
  return { path: '/invalidate', body: present({ tags: tags.length > 0 ? tags : undefined, pattern, table, key, tenant, reason }) }
}

async function isConfirmed(terminal: Terminal, tenant: string | undefined): Promise<boolean> {
  if (tenant !== undefined) return (await terminal.ask(`Type ${tenant} to invalidate all of this: `)).trim() === tenant
  return /^y(es)?$/i.test((await terminal.ask('Invalidate this on all processes? [y/N] ')).trim())
}

function shown(terminal: Terminal, { value, json }: ApiAnswer<PurgeResult>, isJson: boolean): 0 | 1 {
  terminal.write(`${isJson ? json : lines(terminal, value).join('\n')}\n`)
  return value.dryRun || value.isComplete ? EXIT.done : EXIT.failed
}

function lines(
  terminal: Terminal,
  { dryRun, tags, tagCount, matched, isComplete, instances, edges, waitedMs, position }: PurgeResult,
): readonly string[] {
  const width = terminal.columns
  const more = tagCount - Math.min(SHOWN_TAGS, tags.length)
  const named = `${tags.slice(0, SHOWN_TAGS).join(' ')}${more > 0 ? ` and ${count(more)} more` : ''}`
  const entries = `${count(matched.count)} ${matched.count === 1 ? 'entry' : 'entries'}`
  const details = [
    [tagCount === 1 ? 'tag' : 'tags', named] as const,
    ...(dryRun ? matched.examples.slice(0, SHOWN_KEYS).map(({ key }) => ['key', key] as const) : []),
    ...(position === null ? [] : [['log position', String(position.clock)] as const]),
    ...edges.map(({ edge, state }) => ['edge', `${edge}: ${state}`] as const),
  ]
  if (dryRun)
    return [
      ...paragraph(
        `A purge would invalidate ${entries} in the memory of the process that answers, and the copies in Redis and other processes.`,
        width,
      ),
      ...facts(details, width),
    ]
  const pending = [
    ...instances.filter(({ state }) => state === 'pending').map(({ instance, host }) => `${instance} (${host})`),
    ...edges.filter(({ state }) => state === 'pending').map(({ edge }) => `the edge ${edge}`),
  ]
  const result = isComplete
    ? `${styled(terminal, 'green', 'Invalidated')} on ${count(instances.length)} ${instances.length === 1 ? 'process' : 'processes'} after ${duration(waitedMs)}: no process serves an old value.`
    : `${styled(terminal, 'yellow', 'Pending')} on ${pending.join(', ')} after ${duration(waitedMs)}: these may still serve an old value.`
  return [
    ...paragraph(result, width),
    ...facts(details, width),
    ...(isComplete ? [] : paragraph('Look at these processes, and run the same purge again: it does no harm.', width, '  → ')),
  ]
}
