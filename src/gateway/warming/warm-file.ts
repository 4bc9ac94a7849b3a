import { readFile } from 'node:fs/promises'
import {
  type DocumentNode,
  type FragmentDefinitionNode,
  GraphQLError,
  Kind,
  type OperationDefinitionNode,
  parse,
  print,
  Source,
  visit,
} from 'graphql'
import { GatewayError } from '../../errors.ts'
import { readWarmDirective } from './warm-directive.ts'
import type { WarmOperation } from './warm-operation.ts'

/** Maximum size of a file, bytes. */
const MAX_BYTES = 2 ** 20
/** Maximum number of problems that an error names. */
const MAX_PROBLEMS = 10

/** A problem of a file, and the line on which it is. */
export interface WarmProblem {
  readonly line: number
  readonly text: string
}

/** An operation of a file, with the line on which it begins. */
export interface PlacedOperation {
  readonly operation: WarmOperation
  readonly line: number
  /** The query with its fragments. Each node has its position in the file. */
  readonly document: DocumentNode
}

/**
 * Reads a file with queries to be warmed. Each query has a name and the directive `@warm`. The directive is removed before the query is
 * executed.
 * @throws GatewayError CONFIGURATION that names the file and, for each problem, the line, the query and the remedy.
 */
export async function readWarmFile(file: string): Promise<readonly PlacedOperation[]> {
  let text: string
  try {
    text = await readFile(file, 'utf8')
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'an error'
    throw new GatewayError('CONFIGURATION', `${file}: expected a file that can be read, got ${code}. Correct its path.`)
  }
  return parseWarmFile(text, file)
}

/**
 * Parses the text of a file with queries to be warmed.
 * @param file Path of the file, for error messages.
 * @throws GatewayError CONFIGURATION as in {@link readWarmFile}.
 */
export function parseWarmFile(text: string, file: string): readonly PlacedOperation[] {
  if (text.length > MAX_BYTES) throw wrongFile(file, [{ line: 1, text: `expected at most ${MAX_BYTES} bytes, got more. Split the file.` }])
  const { definitions } = parsed(text, file)
  const problems: WarmProblem[] = []
  const fragments = definitions.filter((definition) => definition.kind === Kind.FRAGMENT_DEFINITION)
  const operations = definitions.filter((definition) => definition.kind === Kind.OPERATION_DEFINITION)
  for (const other of definitions)
    if (other.kind !== Kind.FRAGMENT_DEFINITION && other.kind !== Kind.OPERATION_DEFINITION)
      problems.push({ line: lineOf(other), text: 'expected queries and fragments, got a definition of the schema. Remove it.' })
  if (operations.length === 0) problems.push({ line: 1, text: 'expected at least one query with @warm, got none. Add one.' })
  const names = new Set<string>()
  const placed = operations.flatMap((node): PlacedOperation[] => {
    const line = lineOf(node)
    const name = node.name?.value
    const refuse = (problem: string) => void problems.push({ line, text: `${node.operation} ${name ?? '(without a name)'}: ${problem}` })
    if (node.operation !== 'query') {
      refuse('expected a query, got another operation. Remove it: only queries are cached.')
      return []
    }
    if (name === undefined) {
      refuse('expected a name. Write one after the word query.')
      return []
    }
    if (names.has(name)) refuse('expected each name once, got it again. Rename one of the queries.')
    names.add(name)
    const document = documentOf(node, fragments)
    return [{ line, document, operation: { name, document: print(document), ...readWarmDirective(node, refuse) } }]
  })
  if (problems.length > 0) throw wrongFile(file, problems)
  return placed
}

/** Returns the configuration error for the problems of a file, in the order of their lines. */
export function wrongFile(file: string, problems: readonly WarmProblem[]): GatewayError {
  const lines = problems.toSorted((one, other) => one.line - other.line).map(({ line, text }) => `${file}:${line}: ${text}`)
  const more = lines.length - MAX_PROBLEMS
  return new GatewayError(
    'CONFIGURATION',
    [...lines.slice(0, MAX_PROBLEMS), ...(more > 0 ? [`${file}: ${more} other problems.`] : [])].join('\n'),
  )
}

function parsed(text: string, file: string): DocumentNode {
  try {
    return parse(new Source(text, file))
  } catch (error) {
    if (!(error instanceof GraphQLError)) throw error
    throw wrongFile(file, [{ line: error.locations?.[0]?.line ?? 1, text: `expected GraphQL, got: ${error.message} Correct the text.` }])
  }
}

/**
 * Returns a document with the query and the fragments that it uses. The query has no `@warm`. The fragments are in the same order as in the
 * file.
 */
function documentOf(node: OperationDefinitionNode, fragments: readonly FragmentDefinitionNode[]): DocumentNode {
  const used = new Set<FragmentDefinitionNode>()
  const collect = (within: OperationDefinitionNode | FragmentDefinitionNode) =>
    void visit(within, {
      FragmentSpread({ name }) {
        const fragment = fragments.find((candidate) => candidate.name.value === name.value)
        if (!fragment || used.has(fragment)) return
        used.add(fragment)
        collect(fragment)
      },
    })
  collect(node)
  const directives = (node.directives ?? []).filter(({ name }) => name.value !== 'warm')
  return { kind: Kind.DOCUMENT, definitions: [{ ...node, directives }, ...fragments.filter((fragment) => used.has(fragment))] }
}

function lineOf({ loc }: { readonly loc?: DocumentNode['loc'] }): number {
  return loc?.startToken.line ?? 1
}
