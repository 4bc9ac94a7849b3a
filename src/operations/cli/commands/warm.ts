import type { WarmResult } from '../../admin/contract.ts'
import type { Command, CommandContext } from '../command.ts'
import { API_OPTIONS, jsonObjectOf, positiveNumber, present } from '../command-options.ts'
import { EXIT, UsageFailure } from '../failure.ts'
import { count, duration } from '../figures.ts'
import { paragraph } from '../layout.ts'
import { readDocument } from './explain.ts'

const ROLES = ['VIEWER', 'EDITOR', 'ADMIN']
const DEFAULT_HOTTEST = 100

/** Creates the command that warms the cache. @param readFile Reads a file as text. */
export function createWarmCommand(readFile: (path: string) => Promise<string>): Command {
  return {
    name: 'warm',
    summary: 'Executes recorded operations, or one that you name, so that their values are cached.',
    positionals: '',
    options: {
      hottest: { type: 'string', value: 'NUMBER', meaning: `number of recorded operations, hottest first; default: ${DEFAULT_HOTTEST}` },
      query: { type: 'string', value: 'QUERY', meaning: 'GraphQL operation to execute, in place of recorded ones' },
      file: { type: 'string', value: 'FILE', meaning: 'file with the GraphQL operation' },
      operation: { type: 'string', value: 'NAME', meaning: 'operation of the document, if it has several' },
      variables: { type: 'string', value: 'JSON', meaning: 'variables of the operation' },
      tenant: { type: 'string', value: 'TENANT', meaning: 'tenant of the operations' },
      role: { type: 'string', value: 'ROLE', meaning: 'role for which the operation is executed; default: VIEWER', words: ROLES },
      reason: { type: 'string', value: 'TEXT', meaning: 'why, for the audit log' },
      'dry-run': { type: 'boolean', meaning: 'only counts what would be executed' },
      ...API_OPTIONS,
    },
    examples: ['tidegate warm --hottest 200 --tenant acme', 'tidegate warm --file dashboard.graphql --operation Dashboard --tenant acme'],
    run: async (context) => {
      const { terminal, options, connect } = context
      const body = await bodyOf(context, readFile)
      const { value, json } = await (await connect()).post<WarmResult>('/warm', body)
      terminal.write(`${options.flag('json') ? json : paragraph(sentenceOf(value), terminal.columns).join('\n')}\n`)
      return value.done.failed > 0 && !value.dryRun ? EXIT.failed : EXIT.done
    },
  }
}

async function bodyOf({ options }: CommandContext, readFile: (path: string) => Promise<string>): Promise<object> {
  const [query, file, tenant, reason] = ['query', 'file', 'tenant', 'reason'].map((name) => options.text(name))
  const hottest = positiveNumber(options, 'hottest')
  if ([query, file, hottest].filter((given) => given !== undefined).length > 1)
    throw new UsageFailure('Expected one of --hottest, --query and --file.', 'tidegate warm --help shows examples.')
  const common = { tenant, reason, dryRun: options.flag('dry-run') }
  if (query === undefined && file === undefined) return present({ ...common, hottest: hottest ?? DEFAULT_HOTTEST })
  const operation = present({
    query: query ?? (await readDocument(file ?? '', readFile)),
    operationName: options.text('operation'),
    variables: jsonObjectOf(options, 'variables'),
    role: options.text('role'),
  })
  return present({ ...common, operations: [operation] })
}

function sentenceOf({ dryRun, planned, isRunning, done, durationMs }: WarmResult): string {
  const operations = (number: number) => `${count(number)} ${number === 1 ? 'operation' : 'operations'}`
  if (planned === 0) return 'Nothing to warm: no operation is recorded yet for this tenant. Name one with --query or --file.'
  if (dryRun) return `A warm-up would execute ${operations(planned)}.`
  const counts = `${count(done.executed)} executed, ${count(done.cached)} cached before, ${count(done.refused)} refused, ${count(done.failed)} failed`
  if (isRunning) return `The warm-up of ${operations(planned)} continues (${counts}). tidegate stats shows the hit rate.`
  return `Warmed ${operations(planned)} in ${duration(durationMs)}: ${counts}.${done.failed > 0 ? ' The log of the gateway says why operations failed.' : ''}`
}
