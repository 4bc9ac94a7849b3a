import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { checks } from './checks.ts'
import { markersIn, unmarkedIn } from './markers.ts'

const root = join(import.meta.dirname, '../..')
/** Files whose casts concern only types of this project. */
const OWN_CASTS = ['src/gateway/graphql/schema/list-sizes.ts']
const sources = globSync('src/**/*.ts', { cwd: root, exclude: ['src/**/*.generated.ts'] }).map((file) => ({
  file,
  text: readFileSync(join(root, file), 'utf8'),
}))
const rows = [
  ...readFileSync(join(root, 'docs/internals.md'), 'utf8').matchAll(/^\| `([^`]+)` \| \[[^\]]+\]\(\.\.\/([^)]+)\) \| \S/gm),
].map(([, name, file]) => ({ name: name as string, file: file as string }))
const marked = sources.flatMap(({ file, text }) => markersIn(text).map((name) => ({ name, file })))
const byName = (a: { readonly name: string }, b: { readonly name: string }) => a.name.localeCompare(b.name)

describe('an undocumented internal of a library', () => {
  it.each(Object.entries(checks))('still works as the gateway expects: %s.', async (_, check) => check())
})

describe('docs/internals.md', () => {
  it('lists exactly the library internals that are marked in the source, with their files, and each of them has a test.', () => {
    expect(rows.length).toBeGreaterThan(10)
    expect(rows.toSorted(byName)).toEqual(marked.toSorted(byName))
    expect(Object.keys(checks).toSorted()).toEqual(rows.map(({ name }) => name).toSorted())
  })

  it('covers every line of the source that uses a hidden member of a library.', () => {
    const found = sources
      .filter(({ file }) => !OWN_CASTS.includes(file))
      .flatMap(({ file, text }) => unmarkedIn(text).map((line) => `${file}: ${line.trim()}`))
    expect(found).toEqual([])
  })

  it('is checked by a search for uses of hidden members, and this search finds each such use in the sample lines of this test.', () => {
    for (const line of [
      'socket._handle.fd',
      '(client as pg.Client)._ending = true',
      'const { x } = request as { readonly parser: unknown }',
      'return response as Response & { hidden: string }',
      'registry.add(metric as unknown as Histogram)',
    ])
      expect(unmarkedIn(line)).toEqual([line])
    const marker = '// Undocumented, see docs/internals.md: `Socket._handle`'
    expect(unmarkedIn(`${marker}\nsocket._handle.fd`)).toEqual([])
    expect(markersIn(marker)).toEqual(['Socket._handle'])
  })
})
