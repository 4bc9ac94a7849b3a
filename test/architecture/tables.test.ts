import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { findFaults } from '../faults/find-faults.ts'

const root = join(import.meta.dirname, '../..')
const read = (file: string) => readFileSync(join(root, file), 'utf8')
const threats = read('docs/threats.md')
const benchmarks = read('docs/benchmarks.md')

/** The rows of a table whose first cell is a letter and a number. */
function rowsOf(document: string, letter: string): readonly { readonly id: string; readonly cells: readonly string[] }[] {
  const lines = document.split('\n').filter((line) => new RegExp(`^\\| ${letter}\\d+ \\|`).test(line))
  return lines.map((line) => {
    const [id = '', ...cells] = line.slice(2, -2).split(' | ')
    return { id, cells }
  })
}

/** What is not true of the table of threats, one sentence for each row or title. */
function wrongThreats(document: string): readonly string[] {
  const rows = rowsOf(document, 'T')
  const expected = Array.from({ length: 24 }, (_, index) => `T${index + 1}`)
  const wrong = JSON.stringify(rows.map(({ id }) => id)) === JSON.stringify(expected) ? [] : ['The rows are not T1 to T24.']
  for (const { id, cells } of rows) {
    const named = (cells[2] ?? '').split('; ').flatMap((part) => titlesIn(part))
    if (cells.length !== 3 || named.length === 0) wrong.push(`${id} names no test.`)
    for (const { file, title } of named) if (!hasTest(file, title)) wrong.push(`${id}: ${file} has no test '${title}'.`)
  }
  return wrong
}

function titlesIn(part: string): readonly { readonly file: string; readonly title: string }[] {
  const file = /^\[[^\]]+\]\(\.\.\/(test\/[^)]+)\)/.exec(part)?.[1]
  const titles = [...part.matchAll(/`([^`]+)`/g)].map((match) => match[1] ?? '')
  return titles.map((title) => ({ file: file ?? 'no file', title }))
}

/** A title is the first argument of what declares a test, and another argument follows. */
function hasTest(file: string, title: string): boolean {
  return (
    existsSync(join(root, file)) &&
    ["'", '"', '`'].some((quote) => new RegExp(`\\(\\s*${literal(`${quote}${title}${quote}`)},`).test(read(file)))
  )
}

const literal = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')

describe('the table of threats', () => {
  it('has a row for each threat, and each names tests that there are, word for word', () => {
    expect(wrongThreats(threats)).toEqual([])
  })

  it.each<[string, string, string]>([
    ['a title that no test has', '`T5: costs another tenant less', '`T5: costs another tenant'],
    ['a beginning of a title', ', and stands in no statement`', '`'],
    ['a file that does not exist', '(../test/threats/flood.test.ts)', '(../test/threats/flood.ts)'],
    ['a row that names no test', rowsOf(threats, 'T')[7]?.cells[2] ?? '', 'none'],
    ['a row that is missing', '| T9 |', '| – |'],
  ])('would not be believed with %s', (_, text, replacement) => {
    const changed = threats.replace(text, replacement)
    expect(changed).not.toBe(threats)
    expect(wrongThreats(changed)).toHaveLength(1)
  })
})

describe('the table of faults', () => {
  const listed = (document: string) => rowsOf(document, 'F').map(({ id, cells }) => `${id} ${cells[0]}`)

  it('has a row for each fault that npm run test:faults knows, by its title, and no other', async () => {
    const faults = await findFaults()
    expect(faults.length).toBeGreaterThan(20)
    expect(listed(benchmarks)).toEqual(faults.map(({ id, title }) => `${id} ${title}`))
  })

  it('would not be believed with a row less, a row more or another title', async () => {
    const known = (await findFaults()).map(({ id, title }) => `${id} ${title}`)
    const row = benchmarks.split('\n').find((line) => line.startsWith('| F7 |')) ?? expect.unreachable()
    for (const replacement of ['', `${row}\n${row.replace('F7', 'F99')}`, row.replace('stopped', 'killed')])
      expect(listed(benchmarks.replace(row, replacement))).not.toEqual(known)
  })
})
