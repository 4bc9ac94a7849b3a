import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { findFaults } from '../faults/find-faults.ts'

const root = join(import.meta.dirname, '../..')
const read = (file: string) => readFileSync(join(root, file), 'utf8')
const threats = read('docs/threats.md')
const benchmarks = read('docs/benchmarks.md')

/** Returns the table rows of a document that begin with the given letter and a number, such as `T5`. */
function rowsOf(document: string, letter: string): readonly { readonly id: string; readonly cells: readonly string[] }[] {
  const lines = document.split('\n').filter((line) => new RegExp(`^\\| ${letter}\\d+ \\|`).test(line))
  return lines.map((line) => {
    const [id = '', ...cells] = line.slice(2, -2).split(' | ')
    return { id, cells }
  })
}

/** Returns the errors in the table of threats, one sentence for each wrong row or title. */
function wrongThreats(document: string): readonly string[] {
  const rows = rowsOf(document, 'T')
  const expected = Array.from({ length: 32 }, (_, index) => `T${index + 1}`)
  const wrong = JSON.stringify(rows.map(({ id }) => id)) === JSON.stringify(expected) ? [] : ['The rows are not T1 to T32.']
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

/** Returns whether the file declares a test with this title: a call with the title as its first argument, followed by another argument. */
function hasTest(file: string, title: string): boolean {
  return (
    existsSync(join(root, file)) &&
    ["'", '"', '`'].some((quote) => new RegExp(`\\(\\s*${literal(`${quote}${title}${quote}`)},`).test(read(file)))
  )
}

const literal = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')

describe('the table in docs/threats.md', () => {
  it('has a row for each threat, and quotes only titles of existing tests', () => {
    expect(wrongThreats(threats)).toEqual([])
  })

  it.each<[string, string, string]>([
    ['the title of a test that does not exist', '`T5: costs another tenant less', '`T5: costs another tenant'],
    ['an incomplete test title', ', and appears in no statement`', '`'],
    ['the path of a file that does not exist', '(../test/threats/flood.test.ts)', '(../test/threats/flood.ts)'],
    ['a row that names no test', rowsOf(threats, 'T')[7]?.cells[2] ?? '', 'none'],
    ['a missing row', '| T9 |', '| – |'],
  ])('is checked by a function that reports %s', (_, text, replacement) => {
    const changed = threats.replace(text, replacement)
    expect(changed).not.toBe(threats)
    expect(wrongThreats(changed)).toHaveLength(1)
  })
})

describe('the table of injected faults in the documentation', () => {
  const listed = (document: string) => rowsOf(document, 'F').map(({ id, cells }) => `${id} ${cells[0]}`)

  it('has exactly one row for each fault of npm run test:faults, with the title of that fault', async () => {
    const faults = await findFaults()
    expect(faults.length).toBeGreaterThan(20)
    expect(listed(benchmarks)).toEqual(faults.map(({ id, title }) => `${id} ${title}`))
  })

  it('is checked by a function that reports a missing row, an extra row and a wrong title', async () => {
    const known = (await findFaults()).map(({ id, title }) => `${id} ${title}`)
    const row = benchmarks.split('\n').find((line) => line.startsWith('| F7 |')) ?? expect.unreachable()
    for (const replacement of ['', `${row}\n${row.replace('F7', 'F99')}`, row.replace('stopped', 'killed')])
      expect(listed(benchmarks.replace(row, replacement))).not.toEqual(known)
  })
})
