import { execFile } from 'node:child_process'
import { globSync } from 'node:fs'
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, it } from 'vitest'

const root = join(import.meta.dirname, '../..')

let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tidegate-types-'))
  await symlink(join(root, 'node_modules'), join(folder, 'node_modules'))
})

afterAll(async () => {
  await rm(folder, { recursive: true })
})

async function typeErrors(): Promise<string> {
  const { stdout } = await promisify(execFile)(join(root, 'node_modules/.bin/tsc'), ['--noEmit', '-p', folder]).catch((failed) => failed)
  return stdout
}

it('The load scripts use no API of Node or of browsers, and the type check would report such a use.', async () => {
  expect(globSync('k6/*.ts', { cwd: root }).map((file) => file.replace(/^k6\/|\.ts$/g, ''))).toEqual(
    expect.arrayContaining(['smoke', 'load', 'stress', 'spike', 'soak', 'stampede', 'write-mix']),
  )
  const lines = [
    "import http from 'k6/http'",
    "import { readFileSync } from 'node:fs'",
    "export const file = readFileSync('x')",
    'export const path = process.cwd()',
    "export const page = fetch('x')",
    "export const answer = http.fetch('x')",
  ]
  await writeFile(join(folder, 'planted.ts'), lines.join('\n'))
  const project = { extends: join(root, 'k6/tsconfig.json'), include: ['planted.ts', join(root, 'k6')] }
  await writeFile(join(folder, 'tsconfig.json'), JSON.stringify(project))
  const found = [...(await typeErrors()).matchAll(/(\S+\.ts)\((\d+),/g)].map(([, file, line]) => `${basename(file ?? '')}:${line}`)
  expect(found).toEqual(['planted.ts:2', 'planted.ts:4', 'planted.ts:5', 'planted.ts:6'])
})
