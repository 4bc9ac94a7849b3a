import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const root = join(import.meta.dirname, '../..')
const forbidden = [
  'export const value = Math.random()',
  'export const value = Date.now()',
  'export const value = new Date()',
  'export const value = performance.now()',
  'export const value = setTimeout(() => undefined, 1)',
  'export const value = setImmediate(() => undefined)',
  'export const value = process.hrtime()',
  'export const value = crypto.randomUUID()',
  "import { setTimeout as value } from 'node:timers'\n\nexport { value }",
  "import { setTimeout as value } from 'node:timers/promises'\n\nexport { value }",
  "import { performance as value } from 'node:perf_hooks'\n\nexport { value }",
]

describe('the linter', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tidegate-lint-'))
  let complaints: readonly string[]

  /** Files of the project's places, with the project's rules, linted. */
  beforeAll(() => {
    execFileSync('cp', ['-r', join(root, 'biome.json'), join(root, 'scripts'), folder])
    for (const place of ['src/cache', 'src/http']) {
      mkdirSync(join(folder, place), { recursive: true })
      for (const [index, text] of forbidden.entries()) writeFileSync(join(folder, place, `example-${index}.ts`), `${text}\n`)
    }
    const { stdout } = spawnSync(join(root, 'node_modules/.bin/biome'), ['lint', '--reporter=github', '--max-diagnostics=none', 'src'], {
      cwd: folder,
      encoding: 'utf8',
    })
    complaints = stdout.split('\n').filter((line) => line.includes('Env') || line.includes('noRestrictedGlobals'))
  })
  afterAll(() => rmSync(folder, { recursive: true }))

  it.each(forbidden.map((text, index) => [text, index] as const))('keeps the engine from reaching past Env: %s', (_, index) => {
    expect(complaints.filter((line) => line.includes(`src/cache/example-${index}.ts`))).not.toEqual([])
  })

  it('lets everybody else take the time as they like', () => {
    expect(complaints.filter((line) => line.includes('src/http'))).toEqual([])
  })
})
