import { globSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'

export interface ImportEdge {
  /** Path of the importing file, relative to the root. */
  readonly from: string
  readonly specifier: string
  /** Path of the imported file; undefined for a package or a built-in. */
  readonly to: string | undefined
  /** Whether only types are imported, so that the import is gone when the code runs. */
  readonly isOfTypes: boolean
}

const IMPORT = /^(?:import|export)\b[^'"]*?from\s+['"]([^'"]+)['"]|^import\s+['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]\s*\)/gms

/** Returns all imports of the files that a pattern names, including type imports. */
export function importsIn(root: string, pattern = 'src/**/*.ts'): readonly ImportEdge[] {
  return globSync(pattern, { cwd: root }).flatMap((from) =>
    [...readFileSync(join(root, from), 'utf8').matchAll(IMPORT)].map((match) => {
      const specifier = (match[1] ?? match[2] ?? match[3]) as string
      const to = specifier.startsWith('.') ? normalize(join(dirname(from), specifier)) : undefined
      return { from, specifier, to, isOfTypes: /^(?:import|export)\s+type\b/.test(match[0]) }
    }),
  )
}

/** Returns the innermost of the given folders that contains the file. A name in the list may also be the name of the file itself. */
export function roomOf(file: string, names: readonly string[]): string | undefined {
  const path = file.replace(/^src\//, '')
  return names
    .filter((name) => path.startsWith(`${name}/`) || path === `${name}.ts`)
    .sort((a, b) => b.length - a.length)
    .at(0)
}

export function packageName(specifier: string): string {
  const parts = specifier.split('/')
  return specifier.startsWith('@') ? parts.slice(0, 2).join('/') : (parts[0] as string)
}

/**
 * Returns the groups of files that import each other in a circle, each sorted by name: the strongly connected
 * components of more than one file (Tarjan 1972).
 */
export function circlesOf(edges: readonly ImportEdge[]): readonly (readonly string[])[] {
  const next = new Map<string, string[]>()
  for (const { from, to } of edges) if (to !== undefined) next.set(from, [...(next.get(from) ?? []), to])
  const order = new Map<string, number>()
  const lowest = new Map<string, number>()
  const stack: string[] = []
  const circles: string[][] = []
  const visit = (file: string) => {
    order.set(file, order.size)
    lowest.set(file, order.size - 1)
    stack.push(file)
    for (const target of next.get(file) ?? []) {
      if (!order.has(target)) visit(target)
      if (stack.includes(target)) lowest.set(file, Math.min(lowest.get(file) as number, lowest.get(target) as number))
    }
    if (lowest.get(file) !== order.get(file)) return
    const group = stack.splice(stack.indexOf(file))
    if (group.length > 1) circles.push(group.sort())
  }
  for (const file of next.keys()) if (!order.has(file)) visit(file)
  return circles
}
