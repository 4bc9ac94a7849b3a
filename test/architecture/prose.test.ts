import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { fragmentsIn, superlativesIn } from './prose.ts'

const root = join(import.meta.dirname, '../..')

it('No doc comment begins with a sentence fragment.', () => {
  expect(fragmentsIn(root).map(({ place, text }) => `${place} ${text}`)).toEqual([])
})

it('Names of limits in the code start with MAX_ or MIN_, not with another superlative.', () => {
  expect(superlativesIn(root)).toEqual([])
})

it('The checks of doc comments and names report a sentence fragment and a superlative name, but ignore text in quotes.', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tidegate-prose-'))
  try {
    for (const name of ['src', 'test', 'bench', 'scripts']) mkdirSync(join(folder, name))
    const lines = [
      '/** Of the kind. */',
      'const MOST_ENTRIES = 1',
      '/**',
      ' * Told of errors.',
      ' */',
      "const text = 'the most entries, mostEntries'",
      '/** Returns it. */',
    ]
    writeFileSync(join(folder, 'src/example.ts'), lines.join('\n'))
    for (const name of ['test', 'bench', 'scripts']) writeFileSync(join(folder, name, 'example.ts'), '/** With headers. */')
    expect(
      fragmentsIn(folder)
        .map(({ place }) => place)
        .toSorted(),
    ).toEqual(['bench/example.ts:1', 'scripts/example.ts:1', 'src/example.ts:1', 'src/example.ts:3', 'test/example.ts:1'])
    expect(superlativesIn(folder).map(({ text }) => text)).toEqual(['const MOST_ENTRIES = 1'])
  } finally {
    rmSync(folder, { recursive: true })
  }
})
