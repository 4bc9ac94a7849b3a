import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'

const source = join(import.meta.dirname, '../../src')

/** The bulk import writes all rows of a data set in one statement, so it increments their versions itself. */
const BULK_IMPORT = 'market/import/write-domains.ts'

/**
 * Code that only one file may contain: what the code does, a pattern that finds such code in any file, and the one file
 * that may contain it.
 */
const onlyIn: readonly (readonly [string, RegExp, string])[] = [
  ['the check for lone surrogates', /isWellFormed\(/, 'gateway/contract/text-input.ts'],
  ['the check for U+0000', /includes\('\\0'\)/, 'gateway/contract/text-input.ts'],
  ['the normalization of texts', /\.normalize\('NF/, 'gateway/contract/text-input.ts'],
  ['the length in code points', /for \(const _ of \w+\) \w+\+\+/, 'gateway/contract/text-input.ts'],
  ['the truncation of a text at a whole character', /\[\\ud800-\\udbff\]\$/, 'gateway/contract/quote.ts'],
  ['the increment of a version', /version \+ 1/, 'gateway/contract/row-lock.ts'],
  ['the refusal of an old version', /userError\('CONFLICT'/, 'gateway/contract/row-lock.ts'],
  ['the error for a missing row', /There is no such \$\{/, 'gateway/contract/user-error.ts'],
  ['the recognition of unique violations', /'23505'/, 'engine/postgres/unique-violation.ts'],
  ['the currency of writes', /select\('currency'\)/, 'market/modules/money-input.ts'],
  ['the currency of an amount that is read', /amount: \w+, currency \}/, 'market/modules/money.ts'],
  ['the format of a row id', /\[1-9\](\[0-9\]|\\d)\{0,14\}/, 'gateway/contract/global-id.ts'],
  ['the counts of lists', / countByParent\(read/, 'gateway/contract/list-counts.ts'],
]

const files = (await readdir(source, { recursive: true })).filter((file) => file.endsWith('.ts') && !file.includes('.generated.')).sort()
const texts = await Promise.all(files.map(async (file) => [file, await readFile(join(source, file), 'utf8')] as const))

it.each(onlyIn)('Only one file has %s.', (_, pattern, home) => {
  expect(texts.flatMap(([file, text]) => (pattern.test(text) && file !== BULK_IMPORT ? [file] : []))).toEqual([home])
})

it('Only one test file imports fast-check, so that all property tests use the seed of the test run.', async () => {
  const tests = join(import.meta.dirname, '..')
  const importing = (await readdir(tests, { recursive: true }))
    .filter((file) => file.endsWith('.ts') && !file.includes('node_modules'))
    .sort()
  const found = await Promise.all(
    importing.map(async (file) => ((await readFile(join(tests, file), 'utf8')).includes("from 'fast-check'\n") ? [file] : [])),
  )
  expect(found.flat()).toEqual(['property.ts'])
})
