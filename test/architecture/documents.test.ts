import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { documentConfiguration } from '../../src/config/document.ts'
import { variables } from '../../src/config/variables.ts'

const root = join(import.meta.dirname, '../..')
const read = (file: string) => readFileSync(join(root, file), 'utf8')
const documents = ['README.md', 'src/cache/README.md', ...globSync('docs/**/*.md', { cwd: root })]
const { scripts } = JSON.parse(read('package.json')) as { readonly scripts: Readonly<Record<string, string>> }

/** The scopes of cached values, and the variable of the tests. */
const OTHER_NAMES = ['PUBLIC', 'TENANT', 'ROLE', 'USER', 'DATA_DIR']

describe('the documents', () => {
  it('link only to files that exist', () => {
    const links = documents.flatMap((file) =>
      [...read(file).matchAll(/\]\(([^)#:]+)(?:#[^)]*)?\)/g)].map((match) => ({ file, path: join(dirname(file), match[1] as string) })),
    )
    expect(links.length).toBeGreaterThan(15)
    expect(links.filter(({ path }) => !existsSync(join(root, path)))).toEqual([])
  })

  it('tell the way of a read and of a write by files that exist, in order', () => {
    const readme = read('README.md')
    const way = (from: string, to: string) =>
      [...readme.slice(readme.indexOf(from), readme.indexOf(to)).matchAll(/\[(src\/[^\]]+)\]/g)].map((match) => match[1] as string)
    const ways = [way('| a read |', '| a write |'), way('| a write |', 'How it works')]
    for (const files of ways) {
      expect(files.length).toBeGreaterThanOrEqual(5)
      expect(files.filter((file) => !existsSync(join(root, file)))).toEqual([])
    }
  })

  it('name only commands that package.json has', () => {
    const commands = documents.flatMap((file) => [...read(file).matchAll(/npm run (?:-s )?([a-z:]+)/g)].map((match) => match[1] as string))
    expect(commands.length).toBeGreaterThan(5)
    expect(commands.filter((command) => !(command in scripts))).toEqual([])
  })

  it('name only variables that can be set', () => {
    const names = [...read('README.md').matchAll(/`([A-Z][A-Z_]+[A-Z])(?:=[^`]*)?`/g)].map((match) => match[1] as string)
    expect(names.length).toBeGreaterThan(3)
    expect(names.filter((name) => !(name in variables) && !OTHER_NAMES.includes(name))).toEqual([])
  })

  it('describe the configuration as it is: npm run docs:configuration', () => {
    expect(read('docs/configuration.md')).toBe(documentConfiguration())
  })
})

describe('the page for clients', () => {
  it('shows the code that the tests run, all of it and nothing else', () => {
    const shown = [...read('docs/clients.md').matchAll(/^```.*\n([\s\S]*?)^```$/gm)].map((match) => match[1])
    const tested = globSync('docs/clients/*.ts', { cwd: root }).map(read)
    expect(tested.length).toBeGreaterThan(3)
    expect(shown.toSorted()).toEqual(tested.toSorted())
  })

  it('names the major versions of the libraries that the tests use', () => {
    const { devDependencies } = JSON.parse(read('package.json')) as { readonly devDependencies: Readonly<Record<string, string>> }
    for (const name of ['@apollo/client', '@urql/core', 'relay-runtime'])
      expect(read('docs/clients.md')).toContain(`${name} ${devDependencies[name]?.split('.')[0]}`)
  })
})

describe('the scripts of package.json', () => {
  it('run files that exist', () => {
    const files = Object.values(scripts).flatMap((script) =>
      [...script.matchAll(/\b((?:src|scripts|bench|test)\/\S+\.ts)/g)].map((match) => match[1] as string),
    )
    expect(files.length).toBeGreaterThan(5)
    expect(files.filter((file) => !existsSync(join(root, file)))).toEqual([])
  })
})

describe('the Debian packages of README', () => {
  it('are in one line, which .ci/run installs', () => {
    const lines = read('README.md').match(/^apt-get install .*$/gm)
    expect(lines).toHaveLength(1)
    for (const name of ['redis-server', 'postgresql', 'postgresql-client', 'nginx', 'varnish', 'varnish-modules', 'prometheus']) {
      expect(lines?.[0]?.split(' ')).toContain(name)
    }
  })
})

describe('the install scripts of packages', () => {
  it('are all allowed or refused by name in package.json, since npm leaves out the others', () => {
    const { packages } = JSON.parse(read('package-lock.json')) as Lockfile
    const { allowScripts } = JSON.parse(read('package.json')) as { readonly allowScripts: Readonly<Record<string, boolean>> }
    const names = Object.entries(packages).flatMap(([path, { hasInstallScript }]) =>
      hasInstallScript ? [path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length)] : [],
    )
    expect(Object.keys(allowScripts).toSorted()).toEqual(names.toSorted())
  })
})

interface Lockfile {
  readonly packages: Readonly<Record<string, { readonly hasInstallScript?: boolean }>>
}
