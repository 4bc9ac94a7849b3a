import type { Explanation, KeyState, Write } from '../../admin/contract.ts'
import type { Command, CommandContext } from '../command.ts'
import { API_OPTIONS, jsonObjectOf } from '../command-options.ts'
import { EXIT, UsageFailure } from '../failure.ts'
import { duration, moment } from '../figures.ts'
import { facts, paragraph, table } from '../layout.ts'
import { styled, type Terminal } from '../terminal.ts'

/** Layers that answer a part, in the words of the other commands. */
const LAYERS: Readonly<Record<string, string>> = { l1: 'memory', l2: 'Redis', origin: 'database' }
const ISO_MOMENT = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z/g
const ROLES = ['VIEWER', 'EDITOR', 'ADMIN']

/** Creates the command that explains an answer or a key. @param readFile Reads a file as text. */
export function createExplainCommand(readFile: (path: string) => Promise<string>): Command {
  return {
    name: 'explain',
    summary: 'Says where an answer comes from, how old each part is, and which write changed it last.',
    positionals: '[KEY]',
    options: {
      query: { type: 'string', value: 'QUERY', meaning: 'GraphQL operation to explain, in place of a key' },
      file: { type: 'string', value: 'FILE', meaning: 'file with the GraphQL operation' },
      operation: { type: 'string', value: 'NAME', meaning: 'operation of the document, if it has several' },
      variables: { type: 'string', value: 'JSON', meaning: 'variables of the operation' },
      tenant: { type: 'string', value: 'TENANT', meaning: 'tenant for which the operation is executed' },
      role: { type: 'string', value: 'ROLE', meaning: 'role for which it is executed; default: VIEWER', words: ROLES },
      user: { type: 'string', value: 'ID', meaning: 'user for whom it is executed' },
      ...API_OPTIONS,
    },
    examples: [
      `tidegate explain --tenant acme --query '{ campaigns(first: 3) { nodes { name } } }'`,
      `tidegate explain 'acme:Campaign:["42"]'`,
    ],
    run: async (context) => {
      const body = await bodyOf(context, readFile)
      const { value, json } = await (await context.connect()).post<Explanation>('/key/explain', body)
      const { terminal, options } = context
      terminal.write(`${options.flag('json') ? json : screen(terminal, value).join('\n')}\n`)
      return EXIT.done
    },
  }
}

async function bodyOf({ options }: CommandContext, readFile: (path: string) => Promise<string>): Promise<object> {
  const [key, ...others] = options.positionals
  const [query, file] = [options.text('query'), options.text('file')]
  if ([key, query, file].filter((given) => given !== undefined).length !== 1 || others.length > 0)
    throw new UsageFailure('Expected one of: a key, --query or --file.', 'tidegate explain --help shows examples.')
  if (key !== undefined) return { key }
  const document = query ?? (await readDocument(file ?? '', readFile))
  const operation = {
    query: document,
    operationName: options.text('operation'),
    variables: jsonObjectOf(options, 'variables'),
    tenant: options.text('tenant'),
    role: options.text('role'),
    userId: options.text('user'),
  }
  return { operation: Object.fromEntries(Object.entries(operation).filter(([, value]) => value !== undefined)) }
}

/** Reads a GraphQL document from a file. @throws UsageFailure if it cannot be read. */
export async function readDocument(file: string, readFile: (path: string) => Promise<string>): Promise<string> {
  try {
    return await readFile(file)
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : String(error)
    throw new UsageFailure(`--file: the file ${file} cannot be read (${code}).`, 'Correct --file.')
  }
}

function screen(terminal: Terminal, { answer, parts, sentence, wholeAnswer, execution }: Explanation): readonly string[] {
  const width = terminal.columns
  return [
    ...paragraph(withMoments(sentence), width),
    ...[wholeAnswer, execution].flatMap((text) => (text === null ? [] : paragraph(withMoments(text), width))),
    ...(answer === null ? [] : ['', styled(terminal, 'bold', 'The answer as a whole'), ...keyLines(answer, width)]),
    ...(parts.length === 0 ? [] : ['', styled(terminal, 'bold', 'Its parts'), ...partLines(parts, width)]),
  ]
}

function keyLines({ key, policy, memory, shared, lastWrite, loadingForMs }: KeyState, width: number): readonly string[] {
  const copyOf = (copy: KeyState['memory']) =>
    copy === null
      ? 'no copy'
      : `${copy.isServed ? 'served' : `not served (${copy.because})`}, ${duration(copy.ageMs)} old, ${copy.freshMs > 0 ? `fresh for ${duration(copy.freshMs)}` : 'its TTL has ended'}, load took ${duration(copy.costMs)}`
  return facts(
    [
      ['key', key],
      ['policy', policy],
      ['memory', copyOf(memory)],
      ['Redis', copyOf(shared)],
      ...(loadingForMs === null ? [] : [['loading', `since ${duration(loadingForMs)}`] as const]),
      ['last write', writeOf(lastWrite)],
    ],
    width,
  )
}

function partLines(parts: Explanation['parts'], width: number): readonly string[] {
  const columns = [
    { title: 'PATH', isFlexible: true },
    { title: 'POLICY' },
    { title: 'FROM' },
    { title: 'AGE', align: 'right' },
    { title: 'TTL', align: 'right' },
  ] as const
  const rows = parts.map(({ path, subject, policy, layer, ageMs, ttlMs }) => [
    subject === null ? path : `${path} (${subject})`,
    policy,
    LAYERS[layer] ?? layer,
    duration(ageMs),
    duration(ttlMs),
  ])
  const [heading = '', ...lines] = table(columns, rows, width)
  // The explanation and the last write of a part are below its line, because they are long.
  const notes = parts.map(({ because, lastWrite }) => [withMoments(because), ...(lastWrite ? [`last write: ${writeOf(lastWrite)}`] : [])])
  return [heading, ...lines.flatMap((line, index) => [line, ...(notes[index] ?? []).flatMap((note) => paragraph(note, width, '    '))])]
}

function writeOf(write: Write | null): string {
  if (write === null) return 'this process remembers none'
  const when = write.at === null ? '' : ` at ${moment(write.at)} UTC`
  return `${causeOf(write)}${when}${write.tag === null ? '' : `, by the tag ${write.tag}`} (log position ${write.clock})`
}

/** Writes the moments of a sentence of the API as the other lines do. */
function withMoments(sentence: string): string {
  return sentence.replaceAll(ISO_MOMENT, (at) => `${moment(at)} UTC`)
}

function causeOf({ causes }: Write): string {
  return causes.length === 0 ? 'a write of unknown cause' : causes.join(', ')
}
