import { globSync, readFileSync } from 'node:fs'
import { dirname, join, normalize, relative } from 'node:path'
import { describe, expect, it } from 'vitest'

const root = join(import.meta.dirname, '../..')

/** What each folder of src/ may import from src/; `main`, `app` and `errors` are files. Type imports count. */
const allowed: Record<string, readonly string[]> = {
  main: ['start', 'config'],
  start: ['app', 'cache', 'http', 'modules', 'postgres', 'seed', 'telemetry', 'errors', 'config'],
  app: ['http', 'rate-limits', 'responses', 'graphql', 'modules', 'cache', 'redis', 'postgres', 'admin', 'telemetry', 'errors', 'config'],
  http: ['responses', 'graphql', 'rate-limits', 'errors'],
  'rate-limits': ['errors'],
  responses: ['cache'],
  graphql: ['responses', 'modules', 'cache', 'errors'],
  modules: ['generator', 'cache', 'postgres', 'errors'],
  generator: ['errors'],
  redis: ['cache', 'errors'],
  postgres: ['cache', 'errors'],
  admin: ['cache', 'errors'],
  telemetry: ['cache', 'errors'],
  cache: [],
  errors: [],
  config: [],
  seed: ['generator', 'modules', 'postgres', 'errors', 'config'],
}

/** Packages that only these folders may import. */
const packageHomes: Record<string, readonly string[]> = {
  ioredis: ['redis'],
  'rate-limiter-flexible': ['rate-limits'],
  pg: ['postgres'],
  '@electric-sql/pglite': ['postgres'],
  '@apollo/server': ['graphql'],
  fastify: ['http', 'admin'],
  '@fastify/cors': ['http'],
  zod: ['config'],
}

interface Import {
  readonly from: string
  readonly folder: string
  readonly specifier: string
}

const imports = readImports()

describe('the folders under src/', () => {
  it('were read, and import each other', () => {
    const pairs = new Set(
      imports
        .filter(({ specifier }) => specifier.startsWith('.'))
        .map(({ from, folder, specifier }) => `${folder} -> ${target(from, specifier)}`),
    )
    for (const pair of [
      'app -> http',
      'app -> cache',
      'graphql -> cache',
      'modules -> cache',
      'modules -> postgres',
      'redis -> cache',
      'postgres -> cache',
    ]) {
      expect(pairs).toContain(pair)
    }
  })

  it('import only what the table allows', () => {
    const wrong = imports.filter(({ from, folder, specifier }) => {
      if (!specifier.startsWith('.')) return false
      const to = target(from, specifier)
      return to !== folder && !allowed[folder]?.includes(to)
    })
    expect(wrong).toEqual([])
  })

  it('are all in the table', () => {
    expect([...new Set(imports.map(({ folder }) => folder))].filter((folder) => !(folder in allowed))).toEqual([])
  })

  it('import a package only at its home', () => {
    const wrong = imports.filter(({ folder, specifier }) => {
      const home = packageHomes[packageName(specifier)]
      return home !== undefined && !home.includes(folder)
    })
    expect(wrong).toEqual([])
  })

  it('leave the engine with nothing but node: and lru-cache', () => {
    const foreign = imports.filter(
      ({ folder, specifier }) =>
        folder === 'cache' && !specifier.startsWith('./') && !specifier.startsWith('node:') && specifier !== 'lru-cache',
    )
    expect(foreign).toEqual([])
  })

  it('keep modules apart: of another module they import its entity only', () => {
    const wrong = imports.filter(({ from, folder, specifier }) => {
      if (folder !== 'modules' || !specifier.startsWith('..')) return false
      const [, own] = from.split('/').slice(1)
      const path = relative(join(root, 'src'), normalize(join(dirname(join(root, from)), specifier)))
      const [top, module, file, ...rest] = path.split('/')
      if (top !== 'modules' || module === own || file === undefined) return false
      return rest.length > 0 || file !== 'entity.ts'
    })
    expect(wrong.filter(({ from }) => from !== 'src/modules/index.ts')).toEqual([])
  })

  it('have no file over 300 lines', () => {
    const long = globSync('src/**/*.ts', { cwd: root }).filter(
      (file) => !file.endsWith('.generated.ts') && readFileSync(join(root, file), 'utf8').split('\n').length > 301,
    )
    expect(long).toEqual([])
  })
})

function readImports(): Import[] {
  return globSync('src/**/*.ts', { cwd: root }).flatMap((from) => {
    const folder = (from.split('/')[1] as string).replace(/\.ts$/, '')
    const text = readFileSync(join(root, from), 'utf8')
    const specifiers = [
      ...text.matchAll(
        /^(?:import|export)\b[^'"]*?from\s+['"]([^'"]+)['"]|^import\s+['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]\s*\)/gms,
      ),
    ]
    return specifiers.map((match) => ({ from, folder, specifier: (match[1] ?? match[2] ?? match[3]) as string }))
  })
}

function target(from: string, specifier: string): string {
  const path = relative(join(root, 'src'), normalize(join(dirname(join(root, from)), specifier)))
  return (path.split('/')[0] as string).replace(/\.ts$/, '')
}

function packageName(specifier: string): string {
  const parts = specifier.split('/')
  return specifier.startsWith('@') ? parts.slice(0, 2).join('/') : (parts[0] as string)
}
