import { pipeline, type Readable } from 'node:stream'
import { CsvError, type InfoRecord, parse } from 'csv-parse'
import { ProblemError } from './problem.ts'
import { Row } from './row.ts'

export interface CsvShape {
  readonly delimiter: ',' | '\t'
  /** Columns that a file must have. A file without a header has exactly these columns. */
  readonly columns: readonly string[]
  readonly hasHeader: boolean
}

/** Maximum length of a row, characters. If a row is longer, a quote in it was probably never closed. */
const MAX_ROW_CHARACTERS = 65_536

/**
 * Reads a file of separated values row by row. Empty lines are skipped. A row with a wrong number of values is yielded as an error, so that
 * the rows after it can be read.
 * @throws ProblemError if the rest of the file cannot be read.
 */
export async function* readCsvRows(stream: Readable, shape: CsvShape): AsyncGenerator<Row | ProblemError> {
  const parser = parse({
    delimiter: shape.delimiter,
    // Both line endings are accepted in one file. By default the parser would accept only the line ending that it finds first.
    record_delimiter: ['\r\n', '\n'],
    info: true,
    bom: true,
    relax_column_count: true,
    skip_empty_lines: true,
    max_record_size: MAX_ROW_CHARACTERS,
  })
  // The callback ignores the error of the stream or the parser, because the loop below receives it, too.
  pipeline(stream, parser, () => undefined)
  let columns = shape.hasHeader ? undefined : positions(shape.columns)
  try {
    for await (const { record, info } of parser as AsyncIterable<{ readonly record: string[]; readonly info: InfoRecord }>) {
      if (columns === undefined) columns = readHeader(record, info.lines, shape)
      else yield record.length === columns.size ? new Row(info.lines, columns, record) : wrongCount(info.lines, columns.size, record.length)
    }
  } catch (error) {
    throw error instanceof CsvError ? malformed(error) : error
  }
  if (columns === undefined) throw noHeader(shape, 0, '')
}

function readHeader(record: readonly string[], line: number, shape: CsvShape): ReadonlyMap<string, number> {
  const columns = positions(record)
  if (columns.size < record.length || shape.columns.some((name) => !columns.has(name)))
    throw noHeader(shape, line, record.join(shape.delimiter))
  return columns
}

function noHeader(shape: CsvShape, line: number, value: string): ProblemError {
  return new ProblemError({
    code: 'WRONG_COLUMNS',
    line,
    value,
    expected: `a first line with the names of the columns, each once; required are ${shape.columns.join(', ')}`,
    remedy: 'Correct the first line, or rename a file that holds something else.',
  })
}

function wrongCount(line: number, expected: number, got: number): ProblemError {
  return new ProblemError({
    code: 'WRONG_COLUMNS',
    line,
    value: String(got),
    expected: `${expected} values`,
    remedy: 'Quote a value that holds the delimiter, or add what is missing.',
  })
}

function malformed(error: CsvError & { readonly lines?: unknown }): ProblemError {
  const line = typeof error.lines === 'number' ? error.lines : 0
  const remedy = 'Correct the quotes of this line, or of one before it. The lines behind it were not read.'
  return new ProblemError({ code: 'MALFORMED', line, expected: `separated values (${error.message})`, remedy }, { cause: error })
}

function positions(names: readonly string[]): ReadonlyMap<string, number> {
  return new Map(names.map((name, index) => [name.trim(), index]))
}
