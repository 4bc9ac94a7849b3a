import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { circlesOf, type ImportEdge, importsIn, packageName, roomOf } from './import-graph.ts'
import { allowedImports, PAGE_CONTRACT, packageHomes, pagePackages } from './rooms.ts'

const root = join(import.meta.dirname, '../..')
const edges = importsIn(root)

describe('the folders under src/', () => {
  it('contain imports on all four levels (engine, gateway, market, operations), so the following tests have imports to check.', () => {
    const pairs = new Set(edges.filter(({ to }) => to !== undefined).map(({ from, to }) => `${room(from)} -> ${room(to as string)}`))
    for (const pair of [
      'app -> gateway/http',
      'gateway/graphql/endpoint -> gateway/graphql/execution',
      'market/modules -> gateway/contract',
      'engine/postgres -> engine/cache/model',
      'operations/telemetry -> engine/cache/model',
    ])
      expect(pairs).toContain(pair)
  })

  it('are all in the table of allowed imports, and every file is in one of these folders.', () => {
    const files = globSync('src/**/*.ts', { cwd: root })
    expect(files.filter((file) => room(file) === undefined)).toEqual([])
  })

  it('import only from folders that the table allows, including type imports.', () => {
    expect(edges.filter(climbs).map(lineOf)).toEqual([])
  })

  it('are checked by a function that reports an import from a lower level into a higher level.', () => {
    expect(climbs({ from: 'src/engine/cache/model/key.ts', to: 'src/engine/cache/cache.ts' })).toBe(true)
    expect(climbs({ from: 'src/gateway/http/server.ts', to: 'src/market/modules/index.ts' })).toBe(true)
  })

  it('contain no files that import each other in a circle, not even by type imports.', () => {
    expect(circlesOf(edges)).toEqual([])
  })

  it('are checked by a function that reports circular imports.', () => {
    const edge = (from: string, to: string): ImportEdge => ({ from, specifier: to, to, isOfTypes: false })
    expect(circlesOf([edge('a', 'b'), edge('b', 'c'), edge('c', 'a'), edge('c', 'd')])).toEqual([['a', 'b', 'c']])
  })

  it('import each npm package only where the table allows that package.', () => {
    const wrong = edges.filter(({ from, specifier, to }) => {
      const homes = to === undefined ? packageHomes[packageName(specifier)] : undefined
      return homes !== undefined && !homes.some((home) => from.startsWith(`src/${home}/`))
    })
    expect(wrong.map(lineOf)).toEqual([])
  })

  it('include src/engine/cache, which imports only its own files, node: built-ins and lru-cache.', () => {
    const foreign = edges.filter(
      ({ from, specifier, to }) =>
        from.startsWith('src/engine/cache/') && to === undefined && !specifier.startsWith('node:') && specifier !== 'lru-cache',
    )
    expect(foreign.map(lineOf)).toEqual([])
  })

  it('include the modules of the market, which import nothing from each other except the entity.ts files.', () => {
    const wrong = edges.filter(({ from, to }) => {
      const [own, other] = [moduleOf(from), to === undefined ? undefined : moduleOf(to)]
      return own !== undefined && other !== undefined && own !== other && !to?.endsWith('/entity.ts')
    })
    expect(wrong.map(lineOf)).toEqual([])
  })

  it('contain no file with more than 300 lines.', () => {
    const long = globSync('src/**/*.ts', { cwd: root }).filter(
      (file) => !file.endsWith('.generated.ts') && readFileSync(join(root, file), 'utf8').split('\n').length > 301,
    )
    expect(long).toEqual([])
  })
})

describe('the pages under web/', () => {
  const pages = importsIn(root, 'web/src/**/*.{ts,tsx}')
  const isAllowed = ({ specifier, to, isOfTypes }: Omit<ImportEdge, 'from'>) => {
    if (to === undefined) return pagePackages.includes(packageName(specifier))
    return to.startsWith('web/src/') || (to === PAGE_CONTRACT && isOfTypes)
  }

  it('import only their own files, a few packages, and the types of the management API.', () => {
    expect(pages.length).toBeGreaterThan(50)
    expect(pages.filter(({ to }) => to === PAGE_CONTRACT).length).toBeGreaterThan(3)
    expect(pages.filter((edge) => !isAllowed(edge)).map(lineOf)).toEqual([])
  })

  it('are checked by a function that reports an import of code of the gateway, and of an unknown package.', () => {
    expect(isAllowed({ specifier: '', to: PAGE_CONTRACT, isOfTypes: false })).toBe(false)
    expect(isAllowed({ specifier: '', to: 'src/errors.ts', isOfTypes: true })).toBe(false)
    expect(isAllowed({ specifier: 'lodash', to: undefined, isOfTypes: false })).toBe(false)
  })

  it('contain no files that import each other in a circle, and no file with more than 300 lines.', () => {
    expect(circlesOf(pages)).toEqual([])
    const long = globSync('web/src/**/*', { cwd: root, exclude: (name) => name.endsWith('.json') }).filter(
      (file) => /\.\w+$/.test(file) && readFileSync(join(root, file), 'utf8').split('\n').length > 301,
    )
    expect(long).toEqual([])
  })
})

function room(file: string): string | undefined {
  return roomOf(file, Object.keys(allowedImports))
}

function climbs({ from, to }: Pick<ImportEdge, 'from' | 'to'>): boolean {
  if (to === undefined) return false
  const [own, other] = [room(from), room(to)]
  return own !== other && !(own !== undefined && other !== undefined && allowedImports[own]?.includes(other))
}

function lineOf({ from, specifier }: ImportEdge): string {
  return `${from} imports ${specifier}`
}

/** Returns the folder of a module: `src/market/modules/NAME/…`. */
function moduleOf(file: string): string | undefined {
  const [, storey, modules, name, rest] = file.split('/')
  return storey === 'market' && modules === 'modules' && rest !== undefined ? name : undefined
}
