import type { Readable } from 'node:stream'
import { Tokenizer, TokenParser, TokenType } from '@streamparser/json'
import { LineCounter } from './line-counter.ts'
import { ProblemError } from './problem.ts'
import { Row } from './row.ts'

/** Maximum size of an entry of the array, bytes. An entry is a name or a flat object, so a file with a larger entry has another format. */
const MAX_ENTRY_BYTES = 65_536

/**
 * Reads a JSON array entry by entry, and yields each entry as a row. The columns of an object are its own properties; any entry that is no
 * object has the one column `value`.
 * @throws ProblemError if the rest of the file cannot be read.
 */
export async function* readJsonRows(stream: Readable): AsyncGenerator<Row> {
  const lines = new LineCounter()
  const tokenizer = new Tokenizer()
  const parser = new TokenParser({ paths: ['$.*'], keepStack: false })
  let rows: Row[] = []
  let isArray: boolean | undefined
  let hasEnded = false
  // Line number and byte offset at which the current entry began.
  let entry: { readonly line: number; readonly offset: number } | undefined
  let failure: ProblemError | undefined

  const fail = (expected: string, cause?: unknown) => {
    const remedy = 'Correct the file. The entries behind this line were not read.'
    failure ??= new ProblemError({ code: 'MALFORMED', line: lines.current, expected, remedy }, { cause })
  }
  tokenizer.onToken = (token) => {
    const line = lines.lineOf(token.offset)
    isArray ??= token.token === TokenType.LEFT_BRACKET
    if (!isArray) return fail('a JSON array')
    if (token.offset > 0 && entry === undefined && token.token !== TokenType.COMMA) entry = { line, offset: token.offset }
    if (entry !== undefined && token.offset - entry.offset > MAX_ENTRY_BYTES) fail(`entries of at most ${MAX_ENTRY_BYTES} bytes`)
    if (failure === undefined) parser.write(token)
  }
  tokenizer.onEnd = () => undefined
  tokenizer.onError = (error) => fail(`JSON (${error.message})`, error)
  parser.onError = (error) => fail(`JSON (${error.message})`, error)
  parser.onEnd = () => {
    hasEnded = true
  }
  parser.onValue = ({ value }) => {
    rows.push(toRow(entry?.line ?? lines.current, value))
    entry = undefined
  }

  for await (const chunk of stream as AsyncIterable<Buffer>) {
    lines.add(chunk)
    tokenizer.write(chunk)
    yield* rows
    rows = []
    if (failure !== undefined) throw failure
  }
  if (!hasEnded) {
    lines.lineOf(Number.POSITIVE_INFINITY)
    fail('a JSON array that ends')
    throw failure
  }
}

function toRow(line: number, value: unknown): Row {
  const given = typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.entries(value) : [['value', value]]
  const names = given.map(([name], index): [string, number] => [String(name), index])
  return new Row(
    line,
    new Map(names),
    given.map(([, item]) => (typeof item === 'string' ? item : item === null ? '' : JSON.stringify(item))),
  )
}
