import { Readable } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { ProblemError } from '#src/market/import/problem.ts'
import { readCsvRows } from '#src/market/import/read-csv-rows.ts'
import { readJsonRows } from '#src/market/import/read-json-rows.ts'
import type { Row } from '#src/market/import/row.ts'

const shape = { delimiter: ',', columns: ['a', 'b'], hasHeader: true } as const

describe('The reader of separated values (CSV and TSV)', () => {
  it('gives each row its line number, despite empty lines, line breaks in quotes, a byte order mark and Windows line ends.', async () => {
    const rows = await all(readCsvRows(Readable.from(['\ufeffa,b\r\n1,2\r\n\r\n"x\ny",3\r\n4,"5,6"\r\n']), shape))
    expect(rows.map((row) => [row.line, ...row.values])).toEqual([
      [2, '1', '2'],
      [5, 'x\ny', '3'],
      [6, '4', '5,6'],
    ])
  })

  it('continues after a row with a wrong number of values.', async () => {
    const rows = []
    for await (const row of readCsvRows(Readable.from(['a,b\n1\n2,3\n4,5,6\n']), shape))
      rows.push(row instanceof ProblemError ? [row.problem.line, row.problem.code] : [row.line])
    expect(rows).toEqual([[2, 'WRONG_COLUMNS'], [3], [4, 'WRONG_COLUMNS']])
  })

  it('rejects a header that repeats a column or lacks a column.', async () => {
    for (const header of ['a,b,a', 'a,c'])
      await expect(all(readCsvRows(Readable.from([`${header}\n1,2,3\n`]), shape))).rejects.toMatchObject({
        problem: { code: 'WRONG_COLUMNS', line: 1, value: header },
      })
  })
})

describe('The reader of JSON arrays', () => {
  const text = '[\n  "é\\u00e9€",\n\n  {"a": 1.5, "b":\n null},\n  7, [true]\n]\n'
  const expected = [
    [2, 'éé€'],
    [4, '1.5', ''],
    [6, '7'],
    [6, '[true]'],
  ]

  it.each([
    1, 2, 3, 7, 1_000,
  ])('gives each entry the line on which it begins, if it reads the file in chunks of %i bytes.', async (size) => {
    const bytes = Buffer.from(text)
    const chunks = Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) => bytes.subarray(index * size, (index + 1) * size))
    const rows = await all(readJsonRows(Readable.from(chunks)))
    expect(rows.map((row) => [row.line, ...row.values])).toEqual(expected)
  })

  it.each([
    ['', 1],
    ['[1,\n2', 2],
    ['[1,\n2}\n', 2],
    ['{"a": 1}', 1],
    ['[1]\n[2]', 2],
    ['"text"', 1],
  ])('rejects %j with the line number of the error.', async (wrong, line) => {
    await expect(all(readJsonRows(Readable.from([Buffer.from(wrong)])))).rejects.toMatchObject({ problem: { code: 'MALFORMED', line } })
  })
})

async function all(rows: AsyncIterable<Row | ProblemError>): Promise<Row[]> {
  const read: Row[] = []
  for await (const row of rows) {
    if (row instanceof ProblemError) throw row
    read.push(row)
  }
  return read
}
