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

  /** Lints copies of forbidden and allowed code in two folders, with the rules of this project. */
  beforeAll(() => {
    execFileSync('cp', ['-r', join(root, 'biome.json'), join(root, 'scripts'), folder])
    for (const place of ['src/engine/cache', 'src/gateway/http']) {
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

  it.each(
    forbidden.map((text, index) => [text, index] as const),
  )('reports code in src/engine/cache that bypasses the Env interface: %s', (_, index) => {
    expect(complaints.filter((line) => line.includes(`src/engine/cache/example-${index}.ts`))).not.toEqual([])
  })

  it('accepts code that bypasses the Env interface if the code is outside src/engine/cache', () => {
    expect(complaints.filter((line) => line.includes('src/gateway/http'))).toEqual([])
  })
})
