import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { createCommands } from '#src/start/start-command-line.ts'

const root = join(import.meta.dirname, '../..')
const page = readFileSync(join(root, 'docs/command-line.md'), 'utf8')
const commands = createCommands({})

it('docs/command-line.md has a section for each command, which names each of its options.', () => {
  const missing = commands.flatMap(({ name, options }) => {
    const section = new RegExp(`\\n## ${name}\\n([\\s\\S]*?)(\\n## |$)`).exec(page)?.[1]
    if (section === undefined) return [name]
    const common = ['url', 'token', 'window', 'until', 'tenant']
    const named = (option: string) => (common.includes(option) ? page : section).includes(`--${option}`)
    return Object.keys(options).flatMap((option) => (named(option) ? [] : [`${name} --${option}`]))
  })
  expect(commands.length).toBe(9)
  expect(missing).toEqual([])
})

it('docs/command-line.md names no option that does not exist.', () => {
  const known = new Set([...commands.flatMap(({ options }) => Object.keys(options)), 'json', 'help', 'role'])
  const named = [...page.matchAll(/(?<![\w-])--([a-z][a-z-]+)/g)].map(([, option]) => option as string)
  expect(named.length).toBeGreaterThan(20)
  expect(named.filter((option) => !known.has(option))).toEqual([])
})

it('docs/command-line.md shows the screens of the tests, so its examples are what the commands print.', () => {
  const screens = globSync('screens/*-120.txt', { cwd: import.meta.dirname }).map((file) =>
    readFileSync(join(import.meta.dirname, file), 'utf8').trimEnd(),
  )
  const examples = [...page.matchAll(/```\n\$ [^\n]*npx tidegate (\w+)[^\n]*\n([\s\S]*?)\n```/g)].filter(([, name]) => name !== 'doctor')
  expect(examples.length).toBeGreaterThan(5)
  for (const [, , example] of examples) expect(screens).toContain(example)
})
