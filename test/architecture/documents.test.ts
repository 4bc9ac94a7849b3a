import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { documentConfiguration } from '#src/config/document.ts'
import { variables } from '#src/config/variables.ts'

import { allowedImports } from './rooms.ts'

const root = join(import.meta.dirname, '../..')
const read = (file: string) => readFileSync(join(root, file), 'utf8')
const documents = ['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md', 'src/engine/cache/README.md', ...globSync('docs/**/*.md', { cwd: root })]
const { scripts } = JSON.parse(read('package.json')) as { readonly scripts: Readonly<Record<string, string>> }

/**
 * Names in capital letters that the documents may contain although no configuration variable has these names: the cache
 * scopes, and an environment variable of the tests.
 */
const OTHER_NAMES = ['PUBLIC', 'TENANT', 'ROLE', 'USER', 'DATA_DIR']

describe('the Markdown documents of the project', () => {
  it('link only to files that exist', () => {
    const links = documents.flatMap((file) =>
      [...read(file).matchAll(/\]\(([^)#:]+)(?:#[^)]*)?\)/g)].map((match) => ({ file, path: join(dirname(file), match[1] as string) })),
    )
    expect(links.length).toBeGreaterThan(15)
    expect(links.filter(({ path }) => !existsSync(join(root, path)))).toEqual([])
  })

  it('include a README that links to an existing file for the read path and to an existing file for the write path', () => {
    const readme = read('README.md')
    const section = readme.slice(readme.indexOf('## How a read and a write work'))
    const linkOf = (kind: string) => section.match(new RegExp(`\\*\\*${kind}\\*\\*: \\[([^\\]]+)\\]`))?.[1] ?? 'no file'
    expect([linkOf('A read'), linkOf('A write')].filter((file) => !existsSync(join(root, file)))).toEqual([])
  })

  it('include a page on architecture that names every folder in the table of allowed imports (test/architecture/rooms.ts)', () => {
    const page = read('docs/architecture.md')
    const named = [...page.matchAll(/^\| ((?:`[^`]+`(?:, )?)+) \|/gm)].flatMap((match) =>
      [...(match[1] as string).matchAll(/`([^`]+)`/g)].map(([, name]) => name as string),
    )
    const rooms = Object.keys(allowedImports).filter((room) => !['app', 'main', 'tidegate', 'check-health', 'errors'].includes(room))
    expect(named.length).toBeGreaterThan(15)
    expect(rooms.filter((room) => !named.some((name) => `src/${room}/`.includes(name)))).toEqual([])
  })

  it('name only commands that exist in package.json', () => {
    const commands = documents.flatMap((file) => [...read(file).matchAll(/npm run (?:-s )?([a-z:]+)/g)].map((match) => match[1] as string))
    expect(commands.length).toBeGreaterThan(5)
    expect(commands.filter((command) => !(command in scripts))).toEqual([])
  })

  it('name only environment variables that exist', () => {
    const names = [...read('README.md').matchAll(/`([A-Z][A-Z_]+[A-Z])(?:=[^`]*)?`/g)].map((match) => match[1] as string)
    expect(names.length).toBeGreaterThan(3)
    expect(names.filter((name) => !(name in variables) && !OTHER_NAMES.includes(name))).toEqual([])
  })

  it('list the configuration variables exactly as the code defines them (if this fails, run npm run generate)', () => {
    expect(read('docs/configuration.md')).toBe(documentConfiguration())
  })
})

describe('docs/clients.md, the page for client developers,', () => {
  it('shows exactly the code of docs/clients/, which the tests run, and queries (test/modules/client-queries.test.ts)', () => {
    const blocks = [...read('docs/clients.md').matchAll(/^```(.*)\n([\s\S]*?)^```$/gm)]
    const shown = blocks.filter(([, language]) => language !== 'graphql').map(([, , text]) => text)
    const tested = globSync('docs/clients/*.ts', { cwd: root }).map(read)
    expect(tested.length).toBeGreaterThan(3)
    expect(shown.toSorted()).toEqual(tested.toSorted())
  })

  it('names the major versions of the client libraries that the tests use', () => {
    const { devDependencies } = JSON.parse(read('package.json')) as { readonly devDependencies: Readonly<Record<string, string>> }
    for (const name of ['@apollo/client', '@urql/core', 'relay-runtime'])
      expect(read('docs/clients.md')).toContain(`${name} ${devDependencies[name]?.split('.')[0]}`)
  })
})

describe('the scripts of package.json', () => {
  it('run only script files that exist', () => {
    const files = Object.values(scripts).flatMap((script) =>
      [...script.matchAll(/\b((?:src|scripts|bench|test)\/\S+\.ts)/g)].map((match) => match[1] as string),
    )
    expect(files.length).toBeGreaterThan(5)
    expect(files.filter((file) => !existsSync(join(root, file)))).toEqual([])
  })
})

describe('the npm packages', () => {
  it('have the same version in the root package.json and in src/package.json if both list them', () => {
    const { devDependencies } = JSON.parse(read('package.json')) as { readonly devDependencies: Readonly<Record<string, string>> }
    const { dependencies } = JSON.parse(read('src/package.json')) as { readonly dependencies: Readonly<Record<string, string>> }
    const both = Object.entries(dependencies).filter(([name]) => name in devDependencies)
    expect(both.length).toBeGreaterThan(5)
    expect(both.filter(([name, version]) => devDependencies[name] !== version)).toEqual([])
  })

  it('fit, together with caches of the default size, into the heap limit that the Dockerfile and docs/operations.md set', () => {
    const [cache, requests] = [variables.CACHE_MEMORY_BYTES, variables.REQUEST_MEMORY_BYTES].map(
      (variable) => Number(variable.default) / 2 ** 20,
    )
    const heap = 384 + 2 * ((cache ?? 0) + (requests ?? 0)) - 64
    expect(read('Dockerfile')).toContain(`NODE_OPTIONS=--max-old-space-size=${heap}`)
    expect(read('docs/operations.md')).toContain(`NODE_OPTIONS=--max-old-space-size=${heap}`)
  })
})

describe('the commands listed in CONTRIBUTING.md', () => {
  it('include every script of package.json that is meant to be run by hand', () => {
    const named = [...read('CONTRIBUTING.md').matchAll(/`npm (?:run )?([a-z:]+)/g)].map((match) => match[1] as string)
    expect(Object.keys(scripts).filter((name) => !['prepack', 'prepare'].includes(name) && !named.includes(name))).toEqual([])
  })
})

describe('the Debian packages that README names', () => {
  it('are listed in one line, and the CI script installs exactly these packages', () => {
    const lines = read('README.md').match(/^apt-get install .*$/gm)
    expect(lines).toHaveLength(1)
    for (const name of ['redis-server', 'postgresql', 'postgresql-client', 'nginx', 'varnish', 'varnish-modules', 'prometheus']) {
      expect(lines?.[0]?.split(' ')).toContain(name)
    }
  })
})

describe('the install scripts of packages', () => {
  it('are all listed by name in package.json as allowed or refused, because npm skips unlisted install scripts', () => {
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
